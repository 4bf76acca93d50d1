// Replaces what may not stand in XML, as it comes: Exchange writes control characters of a mail's texts as they
// are or as references (&#x1F;), and one such mail must not hide all others. [pure]
#pragma once

#include <string>
#include <string_view>

namespace roe::ews {

class XmlMender {
  public:
    // Appends the mended bytes to `to`. What may be the beginning of a reference is kept until it is known.
    void mend(std::string_view bytes, std::string &to);

  private:
    void take(char c, std::string &to);

    std::string reference_; // "&#x1" so far; short
};

} // namespace roe::ews
