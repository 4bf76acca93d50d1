// How many streams may be open at a time: each holds a thread of the server as long as it lasts, so there are
// fewer seats than threads, and nobody may take them all. [any thread]
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace host::http {

class StreamSeats {
  public:
    StreamSeats(std::size_t all, std::size_t of_one_user) : all_(all), of_one_user_(of_one_user) {}

    // A seat until it goes; null when there is none.
    std::shared_ptr<void> take(const std::string &user);

    [[nodiscard]] std::size_t taken() const;

  private:
    void give_back(const std::string &user);

    const std::size_t all_;
    const std::size_t of_one_user_;
    mutable std::mutex mutex_;
    std::map<std::string, std::size_t> by_user_;
    std::size_t taken_ = 0;
};

} // namespace host::http
