// Host names to addresses, with a deadline.
//
// getaddrinfo can be neither bounded nor interrupted, so it runs on a few threads of its own; a caller that
// gives up leaves its lookup behind. Callers that ask for the same name at the same time share one lookup, so
// that one dead name server does not hold every thread.
//
// The destructor waits a moment for lookups under way. A thread that is still in the system's resolver then
// (resolv.conf: timeout x attempts x servers) is left to end by itself: what it touches it owns, and the
// library stays mapped (docs/decisions/0001).
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <Poco/Net/IPAddress.h>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace roe::net {

using Addresses = std::vector<Poco::Net::IPAddress>; // in the order in which to try them

// Asks the system, for as long as that takes.
Result<Addresses> system_lookup(const std::string &name);

class Resolver {
  public:
    using Lookup = std::function<Result<Addresses>(const std::string &name)>;

    explicit Resolver(Lookup lookup = system_lookup, std::size_t most_threads = 4,
                      std::chrono::milliseconds parting = std::chrono::seconds(3));
    ~Resolver(); // no caller may be inside
    Resolver(const Resolver &) = delete;
    Resolver &operator=(const Resolver &) = delete;

    // [any thread] A literal address needs no lookup.
    Result<Addresses> resolve(const std::string &name, SteadyTime deadline, const std::stop_token &stop);

  private:
    struct Question;
    struct Desk; // what callers and threads share

    std::shared_ptr<Question> ask(const std::string &name);

    const std::size_t most_threads_;
    const std::chrono::milliseconds parting_;
    const std::shared_ptr<Desk> desk_;
    std::vector<std::thread> threads_; // guarded by the desk's mutex
};

} // namespace roe::net
