#include "message/charset.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <map>
#include <string>

#include <iconv.h>

#include "base/unicode.hpp"
#include "message/cyrillic.hpp"
#include "message/east_asian.hpp"

namespace roe::message {

namespace {

class Converter {
  public:
    explicit Converter(const std::string &charset) : handle_(iconv_open("UTF-8", charset.c_str())) {}
    Converter(const Converter &) = delete;
    Converter &operator=(const Converter &) = delete;
    ~Converter() {
        if (known()) iconv_close(handle_);
    }

    [[nodiscard]] bool known() const {
        return handle_ != reinterpret_cast<iconv_t>(-1); // NOLINT(performance-no-int-to-ptr): POSIX says so
    }

    Converted convert(std::string_view bytes) {
        Converted result;
        result.text.reserve(bytes.size() + bytes.size() / 2);
        // iconv takes its input as char **, but does not write to it (POSIX iconv).
        char *in = const_cast<char *>(bytes.data());
        std::size_t in_left = bytes.size();
        while (in_left > 0) {
            const std::size_t before = in_left;
            const bool fits = step(&in, &in_left, result.text);
            const int why = errno;
            if (fits || (why == E2BIG && in_left < before)) continue;
            result.damaged = true;
            result.text += "\uFFFD";
            if (why == EINVAL) break; // a character cut off at the end
            ++in;
            --in_left;
        }
        step(nullptr, nullptr, result.text); // back to the initial shift state
        if (!unicode::is_utf8(result.text)) result.text = unicode::repaired(result.text);
        return result;
    }

  private:
    bool step(char **in, std::size_t *in_left, std::string &text) {
        std::array<char, 4096> buffer; // not cleared: iconv writes it before it is read
        char *out = buffer.data();
        std::size_t out_left = buffer.size();
        const std::size_t result = iconv(handle_, in, in_left, &out, &out_left);
        const int why = errno;
        text.append(buffer.data(), buffer.size() - out_left);
        errno = why;
        return result != static_cast<std::size_t>(-1);
    }

    iconv_t handle_;
};

// Lower case, without quotes, and without anything that iconv_open would take as more than a name.
std::string tidy_name(std::string_view charset) {
    constexpr std::size_t longest_name = 40;
    std::string name;
    for (const char c : charset) {
        if (c >= 'A' && c <= 'Z') {
            name += static_cast<char>(c - 'A' + 'a');
        } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
                   c == ':' || c == '+') {
            name += c;
        } else if (c == '*') {
            break; // RFC 2231 5: the language that may follow
        }
    }
    return name.size() <= longest_name ? name : std::string();
}

// Names that mail uses and iconv does not know, and charsets that are in fact sent as their supersets
// (WHATWG Encoding Standard 4.2).
std::string iconv_name(const std::string &name) {
    static const std::map<std::string, std::string, std::less<>> others = {
        {"ansi_x3.4-1968", "us-ascii"},
        {"ascii", "us-ascii"},
        {"iso-646-us", "us-ascii"},
        {"utf8", "utf-8"},
        {"unicode-1-1-utf-8", "utf-8"},
        {"unicode-1-1-utf-7", "utf-7"},
        {"iso-8859-1", "windows-1252"},
        {"iso8859-1", "windows-1252"},
        {"iso_8859-1", "windows-1252"},
        {"latin1", "windows-1252"},
        {"iso-8859-9", "windows-1254"},
        {"iso-8859-11", "windows-874"},
        {"iso-8859-8-i", "iso-8859-8"},
        {"iso-8859-8-e", "iso-8859-8"},
        {"tis-620", "windows-874"},
        {"gb2312", "gb18030"},
        {"gb_2312-80", "gb18030"},
        {"gbk", "gb18030"},
        {"cp936", "gb18030"},
        {"x-gbk", "gb18030"},
        {"ks_c_5601-1987", "cp949"},
        {"ks_c_5601", "cp949"},
        {"euc-kr", "cp949"},
        {"ksc5601", "cp949"},
        {"shift_jis", "cp932"},
        {"shift-jis", "cp932"},
        {"sjis", "cp932"},
        {"x-sjis", "cp932"},
        {"x-euc-jp", "euc-jp"},
        {"iso-2022-jp", "iso-2022-jp-3"},
        {"big5", "big5-hkscs"},
        {"x-big5", "big5-hkscs"},
        {"cp-850", "cp850"},
        {"x-mac-roman", "macintosh"},
        {"x-mac-cyrillic", "mac-cyrillic"},
    };
    if (const auto found = others.find(name); found != others.end()) return found->second;
    // "cp1251", "win-1251", "x-cp1251", "windows1251" and their kin.
    const auto page = name.find("125");
    if (page != std::string::npos && page + 4 == name.size() && name.size() > 4 && name[0] != 'i') {
        return "windows-" + name.substr(page);
    }
    return name;
}

// Text of several bytes for each character, whatever it is, where UTF-8 may come about by chance.
bool is_wide(const std::string &charset) {
    return charset.starts_with("utf-16") || charset.starts_with("utf-32") || charset.starts_with("ucs-");
}

// How many characters of more than one byte there are; zero when the bytes are not UTF-8.
std::size_t utf8_evidence(std::string_view bytes) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto point = unicode::code_point_at(bytes, at);
        if (!point.valid) return 0;
        at += point.length;
        if (point.length > 1) ++count;
    }
    return count;
}

// A few broken bytes in what is UTF-8 otherwise, as where a mail was cut in the middle of a character.
bool is_mostly_utf8(std::string_view bytes) {
    std::size_t whole = 0;
    std::size_t broken = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto point = unicode::code_point_at(bytes, at);
        at += point.length;
        if (!point.valid)
            ++broken;
        else if (point.length > 1)
            ++whole;
    }
    return whole > 2 * broken;
}

bool is_iso_2022(std::string_view bytes) {
    return bytes.find("\x1b$") != std::string_view::npos || bytes.find("\x1b(") != std::string_view::npos;
}

Converted guessed(std::string_view bytes) {
    Converted result;
    if (is_mostly_utf8(bytes)) {
        result.text = unicode::repaired(bytes);
        result.damaged = true;
    } else {
        result = Converter(iconv_name(std::string(guess_charset(bytes)))).convert(bytes);
    }
    result.guessed = true;
    return result;
}

Converted unlabelled(std::string_view bytes, bool should_have_label) {
    if (is_iso_2022(bytes)) {
        Converted japanese = Converter("iso-2022-jp-3").convert(bytes);
        if (!japanese.damaged) {
            japanese.guessed = true;
            return japanese;
        }
    }
    if (unicode::is_utf8(bytes))
        return {std::string(bytes), should_have_label && !unicode::is_ascii(bytes), false};
    return guessed(bytes);
}

} // namespace

std::string_view guess_charset(std::string_view bytes) {
    if (unicode::is_utf8(bytes) || is_mostly_utf8(bytes)) return "utf-8";
    const std::string_view east_asian = likeliest_east_asian_charset(bytes);
    return east_asian.empty() ? likeliest_8bit_charset(bytes) : east_asian;
}

Converted to_utf8(std::string_view bytes, std::string_view charset) {
    const std::string name = iconv_name(tidy_name(charset));
    if (name.empty() || name == "us-ascii" || name == "unknown-8bit" || name == "x-unknown") {
        return unlabelled(bytes, true);
    }
    if (name == "utf-8") return unlabelled(bytes, false);
    // Three characters that are UTF-8 by chance in another charset are no chance.
    constexpr std::size_t enough = 3;
    if (!is_wide(name) && utf8_evidence(bytes) >= enough) return {std::string(bytes), true, false};
    Converter converter(name);
    if (!converter.known()) return unlabelled(bytes, true);
    Converted result = converter.convert(bytes);
    if (!result.damaged) return result;
    if (utf8_evidence(bytes) > 0) return {std::string(bytes), true, false};
    if (!likeliest_east_asian_charset(bytes).empty()) return unlabelled(bytes, true);
    return result;
}

} // namespace roe::message
