#include "net/stream_handle.hpp"

namespace roe::net {

std::shared_ptr<Stream> StreamHandle::hold(std::unique_ptr<Stream> stream) {
    const std::lock_guard lock(mutex_);
    stream_ = std::move(stream);
    if (stop_.stop_requested()) stream_->cancel();
    return stream_;
}

void StreamHandle::cancel() {
    stop_.request_stop();
    const std::lock_guard lock(mutex_);
    if (stream_ != nullptr) stream_->cancel();
}

} // namespace roe::net
