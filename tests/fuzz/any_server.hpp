// A server that says given bytes and nothing else, for whoever is to bear it; and what holds of every error.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "net/stream.hpp"
#include "source/utf8.hpp"

namespace roe::fuzz {

inline constexpr const char *password = "correct horse battery staple";

inline void require(bool promise) {
    if (!promise) std::abort();
}

class StillClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime steady() const override { return SteadyTime{std::chrono::hours(1)}; }
    [[nodiscard]] WallTime wall() const override { return WallTime{}; }
};

// Takes everything and says nothing of itself.
class QuietStream : public net::Stream {
  public:
    Result<void> write(std::string_view, SteadyTime) override { return {}; }
    Result<net::TlsFacts> start_tls(const std::string &, const net::Trust &, SteadyTime) override {
        return net::TlsFacts{};
    }
    [[nodiscard]] bool encrypted() const override { return false; }
    [[nodiscard]] bool pending() const override { return false; }
    [[nodiscard]] int descriptor() const override { return 7; }
    void cancel() override {}
    void close() override {}
};

class AnyStream final : public QuietStream {
  public:
    AnyStream(std::string bytes, std::size_t piece) : bytes_(std::move(bytes)), piece_(piece) {}
    Result<std::size_t> read(char *to, std::size_t size, SteadyTime) override {
        const std::size_t given = std::min({size, piece_, bytes_.size() - at_});
        std::memcpy(to, bytes_.data() + at_, given);
        at_ += given;
        return given;
    }

  private:
    std::string bytes_;
    std::size_t at_ = 0;
    std::size_t piece_;
};

class AnyServer final : public net::Connector {
  public:
    using net::Connector::connect;
    AnyServer(std::string bytes, std::size_t piece) : bytes_(std::move(bytes)), piece_(piece) {}
    Result<std::unique_ptr<net::Stream>> connect(const std::string &, std::uint16_t, SteadyTime) override {
        return std::unique_ptr<net::Stream>(std::make_unique<AnyStream>(bytes_, piece_));
    }

  private:
    std::string bytes_;
    std::size_t piece_;
};

template <class T>
bool went_well(Result<T> &result) {
    if (result) return true;
    const Error &error = result.error();
    require(!error.step.empty() && !error.doing.empty());
    for (std::string_view rest :
         {std::string_view(error.doing), std::string_view(error.server_text), std::string_view(error.advice)}) {
        // Later the password is forgotten here, and a server that was told it may say it at will.
        require(error.step != "login" || rest.find(password) == std::string_view::npos);
        while (!rest.empty())
            require(take_code_point(rest) >= 0x20);
    }
    return error.fault == Fault::refused;
}

} // namespace roe::fuzz
