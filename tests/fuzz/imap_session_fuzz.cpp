// A whole session with a server that says any bytes: sign in, look, fetch, dispose, wait. No crash, no hang,
// and what the seam promises: heads in ascending order above the mark, bodies of the announced size, errors in
// UTF-8 without the password.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "imap_seed.hpp"
#include "source/imap/imap_source.hpp"
#include "source/utf8.hpp"

namespace {

using roe::Error;
using roe::Fault;
using roe::MailRef;
using roe::Result;
using roe::SteadyTime;

constexpr const char *password = "correct horse battery staple";

void require(bool promise) {
    if (!promise) std::abort();
}

class Clock final : public roe::Clock {
  public:
    [[nodiscard]] SteadyTime steady() const override { return SteadyTime{std::chrono::hours(1)}; }
    [[nodiscard]] roe::WallTime wall() const override { return roe::WallTime{}; }
};

class Stream final : public roe::net::Stream {
  public:
    Stream(std::string bytes, std::size_t piece) : bytes_(std::move(bytes)), piece_(piece) {}
    Result<std::size_t> read(char *to, std::size_t size, SteadyTime) override {
        const std::size_t given = std::min({size, piece_, bytes_.size() - at_});
        std::memcpy(to, bytes_.data() + at_, given);
        at_ += given;
        return given;
    }
    Result<void> write(std::string_view, SteadyTime) override { return {}; }
    Result<roe::net::TlsFacts> start_tls(const std::string &, const roe::net::Trust &, SteadyTime) override {
        return roe::net::TlsFacts{};
    }
    [[nodiscard]] bool encrypted() const override { return false; }
    [[nodiscard]] bool pending() const override { return false; }
    [[nodiscard]] int descriptor() const override { return 7; }
    void cancel() override {}
    void close() override {}

  private:
    std::string bytes_;
    std::size_t at_ = 0;
    std::size_t piece_;
};

class Connector final : public roe::net::Connector {
  public:
    using roe::net::Connector::connect;
    Connector(std::string bytes, std::size_t piece) : bytes_(std::move(bytes)), piece_(piece) {}
    Result<std::unique_ptr<roe::net::Stream>> connect(const std::string &, std::uint16_t, SteadyTime) override {
        return std::unique_ptr<roe::net::Stream>(std::make_unique<Stream>(bytes_, piece_));
    }

  private:
    std::string bytes_;
    std::size_t piece_;
};

class Sink final : public roe::RawSink {
  public:
    Result<void> begin(const MailRef &ref, std::int64_t size) override {
        require(left_ == 0 && !open_ && size >= 0 && ref.order > 0);
        open_ = true;
        left_ = size;
        return {};
    }
    Result<void> write(std::string_view bytes) override {
        left_ -= static_cast<std::int64_t>(bytes.size());
        require(open_ && left_ >= 0);
        return {};
    }
    Result<void> end(const MailRef &) override {
        require(open_ && left_ == 0);
        open_ = false;
        return {};
    }
    void withheld(const MailRef &ref, const Error &why) override {
        require(!open_ && ref.order > 0 && !why.doing.empty());
    }

  private:
    bool open_ = false;
    std::int64_t left_ = 0;
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
            require(roe::take_code_point(rest) >= 0x20);
    }
    return error.fault == Fault::refused;
}

void run(const std::string &bytes, std::size_t piece) {
    roe::Limits limits;
    limits.line_bytes = 1U << 20U;
    limits.header_bytes = 1000;
    limits.look_header_bytes = 4000;
    limits.body_bytes = 1U << 20U;
    roe::Account account{.host = "h",
                         .port = 1,
                         .security = roe::Security::opportunistic,
                         .authenticate = true,
                         .login = "ann",
                         .password = password,
                         .folder = "INBOX",
                         .trust = {}};
    const auto source = roe::imap::make_source(account, std::make_shared<Connector>(bytes, piece),
                                               std::make_shared<Clock>(), limits);
    auto opened = source->open();
    if (!went_well(opened)) return;
    std::int64_t after = 0;
    const MailRef refs[] = {{1, "1"}, {4, "4"}, {99, "99"}};
    Sink sink;
    for (int round = 0; round < 3; ++round) {
        auto look = source->look(after, 2, after % 2 == 0 ? roe::Bodies::with_heads : roe::Bodies::later);
        if (!went_well(look)) return;
        if (look) {
            require(look->heads.size() <= 2 && look->complete_to >= after);
            for (const auto &head : look->heads) {
                require(head.ref.order > after && head.ref.order <= look->complete_to);
                after = head.ref.order;
            }
            after = look->complete_to;
        }
        auto fetched = source->fetch(refs, sink);
        if (!went_well(fetched)) return;
        auto disposed = source->dispose(refs, {.remove = round == 1});
        if (!went_well(disposed)) return;
        auto parked = source->park();
        if (!went_well(parked)) return;
        auto woken = source->unpark(round != 1);
        if (!went_well(woken)) return;
        auto unread = source->unread();
        if (!went_well(unread)) return;
        auto status = source->status();
        if (!went_well(status)) return;
        auto heads = source->heads(refs);
        if (!went_well(heads)) return;
        auto latest = source->latest(3);
        if (!went_well(latest)) return;
        if (latest) require(latest->size() <= 3);
        auto folders = source->folders();
        if (!went_well(folders)) return;
    }
    source->close();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *bytes, std::size_t size) {
    const std::string input = roe::fuzz::server_bytes(bytes, size);
    run(input, 1U << 20U);
    run(input, 3);
    return 0;
}
