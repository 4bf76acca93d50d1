#include "language/catalogue.hpp"

#include <algorithm>
#include <functional>
#include <stdexcept>

namespace roe::language {

namespace {

// Ours are shorter; in longer ones is what others have written.
constexpr std::size_t longest_text = 8192;
constexpr std::size_t most_cuts = 32;
// Words in a hole of words in a hole.
constexpr int deepest = 2;

// Where a text may be cut: what is between two pieces.
struct Cut {
    std::size_t before = 0;
    std::size_t after = 0;
};

// The first is before the text. The full stop of ". " belongs to the piece before it.
std::vector<Cut> cuts_of(std::string_view text) {
    std::vector<Cut> cuts(1);
    for (std::size_t at = 0; cuts.size() < most_cuts; ++at) {
        at = text.find_first_of(".;:", at);
        if (at == std::string_view::npos || at + 2 >= text.size()) break;
        if (text[at + 1] == ' ') cuts.push_back({text[at] == '.' ? at + 1 : at, at + 2});
    }
    return cuts;
}

} // namespace

// A way to take a text apart, from some cut on.
struct Catalogue::Way {
    std::size_t unknown = 0; // bytes
    std::size_t pieces = 0;
    std::size_t to = 0; // the cut where its first piece ends
    Piece first;

    [[nodiscard]] bool is_better_than(const Way &other) const {
        return unknown != other.unknown ? unknown < other.unknown : pieces > other.pieces;
    }
};

Catalogue::Catalogue(std::span<const Entry> entries) {
    sentences_.reserve(entries.size());
    for (const auto &entry : entries)
        sentences_.push_back({parse(entry.english), parse(entry.translation)});
    std::ranges::stable_sort(sentences_, std::greater{},
                             [](const Sentence &sentence) { return sentence.english.weight; });
}

Catalogue::Template Catalogue::parse(std::string_view text) {
    Template result;
    for (;;) {
        const std::size_t open = text.find('{');
        result.literals.push_back(text.substr(0, open));
        result.weight += result.literals.back().size();
        if (open == std::string_view::npos) return result;
        const std::size_t close = text.find('}', open);
        const bool of_words = close == open + 4 && text.substr(open + 2, 2) == ":t";
        const bool numbered = text[open + 1] >= '0' && text[open + 1] <= '9';
        if (close == std::string_view::npos || !numbered || (close != open + 2 && !of_words))
            throw std::invalid_argument("a hole that is none in: " + std::string(text));
        result.holes.push_back({static_cast<std::size_t>(text[open + 1] - '0'), of_words});
        text.remove_prefix(close + 1);
    }
}

// From the left each literal at its first place, the last one at the end: if any fit does, this one does.
bool Catalogue::matches(const Template &pattern, std::string_view text, Values &values) {
    if (!text.starts_with(pattern.literals.front())) return false;
    text.remove_prefix(pattern.literals.front().size());
    if (pattern.holes.empty()) return text.empty();
    for (std::size_t i = 0; i < pattern.holes.size(); ++i) {
        const auto literal = pattern.literals[i + 1];
        const bool last = i + 1 == pattern.holes.size();
        if (last && !text.ends_with(literal)) return false;
        const std::size_t end = last ? text.size() - literal.size() : text.find(literal);
        if (end == std::string_view::npos || end == 0) return false;
        values[pattern.holes[i].number] = text.substr(0, end);
        text.remove_prefix(end + literal.size());
    }
    return true;
}

const Catalogue::Sentence *Catalogue::find(std::string_view text, Values &values) const {
    const auto found = std::ranges::find_if(
        sentences_, [&](const Sentence &sentence) { return matches(sentence.english, text, values); });
    return found == sentences_.end() ? nullptr : &*found;
}

// "doing: words. advice" is put together of sentences with and without a full stop of their own.
Catalogue::Piece Catalogue::recognise(std::string_view text) const {
    Piece piece{.text = text};
    piece.sentence = find(text, piece.values);
    if (piece.sentence == nullptr && text.ends_with('.')) {
        piece.sentence = find(text.substr(0, text.size() - 1), piece.values);
        piece.ends_with_stop = true;
    }
    return piece;
}

std::string Catalogue::render(const Piece &piece, int depth) const {
    if (piece.sentence == nullptr) return std::string(piece.text);
    const auto &[english, translation] = *piece.sentence;
    std::string result(translation.literals.front());
    for (std::size_t i = 0; i < translation.holes.size(); ++i) {
        const auto number = translation.holes[i].number;
        const auto from = std::ranges::find(english.holes, number, &Hole::number);
        const bool of_words = from != english.holes.end() && from->of_words;
        const auto value = piece.values[number];
        result += of_words ? translate(value, depth + 1) : std::string(value);
        result += translation.literals[i + 1];
    }
    return piece.ends_with_stop ? result + '.' : result;
}

// Of all the ways to take the text apart, the one that leaves least of it unknown; of several the finest, as a
// sentence that ends with a hole would swallow all that is put behind it. Only the pieces of that one are
// rendered: what stands in their holes is taken apart in its turn, and would be for each way.
std::string Catalogue::translate(std::string_view text, int depth) const {
    if (depth > deepest) return std::string(text);
    const auto cuts = cuts_of(text);
    std::vector<Way> best(cuts.size() + 1); // from each cut to the end of the text
    for (std::size_t from = cuts.size(); from-- > 0;) {
        for (std::size_t to = from + 1; to <= cuts.size(); ++to) {
            const std::size_t begin = cuts[from].after;
            const std::size_t end = to == cuts.size() ? text.size() : cuts[to].before;
            const auto piece = recognise(text.substr(begin, end - begin));
            const Way way{best[to].unknown + (piece.sentence == nullptr ? piece.text.size() : 0),
                          best[to].pieces + 1, to, piece};
            if (to == from + 1 || way.is_better_than(best[from])) best[from] = way;
        }
    }
    std::string result;
    for (std::size_t from = 0; from < cuts.size(); from = best[from].to) {
        if (from > 0) result += text.substr(cuts[from].before, cuts[from].after - cuts[from].before);
        result += render(best[from].first, depth);
    }
    return result;
}

std::string Catalogue::translate(std::string_view text) const {
    return text.size() > longest_text ? std::string(text) : translate(text, 0);
}

} // namespace roe::language
