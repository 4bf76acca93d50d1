// One side of the boundary between a host and one plugin: what both its trampolines and its calls need to know.
#pragma once

#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "orch/sdk/abi/lifecycle.hpp"
#include "orch/sdk/failure.hpp"

namespace orch::sdk::abi {

// A Side lives in a place that is never freed (tombstones.hpp), so that a late caller can still be named.
class Side {
  public:
    using Report = std::function<void(std::string_view)>;

    Lifecycle life;

    // `self` and `other` as a person calls them: "the host", "the plugin run-on-email".
    void open(std::string self, std::string other, Report report) {
        const std::lock_guard lock(mutex_);
        self_ = std::move(self);
        other_ = std::move(other);
        report_ = std::move(report);
    }

    // From now on breaches go to standard error: no log is left.
    void close() {
        const std::lock_guard lock(mutex_);
        report_ = nullptr;
    }

    // `call` as "orch.jobs/1.start". The breach is reported, and the failure says the same.
    Failure other_broke(std::string_view call, std::string_view what) { return broke(other_, call, what); }
    Failure self_broke(std::string_view call, std::string_view what) { return broke(self_, call, what); }

    void report(std::string_view words) {
        Report report;
        {
            const std::lock_guard lock(mutex_);
            report = report_;
        }
        if (report) {
            try {
                report(words);
            } catch (...) {
                std::fputs("a log threw an exception; what it was to write:\n", stderr);
                report = nullptr;
            }
        }
        if (!report) {
            std::fprintf(stderr, "%.*s\n", static_cast<int>(words.size()), words.data());
        }
    }

  private:
    Failure broke(const std::string &who, std::string_view call, std::string_view what) {
        std::string words;
        {
            const std::lock_guard lock(mutex_);
            words = who;
        }
        words.append(" broke the contract of ").append(call).append(": ").append(what);
        report(words);
        return {Status::contract, std::move(words)};
    }

    std::mutex mutex_;
    std::string self_;
    std::string other_;
    Report report_;
};

} // namespace orch::sdk::abi
