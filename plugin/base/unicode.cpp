#include "base/unicode.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include <glib.h>

#include "base/ascii.hpp"

namespace roe::unicode {

namespace {

using GlibText = std::unique_ptr<char, decltype(&g_free)>;

// g_utf8_normalize orders combining marks by exchange sort, so that a long run of them costs its square; UAX
// #15 (Stream-Safe Text Format) calls more than 30 in a row no text.
constexpr int most_marks = 30;

constexpr std::size_t longest_domain = 255; // RFC 1035 2.3.4

std::string normalized(const std::string &text, GNormalizeMode mode) {
    const GlibText result(g_utf8_normalize(text.data(), static_cast<gssize>(text.size()), mode), g_free);
    return result ? std::string(result.get()) : text;
}

std::string case_folded(const std::string &text) {
    const GlibText result(g_utf8_casefold(text.data(), static_cast<gssize>(text.size())), g_free);
    return result.get();
}

// GLib ends a text at NUL.
char32_t without_nul(char32_t value) {
    return value == 0 ? U' ' : value;
}

std::string stream_safe(std::string_view bytes) {
    std::string safe;
    safe.reserve(bytes.size());
    int marks = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        const CodePoint point = code_point_at(bytes, at);
        at += point.length;
        const char32_t value = point.valid ? without_nul(point.value) : U'\uFFFD';
        marks = g_unichar_combining_class(value) == 0 ? 0 : marks + 1;
        if (marks <= most_marks) {
            append(safe, value);
        }
    }
    return safe;
}

// Default_Ignorable_Code_Point as far as it occurs in mail (Unicode 15 DerivedCoreProperties).
bool is_invisible(char32_t c) {
    return c == 0x00AD || c == 0x034F || c == 0x061C || c == 0x180E || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) || (c >= 0xFE00 && c <= 0xFE0F) ||
           c == 0xFEFF;
}

bool is_space(char32_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x80 && g_unichar_isspace(c));
}

// What full case folding leaves to do for a search.
std::string tidied(std::string_view text) {
    constexpr char32_t dotless_i = 0x0131;
    constexpr char32_t dot_above = 0x0307;
    std::string tidy;
    tidy.reserve(text.size());
    char32_t before = 0;
    bool space = false;
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = code_point_at(text, at);
        at += point.length;
        if (is_space(point.value)) {
            space = true;
            continue;
        }
        if (is_invisible(point.value) || (point.value == dot_above && before == U'i')) {
            continue;
        }
        if (space && !tidy.empty()) {
            tidy += ' ';
        }
        space = false;
        before = point.value == dotless_i ? U'i' : point.value;
        append(tidy, before);
    }
    return tidy;
}

std::string lowered(const std::string &text) {
    constexpr char32_t dotted_capital_i = 0x0130; // its simple lower case is a plain i, which is another letter
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = code_point_at(text, at);
        at += point.length;
        append(result, point.value == dotted_capital_i ? point.value : g_unichar_tolower(point.value));
    }
    return result;
}

std::optional<std::string> decoded_domain(const std::string &domain) {
    if (domain.size() > longest_domain || domain.find("xn--") == std::string::npos) {
        return std::nullopt;
    }
    const GlibText unicode(g_hostname_to_unicode(domain.c_str()), g_free);
    return unicode ? std::optional<std::string>(unicode.get()) : std::nullopt;
}

} // namespace

bool is_ascii(std::string_view bytes) {
    return std::ranges::all_of(bytes, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

CodePoint code_point_at(std::string_view bytes, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[at + i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) {
        return {lead, 1, true};
    }
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || bytes.size() - at < length) {
        return {};
    }
    char32_t value = lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) {
            return {};
        }
        value = (value << 6U) | (byte(i) & 0x3FU);
    }
    // RFC 3629 3: no overlong forms, no surrogates, nothing above U+10FFFF.
    constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[length] || (value >= 0xD800 && value <= 0xDFFF) || value > 0x10FFFF) {
        return {};
    }
    return {value, length, true};
}

void append(std::string &text, char32_t value) {
    const auto put = [&](char32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (value < 0x80) {
        put(value);
    } else if (value < 0x800) {
        put(0xC0U | (value >> 6U));
        put(0x80U | (value & 0x3FU));
    } else if (value < 0x10000) {
        put(0xE0U | (value >> 12U));
        put(0x80U | ((value >> 6U) & 0x3FU));
        put(0x80U | (value & 0x3FU));
    } else {
        put(0xF0U | (value >> 18U));
        put(0x80U | ((value >> 12U) & 0x3FU));
        put(0x80U | ((value >> 6U) & 0x3FU));
        put(0x80U | (value & 0x3FU));
    }
}

bool is_utf8(std::string_view bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
        const CodePoint point = code_point_at(bytes, at);
        if (!point.valid) {
            return false;
        }
        at += point.length;
    }
    return true;
}

std::string repaired(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const CodePoint point = code_point_at(bytes, at);
        if (point.valid) {
            text += bytes.substr(at, point.length);
        } else {
            text += "\uFFFD";
        }
        at += point.length;
    }
    return text;
}

std::string_view beginning(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) {
        return text;
    }
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) {
        --bytes;
    }
    return text.substr(0, bytes);
}

std::string folded(std::string_view text) {
    if (is_ascii(text)) {
        std::string plain(text);
        std::ranges::transform(plain, plain.begin(), [](char c) { return lower(c == '\0' ? ' ' : c); });
        return tidied(plain);
    }
    const std::string compatible = normalized(stream_safe(text), G_NORMALIZE_ALL);
    return tidied(normalized(case_folded(compatible), G_NORMALIZE_ALL_COMPOSE));
}

std::string folded_address(std::string_view address) {
    std::string text;
    if (is_ascii(address)) {
        text.resize(address.size());
        std::ranges::transform(address, text.begin(), [](char c) { return lower(c == '\0' ? ' ' : c); });
    } else {
        text = normalized(lowered(normalized(stream_safe(address), G_NORMALIZE_DEFAULT_COMPOSE)),
                          G_NORMALIZE_DEFAULT_COMPOSE);
    }
    while (text.ends_with('.')) { // a fully qualified domain with its final dot
        text.pop_back();
    }
    const std::size_t domain = text.rfind('@') + 1; // the whole text when there is no @
    if (const auto decoded = decoded_domain(text.substr(domain))) {
        text.resize(domain);
        text += lowered(normalized(stream_safe(*decoded), G_NORMALIZE_DEFAULT_COMPOSE));
    }
    return text;
}

} // namespace roe::unicode
