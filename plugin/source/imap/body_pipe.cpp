#include "source/imap/body_pipe.hpp"

#include <string>
#include <utility>

namespace roe::imap {

BodyPipe::BodyPipe(const UidSet &wanted, RawSink &sink) : sink_(sink) {
    for (const std::uint32_t uid : wanted.lowest(static_cast<std::size_t>(wanted.count())))
        waiting_.insert(uid);
}

// A body that was not asked for, comes twice, or comes ahead of its UID is dropped; in the last case its mail
// is still waiting and is asked for again by itself.
bool BodyPipe::begin(const Fetch &so_far, std::uint64_t size) {
    const std::uint32_t uid = so_far.uid != 0 ? so_far.uid : only_;
    if (!waiting_.contains(uid)) {
        current_ = {};
        return true;
    }
    current_ = {uid, std::to_string(uid)};
    return kept(sink_.begin(current_, static_cast<std::int64_t>(size)));
}

bool BodyPipe::write(std::string_view bytes) {
    return current_.order == 0 || kept(sink_.write(bytes));
}

bool BodyPipe::end() {
    if (current_.order == 0) return true;
    waiting_.erase(static_cast<std::uint32_t>(current_.order));
    return kept(sink_.end(std::exchange(current_, {})));
}

bool BodyPipe::kept(Result<void> result) {
    if (result) return true;
    error_ = std::move(result.error());
    return false;
}

} // namespace roe::imap
