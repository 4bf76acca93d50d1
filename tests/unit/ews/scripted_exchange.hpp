// A server that answers each operation with what a test has laid ready for it, and the book that a source
// keeps.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/stream.hpp"
#include "source/change_book.hpp"
#include "source/ews/ews_source.hpp"

namespace roe::ews {

class ScriptedExchange final : public net::Connector, public std::enable_shared_from_this<ScriptedExchange> {
  public:
    // Nothing is answered, and the connection stands; without any answer it is closed.
    static constexpr std::string_view silence = "silence";

    // What the operation is answered with: each body of a SOAP envelope, or whole HTTP answer, once; the last
    // one for ever.
    void answer(const std::string &operation, std::vector<std::string> bodies);
    // More of an answer that is under way.
    void say(const std::string &bytes);

    // The bodies of the requests for this operation, in order.
    [[nodiscard]] const std::vector<std::string> &asked(const std::string &operation) {
        return asked_[operation];
    }
    [[nodiscard]] std::size_t requests() const { return requests_; }
    [[nodiscard]] const std::vector<std::string> &paths() const { return paths_; }
    // The HTTP heads of all requests, in order.
    [[nodiscard]] const std::vector<std::string> &heads() const { return heads_; }
    // How long the last read was ready to wait.
    [[nodiscard]] SteadyTime waited_until() const { return waited_until_; }
    void wait_until(SteadyTime deadline) { waited_until_ = deadline; }

    Result<std::unique_ptr<net::Stream>> connect(const std::string &host, std::uint16_t port,
                                                 SteadyTime deadline) override;

    // What the server says to a whole request.
    std::string reply(const std::string &head, const std::string &body);

  private:
    std::map<std::string, std::deque<std::string>> answers_;
    std::map<std::string, std::vector<std::string>> asked_;
    std::vector<std::string> paths_;
    std::vector<std::string> heads_;
    std::size_t requests_ = 0;
    SteadyTime waited_until_{};
    std::weak_ptr<std::string> hanging_; // what the last connection has still to read
};

// Bodies of answers, as Exchange writes them.
struct Told {
    std::string id;
    std::string received = "2026-11-27T10:00:00Z";
    int size = 100;
};
std::string folder_body(const std::string &operation, const std::string &id, int count);
// The newest first, as the server tells them.
std::string sync_body(const std::string &state, bool last, const std::vector<Told> &created,
                      const std::vector<std::string> &deleted = {});
// One message for each: a code other than NoError is an error; `inner` is what stands in Items then.
struct Piece {
    std::string code = "NoError";
    std::string inner{};
};
std::string messages_body(const std::string &operation, const std::vector<Piece> &pieces);
Piece mail_piece(const std::string &id, const std::string &subject, const std::string &mime = {});
std::string fault_body(const std::string &code, const std::string &details = {});

// In memory.
class KeptBook final : public ChangeBook {
  public:
    Result<Standing> open(std::string_view) override { return standing(); }
    Result<Standing> take(const Changes &changes) override;
    Result<std::vector<MailRef>> after(std::int64_t order, std::size_t most) override;
    Result<std::vector<MailRef>> named(std::span<const std::string_view> wanted) override;

    std::string state;
    std::vector<std::string> names; // by order, from 1; empty: gone
    int taken = 0;
    std::vector<std::size_t> noted; // how many mails each `take` had
    int generation = 1;             // one more when a list has none of the names that were known

  private:
    [[nodiscard]] Standing standing() const {
        return {"v" + std::to_string(generation), static_cast<std::int64_t>(names.size()), state, whole_};
    }

    bool whole_ = true;
};

} // namespace roe::ews
