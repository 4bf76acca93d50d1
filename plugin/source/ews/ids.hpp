// How folders and mails are named to an Exchange server, and what it calls its own age. [pure]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace roe::ews {

struct FolderId {
    std::string distinguished{}; // "inbox", "msgfolderroot", "archiveinbox"…; empty: `id` counts
    std::string mailbox{}; // with `distinguished`: the address of whose folder it is; empty: the login's own
    std::string id{};      // the server's name for it, opaque

    friend bool operator==(const FolderId &, const FolderId &) = default;
};

// `id` is opaque, compares by case, and changes when the mail moves. `change_key` is what the mail was like.
struct ItemId {
    std::string id;
    std::string change_key{};

    friend bool operator==(const ItemId &, const ItemId &) = default;
};

// The schema that a request keeps to. Streaming came with 2010 SP1.
enum class Version : std::uint8_t {
    exchange2010,
    exchange2010_sp1,
    exchange2010_sp2,
    exchange2013,
    exchange2013_sp1,
    exchange2016, // 2019 and the Subscription Edition have no newer one
};

// As RequestServerVersion spells it.
std::string_view name_of(Version version);

// The next older one; empty when there is none.
std::optional<Version> older(Version version);

// ServerVersionInfo: 14.3 is 2010 SP3, 15.0 is 2013, 15.1 is 2016, 15.2 is 2019 and the Subscription Edition.
struct ServerVersion {
    int major = 0;
    int minor = 0;
    int build = 0;

    // The newest schema that this server knows.
    [[nodiscard]] Version newest() const;
};

} // namespace roe::ews
