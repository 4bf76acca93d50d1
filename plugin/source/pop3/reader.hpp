// Reads heads and bodies of a session's mails, many commands ahead where the server takes them (PIPELINING).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/result.hpp"
#include "source/limits.hpp"
#include "source/mail_source.hpp"
#include "source/pop3/session.hpp"

namespace roe::pop3 {

struct Head {
    std::string header; // without the empty line
    bool truncated = false;
};

class Reader {
  public:
    Reader(Session &session, const Limits &limits) : session_(session), limits_(limits) {}

    // The head of each mail, in the order given, or nothing when the server gives none. By TOP; where that is
    // unknown or refused, by RETR.
    using Take = std::function<void(std::size_t index, std::optional<Head> head)>;
    Result<void> heads(std::span<const std::uint32_t> numbers, const Take &take);

    // Whole mails. `place` names the mail and its size for the sink.
    using Place = std::function<std::pair<MailRef, std::int64_t>(std::size_t index)>;
    Result<void> bodies(std::span<const std::uint32_t> numbers, const Place &place, RawSink &sink);

    // DELE. The last refusal, if there was any.
    Result<std::optional<Status>> remove(std::span<const std::uint32_t> numbers);

  private:
    // Sends the commands, some ahead of their answers, and hands out each answer in turn.
    Result<void> in_turn(std::size_t count, const std::function<std::string(std::size_t)> &command,
                         const std::function<Result<void>(std::size_t, Status)> &answer);
    Result<Head> read_head();

    Session &session_;
    const Limits &limits_;
    bool knows_top_ = true;
};

} // namespace roe::pop3
