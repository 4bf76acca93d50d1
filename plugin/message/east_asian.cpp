#include "message/east_asian.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <optional>
#include <string>

#include <iconv.h>

namespace roe::message {

namespace {

// The hundred and some most frequent characters of modern Chinese, which make up half of a text, in both
// scripts (Jun Da: Chinese text computing, character frequency list of modern Chinese).
constexpr std::u32string_view frequent_hanzi =
    U"的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道"
    U"行所然家"
    U"种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意无力它与"
    U"长把机"
    U"這個們來為國說時會對於著過發後裡種經麼學現當沒動還進樣開從實軍無與長機請您";

// How often what tells a language occurs in a text.
struct EastAsianCounts {
    std::size_t all = 0; // beyond ASCII
    std::size_t hiragana = 0;
    std::size_t hangul = 0;
    std::size_t common_hanzi = 0;
    std::size_t strange = 0; // what no such text has

    void add(char32_t c) {
        if (c < 0x80) return;
        ++all;
        const bool kana = c >= 0x3041 && c <= 0x30FF;
        const bool is_hangul = c >= 0xAC00 && c <= 0xD7A3;
        const bool hanzi = c >= 0x4E00 && c <= 0x9FFF;
        const bool punctuation = (c >= 0x3000 && c <= 0x303F) || (c >= 0xFF01 && c <= 0xFF5E) ||
                                 (c >= 0x2010 && c <= 0x2026) || c == 0xB7;
        if (c >= 0x3041 && c <= 0x3096) ++hiragana;
        if (is_hangul) ++hangul;
        if (frequent_hanzi.find(c) != std::u32string_view::npos) ++common_hanzi;
        if (!kana && !is_hangul && !hanzi && !punctuation) ++strange;
    }
};

// Empty when the bytes are none of the charset.
std::optional<EastAsianCounts> count_as(const char *charset, std::string_view bytes) {
    iconv_t handle = iconv_open("UTF-32LE", charset);
    if (handle == reinterpret_cast<iconv_t>(-1)) return std::nullopt; // NOLINT(performance-no-int-to-ptr)
    EastAsianCounts counts;
    bool valid = true;
    char *in = const_cast<char *>(bytes.data()); // iconv does not write to it (POSIX iconv)
    std::size_t in_left = bytes.size();
    while (valid && in_left > 0) {
        std::array<char32_t, 512> buffer{};
        char *out = reinterpret_cast<char *>(buffer.data());
        std::size_t out_left = sizeof buffer;
        const bool done = iconv(handle, &in, &in_left, &out, &out_left) != static_cast<std::size_t>(-1);
        const int why = errno;
        const std::size_t written = (sizeof buffer - out_left) / sizeof(char32_t);
        for (std::size_t i = 0; i < written; ++i)
            counts.add(buffer.at(i));
        if (!done && why == EINVAL) break; // the last character is cut
        valid = done || why == E2BIG;
    }
    iconv_close(handle);
    return valid ? std::optional(counts) : std::nullopt;
}

bool is_mostly(std::size_t part, std::size_t all, std::size_t percent) {
    return 100 * part >= percent * all;
}

bool is_usual(const EastAsianCounts &counts) {
    constexpr std::size_t fewest = 4;
    return counts.all >= fewest && !is_mostly(counts.strange, counts.all, 5);
}

bool is_japanese(const EastAsianCounts &counts) {
    return is_usual(counts) && is_mostly(counts.hiragana, counts.all, 15);
}

bool is_korean(const EastAsianCounts &counts) {
    return is_usual(counts) && is_mostly(counts.hangul, counts.all, 70);
}

bool is_chinese(const EastAsianCounts &counts) {
    constexpr std::size_t fewest_common = 2;
    return is_usual(counts) && counts.common_hanzi >= fewest_common && counts.hiragana == 0 &&
           is_mostly(counts.common_hanzi, counts.all, 20);
}

struct EastAsianCandidate {
    std::string_view name;
    const char *iconv_name;
    bool (*is)(const EastAsianCounts &);
};

// Japanese first: EUC-JP and GB 18030 have kana at the same places.
constexpr std::array<EastAsianCandidate, 5> candidates_of_east_asia = {{{"shift_jis", "CP932", is_japanese},
                                                                        {"euc-jp", "EUC-JP", is_japanese},
                                                                        {"euc-kr", "EUC-KR", is_korean},
                                                                        {"gb18030", "GB18030", is_chinese},
                                                                        {"big5", "BIG5-HKSCS", is_chinese}}};

} // namespace

std::string_view likeliest_east_asian_charset(std::string_view bytes) {
    constexpr std::size_t enough = 16 << 10;
    bytes = bytes.substr(0, enough);
    for (const EastAsianCandidate &candidate : candidates_of_east_asia) {
        const auto counts = count_as(candidate.iconv_name, bytes);
        if (counts && candidate.is(*counts)) return candidate.name;
    }
    return {};
}

} // namespace roe::message
