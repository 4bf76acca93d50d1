#include "message/encoded_word.hpp"

#include <optional>

#include <glib.h>

#include "base/unicode.hpp"
#include "message/charset.hpp"
#include "message/header_field.hpp"
#include "message/transfer_encoding.hpp"

namespace roe::message {

namespace {

struct Word {
    std::string_view charset;
    char encoding = 'b';
    std::string_view text;
    std::size_t end = 0; // where it ends in the line
};

bool is_charset(std::string_view name) {
    return !name.empty() && name.find_first_of(" \t\"()<>@,;:[]=") == std::string_view::npos;
}

// The word at `at`, where "=?" stands.
std::optional<Word> word_at(std::string_view line, std::size_t at) {
    constexpr std::size_t longest_charset = 64;
    const std::size_t charset_at = at + 2;
    const std::size_t charset_end = line.substr(0, charset_at + longest_charset).find('?', charset_at);
    if (charset_end == std::string_view::npos || charset_end + 2 >= line.size() ||
        line[charset_end + 2] != '?') {
        return std::nullopt;
    }
    Word word;
    word.charset = line.substr(charset_at, charset_end - charset_at);
    word.encoding = static_cast<char>(line[charset_end + 1] | 0x20);
    if (!is_charset(word.charset) || (word.encoding != 'b' && word.encoding != 'q')) return std::nullopt;
    const std::size_t text_at = charset_end + 3;
    const std::size_t text_end = line.find("?=", text_at);
    if (text_end == std::string_view::npos) return std::nullopt;
    word.text = line.substr(text_at, text_end - text_at);
    word.end = text_end + 2;
    return word;
}

std::string decode_q(std::string_view text) {
    const auto hex = [](char c) {
        return c >= '0' && c <= '9'   ? c - '0'
               : c >= 'A' && c <= 'F' ? c - 'A' + 10
               : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                      : -1;
    };
    std::string bytes;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool escape =
            text[at] == '=' && at + 2 < text.size() && hex(text[at + 1]) >= 0 && hex(text[at + 2]) >= 0;
        if (escape) {
            bytes += static_cast<char>(hex(text[at + 1]) * 16 + hex(text[at + 2]));
            at += 2;
        } else {
            bytes += text[at] == '_' ? ' ' : text[at];
        }
    }
    return bytes;
}

// The words from `at` on that share a charset and have only blanks between them.
class Run {
  public:
    Run(std::string_view line, const Word &first) : charset_(first.charset) {
        take(first);
        while (const auto next = following(line))
            take(*next);
        finish_group();
    }

    [[nodiscard]] std::size_t end() const { return end_; }
    [[nodiscard]] std::string text() const { return to_utf8(bytes_, charset_).text; }

  private:
    [[nodiscard]] std::optional<Word> following(std::string_view line) const {
        const std::size_t next = line.find_first_not_of(" \t", end_);
        if (next == std::string_view::npos || line.substr(next, 2) != "=?") return std::nullopt;
        auto word = word_at(line, next);
        return word && same_name(word->charset, charset_) ? word : std::nullopt;
    }

    void take(const Word &word) {
        end_ = word.end;
        if (word.encoding == 'q') {
            finish_group();
            bytes_ += decode_q(word.text);
            return;
        }
        group_ += word.text;
        if (group_.ends_with('=') || group_.size() % 4 == 0) finish_group();
    }

    void finish_group() {
        bytes_ += decode_base64(group_);
        group_.clear();
    }

    std::string_view charset_;
    std::string bytes_;
    std::string group_; // base64 that is not a whole number of groups yet
    std::size_t end_ = 0;
};

template <class Render>
std::string with_words(std::string_view line, const Render &render) {
    std::string result;
    std::size_t copied = 0;
    std::size_t after_run = std::string_view::npos; // where the last run ended
    for (std::size_t at = line.find("=?"); at != std::string_view::npos; at = line.find("=?", at)) {
        const auto word = word_at(line, at);
        if (!word) {
            at += 2;
            continue;
        }
        const std::string_view between = line.substr(copied, at - copied);
        // RFC 2047 6.2: blanks between encoded words are not shown.
        const bool adjacent = after_run == copied && trimmed(between).empty();
        if (!adjacent) result += between;
        const Run run(line, *word);
        result += render(run.text());
        at = copied = after_run = run.end();
    }
    return result += line.substr(copied);
}

} // namespace

std::string decode_base64(std::string_view text) {
    TransferDecoder decoder(TransferEncoding::base64);
    std::string bytes = decoder.decode(text);
    return bytes += decoder.finish();
}

std::string decode_words(std::string_view text) {
    return with_words(text, [](std::string decoded) { return decoded; });
}

std::string rewrite_words(std::string_view text) {
    return with_words(text, [](const std::string &decoded) {
        if (decoded.empty()) return std::string();
        char *encoded = g_base64_encode(reinterpret_cast<const guchar *>(decoded.data()), decoded.size());
        std::string word = std::string("=?UTF-8?B?") + encoded + "?=";
        g_free(encoded);
        return word;
    });
}

} // namespace roe::message
