// From the parser's BODY[] to the sink of whoever asked: knows which mails were asked for and which have come.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

#include "base/result.hpp"
#include "source/imap/response.hpp"
#include "source/imap/uid_set.hpp"
#include "source/mail_source.hpp"

namespace roe::imap {

class BodyPipe final : public BodySink {
  public:
    BodyPipe(const UidSet &wanted, RawSink &sink);

    // From now on only this mail is asked for: a body whose UID comes behind it can only be this one's.
    void expect_only(std::uint32_t uid) { only_ = uid; }

    [[nodiscard]] bool delivered(std::uint32_t uid) const { return !waiting_.contains(uid); }
    // Why the sink stopped.
    [[nodiscard]] const std::optional<Error> &error() const { return error_; }

    bool begin(const Fetch &so_far, std::uint64_t size) override;
    bool write(std::string_view bytes) override;
    bool end() override;

  private:
    bool kept(Result<void> result);

    RawSink &sink_;
    std::set<std::uint32_t> waiting_;
    std::uint32_t only_ = 0;
    MailRef current_; // order 0: this body is dropped
    std::optional<Error> error_;
};

} // namespace roe::imap
