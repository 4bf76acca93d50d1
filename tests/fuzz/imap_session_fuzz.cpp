// A whole session with a server that says any bytes: sign in, look, fetch, dispose, wait. No crash, no hang,
// and what the seam promises: heads in ascending order above the mark, bodies of the announced size, errors in
// UTF-8 without the password.
#include <cstdint>
#include <memory>
#include <string>

#include "any_server.hpp"
#include "source/imap/imap_source.hpp"
#include "transcript_seed.hpp"

namespace {

using namespace roe::fuzz;
using roe::Error;
using roe::MailRef;
using roe::Result;

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
    const auto source = roe::imap::make_source(account, std::make_shared<AnyServer>(bytes, piece),
                                               std::make_shared<StillClock>(), limits);
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
        const roe::Disposal ways[] = {{.keyword = "robot"}, {.remove = true}, {.move_to = "Done"}};
        auto disposed = source->dispose(refs, ways[round]);
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
    const std::string input = server_bytes(bytes, size);
    run(input, 1U << 20U);
    run(input, 3);
    return 0;
}
