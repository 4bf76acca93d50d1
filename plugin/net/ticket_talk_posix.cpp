#include "net/ticket_talk_posix.hpp"

#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

namespace roe::net {
namespace {

using namespace std::chrono_literals;

constexpr auto most_patience = 40s;
// Whoever is stopping waits for the library a moment, so that its thread ends before we do where it can.
constexpr auto parting = 3s;
constexpr std::size_t longest_words = 1000;
constexpr OM_uint32 wanted = GSS_C_MUTUAL_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_INTEG_FLAG;

// 1.3.6.1.5.5.2, RFC 4178 §3.2
char spnego_digits[] = "\x2b\x06\x01\x05\x05\x02";
gss_OID_desc spnego_mechanism{sizeof(spnego_digits) - 1, spnego_digits};

// In the thread whose call failed: the library keeps the details there.
std::string words_of(OM_uint32 major, OM_uint32 minor) {
    std::string all;
    const auto add = [&](OM_uint32 code, int kind) {
        OM_uint32 more = 0;
        do {
            OM_uint32 ignored = 0;
            TicketBuffer words;
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

gss_buffer_desc ticket_view(const std::string &bytes) {
    return {bytes.size(), const_cast<char *>(bytes.data())};
}

TicketTalk::TicketTalk(std::string service, Wrapping wrapping)
    : service_(std::move(service)), wrapping_(wrapping) {}

TicketTalk::~TicketTalk() {
    OM_uint32 minor = 0;
    gss_delete_sec_context(&minor, &context_, GSS_C_NO_BUFFER);
    gss_release_cred(&minor, &credential_);
    gss_release_name(&minor, &server_);
}

TicketTalk::Turn TicketTalk::begin(const std::shared_ptr<TicketTalk> &talk, const std::stop_token &stop) {
    {
        const NoSignals none; // for the new thread, which begins with what is blocked here
        std::thread([talk] {
            Turn turn = talk->ask();
            const std::lock_guard lock(talk->mutex_);
            talk->first_ = std::move(turn);
            talk->ended_.notify_all();
        }).detach();
    }
    std::unique_lock lock(talk->mutex_);
    const auto has_ended = [&talk] { return talk->first_.has_value(); };
    if (talk->ended_.wait_for(lock, stop, most_patience, has_ended)) return std::move(*talk->first_);
    if (!stop.stop_requested()) return {std::nullopt, false, kerberos_is_silent()};
    talk->ended_.wait_for(lock, parting, has_ended);
    return {std::nullopt, false, {Fault::cancelled, "", ""}};
}

TicketTalk::Turn TicketTalk::ask() {
    OM_uint32 minor = 0;
    auto name = ticket_view(service_);
    const OM_uint32 imported = gss_import_name(&minor, &name, GSS_C_NT_HOSTBASED_SERVICE, &server_);
    if (GSS_ERROR(imported)) return failure(imported, minor);
    if (wrapping_ == Wrapping::spnego) {
        if (auto failed = fetch_ticket()) return std::move(*failed);
        if (auto failed = offer_kerberos_only()) return std::move(*failed);
    }
    return step({});
}

// What goes wrong inside SPNEGO comes out of it without its reason. So the ticket is fetched by Kerberos itself
// first; it waits in the cache then.
std::optional<TicketTalk::Turn> TicketTalk::fetch_ticket() {
    OM_uint32 minor = 0;
    gss_ctx_id_t context = GSS_C_NO_CONTEXT;
    TicketBuffer unused;
    const OM_uint32 major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &context, server_, gss_mech_krb5,
                                                 wanted, 0, GSS_C_NO_CHANNEL_BINDINGS, GSS_C_NO_BUFFER, nullptr,
                                                 unused.out(), nullptr, nullptr);
    std::optional<Turn> failed;
    if (GSS_ERROR(major)) failed = failure(major, minor);
    gss_delete_sec_context(&minor, &context, GSS_C_NO_BUFFER);
    return failed;
}

// This machine may have more mechanisms, which would answer for another account than the person meant.
std::optional<TicketTalk::Turn> TicketTalk::offer_kerberos_only() {
    OM_uint32 minor = 0;
    gss_OID_set_desc spnego{1, &spnego_mechanism};
    OM_uint32 major = gss_acquire_cred(&minor, GSS_C_NO_NAME, GSS_C_INDEFINITE, &spnego, GSS_C_INITIATE,
                                       &credential_, nullptr, nullptr);
    if (GSS_ERROR(major)) return failure(major, minor);
    gss_OID_set_desc kerberos{1, gss_mech_krb5};
    major = gss_set_neg_mechs(&minor, credential_, &kerberos);
    if (GSS_ERROR(major)) return failure(major, minor);
    return std::nullopt;
}

TicketTalk::Turn TicketTalk::step(const std::string &challenge) {
    OM_uint32 minor = 0;
    auto input = ticket_view(challenge);
    TicketBuffer output;
    OM_uint32 granted = 0;
    gss_OID mechanism = wrapping_ == Wrapping::spnego ? &spnego_mechanism : gss_mech_krb5;
    const OM_uint32 major = gss_init_sec_context(
        &minor, credential_, &context_, server_, mechanism, wanted, 0, GSS_C_NO_CHANNEL_BINDINGS,
        challenge.empty() ? GSS_C_NO_BUFFER : &input, nullptr, output.out(), &granted, nullptr);
    if (GSS_ERROR(major)) return failure(major, minor);
    const bool done = (major & GSS_S_CONTINUE_NEEDED) == 0;
    if (done && (granted & wanted) != wanted) return {std::nullopt, false, unproved(service_)};
    return {output.text(), done, {}};
}

TicketTalk::Turn TicketTalk::failure(OM_uint32 major, OM_uint32 minor) const {
    return {std::nullopt, false, trouble(major, minor)};
}

TicketTrouble TicketTalk::trouble(OM_uint32 major, OM_uint32 minor) const {
    return ticket_trouble(major, minor, words_of(major, minor), service_);
}

std::string TicketTalk::principal() const {
    OM_uint32 minor = 0;
    gss_name_t name = GSS_C_NO_NAME;
    TicketBuffer text;
    if (GSS_ERROR(
            gss_inquire_context(&minor, context_, &name, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr)))
        return {};
    const OM_uint32 shown = gss_display_name(&minor, name, text.out(), nullptr);
    gss_release_name(&minor, &name);
    return GSS_ERROR(shown) ? std::string() : text.text();
}

} // namespace roe::net
