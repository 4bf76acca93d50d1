#include "source/pop3/listing.hpp"

#include <algorithm>
#include <set>

#include "base/digest.hpp"
#include "source/pop3/response.hpp"

namespace roe::pop3 {

namespace {

// RFC 1939 §7 has 70 bytes; two names and more must fit into an idempotency key.
constexpr std::size_t longest_name = 40;
constexpr std::size_t hash_digits = 40;
constexpr std::size_t short_hash_digits = 16;

bool is_plain(std::string_view name) {
    return name.size() <= longest_name && std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f; });
}

std::string hashed(std::string_view text) {
    Sha256 digest;
    digest.add(text);
    return digest.hex().substr(0, hash_digits);
}

// The first of each number counts.
template <class Mails>
void keep_first_of_each(Mails &mails) {
    std::stable_sort(mails.begin(), mails.end(),
                     [](const auto &a, const auto &b) { return a.number < b.number; });
    mails.erase(std::unique(mails.begin(), mails.end(),
                            [](const auto &a, const auto &b) { return a.number == b.number; }),
                mails.end());
}

} // namespace

void Listing::add_size(std::string_view line) {
    if (const auto parsed = parse_numbered(line))
        sized_.push_back({.number = parsed->number, .size = parse_size(parsed->rest)});
}

void Listing::add_name(std::string_view line) {
    const auto parsed = parse_numbered(line);
    if (!parsed) return;
    auto &mail = mails_.emplace_back(Mail{.number = parsed->number});
    if (parsed->rest.empty()) return;
    set_name(mail, is_plain(parsed->rest) ? std::string(parsed->rest) : "sha-" + hashed(parsed->rest));
}

std::vector<std::size_t> Listing::finish(ArrivalBook::Shared shared) {
    shared_ = std::move(shared);
    keep_first_of_each(mails_);
    keep_first_of_each(sized_);
    // A mail that only one of the two lists knows is there all the same.
    std::vector<Mail> unnamed;
    auto mail = mails_.begin();
    for (const auto &sized : sized_) {
        while (mail != mails_.end() && mail->number < sized.number)
            ++mail;
        if (mail != mails_.end() && mail->number == sized.number)
            mail->size = sized.size;
        else
            unnamed.push_back(sized);
    }
    sized_ = {};
    mails_.insert(mails_.end(), unnamed.begin(), unnamed.end());
    std::sort(mails_.begin(), mails_.end(), [](const Mail &a, const Mail &b) { return a.number < b.number; });
    sort_names();
    std::vector<std::size_t> places;
    for (std::size_t first = 0; first < by_name_.size();) {
        const auto name = name_of(mails_[by_name_[first]]);
        std::size_t end = first + 1;
        while (end < by_name_.size() && name_of(mails_[by_name_[end]]) == name)
            ++end;
        if (end - first > 1 || name.empty() || shared_.contains(name))
            places.insert(places.end(), by_name_.begin() + static_cast<std::ptrdiff_t>(first),
                          by_name_.begin() + static_cast<std::ptrdiff_t>(end));
        first = end;
    }
    std::sort(places.begin(), places.end());
    for (const auto place : places)
        hashes_[place];
    return places;
}

ArrivalBook::Shared Listing::seal() {
    ArrivalBook::Shared newly_shared;
    std::set<std::string> taken;
    for (const auto &[place, hash] : hashes_)
        name_by_hash(place, newly_shared, taken);
    hashes_.clear();
    std::erase_if(mails_, [](const Mail &mail) { return mail.name_length == 0; });
    sort_names();
    return newly_shared;
}

void Listing::name_by_hash(std::size_t place, ArrivalBook::Shared &newly_shared, std::set<std::string> &taken) {
    auto &mail = mails_.at(place);
    const std::string uid(name_of(mail));
    const std::string &hash = hashes_.at(place);
    if (hash.empty()) return set_name(mail, {});
    std::string name = "top-" + hash.substr(0, hash_digits);
    if (!uid.empty()) {
        if (!shared_.contains(uid)) newly_shared[uid] = shared_[uid] = hash;
        if (shared_.at(uid) == hash && taken.insert(uid).second) return;
        name = uid + "#" + hash.substr(0, short_hash_digits);
    }
    const std::string first = name;
    for (int copy = 2; !taken.insert(name).second; ++copy)
        name = first + "." + std::to_string(copy);
    set_name(mail, name);
}

Listing::Entry Listing::at(std::size_t place) const {
    const auto &mail = mails_.at(place);
    return {mail.number, mail.size, name_of(mail)};
}

std::optional<std::size_t> Listing::find(std::string_view name) const {
    const auto at = std::lower_bound(
        by_name_.begin(), by_name_.end(), name,
        [this](std::uint32_t place, std::string_view wanted) { return name_of(mails_[place]) < wanted; });
    if (at == by_name_.end() || name_of(mails_[*at]) != name) return std::nullopt;
    return *at;
}

std::vector<ArrivalBook::Mail> Listing::all() const {
    std::vector<ArrivalBook::Mail> mails;
    mails.reserve(mails_.size());
    for (const auto &mail : mails_)
        mails.push_back({name_of(mail), mail.size});
    return mails;
}

void Listing::set_name(Mail &mail, std::string_view name) {
    const auto at = names_.size();
    names_ += name;
    mail.name_at = static_cast<std::uint32_t>(at);
    mail.name_length = static_cast<std::uint32_t>(name.size());
}

void Listing::sort_names() {
    by_name_.resize(mails_.size());
    for (std::size_t place = 0; place < mails_.size(); ++place)
        by_name_[place] = static_cast<std::uint32_t>(place);
    // Equal names stay in the order of their numbers.
    std::stable_sort(by_name_.begin(), by_name_.end(), [this](std::uint32_t a, std::uint32_t b) {
        return name_of(mails_[a]) < name_of(mails_[b]);
    });
}

} // namespace roe::pop3
