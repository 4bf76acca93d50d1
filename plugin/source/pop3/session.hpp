// One connection: commands out, answers in, in order.
//
// Commands may be queued and go out in one write (pipelining); `await` gives the answer of each, in the order
// in which they were queued. After the +OK of a multi-line answer its lines or its content must be read.
//
// Every error carries what was being done (`doing`) and, where there are any, the server's words. After an
// error the session is over; a -ERR is a value (Status), not an error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/stream.hpp"
#include "source/limits.hpp"
#include "source/pop3/capabilities.hpp"
#include "source/pop3/lexer.hpp"
#include "source/pop3/response.hpp"

namespace roe::pop3 {

class Session {
  public:
    Session(std::shared_ptr<net::Stream> stream, std::shared_ptr<const Clock> clock, const Limits &limits);

    // What is being done from now on, for errors.
    void doing(std::string step, std::string words, std::string advice = {});

    Result<Status> greeting();

    // `command` without its CR LF; it holds no line break of its own.
    void queue(std::string_view command);
    // `patient` for commands that may be much work for the server.
    enum class Patience : std::uint8_t { brief, patient };
    Result<Status> await(Patience patience = Patience::brief);
    Result<Status> run(std::string_view command, Patience patience = Patience::brief);

    // AUTH (RFC 5034): sends back what `reply` makes of each challenge, at most `most` times.
    using Reply = std::function<std::string(std::string_view challenge)>;
    Result<Status> converse(std::string_view command, unsigned most, const Reply &reply);

    // The lines of a multi-line answer; bounded.
    Result<void> read_lines(const std::function<void(std::string_view line)> &take);
    // Its content, piece by piece, with its ends of lines; bounded.
    Result<void> read_content(const std::function<Result<void>(std::string_view piece)> &take);

    // CAPA. What the server has said before does not count any more.
    Result<void> learn_capabilities();
    // False: the server knows no CAPA.
    [[nodiscard]] bool capabilities_known() const { return capabilities_.has_value(); }
    [[nodiscard]] bool has(std::string_view capability) const {
        return capabilities_ && capabilities_->has(capability);
    }
    [[nodiscard]] const Capabilities &capabilities() const;
    // The greeting's, for APOP.
    [[nodiscard]] const std::string &timestamp() const { return timestamp_; }

    Result<net::TlsFacts> start_tls(const std::string &host, const net::Trust &trust);

    // Gives buffers back until bytes are awaited again.
    void rest();
    // Sends QUIT and does not wait for the answer.
    void say_goodbye();

    // An error of what is being done, with the server's words.
    [[nodiscard]] Error refusal(const Status &status, Fault otherwise, std::string advice = {}) const;
    [[nodiscard]] Error error(Fault fault, std::string what, std::string advice = {}) const;
    [[nodiscard]] net::Stream &stream() { return *stream_; }

  private:
    void allow(std::chrono::milliseconds whole);
    void allow_patiently();
    [[nodiscard]] SteadyTime read_deadline() const;

    Result<void> flush();
    Result<std::string_view> read_line();
    Result<void> fill();
    [[nodiscard]] Error from_stream(Error error) const;

    std::shared_ptr<net::Stream> stream_;
    std::shared_ptr<const Clock> clock_;
    Limits limits_;
    Lexer lexer_;
    std::unique_ptr<char[]> buffer_;

    std::string step_, doing_, advice_;
    SteadyTime until_{};
    bool patient_ = false;

    std::string out_;
    std::optional<Capabilities> capabilities_;
    std::string timestamp_;
};

} // namespace roe::pop3
