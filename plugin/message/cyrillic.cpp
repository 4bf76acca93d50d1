#include "message/cyrillic.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <iconv.h>

namespace roe::message {

namespace {

// What a byte above 0x7F is in a charset.
struct Letter {
    enum class Case : std::uint8_t { none, lower, upper } letter_case = Case::none;
    double weight = 0; // how common the letter is in Russian text; below zero: it hardly occurs
};

using Alphabet = std::array<Letter, 128>;

// Per mille of letters in Russian text, а to я (Lyashevskaya, Sharov: Frequency dictionary of modern Russian).
constexpr std::array<double, 32> frequency = {80, 16, 45, 17, 30, 85, 9, 16, 74, 12, 35, 44, 32, 67, 110, 28,
                                              47, 55, 63, 26, 3,  10, 5, 14, 7,  4,  0,  19, 17, 3,  6,   20};

Letter letter_of(char32_t c) {
    constexpr double unlikely = -40; // box drawing, signs, letters of other alphabets
    constexpr double yo = 1;
    if (c >= 0x0410 && c <= 0x042F) return {Letter::Case::upper, frequency.at(c - 0x0410)};
    if (c >= 0x0430 && c <= 0x044F) return {Letter::Case::lower, frequency.at(c - 0x0430)};
    if (c == 0x0401) return {Letter::Case::upper, yo};
    if (c == 0x0451) return {Letter::Case::lower, yo};
    const bool punctuation = c == 0xA0 || c == 0xAB || c == 0xBB || (c >= 0x2010 && c <= 0x2026) || c == 0x2116;
    return {Letter::Case::none, punctuation ? 0 : unlikely};
}

Alphabet alphabet_of(const char *charset) {
    Alphabet alphabet{};
    iconv_t handle = iconv_open("UTF-32LE", charset);
    if (handle == reinterpret_cast<iconv_t>(-1)) return alphabet; // NOLINT(performance-no-int-to-ptr)
    for (unsigned byte = 0x80; byte <= 0xFF; ++byte) {
        char in = static_cast<char>(byte);
        std::array<unsigned char, 4> out{};
        char *from = &in;
        char *to = reinterpret_cast<char *>(out.data());
        std::size_t from_left = 1;
        std::size_t to_left = out.size();
        iconv(handle, &from, &from_left, &to, &to_left);
        const char32_t c = static_cast<char32_t>(out[0]) | static_cast<char32_t>(out[1]) << 8U;
        alphabet.at(byte - 0x80) = letter_of(to_left == 0 ? c : 0);
    }
    iconv_close(handle);
    return alphabet;
}

struct Candidate {
    std::string_view name;
    Alphabet alphabet;
};

const std::array<Candidate, 4> &candidates() {
    static const std::array<Candidate, 4> all = {
        Candidate{"windows-1251", alphabet_of("CP1251")}, Candidate{"koi8-r", alphabet_of("KOI8-R")},
        Candidate{"cp866", alphabet_of("CP866")}, Candidate{"iso-8859-5", alphabet_of("ISO-8859-5")}};
    return all;
}

// Capitals within a word tell Windows-1251 from KOI8-R, which have the cases the other way round.
double score(const Alphabet &alphabet, std::string_view bytes) {
    constexpr double case_turn = 120;
    double sum = 0;
    auto before = Letter::Case::none;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            before = Letter::Case::none;
            continue;
        }
        const Letter &letter = alphabet.at(byte - 0x80);
        sum += letter.weight;
        if (before == Letter::Case::lower && letter.letter_case == Letter::Case::upper) sum -= case_turn;
        before = letter.letter_case;
    }
    return sum;
}

// In Western text letters with accents stand alone among plain ones; Cyrillic words have no plain letters.
bool looks_western(std::string_view bytes) {
    const auto is_high = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
    const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    std::size_t runs = 0;
    std::size_t high = 0;
    std::size_t among_plain = 0;
    for (std::size_t at = 0; at < bytes.size();) {
        if (!is_high(bytes[at])) {
            ++at;
            continue;
        }
        const std::size_t start = at;
        while (at < bytes.size() && is_high(bytes[at]))
            ++at;
        ++runs;
        high += at - start;
        if ((start > 0 && is_plain(bytes[start - 1])) || (at < bytes.size() && is_plain(bytes[at])))
            ++among_plain;
    }
    return 2 * among_plain > runs && high < 2 * runs;
}

} // namespace

std::string_view likeliest_8bit_charset(std::string_view bytes) {
    constexpr std::size_t enough = 64 << 10; // more text does not change the answer
    bytes = bytes.substr(0, enough);
    if (looks_western(bytes)) return "windows-1252";
    const auto &all = candidates();
    return std::ranges::max_element(all, {}, [&](const Candidate &c) { return score(c.alphabet, bytes); })
        ->name;
}

} // namespace roe::message
