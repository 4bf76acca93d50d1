// A whole session with a POP3 server that says any bytes: sign in, list, look, fetch, delete. No crash, no
// hang, and what the seam promises: heads in ascending order above the mark, bodies that begin and end, errors
// in UTF-8 without the password.
#include <cstdint>

#include "any_server.hpp"
#include "source/pop3/pop3_source.hpp"
#include "transcript_seed.hpp"

namespace {

using namespace roe::fuzz;
using roe::MailRef;

class Sink final : public roe::RawSink {
  public:
    roe::Result<void> begin(const MailRef &ref, std::int64_t size) override {
        require(!open_ && size >= 0 && ref.order > 0);
        open_ = true;
        return {};
    }
    roe::Result<void> write(std::string_view bytes) override {
        require(open_ && !bytes.empty());
        return {};
    }
    roe::Result<void> end(const MailRef &) override {
        require(open_);
        open_ = false;
        return {};
    }
    void withheld(const MailRef &ref, const roe::Error &why) override {
        require(!open_ && ref.order > 0 && !why.doing.empty());
    }

  private:
    bool open_ = false;
};

void run(const std::string &bytes, std::size_t piece) {
    roe::Limits limits;
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
    const auto source = roe::pop3::make_source(account, std::make_shared<AnyServer>(bytes, piece),
                                               std::make_shared<StillClock>(), nullptr, limits);
    auto opened = source->open();
    if (!went_well(opened)) return;
    std::int64_t after = 0;
    Sink sink;
    for (int round = 0; round < 3; ++round) {
        auto look = source->look(after, 2, roe::Bodies::later);
        if (!went_well(look)) return;
        require(look->heads.size() <= 2 && look->complete_to >= after);
        std::vector<MailRef> refs{{99, "99"}};
        for (const auto &head : look->heads) {
            require(head.ref.order > after && head.ref.order <= look->complete_to);
            require(head.header.size() <= limits.header_bytes && !head.ref.uid.empty());
            after = head.ref.order;
            refs.push_back(head.ref);
        }
        after = look->complete_to;
        auto fetched = source->fetch(refs, sink);
        if (!went_well(fetched)) return;
        auto heads = source->heads(refs);
        if (!went_well(heads)) return;
        auto latest = source->latest(3);
        if (!went_well(latest)) return;
        require(latest->size() <= 3);
        auto disposed = source->dispose(refs, {.remove = round == 1});
        if (!went_well(disposed) || source->spent()) return;
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
