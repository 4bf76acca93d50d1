// The changes of a folder that several answers tell of, as one: which mails are there and which are gone.
// [pure]
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "source/ews/answers.hpp"

namespace roe::ews {

// One that came and went again is gone.
class GatheredChanges {
  public:
    void add(const SyncChanges &page);
    // What was learned of the server's order is kept.
    void clear();

    [[nodiscard]] std::size_t size() const { return mails_.size(); }
    // In the order in which they were received. Those of one moment: in the order of the server's list, read
    // from its old end. Exchange lists the newest first (since 2010 SP2), others the oldest; which of both the
    // times that differ tell. Whoever says no times is no Exchange.
    [[nodiscard]] std::vector<std::string_view> there() const;
    [[nodiscard]] std::vector<std::string_view> gone() const;
    // As the server says; 0: it does not.
    [[nodiscard]] std::int64_t size_of(std::string_view name) const;

  private:
    using Moment = std::chrono::sys_time<std::chrono::nanoseconds>;
    struct Mail {
        bool there = false;
        Moment received_at{};
        std::int64_t size = 0;
        std::size_t place = 0; // in the server's list
    };

    std::map<std::string, Mail, std::less<>> mails_;
    std::size_t places_ = 0;
    bool knows_times_ = false;
    std::size_t to_older_ = 0, to_newer_ = 0; // steps of the server's list
};

} // namespace roe::ews
