#include "source/ews/batch.hpp"

#include <utility>

namespace roe::ews {

namespace {

// What asks for time is about the mailbox, whatever else has failed.
int weight_of(const Error &error) {
    return error.retry_after ? 2 : error.fault == Fault::throttled ? 1 : 0;
}

} // namespace

bool of_one_item(const Error &error) {
    return error.fault == Fault::refused || error.fault == Fault::gone || error.fault == Fault::protocol ||
           error.fault == Fault::no_folder;
}

Result<bool> Batch::take(const Message &message) {
    if (message.position >= fates_.size())
        return session_.error(Fault::protocol, "the server answers for more mails than it was asked for");
    auto &fate = fates_[message.position];
    fate = Fate::dealt_with;
    if (message.outcome.ok) return true;
    auto error = session_.error_of(message.outcome);
    if (of_one_item(error)) return true;
    fate = Fate::put_off;
    if (!why_ || weight_of(*why_) < weight_of(error)) why_ = std::move(error);
    return false;
}

Result<std::vector<std::size_t>> Batch::left(BatchSize &size) const {
    if (why_ && why_->retry_after) return *why_;
    // An item that nothing is said of would be passed over for ever.
    if (std::ranges::find(fates_, Fate::unknown) != fates_.end())
        return session_.error(Fault::protocol, "the server does not answer for every mail");
    std::vector<std::size_t> places;
    for (std::size_t place = 0; place < fates_.size(); ++place)
        if (fates_[place] == Fate::put_off) places.push_back(place);
    if (!why_) return places;
    const auto dealt_with = fates_.size() - places.size();
    if (dealt_with == 0) return *why_;
    if (why_->fault == Fault::throttled) size.found(dealt_with);
    return places;
}

} // namespace roe::ews
