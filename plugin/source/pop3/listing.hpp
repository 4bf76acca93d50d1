// The mails of a session, by number and by name. [pure]
//
// A session's list is frozen when it begins (RFC 1939 §4). Costs some forty bytes a mail.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "source/arrival_book.hpp"

namespace roe::pop3 {

class Listing {
  public:
    struct Entry {
        std::uint32_t number = 0;
        std::int64_t size = 0; // 0: not known
        std::string_view name; // empty: it has none yet
    };

    // A line of LIST or UIDL, in any order; one that makes no sense, or a number that has come already, counts
    // for nothing.
    void add_size(std::string_view line);
    void add_name(std::string_view line);

    // All lines have come. Gives the places of the mails whose names are missing, or shared with others, now or
    // before: a UIDL that repeats inside a mailbox is no name.
    std::vector<std::size_t> finish(ArrivalBook::Shared shared);

    // The hash of the header of one of those.
    void hash(std::size_t place, std::string hash) { hashes_[place] = std::move(hash); }
    // From here on every mail has a name that is its own, and those that got none are left out. A shared name
    // stays with the mail that had it first, so that it means the same mail when the others are gone. Gives the
    // names that are newly shared.
    ArrivalBook::Shared seal();

    [[nodiscard]] std::size_t size() const { return mails_.size(); }
    [[nodiscard]] Entry at(std::size_t place) const;
    [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;
    [[nodiscard]] std::vector<ArrivalBook::Mail> all() const;

  private:
    struct Mail {
        std::uint32_t number = 0;
        std::uint32_t name_at = 0;
        std::uint32_t name_length = 0;
        std::int64_t size = 0;
    };

    [[nodiscard]] std::string_view name_of(const Mail &mail) const {
        return std::string_view(names_).substr(mail.name_at, mail.name_length);
    }
    void set_name(Mail &mail, std::string_view name);
    void sort_names();
    void name_by_hash(std::size_t place, ArrivalBook::Shared &newly_shared, std::set<std::string> &taken);

    std::string names_;
    std::vector<Mail> mails_;            // by number
    std::vector<Mail> sized_;            // from LIST, until `finish`
    std::vector<std::uint32_t> by_name_; // places in `mails_`
    ArrivalBook::Shared shared_;
    std::map<std::size_t, std::string> hashes_; // by place
};

} // namespace roe::pop3
