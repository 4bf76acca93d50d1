// The stream in use, so that it can be broken from another thread, whichever it is by then.
#pragma once

#include <memory>
#include <mutex>
#include <stop_token>

#include "net/stream.hpp"

namespace roe::net {

class StreamHandle {
  public:
    // Ends a connection that is still being made.
    [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }
    // Cancelled already: the stream is broken at once.
    std::shared_ptr<Stream> hold(std::unique_ptr<Stream> stream);
    // [any thread]
    void cancel();

  private:
    std::mutex mutex_;
    std::shared_ptr<Stream> stream_;
    std::stop_source stop_;
};

} // namespace roe::net
