// The header of a mail, decoded field by field. [any thread]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "message/header_field.hpp"
#include "message/payload.hpp"

namespace roe::message {

// Reads fields out of a block, which must outlive it.
class MailHeader {
  public:
    explicit MailHeader(std::string_view block);

    [[nodiscard]] const std::vector<HeaderField> &fields() const { return fields_; }
    [[nodiscard]] bool has(std::string_view name) const { return find_field(fields_, name) != nullptr; }

    // Empty when there is no such field.
    [[nodiscard]] std::string text(std::string_view name) const;
    [[nodiscard]] std::string text(const HeaderField &field) const {
        return decoded_text(field.raw, raw_charset_);
    }
    // Of every field of that name: a mail may carry two From fields against the rules, and each may be meant.
    [[nodiscard]] std::vector<Address> addresses(std::string_view name) const;
    // Message identifiers without their angle brackets.
    [[nodiscard]] std::vector<std::string> ids(std::string_view name) const;
    [[nodiscard]] std::string message_id() const;
    // Empty when there is none or it can't be read.
    [[nodiscard]] std::optional<WallTime> date() const;
    // When the last server took it, as that has written. Empty when it has not.
    [[nodiscard]] std::optional<WallTime> arrival() const;
    // "high", "normal", "low", or empty when the mail does not say.
    [[nodiscard]] std::string importance() const;

  private:
    std::vector<HeaderField> fields_;
    std::string raw_charset_; // of fields that are not UTF-8, if there are any: the body's or a guess
};

} // namespace roe::message
