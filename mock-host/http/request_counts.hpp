// How many requests were answered, and how. [any thread]
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace host::http {

class RequestCounts {
  public:
    static constexpr std::array<std::string_view, 5> methods{"GET", "POST", "PUT", "DELETE", "other"};
    static constexpr std::array<std::string_view, 4> classes{"2xx", "3xx", "4xx", "5xx"};

    void add(std::string_view method, int status) {
        std::size_t index = 0;
        while (index + 1 < methods.size() && methods[index] != method)
            ++index;
        const int first = status / 100;
        if (first < 2 || first > 5) return;
        ++counts_[index][static_cast<std::size_t>(first - 2)];
    }

    [[nodiscard]] std::uint64_t of(std::size_t method, std::size_t status_class) const {
        return counts_[method][status_class];
    }

  private:
    std::array<std::array<std::atomic<std::uint64_t>, classes.size()>, methods.size()> counts_{};
};

} // namespace host::http
