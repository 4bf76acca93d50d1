#include "net/kerberos.hpp"

#include <utility>

#include "net/host_name.hpp"
#include "net/ticket_talk_posix.hpp"

namespace roe::net {

namespace {

std::string service_at(std::string_view service, const std::string &server) {
    return std::string(service) + "@" + ascii_host(server).value_or(server);
}

} // namespace

KerberosExchange::KerberosExchange(std::string_view service, const std::string &server, std::string_view login,
                                   std::stop_token stop)
    : login_(login), stop_(std::move(stop)),
      talk_(std::make_shared<TicketTalk>(service_at(service, server), TicketTalk::Wrapping::none)) {}

KerberosExchange::~KerberosExchange() = default;

std::optional<std::string> KerberosExchange::answer(std::string_view challenge) {
    const std::string bytes(challenge);
    if (proved_) return choose_no_layer(bytes);
    auto turn = begun_ ? talk_->step(bytes) : TicketTalk::begin(talk_, stop_);
    if (!turn.token) return fail(std::move(turn.trouble));
    begun_ = true;
    if (turn.proved) {
        proved_ = true;
        principal_ = talk_->principal();
    }
    return std::move(turn.token);
}

// RFC 4752 §3.1: the server says in four bytes which layers it offers, we which one we take (1: none), and as
// whom we want in.
std::optional<std::string> KerberosExchange::choose_no_layer(const std::string &challenge) {
    constexpr unsigned char no_layer = 1;
    if (complete_) return fail({Fault::protocol, "the server goes on although all has been said", ""});
    OM_uint32 minor = 0;
    auto input = ticket_view(challenge);
    TicketBuffer offered;
    if (const OM_uint32 major = gss_unwrap(&minor, talk_->context(), &input, offered.out(), nullptr, nullptr);
        GSS_ERROR(major))
        return fail(talk_->trouble(major, minor));
    const std::string offer = offered.text();
    if (offer.size() != 4)
        return fail({Fault::protocol, "the server's offer of security layers is broken", ""});
    if ((static_cast<unsigned char>(offer.front()) & no_layer) == 0)
        return fail({Fault::refused, "the server insists on a security layer of Kerberos' own",
                     "Have the server let Kerberos logins go without one; use TLS for the encryption."});
    const std::string choice = std::string{static_cast<char>(no_layer), 0, 0, 0} + login_;
    auto chosen = ticket_view(choice);
    TicketBuffer wrapped;
    if (const OM_uint32 major =
            gss_wrap(&minor, talk_->context(), 0, GSS_C_QOP_DEFAULT, &chosen, nullptr, wrapped.out());
        GSS_ERROR(major))
        return fail(talk_->trouble(major, minor));
    complete_ = true;
    return wrapped.text();
}

std::optional<std::string> KerberosExchange::fail(TicketTrouble trouble) {
    trouble_ = std::move(trouble);
    return std::nullopt;
}

SpnegoExchange::SpnegoExchange(std::string_view service, const std::string &server, std::stop_token stop)
    : stop_(std::move(stop)),
      talk_(std::make_shared<TicketTalk>(service_at(service, server), TicketTalk::Wrapping::spnego)) {}

SpnegoExchange::~SpnegoExchange() = default;

std::optional<std::string> SpnegoExchange::answer(std::string_view challenge) {
    if (complete_ || (begun_ && challenge.empty())) {
        trouble_ = {Fault::protocol, "the server goes on although all has been said", ""};
        return std::nullopt;
    }
    auto turn = begun_ ? talk_->step(std::string(challenge)) : TicketTalk::begin(talk_, stop_);
    begun_ = true;
    if (!turn.token) {
        trouble_ = std::move(turn.trouble);
        return std::nullopt;
    }
    complete_ = turn.proved;
    if (complete_) principal_ = talk_->principal();
    return std::move(turn.token);
}

} // namespace roe::net
