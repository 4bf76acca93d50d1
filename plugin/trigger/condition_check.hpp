// Whether a mail meets a condition of MoreFilters, and why not. Pure: no clock, no I/O. [any thread]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/content.hpp"
#include "message/payload.hpp"
#include "trigger/condition.hpp"
#include "trigger/regular_expression.hpp"
#include "trigger/verdict.hpp"

namespace roe::trigger {

// What is known of a mail before it is fetched, beside its envelope. Views, which must outlive it.
struct Head {
    std::string_view header;           // the raw block
    std::int64_t size = 0;             // bytes of the whole mail; 0: the server does not say
    std::string_view trusted_authserv; // of the mailbox; empty: nobody's Authentication-Results count
};

// Prepared once for all mails that it is held against.
class ConditionCheck {
  public:
    // `number` counts from 1, for people.
    ConditionCheck(Condition condition, std::size_t number);

    // Whether the header tells. Else the whole mail is needed.
    [[nodiscard]] bool by_header() const;

    // Nothing when the mail meets it.
    [[nodiscard]] std::optional<Verdict> refusal(const message::Envelope &envelope, const Head &head) const;
    // `folded_text`: unicode::folded(content.text), which is made once for all checks.
    [[nodiscard]] std::optional<Verdict> refusal(const message::Content &content,
                                                 std::string_view folded_text) const;

  private:
    // What the mail is like; without an answer it meets neither the condition nor its opposite.
    struct Finding {
        std::optional<bool> holds;
        std::string words; // "To is ann@example.org"; may be empty
    };
    [[nodiscard]] std::optional<Verdict> refusal(const Finding &finding) const;
    [[nodiscard]] Finding find(const message::Envelope &envelope, const Head &head) const;
    [[nodiscard]] Finding find(const message::Content &content, std::string_view folded_text) const;
    [[nodiscard]] Finding find_address(const char *field, const std::vector<message::Address> &list) const;
    [[nodiscard]] Finding find_header(std::string_view block) const;
    [[nodiscard]] Finding find_size(std::int64_t size) const;
    [[nodiscard]] Finding find_name(const std::vector<std::string> &names) const;
    [[nodiscard]] bool matches(std::string_view text) const;
    [[nodiscard]] bool matches(const message::Address &address) const;

    Condition condition_;
    std::size_t number_;
    std::string folded_;
    std::string folded_address_;
    std::optional<RegularExpression> expression_;
};

} // namespace roe::trigger
