// What the plugin says, in another language: whole sentences with holes for what they speak of.
//
// The plugin makes, logs and keeps its texts in English. A finished text is recognised here by what stands
// between its holes, so that what was kept long ago can be read in every language, too. [any thread]
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace roe::language {

// "{0} mails are there": a hole is numbered; the translation may put holes in another order. What stands in a
// hole stays as it is; in one like "{0:t}" there are words of ours again, which are translated as well.
struct Entry {
    std::string_view english;
    std::string_view translation;
};

class Catalogue {
  public:
    // `entries` outlive it.
    explicit Catalogue(std::span<const Entry> entries);

    // A text may be put together of several: it is cut after ". ", at "; " and at ": ", so that least of it is
    // unknown. What is unknown stays as it is.
    [[nodiscard]] std::string translate(std::string_view text) const;

  private:
    struct Hole {
        std::size_t number = 0;
        bool of_words = false;
    };
    // literals.size() == holes.size() + 1: the first literal comes before the first hole.
    struct Template {
        std::vector<std::string_view> literals;
        std::vector<Hole> holes;
        std::size_t weight = 0; // bytes of literals
    };
    struct Sentence {
        Template english;
        Template translation;
    };
    static constexpr std::size_t most_holes = 10;
    using Values = std::array<std::string_view, most_holes>;
    // A piece of a text, and the sentence that it is; null: none of ours.
    struct Piece {
        std::string_view text;
        const Sentence *sentence = nullptr;
        Values values{};
        bool ends_with_stop = false; // beyond the sentence
    };
    struct Way;

    static Template parse(std::string_view text);
    static bool matches(const Template &pattern, std::string_view text, Values &values);
    [[nodiscard]] const Sentence *find(std::string_view text, Values &values) const;
    [[nodiscard]] Piece recognise(std::string_view text) const;
    [[nodiscard]] std::string render(const Piece &piece, int depth) const;
    [[nodiscard]] std::string translate(std::string_view text, int depth) const;

    std::vector<Sentence> sentences_; // the heaviest first: what says most fits best
};

// The Russian one.
const Catalogue &russian();

} // namespace roe::language
