// For servers that name mails without an order and tell what has changed since a state of theirs (EWS): gives
// each mail an order that grows with arrival, and keeps it together with that state.
//
// What `take` gives is durable, the state and the mails in one: a crash neither loses a change nor has its mail
// numbered twice. A mail that is away for a while and comes back under its name keeps its order.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "source/mail_source.hpp"

namespace roe {

class ChangeBook {
  public:
    struct Standing {
        std::string validity;    // another value: the server has named its mails anew
        std::int64_t newest = 0; // every mail that was ever noted has an order up to here
        std::string state;       // the server's; empty: it is to be asked for everything
        bool whole = true;       // false: a list of all mails has begun, and its last piece is not in yet
    };

    struct Changes {
        bool from_nothing = false; // begins a list of all mails; those that it leaves out are gone
        std::span<const std::string_view> there; // in the order in which they came
        std::span<const std::string_view> gone;
        std::string_view state; // the server's, after them
        bool last = false;      // the server has nothing more to tell for now
    };

    virtual ~ChangeBook() = default;

    // `folder` names what the state is of, on the server: the state of another one is void.
    virtual Result<Standing> open(std::string_view folder) = 0;

    // A list of all mails may come in several pieces, and go on after a crash; what is asked of the book before
    // its last one is in, is not whole.
    virtual Result<Standing> take(const Changes &changes) = 0;

    // Of the mails that are there, the lowest whose order is greater than `order`.
    virtual Result<std::vector<MailRef>> after(std::int64_t order, std::size_t most) = 0;

    // Those of these mails that are known and there, in ascending order.
    virtual Result<std::vector<MailRef>> named(std::span<const std::string_view> names) = 0;
};

} // namespace roe
