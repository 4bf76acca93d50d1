// Requests to an Exchange server and their answers, one after the other, over one HTTP connection: versions,
// redirects and faults of the whole request are dealt with here. Belongs to one thread, but for `cancel`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/http_client.hpp"
#include "net/step_observer.hpp"
#include "source/account.hpp"
#include "source/ews/answer_parser.hpp"
#include "source/ews/requests.hpp"
#include "source/limits.hpp"

namespace roe::ews {

class Session {
  public:
    // `observer` may be null.
    Session(const Account &account, std::shared_ptr<net::Connector> connector,
            std::shared_ptr<const Clock> clock, const Limits &limits, net::StepObserver *observer);

    // What is being done, for the errors that follow.
    void doing(std::string step, std::string what);

    // The text of a request for the caller as it has been agreed on.
    using Request = std::function<std::string(const Caller &caller)>;
    // Takes one message of the answer. An error of it ends the exchange, and the connection with it.
    using Take = std::function<Result<void>(Message message)>;

    // Sends the request and reads the answer to its end. A kept connection that turns out to be closed is
    // opened anew and the request repeated, which harms nothing: what is done already is done, or gone. A fault
    // of the whole request is an error; messages say for themselves how they went.
    Result<void> run(const Request &request, const Take &take);
    // For get_item_mime: contents go to the sink.
    Result<void> run_for_mime(const Request &request, const std::vector<ItemId> &asked, MimeSink &sink,
                              const Take &take);
    // For what has one message in its answer, whose refusal is an error.
    Result<Message> ask(const Request &request);

    // The same for an answer that goes on and on: sends the request and reads the head of the answer.
    Result<void> begin(const Request &request);
    // What has come of it by the deadline, if anything. False: it is over.
    Result<bool> take_in(SteadyTime deadline, const Take &take);

    // What the server called the last fault of a whole request, or refusal of `ask`; empty: it had no name.
    [[nodiscard]] const std::string &code() const { return code_; }

    // How a message went wrong.
    [[nodiscard]] Error error_of(const Outcome &outcome) const;
    [[nodiscard]] Error error(Fault fault, std::string server_text, std::string advice = {}) const;

    [[nodiscard]] const Clock &clock() const { return *clock_; }
    [[nodiscard]] const Limits &limits() const { return limits_; }
    // Bytes wait inside: do not park.
    [[nodiscard]] bool pending() const { return client_.pending(); }
    [[nodiscard]] int descriptor() const { return client_.descriptor(); }
    // While nothing is asked for: a server closes what is quiet for long (IIS after two minutes).
    void rest() { client_.forget_lapsed(); }
    // [any thread]
    void cancel() { client_.cancel(); }
    void close() { client_.close(); }

  private:
    using MakeParser = std::function<std::unique_ptr<AnswerParser>()>;

    Result<void> exchange(const Request &request, const MakeParser &make_parser, const Take &take);
    enum class Ends : std::uint8_t { soon, late }; // an answer that goes on and on
    // The head of the answer, after redirects.
    Result<net::HttpHead> send(const Request &request, std::chrono::milliseconds patience, Ends ends);
    Result<void> follow(const net::HttpHead &head);
    Result<void> read_answer(const net::HttpHead &head, AnswerParser &parser, const Take &take);
    [[nodiscard]] Error refused_by(const net::HttpHead &head) const;
    Result<void> read_body(AnswerParser &parser, const Take &take);
    static Result<void> hand_on(AnswerParser &parser, const Take &take);
    void learn_version(const AnswerParser &parser);
    bool lower_version();
    [[nodiscard]] Error named(Error error) const;

    net::HttpAddress server_;
    const std::string anchor_;
    const std::shared_ptr<const Clock> clock_;
    const Limits limits_;
    const bool authenticates_;
    Caller caller_;
    bool version_settled_ = false;
    net::HttpClient client_;
    std::unique_ptr<AnswerParser> endless_; // of the answer that goes on
    std::string code_;
    std::string step_ = "folder";
    std::string doing_;
};

} // namespace roe::ews
