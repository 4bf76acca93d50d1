#include "net/kerberos.hpp"

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstddef>
#include <mutex>
#include <thread>
#include <utility>

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>

#include "net/host_name.hpp"

namespace roe::net {
namespace {

using namespace std::chrono_literals;

constexpr auto most_patience = 40s;
// Whoever is stopping waits for the library a moment, so that its thread ends before we do where it can.
constexpr auto parting = 3s;
constexpr std::size_t longest_words = 1000;

gss_buffer_desc view_of(const std::string &bytes) {
    // The library takes what it only reads as writable.
    return {bytes.size(), const_cast<char *>(bytes.data())};
}

// What the library hands out, until it goes back.
class Buffer {
  public:
    Buffer() = default;
    Buffer(const Buffer &) = delete;
    Buffer &operator=(const Buffer &) = delete;
    ~Buffer() {
        OM_uint32 minor = 0;
        gss_release_buffer(&minor, &bytes_);
    }
    [[nodiscard]] gss_buffer_t out() { return &bytes_; }
    [[nodiscard]] std::string text() const { return {static_cast<const char *>(bytes_.value), bytes_.length}; }

  private:
    gss_buffer_desc bytes_ = GSS_C_EMPTY_BUFFER;
};

// In the thread whose call failed: the library keeps the details there.
std::string words_of(OM_uint32 major, OM_uint32 minor) {
    std::string all;
    const auto add = [&](OM_uint32 code, int kind) {
        OM_uint32 more = 0;
        do {
            OM_uint32 ignored = 0;
            Buffer words;
            if (GSS_ERROR(gss_display_status(&ignored, code, kind, gss_mech_krb5, &more, words.out()))) return;
            if (!all.empty()) all += "; ";
            all += words.text();
        } while (more != 0 && all.size() < longest_words);
    };
    // The general words say nothing where there are particular ones.
    if (minor != 0)
        add(minor, GSS_C_MECH_CODE);
    else
        add(major, GSS_C_GSS_CODE);
    return all.substr(0, longest_words);
}

// The library writes to sockets of its own, and signals belong to the host.
class NoSignals {
  public:
    NoSignals() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    NoSignals(const NoSignals &) = delete;
    NoSignals &operator=(const NoSignals &) = delete;
    ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_{};
};

} // namespace

// What came of one step.
struct KerberosExchange::Turn {
    std::optional<std::string> token; // empty: it failed
    bool proved = false;
    TicketTrouble trouble;
};

struct KerberosExchange::Talk {
    std::string service;
    gss_name_t server = GSS_C_NO_NAME;
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;

    std::mutex mutex;
    std::condition_variable_any ended;
    std::optional<Turn> first;

    Talk() = default;
    Talk(const Talk &) = delete;
    Talk &operator=(const Talk &) = delete;
    ~Talk() {
        OM_uint32 minor = 0;
        gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
        gss_release_name(&minor, &server);
    }

    Turn failure(OM_uint32 major, OM_uint32 minor) const {
        return {std::nullopt, false, ticket_trouble(major, minor, words_of(major, minor), service)};
    }

    Turn step(const std::string &challenge) {
        OM_uint32 minor = 0;
        if (server == GSS_C_NO_NAME) {
            auto name = view_of(service);
            const OM_uint32 imported = gss_import_name(&minor, &name, GSS_C_NT_HOSTBASED_SERVICE, &server);
            if (GSS_ERROR(imported)) return failure(imported, minor);
        }
        constexpr OM_uint32 wanted = GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_INTEG_FLAG;
        auto input = view_of(challenge);
        Buffer output;
        OM_uint32 granted = 0;
        const OM_uint32 major = gss_init_sec_context(
            &minor, GSS_C_NO_CREDENTIAL, &context, server, gss_mech_krb5, wanted, 0, GSS_C_NO_CHANNEL_BINDINGS,
            challenge.empty() ? GSS_C_NO_BUFFER : &input, nullptr, output.out(), &granted, nullptr);
        if (GSS_ERROR(major)) return failure(major, minor);
        const bool done = (major & GSS_S_CONTINUE_NEEDED) == 0;
        if (done && (granted & wanted) != wanted) return {std::nullopt, false, unproved(service)};
        return {output.text(), done, {}};
    }

    [[nodiscard]] std::string principal() const {
        OM_uint32 minor = 0;
        gss_name_t name = GSS_C_NO_NAME;
        Buffer text;
        if (GSS_ERROR(gss_inquire_context(&minor, context, &name, nullptr, nullptr, nullptr, nullptr, nullptr,
                                          nullptr)))
            return {};
        const OM_uint32 shown = gss_display_name(&minor, name, text.out(), nullptr);
        gss_release_name(&minor, &name);
        return GSS_ERROR(shown) ? std::string() : text.text();
    }
};

KerberosExchange::KerberosExchange(std::string_view service, const std::string &server, std::string_view login,
                                   std::stop_token stop)
    : service_(std::string(service) + "@" + ascii_host(server).value_or(server)), login_(login),
      stop_(std::move(stop)), talk_(std::make_shared<Talk>()) {
    talk_->service = service_;
}

KerberosExchange::~KerberosExchange() = default;

std::optional<std::string> KerberosExchange::answer(std::string_view challenge) {
    const std::string bytes(challenge);
    if (proved_) return choose_no_layer(bytes);
    Turn turn = begun_ ? talk_->step(bytes) : ask_kerberos(bytes);
    if (!turn.token) return fail(std::move(turn.trouble));
    begun_ = true;
    if (turn.proved) {
        proved_ = true;
        principal_ = talk_->principal();
    }
    return std::move(turn.token);
}

KerberosExchange::Turn KerberosExchange::ask_kerberos(const std::string &challenge) {
    {
        const NoSignals none; // for the new thread, which begins with what is blocked here
        std::thread([talk = talk_, challenge] {
            Turn turn = talk->step(challenge);
            const std::lock_guard lock(talk->mutex);
            talk->first = std::move(turn);
            talk->ended.notify_all();
        }).detach();
    }
    std::unique_lock lock(talk_->mutex);
    const auto has_ended = [this] { return talk_->first.has_value(); };
    if (talk_->ended.wait_for(lock, stop_, most_patience, has_ended)) return std::move(*talk_->first);
    if (!stop_.stop_requested()) return {std::nullopt, false, kerberos_is_silent()};
    talk_->ended.wait_for(lock, parting, has_ended);
    return {std::nullopt, false, {Fault::cancelled, "", ""}};
}

// RFC 4752 §3.1: the server says in four bytes which layers it offers, we which one we take (1: none), and as
// whom we want in.
std::optional<std::string> KerberosExchange::choose_no_layer(const std::string &challenge) {
    constexpr unsigned char no_layer = 1;
    if (complete_) return fail({Fault::protocol, "the server goes on although all has been said", ""});
    OM_uint32 minor = 0;
    auto input = view_of(challenge);
    Buffer offered;
    if (const OM_uint32 major = gss_unwrap(&minor, talk_->context, &input, offered.out(), nullptr, nullptr);
        GSS_ERROR(major))
        return fail(ticket_trouble(major, minor, words_of(major, minor), service_));
    const std::string offer = offered.text();
    if (offer.size() != 4)
        return fail({Fault::protocol, "the server's offer of security layers is broken", ""});
    if ((static_cast<unsigned char>(offer.front()) & no_layer) == 0)
        return fail({Fault::refused, "the server insists on a security layer of Kerberos' own",
                     "Have the server let Kerberos logins go without one; use TLS for the encryption."});
    const std::string choice = std::string{static_cast<char>(no_layer), 0, 0, 0} + login_;
    auto chosen = view_of(choice);
    Buffer wrapped;
    if (const OM_uint32 major =
            gss_wrap(&minor, talk_->context, 0, GSS_C_QOP_DEFAULT, &chosen, nullptr, wrapped.out());
        GSS_ERROR(major))
        return fail(ticket_trouble(major, minor, words_of(major, minor), service_));
    complete_ = true;
    return wrapped.text();
}

std::optional<std::string> KerberosExchange::fail(TicketTrouble trouble) {
    trouble_ = std::move(trouble);
    return std::nullopt;
}

} // namespace roe::net
