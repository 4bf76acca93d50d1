// A regular expression of a form, searched for in the text of a mail.
//
// RE2 (docs/decisions/0009): no text makes it slower than in proportion to its length. Case does not count.
// [any thread]
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace roe::trigger {

class RegularExpression {
  public:
    // `pattern` is UTF-8. One with a fault is found nowhere.
    explicit RegularExpression(std::string_view pattern);

    // Why it can't be used, for a person; empty when it can.
    [[nodiscard]] const std::string &fault() const { return fault_; }
    // `text` is valid UTF-8; its first 256 KB count.
    [[nodiscard]] bool found_in(std::string_view text) const;

  private:
    std::shared_ptr<const re2::RE2> expression_;
    std::string fault_;
};

} // namespace roe::trigger
