// Gives mails whose names say nothing of their order (POP3) one that grows with arrival, and keeps it.
//
// What `note` gives is durable: a mark that is made from it later means the same mails for ever. A mail that is
// away for a while and comes back keeps its order.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "source/mail_source.hpp"

namespace roe {

class ArrivalBook {
  public:
    struct Mail {
        std::string_view name; // as a MailRef has it
        std::int64_t size = 0; // 0: not known
    };

    struct Standing {
        std::string validity;    // another value: the server has named its mails anew
        std::int64_t newest = 0; // every mail that was ever noted has an order up to here
    };

    // Names that more than one mail has had, and a hash of the header of the mail that the name stays with.
    using Shared = std::map<std::string, std::string, std::less<>>;

    virtual ~ArrivalBook() = default;

    virtual Result<Shared> shared() = 0;

    // All mails that are there now, in the server's order, each name once; and names that are newly shared.
    virtual Result<Standing> note(std::span<const Mail> there, const Shared &newly_shared) = 0;

    // Of the mails that are there, the lowest whose order is greater than `order`.
    virtual Result<std::vector<MailRef>> after(std::int64_t order, std::size_t most) = 0;

    // We are about to delete them. One that is noted again all the same counts as new.
    virtual Result<void> remove(std::span<const MailRef> mails) = 0;
};

} // namespace roe
