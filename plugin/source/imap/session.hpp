// One connection: commands out, responses in, and what the server has said so far.
//
// Commands may be queued and go out in one write (pipelining); `await` gives the answer of each. A command
// that finds the session idling ends that first, in the same write: "DONE" CR LF, command.
//
// Every error carries what was being done (`doing`) and, where there are any, the server's words. After an
// error of the stream or the grammar the session is over; a NO or BAD is a value (Status), not an error.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/stream.hpp"
#include "source/imap/capabilities.hpp"
#include "source/imap/command.hpp"
#include "source/imap/parser.hpp"
#include "source/imap/response.hpp"
#include "source/limits.hpp"

namespace roe::imap {

// The open folder, as the server has told so far.
struct Folder {
    std::uint32_t count = 0;    // mails there
    std::uint64_t validity = 0; // UIDVALIDITY; 0: not said
    std::uint64_t uid_next = 0; // as of SELECT; 0: not said
    bool read_only = false;
    std::optional<std::vector<std::string>> permanent_flags{}; // empty: not said
    std::uint64_t arrivals = 0; // by how much EXISTS has grown since this was set to 0
    std::uint64_t notices = 0;  // EXISTS lines, ever
    std::uint64_t removals = 0; // EXPUNGE lines, ever
    bool replaced = false;      // another UIDVALIDITY was announced: every UID is void

    // Whether a keyword that is set stays. A server that says nothing keeps it (RFC 9051 §7.1).
    [[nodiscard]] bool keeps(std::string_view keyword) const;
};

class Session {
  public:
    // Called for every response that comes while an answer is awaited, but tagged ones.
    using Handler = std::function<void(Response &)>;

    Session(std::shared_ptr<net::Stream> stream, std::shared_ptr<const Clock> clock, const Limits &limits);

    // What is being done from now on, for errors.
    void doing(std::string step, std::string words, std::string advice = {});

    // The first line of a connection: OK, PREAUTH or BYE.
    Result<Status> greeting();

    // Sends and waits for the answer. `patient` for commands that may be much work for the server.
    enum class Patience : std::uint8_t { brief, patient };
    Result<Status> run(const Command &command, Patience patience = Patience::brief,
                       const Handler &handler = {});

    // AUTHENTICATE (RFC 9051 §6.2.2): sends back what `reply` makes of each "+", at most `most` times.
    using Reply = std::function<std::string(std::string_view challenge)>;
    Result<Status> converse(const Command &command, unsigned most, const Reply &reply);

    // Puts a command of one piece in line and returns its tag.
    std::string queue(const Command &command);
    Result<Status> await(const std::string &tag, Patience patience, const Handler &handler = {});

    // Where the bodies of FETCH go. The sink says why it stopped.
    void set_body_sink(BodySink *sink) { parser_.set_body_sink(sink); }

    // The server's side has been told that what it said so far does not count (RFC 9051 §6.2.1).
    Result<net::TlsFacts> start_tls(const std::string &host, const net::Trust &trust);

    // IDLE (RFC 2177). The handler sees what comes before the server agrees. False: it refused.
    Result<bool> start_idle();
    [[nodiscard]] bool idling() const { return !idle_tag_.empty(); }
    // Reads what has arrived, waiting `wait` for the first of it. False: nothing had.
    Result<bool> take_in(std::chrono::milliseconds wait);

    // Something of the server's is here already, or decrypted: no wake-up will come for it.
    [[nodiscard]] bool more_at_hand() const;
    // Gives the read buffer back until bytes are awaited again.
    void rest();

    // Sends LOGOUT and does not wait for the answer.
    void say_goodbye();

    // An error of what is being done, with the server's words.
    [[nodiscard]] Error refusal(const Status &status, Fault otherwise, std::string advice = {}) const;
    [[nodiscard]] Error error(Fault fault, std::string what, std::string advice = {}) const;

    [[nodiscard]] const Capabilities &capabilities() const { return capabilities_; }
    [[nodiscard]] bool capabilities_known() const { return capabilities_known_; }
    void forget_capabilities();
    [[nodiscard]] Dialect dialect() const { return Dialect::of(capabilities_, utf8_); }
    [[nodiscard]] bool utf8() const { return utf8_; }
    [[nodiscard]] Folder &folder() { return folder_; }
    [[nodiscard]] bool idle_refused() const { return idle_refused_; }
    [[nodiscard]] net::Stream &stream() { return *stream_; }

  private:
    // How long the server may take from now on.
    void allow(std::chrono::milliseconds whole);
    void allow_patiently();
    [[nodiscard]] SteadyTime read_deadline() const;

    std::string next_tag();
    void end_idle();
    Result<void> flush();
    // The next response, applied already; nullptr when the deadline passed between two responses.
    Result<Response *> receive();
    Result<Response *> expect_response();
    Result<std::size_t> fill();
    // Waits for "+", whose text is in `request_` then; a Status when the command was answered instead.
    Result<std::optional<Status>> await_request(const std::string &tag);

    void observe(const Response &response);
    void observe_status(const Status &status);
    // Whether the tagged status is the one awaited; keeps those of other commands in line.
    Result<bool> settle(Status &status, const std::string &tag);
    [[nodiscard]] Error from_stream(Error error) const;
    [[nodiscard]] Error goodbye_error() const;

    std::shared_ptr<net::Stream> stream_;
    std::shared_ptr<const Clock> clock_;
    Limits limits_;
    Parser parser_;
    std::unique_ptr<char[]> buffer_; // only while bytes are awaited: ten thousand parked sessions hold none

    std::string step_, doing_, advice_;
    SteadyTime until_{};
    SteadyTime until_in_line_{}; // the same, once a line has begun
    bool patient_ = false;

    unsigned tags_ = 0;
    std::string out_;
    std::vector<std::string> in_line_; // tags without an answer
    std::vector<Status> early_;        // answers that were not awaited yet
    std::string request_;              // what stood after the last "+"
    std::string idle_tag_;
    std::string ending_idle_;
    bool idle_refused_ = false;

    Capabilities capabilities_;
    bool capabilities_known_ = false;
    bool utf8_ = false;
    Folder folder_;
    std::optional<Status> bye_;
};

} // namespace roe::imap
