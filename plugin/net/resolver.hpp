// Host names to addresses, with a deadline.
//
// getaddrinfo can be neither bounded nor interrupted, so it runs on a few threads of its own; a caller that
// gives up leaves its lookup behind. Callers that ask for the same name at the same time share one lookup, so
// that one dead name server does not hold every thread. The destructor waits for lookups under way: for as
// long as the system's resolver takes to give up (resolv.conf: timeout x attempts x servers).
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
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

    explicit Resolver(Lookup lookup = system_lookup, std::size_t most_threads = 4);
    ~Resolver(); // no caller may be inside
    Resolver(const Resolver &) = delete;
    Resolver &operator=(const Resolver &) = delete;

    // [any thread] A literal address needs no lookup.
    Result<Addresses> resolve(const std::string &name, SteadyTime deadline, const std::stop_token &stop);

  private:
    struct Question {
        std::string name;
        std::shared_ptr<const Result<Addresses>> answer;
    };

    std::shared_ptr<Question> ask(const std::string &name);
    void answer_questions();

    const Lookup lookup_;
    const std::size_t most_threads_;
    std::mutex mutex_;
    std::condition_variable asked_;
    std::condition_variable_any answered_;
    std::deque<std::shared_ptr<Question>> waiting_;
    std::map<std::string, std::shared_ptr<Question>> open_; // waiting or being looked up
    std::vector<std::thread> threads_;
    std::size_t idle_ = 0;
    bool stopping_ = false;
};

} // namespace roe::net
