#include "source/imap/session.hpp"

#include <algorithm>
#include <cassert>

#include "base/ascii.hpp"
#include "source/imap/words.hpp"

namespace roe::imap {

namespace {

constexpr std::size_t buffer_bytes = 64U << 10U;

ParserLimits parser_limits(const Limits &limits) {
    ParserLimits parser;
    parser.lexer.line_bytes = limits.line_bytes;
    parser.lexer.literal_bytes = limits.body_bytes;
    parser.header_bytes = limits.header_bytes;
    return parser;
}

} // namespace

bool Folder::keeps(std::string_view keyword) const {
    return !permanent_flags || std::ranges::any_of(*permanent_flags, [keyword](const std::string &flag) {
        return flag == "\\*" || same_word(flag, keyword);
    });
}

Session::Session(std::shared_ptr<net::Stream> stream, std::shared_ptr<const Clock> clock, const Limits &limits)
    : stream_(std::move(stream)), clock_(std::move(clock)), limits_(limits), parser_(parser_limits(limits)) {}

void Session::doing(std::string step, std::string words, std::string advice) {
    step_ = std::move(step);
    doing_ = std::move(words);
    advice_ = std::move(advice);
}

Result<Status> Session::greeting() {
    allow(limits_.greeting);
    auto response = expect_response();
    if (!response && response.error().fault != Fault::protocol) return std::move(response.error());
    Status *status = response ? std::get_if<Status>(*response) : nullptr;
    if (status == nullptr || !status->tag.empty()) {
        return error(Fault::protocol, "the server greeted with something else than IMAP");
    }
    if (status->condition == Condition::bye) return goodbye_error();
    return std::move(*status);
}

Result<Status> Session::run(const Command &command, Patience patience, const Handler &handler) {
    if (!command.sendable()) return error(Fault::refused, "a name or password holds a NUL character");
    end_idle();
    const std::string tag = next_tag();
    const auto &pieces = command.pieces();
    out_.append(tag).append(" ").append(pieces.front()).append("\r\n");
    for (std::size_t i = 1; i < pieces.size(); ++i) {
        allow(limits_.command);
        auto answered = await_request(tag);
        if (!answered) return std::move(answered.error());
        if (*answered) return std::move(**answered);
        out_.append(pieces[i]).append("\r\n");
    }
    return await(tag, patience, handler);
}

Result<Status> Session::converse(const Command &command, unsigned most, const Reply &reply) {
    end_idle();
    const std::string tag = next_tag();
    out_.append(tag).append(" ").append(command.pieces().front()).append("\r\n");
    for (unsigned replies = 0;; ++replies) {
        allow(limits_.command);
        auto answered = await_request(tag);
        if (!answered) return std::move(answered.error());
        if (*answered) return std::move(**answered);
        if (replies == most) return error(Fault::protocol, "the server asks without end");
        std::string words = reply(request_);
        out_.append(words).append("\r\n");
        wipe(words);
    }
}

std::string Session::queue(const Command &command) {
    assert(command.pieces().size() == 1 && command.sendable());
    end_idle();
    std::string tag = next_tag();
    out_.append(tag).append(" ").append(command.pieces().front()).append("\r\n");
    return tag;
}

Result<Status> Session::await(const std::string &tag, Patience patience, const Handler &handler) {
    if (patience == Patience::patient) {
        allow_patiently();
    } else {
        allow(limits_.command);
    }
    if (auto sent = flush(); !sent) return std::move(sent.error());
    for (;;) {
        const auto early = std::ranges::find(early_, tag, &Status::tag);
        if (early != early_.end()) {
            Status status = std::move(*early);
            early_.erase(early);
            return status;
        }
        auto response = expect_response();
        if (!response) return std::move(response.error());
        Status *status = std::get_if<Status>(*response);
        if (status != nullptr && !status->tag.empty()) {
            auto settled = settle(*status, tag);
            if (!settled) return std::move(settled.error());
            if (*settled) return std::move(*status);
        } else if (status != nullptr && status->condition == Condition::bye) {
            return goodbye_error();
        } else if (handler) {
            handler(**response);
        }
    }
}

Result<net::TlsFacts> Session::start_tls(const std::string &host, const net::Trust &trust) {
    // What came along with the answer came in clear and would be taken for the server's after the handshake
    // (STARTTLS injection, CVE-2011-0411).
    if (parser_.unread() > 0 || !parser_.between_responses()) {
        return error(Fault::tls, "the server, or somebody in between, sent data ahead of the encryption",
                     "Use TLS from the first byte (port 993), or find out who alters the connection.");
    }
    auto facts = stream_->start_tls(host, trust, clock_->steady() + limits_.tls);
    if (!facts) return facts;
    forget_capabilities();
    folder_ = {};
    early_.clear();
    return facts;
}

Result<bool> Session::start_idle() {
    const std::string tag = queue(Command("IDLE"));
    allow(limits_.command);
    auto answered = await_request(tag);
    if (!answered) return std::move(answered.error());
    if (*answered) {
        idle_refused_ = true;
        return false;
    }
    idle_tag_ = tag;
    return true;
}

Result<bool> Session::take_in(std::chrono::milliseconds wait) {
    bool any = false;
    allow(wait);
    // Once a line has begun, its end is waited for like any answer.
    until_in_line_ = clock_->steady() + limits_.command;
    for (;;) {
        auto response = receive();
        if (!response) return std::move(response.error());
        if (*response == nullptr) break;
        any = true;
        Status *status = std::get_if<Status>(*response);
        if (status != nullptr && !status->tag.empty()) {
            auto settled = settle(*status, {});
            if (!settled) return std::move(settled.error());
        } else if (status != nullptr && status->condition == Condition::bye) {
            return goodbye_error();
        }
        if (!more_at_hand()) break;
    }
    rest();
    return any;
}

bool Session::more_at_hand() const {
    return parser_.unread() > 0 || !parser_.between_responses() || stream_->pending();
}

void Session::rest() {
    if (parser_.unread() == 0) buffer_.reset();
}

void Session::say_goodbye() {
    end_idle();
    out_.append(next_tag()).append(" LOGOUT\r\n");
    static_cast<void>(stream_->write(out_, clock_->steady() + limits_.goodbye));
    stream_->close();
}

void Session::forget_capabilities() {
    capabilities_ = {};
    capabilities_known_ = false;
}

Error Session::refusal(const Status &status, Fault otherwise, std::string advice) const {
    if (advice.empty()) advice = advice_;
    Error refused{.fault = fault_of(status, otherwise),
                  .step = step_,
                  .doing = doing_,
                  .server_text = words_of(status),
                  .advice = std::move(advice),
                  .retry_after = backoff_hint(status.text)};
    if (refused.fault == Fault::throttled) {
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
    until_ = until_in_line_ = clock_->steady() + whole;
    patient_ = false;
}

void Session::allow_patiently() {
    until_ = until_in_line_ = clock_->steady() + limits_.answer;
    patient_ = true;
}

SteadyTime Session::read_deadline() const {
    if (patient_) return std::min(until_, clock_->steady() + limits_.pause);
    return parser_.between_responses() ? until_ : until_in_line_;
}

std::string Session::next_tag() {
    std::string tag = "A" + std::to_string(++tags_);
    in_line_.push_back(tag);
    return tag;
}

void Session::end_idle() {
    if (idle_tag_.empty()) return;
    out_ += "DONE\r\n";
    ending_idle_ = std::exchange(idle_tag_, {});
}

Result<void> Session::flush() {
    if (out_.empty()) return {};
    auto sent = stream_->write(out_, clock_->steady() + limits_.command);
    wipe(out_);
    if (!sent) return from_stream(std::move(sent.error()));
    return {};
}

Result<Response *> Session::expect_response() {
    auto response = receive();
    if (response && *response == nullptr) return error(Fault::timed_out, "the server did not answer in time");
    return response;
}

Result<Response *> Session::receive() {
    for (;;) {
        switch (parser_.next()) {
        case Parser::Outcome::response:
            observe(parser_.response());
            return &parser_.response();
        case Parser::Outcome::failed:
            return error(Fault::protocol, std::string(parser_.failure()));
        case Parser::Outcome::need_more:
            break;
        }
        auto size = fill();
        if (size) continue;
        if (size.error().fault != Fault::timed_out) return std::move(size.error());
        if (!parser_.between_responses())
            return error(Fault::timed_out, "the server stopped in the middle of an answer");
        return nullptr;
    }
}

Result<std::size_t> Session::fill() {
    if (buffer_ == nullptr) buffer_ = std::make_unique_for_overwrite<char[]>(buffer_bytes);
    const SteadyTime begun = clock_->steady();
    auto size = stream_->read(buffer_.get(), buffer_bytes, read_deadline());
    if (!size) {
        if (size.error().fault == Fault::timed_out) return size;
        return from_stream(std::move(size.error()));
    }
    if (*size == 0)
        return bye_ ? goodbye_error() : error(Fault::unreachable, "the server closed the connection");
    if (patient_ && parser_.in_literal()) {
        // Time that paid for itself in bytes of a mail is given back: a large mail may take long.
        const auto earned = std::chrono::milliseconds(static_cast<std::int64_t>(*size) * 1000 /
                                                      limits_.slowest_bytes_per_second);
        until_ += std::min<SteadyTime::duration>(clock_->steady() - begun, earned);
    }
    parser_.feed({buffer_.get(), *size});
    return size;
}

Result<std::optional<Status>> Session::await_request(const std::string &tag) {
    if (auto sent = flush(); !sent) return std::move(sent.error());
    for (;;) {
        auto response = expect_response();
        if (!response) return std::move(response.error());
        if (auto *asked = std::get_if<Continuation>(*response)) {
            request_ = std::move(asked->text);
            return std::optional<Status>{};
        }
        Status *status = std::get_if<Status>(*response);
        if (status == nullptr) continue;
        if (status->tag.empty() && status->condition == Condition::bye) return goodbye_error();
        if (status->tag.empty()) continue;
        auto settled = settle(*status, tag);
        if (!settled) return std::move(settled.error());
        if (*settled) return std::optional<Status>{std::move(*status)};
    }
}

Result<bool> Session::settle(Status &status, const std::string &tag) {
    // A server that had ended IDLE by itself takes our DONE for a command with that tag.
    if (status.tag == "DONE") return false;
    const auto known = std::ranges::find(in_line_, status.tag);
    if (known == in_line_.end())
        return error(Fault::protocol, "the server answered a command that was never sent");
    in_line_.erase(known);
    if (status.tag == ending_idle_ || status.tag == idle_tag_) {
        (status.tag == ending_idle_ ? ending_idle_ : idle_tag_).clear();
        if (status.condition != Condition::ok) idle_refused_ = true;
        return false;
    }
    if (status.tag == tag) return true;
    early_.push_back(std::move(status));
    return false;
}

void Session::observe(const Response &response) {
    if (const auto *status = std::get_if<Status>(&response)) {
        observe_status(*status);
    } else if (const auto *list = std::get_if<CapabilityList>(&response)) {
        capabilities_ = Capabilities(list->words);
        capabilities_known_ = true;
    } else if (const auto *enabled = std::get_if<Enabled>(&response)) {
        utf8_ = utf8_ || Capabilities(enabled->words).has("UTF8=ACCEPT");
    } else if (const auto *exists = std::get_if<Exists>(&response)) {
        ++folder_.notices;
        if (exists->count > folder_.count) folder_.arrivals += exists->count - folder_.count;
        folder_.count = exists->count;
    } else if (std::holds_alternative<Expunge>(response)) {
        ++folder_.removals;
        if (folder_.count > 0) --folder_.count;
    }
}

void Session::observe_status(const Status &status) {
    if (status.tag.empty() && status.condition == Condition::bye) bye_ = status;
    const ResponseCode &code = status.code;
    if (code.name == "CAPABILITY") {
        capabilities_ = Capabilities(code.words);
        capabilities_known_ = true;
    } else if (code.name == "UIDVALIDITY") {
        folder_.replaced = folder_.replaced || (folder_.validity != 0 && folder_.validity != code.number);
        folder_.validity = code.number;
    } else if (code.name == "UIDNEXT") {
        folder_.uid_next = code.number;
    } else if (code.name == "PERMANENTFLAGS") {
        folder_.permanent_flags = code.words;
    } else if (code.name == "READ-ONLY") {
        folder_.read_only = true;
    } else if (code.name == "READ-WRITE") {
        folder_.read_only = false;
    }
}

// The stream knows what broke, this session what for.
Error Session::from_stream(Error error) const {
    error.doing = error.doing.empty() ? doing_ : doing_ + ": " + error.doing;
    error.step = step_;
    if (bye_ && error.fault == Fault::unreachable) return goodbye_error();
    return error;
}

Error Session::goodbye_error() const {
    return refusal(*bye_, Fault::unreachable);
}

} // namespace roe::imap
