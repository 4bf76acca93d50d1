#include "source/pop3/session.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/wipe.hpp"
#include "source/words.hpp"

namespace roe::pop3 {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t buffer_bytes = 64U << 10U;
// RFC 2449 §4 has 512 for a status; longer ones have been seen.
constexpr std::size_t longest_line = 64U << 10U;
// UIDL of two million mails, more or less.
constexpr std::size_t longest_listing = 128U << 20U;
// Another session has the mailbox: it is mostly over soon, and asking costs nobody anything.
constexpr auto locked_pause = 15s;
constexpr auto login_pause = 60s;

} // namespace

Session::Session(std::shared_ptr<net::Stream> stream, std::shared_ptr<const Clock> clock, const Limits &limits)
    : stream_(std::move(stream)), clock_(std::move(clock)), limits_(limits), lexer_(longest_line) {}

void Session::doing(std::string step, std::string words, std::string advice) {
    step_ = std::move(step);
    doing_ = std::move(words);
    advice_ = std::move(advice);
}

Result<Status> Session::greeting() {
    allow(limits_.greeting);
    auto line = read_line();
    if (!line && line.error().fault != Fault::protocol) return std::move(line.error());
    auto status = line ? parse_status(*line) : std::nullopt;
    if (!status) return error(Fault::protocol, "the server greeted with something else than POP3");
    timestamp_ = timestamp_in(status->text);
    return std::move(*status);
}

void Session::queue(std::string_view command) {
    assert(command.find_first_of("\r\n") == std::string_view::npos);
    out_.append(command).append("\r\n");
}

Result<Status> Session::await(Patience patience) {
    if (patience == Patience::patient) {
        allow_patiently();
    } else {
        allow(limits_.command);
    }
    if (auto sent = flush(); !sent) return std::move(sent.error());
    auto line = read_line();
    if (!line) return std::move(line.error());
    auto status = parse_status(*line);
    if (!status) return error(Fault::protocol, "the server answered with neither +OK nor -ERR");
    return std::move(*status);
}

Result<Status> Session::run(std::string_view command, Patience patience) {
    queue(command);
    return await(patience);
}

Result<Status> Session::converse(std::string_view command, unsigned most, const Reply &reply) {
    queue(command);
    for (unsigned replies = 0;; ++replies) {
        allow(limits_.command);
        if (auto sent = flush(); !sent) return std::move(sent.error());
        auto line = read_line();
        if (!line) return std::move(line.error());
        if (auto status = parse_status(*line)) return std::move(*status);
        const auto challenge = parse_challenge(*line);
        if (!challenge) return error(Fault::protocol, "the server answered with neither +OK nor -ERR");
        if (replies == most) return error(Fault::protocol, "the server asks without end");
        std::string words = reply(*challenge);
        queue(words);
        wipe(words);
    }
}

Result<void> Session::read_lines(const std::function<void(std::string_view)> &take) {
    for (std::size_t bytes = 0; bytes <= longest_listing;) {
        auto line = read_line();
        if (!line) return std::move(line.error());
        if (*line == ".") return {};
        bytes += line->size() + 2;
        if (line->starts_with('.')) line->remove_prefix(1);
        take(*line);
    }
    return error(Fault::protocol, "the server's list has no end");
}

Result<void> Session::read_content(const std::function<Result<void>(std::string_view)> &take) {
    lexer_.begin_content();
    std::uint64_t bytes = 0;
    for (;;) {
        switch (lexer_.next_content()) {
        case Lexer::Content::end:
            return {};
        case Lexer::Content::piece:
            bytes += lexer_.piece().size();
            if (bytes > limits_.body_bytes)
                return error(Fault::protocol, "a mail is longer than this plugin takes");
            if (auto taken = take(lexer_.piece()); !taken) return taken;
            break;
        case Lexer::Content::need_more:
            if (auto filled = fill(); !filled) return filled;
            break;
        }
    }
}

Result<void> Session::learn_capabilities() {
    capabilities_.reset();
    auto answer = run("CAPA");
    if (!answer) return std::move(answer.error());
    if (!answer->ok) return {};
    Capabilities capabilities;
    auto read = read_lines([&capabilities](std::string_view line) { capabilities.add(line); });
    if (!read) return read;
    capabilities_ = std::move(capabilities);
    return {};
}

const Capabilities &Session::capabilities() const {
    static const Capabilities none;
    return capabilities_ ? *capabilities_ : none;
}

Result<net::TlsFacts> Session::start_tls(const std::string &host, const net::Trust &trust) {
    // What came along with the answer came in clear and would be taken for the server's after the handshake
    // (STARTTLS injection, CVE-2011-0411).
    if (lexer_.unread() > 0) {
        return error(Fault::tls, "the server, or somebody in between, sent data ahead of the encryption",
                     "Use TLS from the first byte (port 995), or find out who alters the connection.");
    }
    auto facts = stream_->start_tls(host, trust, clock_->steady() + limits_.tls);
    capabilities_.reset();
    return facts;
}

void Session::rest() {
    lexer_.rest();
    if (lexer_.unread() == 0) buffer_.reset();
}

void Session::say_goodbye() {
    queue("QUIT");
    static_cast<void>(stream_->write(out_, clock_->steady() + limits_.goodbye));
    stream_->close();
}

Error Session::refusal(const Status &status, Fault otherwise, std::string advice) const {
    if (advice.empty()) advice = advice_;
    Error refused{.fault = fault_of(status, otherwise),
                  .step = step_,
                  .doing = doing_,
                  .server_text = words_of(status),
                  .advice = std::move(advice),
                  .retry_after = backoff_hint(status.text)};
    if (is_locked(status)) {
        refused.advice = "Another session has the mailbox open, a mail program or a session that has not ended "
                         "yet; it is tried again by itself.";
        refused.retry_after = locked_pause;
    } else if (status.code == "LOGIN-DELAY") {
        refused.advice = "The server allows a login only now and then; it is tried again by itself. A longer "
                         "interval of the triggers avoids this.";
        refused.retry_after = std::max<std::chrono::seconds>(login_pause, capabilities().login_delay());
    } else if (refused.fault == Fault::throttled) {
        refused.advice =
            "The server limits how often this mailbox may be used; it is tried again by itself, later.";
    } else if (refused.fault == Fault::unreachable) {
        refused.advice = "The server has a passing fault; it is tried again by itself.";
    }
    return refused;
}

Error Session::error(Fault fault, std::string what, std::string advice) const {
    if (advice.empty()) advice = advice_;
    return {.fault = fault,
            .step = step_,
            .doing = doing_ + ": " + std::move(what),
            .server_text = {},
            .advice = std::move(advice),
            .retry_after = {}};
}

void Session::allow(std::chrono::milliseconds whole) {
    until_ = clock_->steady() + whole;
    patient_ = false;
}

void Session::allow_patiently() {
    until_ = clock_->steady() + limits_.answer;
    patient_ = true;
}

SteadyTime Session::read_deadline() const {
    return patient_ ? std::min(until_, clock_->steady() + limits_.pause) : until_;
}

Result<void> Session::flush() {
    if (out_.empty()) return {};
    auto sent = stream_->write(out_, clock_->steady() + limits_.command);
    wipe(out_);
    if (!sent) return from_stream(std::move(sent.error()));
    return {};
}

Result<std::string_view> Session::read_line() {
    for (;;) {
        switch (lexer_.next_line()) {
        case Lexer::Line::whole:
            return lexer_.line();
        case Lexer::Line::too_long:
            return error(Fault::protocol, "the server sent a line without end");
        case Lexer::Line::need_more:
            if (auto filled = fill(); !filled) return std::move(filled.error());
            break;
        }
    }
}

Result<void> Session::fill() {
    if (buffer_ == nullptr) buffer_ = std::make_unique_for_overwrite<char[]>(buffer_bytes);
    const SteadyTime begun = clock_->steady();
    auto size = stream_->read(buffer_.get(), buffer_bytes, read_deadline());
    if (!size) {
        if (size.error().fault != Fault::timed_out) return from_stream(std::move(size.error()));
        return error(Fault::timed_out, lexer_.unread() > 0 ? "the server stopped in the middle of an answer"
                                                           : "the server did not answer in time");
    }
    if (*size == 0) return error(Fault::unreachable, "the server closed the connection");
    if (patient_) {
        // Time that paid for itself in bytes is given back: a large mail may take long.
        const auto earned = std::chrono::milliseconds(static_cast<std::int64_t>(*size) * 1000 /
                                                      limits_.slowest_bytes_per_second);
        until_ += std::min<SteadyTime::duration>(clock_->steady() - begun, earned);
    }
    lexer_.feed({buffer_.get(), *size});
    return {};
}

// The stream knows what broke, this session what for.
Error Session::from_stream(Error error) const {
    error.doing = error.doing.empty() ? doing_ : doing_ + ": " + error.doing;
    error.step = step_;
    return error;
}

} // namespace roe::pop3
