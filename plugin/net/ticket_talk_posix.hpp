// The conversation with the Kerberos library about one ticket for one service, whatever protocol carries it.
// For the sources of net/ only.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include <gssapi/gssapi.h>

#include "net/ticket_trouble.hpp"

namespace roe::net {

// What the library hands out, until it goes back.
class TicketBuffer {
  public:
    TicketBuffer() = default;
    TicketBuffer(const TicketBuffer &) = delete;
    TicketBuffer &operator=(const TicketBuffer &) = delete;
    ~TicketBuffer() {
        OM_uint32 minor = 0;
        gss_release_buffer(&minor, &bytes_);
    }
    [[nodiscard]] gss_buffer_t out() { return &bytes_; }
    [[nodiscard]] std::string text() const { return {static_cast<const char *>(bytes_.value), bytes_.length}; }

  private:
    gss_buffer_desc bytes_ = GSS_C_EMPTY_BUFFER;
};

// [one thread], shared with the one that the first turn takes place on.
class TicketTalk {
  public:
    // How the ticket is wrapped: as it is (RFC 4121), or in SPNEGO (RFC 4178), in which nothing else is
    // offered.
    enum class Wrapping : std::uint8_t { none, spnego };

    // What came of one turn.
    struct Turn {
        std::optional<std::string> token; // empty: it failed
        bool proved = false;              // the server has proved itself, and nothing more is expected of it
        TicketTrouble trouble;
    };

    // `service` as imap@mail.example.com.
    TicketTalk(std::string service, Wrapping wrapping);
    ~TicketTalk();
    TicketTalk(const TicketTalk &) = delete;
    TicketTalk &operator=(const TicketTalk &) = delete;

    // The first turn asks the Kerberos server, and waits for it for 40 s at most. The library itself gives up
    // after about 30 s, or 15 s more for each further server that its configuration names, and can't be
    // interrupted: whoever waits no longer leaves it behind on a thread of its own.
    static Turn begin(const std::shared_ptr<TicketTalk> &talk, const std::stop_token &stop);
    // What to say to the server's words.
    Turn step(const std::string &challenge);

    [[nodiscard]] gss_ctx_id_t context() const { return context_; }
    [[nodiscard]] TicketTrouble trouble(OM_uint32 major, OM_uint32 minor) const;
    // Whose ticket it is, as ann@EXAMPLE.COM.
    [[nodiscard]] std::string principal() const;

  private:
    Turn ask();
    Turn failure(OM_uint32 major, OM_uint32 minor) const;
    std::optional<Turn> fetch_ticket();
    std::optional<Turn> offer_kerberos_only();

    const std::string service_;
    const Wrapping wrapping_;
    gss_name_t server_ = GSS_C_NO_NAME;
    gss_cred_id_t credential_ = GSS_C_NO_CREDENTIAL;
    gss_ctx_id_t context_ = GSS_C_NO_CONTEXT;

    std::mutex mutex_;
    std::condition_variable_any ended_;
    std::optional<Turn> first_;
};

// A view for the library, which takes what it only reads as writable.
gss_buffer_desc ticket_view(const std::string &bytes);

} // namespace roe::net
