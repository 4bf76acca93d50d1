#include "net/http_sign_in.hpp"

#include <algorithm>

#include <Poco/Net/MessageHeader.h>

#include "base/ascii.hpp"
#include "base/wipe.hpp"
#include "net/base64.hpp"
#include "net/kerberos.hpp"
#include "net/ntlm.hpp"

namespace roe::net {

namespace {

constexpr std::size_t longest_server_words = 300;

constexpr std::string_view login_advice = "Check login and password, and that the account is not locked or its "
                                          "password expired. Exchange takes the login "
                                          "as DOMAIN\\user or as user@domain; which one depends on the server.";

constexpr std::string_view fresh_token_advice =
    "The access token is fresh and the server does not take it: check the scope, that the login is the one "
    "that "
    "consent was given for, and that the client may open this mailbox by this protocol.";

constexpr std::string_view keep_alive_advice =
    "NTLM and Kerberos sign a connection in, and something on the way closes it between two requests. Have the "
    "proxy or load balancer in front of the server keep connections, or switch Basic on at the server.";

constexpr std::string_view ticket_advice = "Give that account access to the mailbox, check the server's "
                                           "service names (HTTP), or switch Kerberos off and give "
                                           "a password.";

std::string printable_words(std::string_view text) {
    std::string words(text.substr(0, longest_server_words));
    std::ranges::replace_if(
        words, [](char c) { return !(c >= 0x20 && c < 0x7f); }, '?');
    return words;
}

// What a challenge of scheme Bearer says, RFC 6750 §3.
std::string bearer_words(const std::string &challenge) {
    Poco::Net::NameValueCollection parameters;
    std::string words;
    std::vector<std::string> elements;
    Poco::Net::MessageHeader::splitElements(challenge, elements, true);
    for (const std::string &each : elements) {
        parameters.clear();
        Poco::Net::MessageHeader::splitParameters(each.begin(), each.end(), parameters);
        for (const auto *name : {"error", "error_description"}) {
            const std::string said = parameters.get(name, "");
            if (!said.empty()) words += (words.empty() ? "" : ": ") + said;
        }
    }
    return printable_words(words);
}

} // namespace

std::vector<std::pair<std::string, std::string>> http_challenges(const HttpHead &head) {
    constexpr std::size_t most = 20;
    std::vector<std::pair<std::string, std::string>> challenges;
    for (const auto &[name, value] : head.fields) {
        if (!same_word(name, "WWW-Authenticate")) continue;
        std::vector<std::string> elements;
        Poco::Net::MessageHeader::splitElements(value, elements, true);
        bool first = true;
        for (const std::string &element : elements) {
            const std::size_t space = element.find(' ');
            const std::string word = element.substr(0, space);
            // "realm=…" after a comma belongs to the challenge before it.
            const bool parameter = word.find('=') != std::string::npos;
            if (parameter && !first && !challenges.empty()) {
                challenges.back().second += "," + element;
            } else if (!parameter && challenges.size() < most) {
                const std::size_t rest = element.find_first_not_of(' ', word.size());
                challenges.emplace_back(lower(word), rest == std::string::npos ? "" : element.substr(rest));
                first = false;
            }
        }
    }
    return challenges;
}

HttpSignIn::HttpSignIn(HttpUser user, std::string host, std::string peer, StepObserver *observer,
                       std::stop_token stop)
    : user_(std::move(user)), host_(std::move(host)), peer_(std::move(peer)), observer_(observer),
      stop_(std::move(stop)) {
    if (user_.tokens) scheme_ = Scheme::bearer;
}

HttpSignIn::~HttpSignIn() {
    wipe(user_.password);
    wipe(token_);
    wipe(next_);
}

std::string_view HttpSignIn::name_of(Scheme scheme) {
    switch (scheme) {
    case Scheme::bearer:
        return "Bearer";
    case Scheme::negotiate:
        return "Negotiate";
    case Scheme::ntlm:
        return "NTLM";
    case Scheme::basic:
        return "Basic";
    case Scheme::none:
        break;
    }
    return "";
}

bool HttpSignIn::offered(std::string_view scheme) const {
    return std::ranges::find(offers_, scheme) != offers_.end();
}

void HttpSignIn::begin_connection(bool encrypted) {
    encrypted_ = encrypted;
    stage_ = Stage::outside;
    wipe(next_);
    next_.clear();
    ticket_.reset();
}

Result<HttpSignIn::Leg> HttpSignIn::leg() {
    if (!user_.authenticate) return Leg{};
    if (refused_) return *refused_;
    switch (scheme_) {
    case Scheme::bearer:
        return bearer_leg();
    case Scheme::negotiate:
        return negotiate_leg();
    case Scheme::ntlm:
        return ntlm_leg();
    case Scheme::basic:
        return basic_leg();
    case Scheme::none:
        break;
    }
    return Leg{};
}

Result<HttpSignIn::Leg> HttpSignIn::bearer_leg() {
    if (auto may = may_be_read(); !may) return std::move(may.error());
    auto token = user_.tokens->token(token_refused_ ? std::string_view(token_) : std::string_view());
    if (!token) return std::move(token.error());
    token_refused_ = false;
    wipe(token_);
    token_ = std::move(token->value);
    return Leg{"Bearer " + token_};
}

Result<HttpSignIn::Leg> HttpSignIn::negotiate_leg() {
    if (stage_ == Stage::inside && !each_time_) return Leg{};
    if (!next_.empty()) return Leg{"Negotiate " + std::exchange(next_, {})};
    ticket_ = std::make_unique<SpnegoExchange>("HTTP", host_, stop_);
    auto token = ticket_->answer({});
    if (!token) {
        const TicketTrouble &trouble = ticket_->trouble();
        Error failed =
            error(trouble.fault, printable_words("no login by Kerberos: " + trouble.words), trouble.advice);
        if (trouble.fault == Fault::cancelled) return failed;
        if (auto other = without_ticket(std::move(failed)); !other) return std::move(other.error());
        return leg();
    }
    stage_ = Stage::answered;
    return Leg{"Negotiate " + base64(*token)};
}

Result<HttpSignIn::Leg> HttpSignIn::ntlm_leg() {
    if (stage_ == Stage::inside) return Leg{};
    if (!next_.empty()) {
        stage_ = Stage::answered;
        return Leg{"NTLM " + std::exchange(next_, {})};
    }
    stage_ = Stage::greeted;
    return Leg{"NTLM " + ntlm_greeting(), false};
}

Result<HttpSignIn::Leg> HttpSignIn::basic_leg() {
    if (auto may = may_be_read(); !may) return std::move(may.error());
    std::string pair = user_.login + ":" + user_.password;
    Leg leg{"Basic " + base64(pair)};
    wipe(pair);
    return leg;
}

Result<void> HttpSignIn::may_be_read() {
    if (encrypted_) return {};
    if (!user_.in_clear)
        return error(
            Fault::not_encrypted, "the connection is not encrypted",
            "Password and access token go over an encrypted connection only: enter the address with https.");
    if (observer_ != nullptr && stage_ != Stage::inside) observer_->in_clear(false);
    return {};
}

Result<void> HttpSignIn::passed(const HttpHead &head) {
    if (!user_.authenticate || scheme_ == Scheme::none) return {};
    if (scheme_ == Scheme::negotiate && stage_ == Stage::answered && ticket_ != nullptr) {
        for (const auto &[scheme, token] : http_challenges(head)) {
            if (scheme != "negotiate" || token.empty() || ticket_->complete()) continue;
            const auto proof = from_base64(token);
            if (!proof || !ticket_->answer(*proof)) break;
        }
        // Over TLS the certificate has proved who the server is, and some servers leave it at that.
        if (!ticket_->complete() && !encrypted_) {
            auto trouble = unproved("HTTP@" + host_);
            return error(trouble.fault, std::move(trouble.words), std::move(trouble.advice));
        }
    }
    // A greeting alone that is not answered by a challenge: the server wants no login here.
    const bool first = stage_ != Stage::inside && stage_ != Stage::greeted;
    stage_ = Stage::inside;
    renewed_ = false;
    if (first && observer_ != nullptr) observer_->signed_in(name_of(scheme_));
    return {};
}

Result<void> HttpSignIn::challenged(const HttpHead &head, bool open) {
    const auto challenges = http_challenges(head);
    const auto token_of = [&](std::string_view scheme) {
        for (const auto &[name, token] : challenges)
            if (name == scheme) return token;
        return std::string();
    };
    const bool handshake = stage_ == Stage::greeted || stage_ == Stage::answered;
    if (!handshake || offers_.empty()) {
        offers_.clear();
        for (const auto &[name, token] : challenges)
            offers_.push_back(name);
    }
    switch (scheme_) {
    case Scheme::bearer:
        return bearer_refused(head);
    case Scheme::basic:
        return refused(head);
    case Scheme::negotiate:
        return negotiate_challenged(head, token_of("negotiate"), open);
    case Scheme::ntlm:
        return ntlm_challenged(head, token_of("ntlm"), open);
    case Scheme::none:
        break;
    }
    return choose();
}

// A token may lapse or be revoked before its time: then a fresh one is tried, once.
Result<void> HttpSignIn::bearer_refused(const HttpHead &head) {
    stage_ = Stage::outside;
    if (!std::exchange(renewed_, true)) {
        token_refused_ = true;
        return {};
    }
    std::string words = head.words();
    for (const auto &[scheme, rest] : http_challenges(head))
        if (scheme == "bearer" && !bearer_words(rest).empty()) words += ": " + bearer_words(rest);
    if (offered("bearer") || offers_.empty())
        return error(Fault::consent_needed, std::move(words), std::string(fresh_token_advice));
    return nothing_fits();
}

Result<void> HttpSignIn::negotiate_challenged(const HttpHead &head, const std::string &token, bool open) {
    if (stage_ == Stage::inside) { // the server wants the ticket again, and will with each request
        each_time_ = true;
        stage_ = Stage::outside;
        return {};
    }
    if (!token.empty() && !ticket_->complete()) {
        if (!open) return cut_off();
        const auto challenge = from_base64(token);
        auto answer = challenge ? ticket_->answer(*challenge) : std::nullopt;
        if (answer && !answer->empty()) {
            next_ = base64(*answer);
            return {};
        }
    }
    const std::string owner = ticket_->principal();
    const std::string advice =
        owner.empty()
            ? "The server does not take the Kerberos ticket of the account that the orchestrator runs as. "
            : "The server knows " + printable_words(owner) + " by the ticket and does not let it in. ";
    return without_ticket(error(Fault::login_refused, head.words(), advice + std::string(ticket_advice)));
}

Result<void> HttpSignIn::ntlm_challenged(const HttpHead &head, const std::string &token, bool open) {
    if (stage_ == Stage::answered) return refused(head);
    if (stage_ == Stage::inside) { // the server has forgotten who we are
        stage_ = Stage::outside;
        return {};
    }
    if (token.empty()) { // nothing was said of the password yet
        ntlm_failed_ = true;
        if (offered("basic")) return choose();
        return error(Fault::protocol, "the server does not go on with the NTLM handshake", "");
    }
    if (!open) return cut_off();
    auto answer = ntlm_answer(token, user_.login, user_.password, ntlm_chance());
    if (!answer)
        return error(Fault::protocol, "the server's NTLM challenge is broken, or is not of NTLM version 2", "");
    next_ = std::move(*answer);
    return {};
}

Result<void> HttpSignIn::choose() {
    stage_ = Stage::outside;
    if (user_.kerberos && !ticket_failed_ && offered("negotiate")) {
        scheme_ = Scheme::negotiate;
        return {};
    }
    if (has_password() && !ntlm_failed_ && offered("ntlm")) {
        scheme_ = Scheme::ntlm;
        return {};
    }
    // RFC 7617 §2: it could not tell where the login ends.
    if (has_password() && offered("basic") && user_.login.find(':') == std::string::npos) {
        scheme_ = Scheme::basic;
        return {};
    }
    if (ticket_refused_) return *ticket_refused_;
    return nothing_fits();
}

// There may be something else to sign in with.
Result<void> HttpSignIn::without_ticket(Error failed) {
    ticket_failed_ = true;
    ticket_refused_ = std::move(failed);
    return choose();
}

std::string HttpSignIn::doing() const {
    return user_.login.empty() ? "signing in to " + peer_ : "signing in to " + peer_ + " as " + user_.login;
}

Error HttpSignIn::error(Fault fault, std::string words, std::string advice) const {
    // Servers have been seen to repeat what they did not understand.
    for (const std::string *secret : {&user_.password, &token_})
        if (!secret->empty() && words.find(*secret) != std::string::npos) words = "***";
    return Error{.fault = fault,
                 .step = "login",
                 .doing = doing(),
                 .server_text = std::move(words),
                 .advice = std::move(advice)};
}

Error HttpSignIn::refused(const HttpHead &head) {
    std::string advice(login_advice);
    if (ticket_refused_)
        advice += " Kerberos was tried before the password: " + ticket_refused_->server_text + ".";
    refused_ = error(Fault::login_refused, head.words() + " (" + std::string(name_of(scheme_)) + ")",
                     std::move(advice));
    return *refused_;
}

Error HttpSignIn::nothing_fits() const {
    std::string offers;
    for (const std::string &offer : offers_)
        offers += (offers.empty() ? "" : ", ") + offer;
    const std::string only =
        "The server takes only these mechanisms: " + (offers.empty() ? "none" : printable_words(offers)) + ". ";
    if (scheme_ == Scheme::bearer)
        return error(Fault::refused, "the server takes no access token here",
                     only + "Use a password, or have OAuth 2.0 switched on at the server.");
    if (user_.kerberos && !has_password())
        return error(
            Fault::refused, "the server takes no login by Kerberos here",
            only + "Have Negotiate switched on at the server, or switch Kerberos off and give a password.");
    return error(Fault::refused, "the server takes no password here",
                 only + "Have NTLM or Basic switched on for it at the server.");
}

Error HttpSignIn::cut_off() const {
    return error(Fault::protocol, "the connection was closed in the middle of the login",
                 std::string(keep_alive_advice));
}

} // namespace roe::net
