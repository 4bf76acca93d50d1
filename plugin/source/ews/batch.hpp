// One request about several items, of which a server may deal with some and refuse the others: those behind a
// limit of its own (grommunio gives 50 items at once), or when its patience ends in the middle. What it has
// dealt with is kept, and only the rest is asked about again. [pure]
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "source/ews/session.hpp"

namespace roe::ews {

// About the one item, or about the whole mailbox.
bool of_one_item(const Error &error);

// How many items the server has been found to take in one request.
class BatchSize {
  public:
    [[nodiscard]] std::size_t of(std::size_t wanted) const { return std::min(wanted, most_); }
    void found(std::size_t taken) { most_ = std::clamp<std::size_t>(taken, 1, most_); }

  private:
    std::size_t most_ = std::numeric_limits<std::size_t>::max();
};

class Batch {
  public:
    // The session outlives it.
    Batch(const Session &session, std::size_t items) : session_(session), fates_(items) {}

    // Whether the item of this message was dealt with, be it refused for a reason of its own.
    Result<bool> take(const Message &message);

    // The places of the items that are to be asked about again, ascending. An error when the server has dealt
    // with none, or asks to be left alone for a while.
    Result<std::vector<std::size_t>> left(BatchSize &size) const;

  private:
    enum class Fate : std::uint8_t { unknown, dealt_with, put_off };

    const Session &session_;
    std::vector<Fate> fates_;
    std::optional<Error> why_; // of those that were put off
};

// What is still to be asked about: of the first `asked` things those at the places `left`, and all others.
template <class Thing>
std::vector<Thing> still_to_ask(const std::vector<Thing> &things, std::size_t asked,
                                const std::vector<std::size_t> &left) {
    std::vector<Thing> rest;
    rest.reserve(left.size() + things.size() - asked);
    for (const auto place : left)
        rest.push_back(things[place]);
    rest.insert(rest.end(), things.begin() + static_cast<std::ptrdiff_t>(asked), things.end());
    return rest;
}

} // namespace roe::ews
