// A web server that says anything: what comes of it is an answer within bounds or an error in words, no secret
// comes back in those, and nothing that it says gets into a request where it could end a field.
//
// The input is what it says to one request after the other, parted by a line "--". Its last byte is how many
// bytes come at a time, the one before chooses how we sign in.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "any_server.hpp"
#include "net/http_client.hpp"

namespace {

using namespace roe;

// Few bytes may unpack to very many.
constexpr std::size_t most_read = 1U << 20U;

struct Script {
    std::vector<std::string> answers;
    std::size_t piece = 1;
    std::size_t next = 0;
};

class ScriptedStream final : public fuzz::QuietStream {
  public:
    explicit ScriptedStream(std::shared_ptr<Script> script) : script_(std::move(script)) {}
    Result<std::size_t> read(char *to, std::size_t size, SteadyTime deadline) override {
        if (deadline < fuzz::StillClock().steady())
            return Error{.fault = Fault::timed_out, .step = "connect", .doing = "reading"};
        const std::size_t given = std::min({size, script_->piece, answer_.size() - at_});
        std::memcpy(to, answer_.data() + at_, given);
        at_ += given;
        return given;
    }
    Result<void> write(std::string_view request, SteadyTime) override {
        const std::string_view head = request.substr(0, request.find("\r\n\r\n"));
        for (std::size_t i = 0; i < head.size(); ++i)
            fuzz::require(head[i] != '\0' && (head[i] != '\n' || (i > 0 && head[i - 1] == '\r')));
        answer_ = script_->next < script_->answers.size() ? script_->answers[script_->next++] : std::string();
        at_ = 0;
        return {};
    }

  private:
    std::shared_ptr<Script> script_;
    std::string answer_;
    std::size_t at_ = 0;
};

class ScriptedServer final : public net::Connector {
  public:
    using net::Connector::connect;
    ScriptedServer(std::shared_ptr<Script> script, bool by_proxy)
        : script_(std::move(script)), by_proxy_(by_proxy) {}
    Result<std::unique_ptr<net::Stream>> connect(const std::string &, std::uint16_t, SteadyTime) override {
        return std::unique_ptr<net::Stream>(std::make_unique<ScriptedStream>(script_));
    }
    [[nodiscard]] std::optional<net::HttpProxy> proxy_for(const std::string &, bool) const override {
        if (!by_proxy_) return std::nullopt;
        return net::HttpProxy{"proxy.example", 3128, "robot", fuzz::password};
    }

  private:
    std::shared_ptr<Script> script_;
    bool by_proxy_;
};

class OneToken final : public net::TokenSource {
  public:
    Result<net::AccessToken> token(std::string_view) override { return net::AccessToken{fuzz::password, {}}; }
    void cancel() override {}
};

std::vector<std::string> parted(const std::string &bytes) {
    constexpr std::string_view line = "\n--\n";
    std::vector<std::string> parts;
    for (std::size_t at = 0;;) {
        const std::size_t end = bytes.find(line, at);
        parts.push_back(bytes.substr(at, end - at));
        if (end == std::string::npos) return parts;
        at = end + line.size();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    std::string bytes(reinterpret_cast<const char *>(data), size);
    std::size_t piece = 1U << 16U;
    unsigned way = 0;
    if (bytes.size() >= 2) {
        piece = static_cast<std::size_t>(static_cast<unsigned char>(bytes.back())) * 8 + 1;
        bytes.pop_back();
        way = static_cast<unsigned char>(bytes.back());
        bytes.pop_back();
    }
    net::HttpUser user{.login = "EXAMPLE\\ann", .in_clear = true};
    if ((way & 1U) != 0)
        user.tokens = std::make_shared<OneToken>();
    else
        user.password = fuzz::password;
    user.authenticate = (way & 2U) == 0;
    const bool encrypted = (way & 8U) != 0;
    const auto script = std::make_shared<Script>(Script{parted(bytes), piece});
    net::HttpClient client({"server.example", 443, "/", encrypted}, {}, user,
                           std::make_shared<ScriptedServer>(script, (way & 4U) != 0),
                           std::make_shared<fuzz::StillClock>());
    const SteadyTime deadline = fuzz::StillClock().steady() + std::chrono::minutes(1);
    const bool takes_gzip = (way & 32U) != 0;
    for (int i = 0; i < 4; ++i) {
        auto head = client.post(
            {.path = "/EWS/Exchange.asmx", .body = "<hello/>", .takes_gzip = takes_gzip, .repeatable = true},
            deadline);
        if (!fuzz::went_well(head)) continue;
        if (!head) continue;
        fuzz::require(head->status >= 200 && head->status < 1000);
        char piece_of_body[100];
        std::size_t body = 0;
        while (body < most_read) {
            auto got = client.read(piece_of_body, (way & 16U) != 0 ? 1 : sizeof piece_of_body, deadline);
            if (!fuzz::went_well(got) || !got || *got == 0) break;
            body += *got;
            fuzz::require(takes_gzip || body <= bytes.size());
        }
    }
    return 0;
}
