#include "http/connections.hpp"

#include <Poco/Exception.h>

#include "http/peer.hpp"

namespace host::http {
namespace {

void shut(Poco::Net::StreamSocket &socket, void (Poco::Net::StreamSocket::*how)()) {
    try {
        (socket.*how)();
    } catch (const Poco::Exception &) {
        // The client was quicker.
    }
}

} // namespace

Connections::Open::Open(Connections &connections, const Poco::Net::StreamSocket &socket)
    : connections_(connections), descriptor_(descriptor_of(socket)) {
    const std::lock_guard lock(connections_.mutex_);
    connections_.open_.insert_or_assign(descriptor_, Entry{socket, false, Clock::now()});
}

Connections::Open::~Open() {
    const std::lock_guard lock(connections_.mutex_);
    connections_.open_.erase(descriptor_);
}

Connections::Connections(std::chrono::milliseconds patience)
    : patience_(patience), thread_([this] { watch(); }) {}

Connections::~Connections() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Connections::set_busy(int descriptor, bool busy) {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(descriptor);
    if (found == open_.end()) return;
    found->second.busy = busy;
    found->second.since = Clock::now();
}

void Connections::close_all() {
    const std::lock_guard lock(mutex_);
    for (auto &[descriptor, entry] : open_)
        shut(entry.socket, &Poco::Net::StreamSocket::shutdownReceive);
}

void Connections::watch() {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, patience_ / 10, [this] { return ending_; })) {
        const auto limit = Clock::now() - patience_;
        for (auto &[descriptor, entry] : open_) {
            if (!entry.busy && entry.since < limit) shut(entry.socket, &Poco::Net::StreamSocket::shutdown);
        }
    }
}

} // namespace host::http
