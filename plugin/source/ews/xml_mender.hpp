// Replaces what may not stand in XML, as it comes: Exchange writes control characters of a mail's texts as they
// are or as references (&#x1F;), others hand on the bytes of a mail's header as they came, and one such mail
// must not hide all others. The XML is taken for UTF-8, as all of these services write it. [pure]
#pragma once

#include <string>
#include <string_view>

namespace roe::ews {

class XmlMender {
  public:
    // Appends the mended bytes to `to`. What may be the beginning of a reference or of
    // a character is kept until it is known.
    void mend(std::string_view bytes, std::string &to);

  private:
    void take(char c, std::string &to);
    void take_reference(char c, std::string &to);
    void take_in_character(char c, std::string &to);

    std::string reference_; // "&#x1" so far; short
    std::string character_; // of several bytes, so far
};

} // namespace roe::ews
