#include "source/ews/session.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.hpp"
#include "source/ews/response_code.hpp"
#include "source/words.hpp"

namespace roe::ews {

namespace {

constexpr int most_redirects = 3;
constexpr std::size_t piece_bytes = 64U << 10U;

net::HttpUser user_of(const Account &account) {
    net::HttpUser user;
    user.authenticate = account.authenticate;
    user.login = account.login;
    user.password = account.password;
    user.tokens = account.tokens;
    user.kerberos = account.kerberos;
    // Whoever enters an http address has been told what it means.
    user.in_clear = account.security == Security::plain;
    return user;
}

net::HttpAddress address_of(const Account &account) {
    return {account.host, account.port, account.exchange.path, account.security != Security::plain};
}

bool is_redirect(int status) {
    constexpr std::array redirects{301, 302, 303, 307, 308};
    return std::ranges::find(redirects, status) != redirects.end();
}

bool fits_field(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

bool says_xml(const net::HttpHead &head) {
    return lower(head.field("Content-Type")).find("xml") != std::string::npos;
}

} // namespace

Session::Session(const Account &account, std::shared_ptr<net::Connector> connector,
                 std::shared_ptr<const Clock> clock, const Limits &limits, net::StepObserver *observer)
    : server_(address_of(account)),
      anchor_(fits_field(account.exchange.address) ? account.exchange.address : std::string()), clock_(clock),
      limits_(limits), authenticates_(account.authenticate),
      client_(server_, account.trust, user_of(account), std::move(connector), std::move(clock),
              {.connect = limits.connect, .tls = limits.tls}, observer) {
    if (account.exchange.impersonate) caller_.impersonate = account.exchange.address;
}

void Session::doing(std::string step, std::string what) {
    step_ = std::move(step);
    doing_ = std::move(what);
}

Result<void> Session::run(const Request &request, const Take &take) {
    return exchange(
        request, [] { return std::make_unique<AnswerParser>(); }, take);
}

Result<void> Session::run_for_mime(const Request &request, const std::vector<ItemId> &asked, MimeSink &sink,
                                   const Take &take) {
    AnswerLimits limits;
    limits.mime_bytes = limits_.body_bytes;
    return exchange(
        request, [&] { return std::make_unique<AnswerParser>(sink, asked, limits); }, take);
}

Result<Message> Session::ask(const Request &request) {
    std::optional<Message> answer;
    auto ran = run(request, [&answer](Message message) -> Result<void> {
        if (!answer) answer = std::move(message);
        return {};
    });
    if (!ran) return std::move(ran.error());
    if (!answer) return error(Fault::protocol, "the server's answer says nothing");
    if (answer->outcome.ok) return *std::move(answer);
    code_ = answer->outcome.code;
    return error_of(answer->outcome);
}

Result<void> Session::exchange(const Request &request, const MakeParser &make_parser, const Take &take) {
    for (;;) {
        auto head = send(request, limits_.answer, Ends::soon);
        if (!head) return std::move(head.error());
        const auto parser = make_parser();
        std::optional<Outcome> fault;
        auto read = read_answer(*head, *parser, [&](Message message) -> Result<void> {
            if (!message.outcome.whole && !refuses_version(message.outcome.code))
                return take(std::move(message));
            fault = std::move(message.outcome);
            return {};
        });
        learn_version(*parser);
        if (!fault) return read;
        if (refuses_version(fault->code) && lower_version()) continue;
        code_ = fault->code;
        auto refused = error_of(*fault);
        if (!refused.retry_after) refused.retry_after = head->retry_after;
        return refused;
    }
}

Result<net::HttpHead> Session::send(const Request &request, std::chrono::milliseconds patience, Ends ends) {
    endless_.reset();
    code_.clear();
    for (int redirects = 0;; ++redirects) {
        net::HttpRequest post;
        post.path = server_.path;
        post.fields = {{"Content-Type", "text/xml; charset=utf-8"},
                       {"Accept", "text/xml"},
                       {"User-Agent", "run-on-email"},
                       {"X-PreferServerAffinity", "true"}};
        if (!anchor_.empty()) post.fields.emplace_back("X-AnchorMailbox", anchor_);
        post.body = request(caller_);
        post.fields.emplace_back("SOAPAction", soap_action(post.body));
        // Mails are in it by Base64, which gzip takes off again.
        post.takes_gzip = ends == Ends::soon;
        post.repeatable = true;
        auto head = client_.post(post, clock_->steady() + patience);
        if (!head) return named(std::move(head.error()));
        if (!is_redirect(head->status)) return head;
        if (redirects == most_redirects)
            return error(Fault::protocol, "the server sends us on again and again", "Check EWSUrl.");
        if (auto followed = follow(*head); !followed) return std::move(followed.error());
    }
}

// Only to another path of the same server: the login goes with the request.
Result<void> Session::follow(const net::HttpHead &head) {
    std::string location(head.field("Location"));
    if (location.starts_with('/') && !location.starts_with("//")) {
        const auto here = (server_.encrypted ? "https://" : "http://") + net::authority_of(server_);
        location.insert(0, here);
    }
    const auto to = net::parse_http_address(location);
    if (to && same_word(to->host, server_.host) && to->port == server_.port &&
        to->encrypted == server_.encrypted) {
        server_.path = to->path;
        return {};
    }
    auto moved = error(Fault::refused, "the server sends us on to " + clean_words(location),
                       "If that is your Exchange server, enter this address as EWSUrl. It is not followed by "
                       "itself, as the login would go there.");
    moved.step = "connect";
    return moved;
}

Result<void> Session::read_answer(const net::HttpHead &head, AnswerParser &parser, const Take &take) {
    if (head.status == 200) return read_body(parser, take);
    // A SOAP fault comes with 500, and says more than the status.
    bool said = false;
    const auto heard = [&](Message message) {
        said = true;
        return take(std::move(message));
    };
    auto read = says_xml(head) ? read_body(parser, heard) : Result<void>();
    if (said) return read;
    client_.close();
    return refused_by(head);
}

Error Session::refused_by(const net::HttpHead &head) const {
    auto refused = error_of_status(head.status, head.retry_after, step_, doing_);
    if (refused.fault == Fault::login_refused) refused.step = "login";
    if (head.status == 401 && !authenticates_)
        refused.advice = "Switch \"Require Authenticate\" on and give login and password.";
    return refused;
}

// The whole may take the longer, the more of it comes.
Result<void> Session::read_body(AnswerParser &parser, const Take &take) {
    const auto begun = clock_->steady();
    std::vector<char> piece(piece_bytes);
    std::int64_t bytes = 0;
    for (;;) {
        const auto slowest = std::chrono::milliseconds(
            bytes * 1000 / std::max<std::int64_t>(limits_.slowest_bytes_per_second, 1));
        const auto deadline = std::min(clock_->steady() + limits_.pause, begun + limits_.answer + slowest);
        auto size = client_.read(piece.data(), piece.size(), deadline);
        if (!size) return named(std::move(size.error()));
        if (*size == 0) break;
        bytes += static_cast<std::int64_t>(*size);
        if (auto fed = parser.feed({piece.data(), *size}); !fed) return named(std::move(fed.error()));
        if (auto handed = hand_on(parser, take); !handed) return handed;
    }
    if (auto ended = parser.end(); !ended) return named(std::move(ended.error()));
    return hand_on(parser, take);
}

Result<void> Session::hand_on(AnswerParser &parser, const Take &take) {
    while (auto message = parser.next())
        if (auto taken = take(*std::move(message)); !taken) return taken;
    return {};
}

Result<void> Session::begin(const Request &request) {
    auto head = send(request, limits_.command, Ends::late);
    if (!head) return std::move(head.error());
    auto parser = std::make_unique<AnswerParser>();
    if (head->status == 200) {
        endless_ = std::move(parser);
        return {};
    }
    std::optional<Outcome> fault;
    auto read = read_answer(*head, *parser, [&](Message message) -> Result<void> {
        if (!message.outcome.ok) fault = std::move(message.outcome);
        return {};
    });
    if (fault) {
        code_ = fault->code;
        return error_of(*fault);
    }
    if (!read) return read;
    return refused_by(*head);
}

Result<bool> Session::take_in(SteadyTime deadline, const Take &take) {
    if (!endless_) return false;
    std::array<char, 4096> piece{};
    auto size = client_.read(piece.data(), piece.size(), deadline);
    if (!size) {
        if (size.error().fault == Fault::timed_out) return true;
        return named(std::move(size.error()));
    }
    if (*size == 0) {
        endless_.reset();
        return false;
    }
    if (auto fed = endless_->feed({piece.data(), *size}); !fed) return named(std::move(fed.error()));
    if (auto handed = hand_on(*endless_, take); !handed) return std::move(handed.error());
    return true;
}

// The newest that the server knows, as newer schemas can say more. A server of several machines may have an
// older one among them.
void Session::learn_version(const AnswerParser &parser) {
    const auto server = parser.server();
    if (!server || version_settled_) return;
    caller_.version = server->newest();
    version_settled_ = true;
}

bool Session::lower_version() {
    const auto lower = older(caller_.version);
    if (!lower) return false;
    caller_.version = *lower;
    version_settled_ = true;
    return true;
}

Error Session::error_of(const Outcome &outcome) const {
    return ews::error_of(outcome, step_, doing_);
}

Error Session::error(Fault fault, std::string server_text, std::string advice) const {
    return {.fault = fault,
            .step = step_,
            .doing = doing_,
            .server_text = std::move(server_text),
            .advice = std::move(advice),
            .retry_after = {}};
}

// What broke on the way to the mailbox has a step of its own.
Error Session::named(Error error) const {
    const bool on_the_way = error.step == "dns" || error.step == "connect" || error.step == "tls" ||
                            error.step == "login" || error.step == "ledger";
    if (on_the_way) return error;
    error.step = step_;
    error.doing = doing_;
    return error;
}

} // namespace roe::ews
