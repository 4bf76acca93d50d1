// Content-Transfer-Encoding, undone piece by piece. [any thread], one decoder for one part.
#pragma once

#include <string>
#include <string_view>

#include <gmime/gmime-encodings.h>

namespace roe::message {

enum class TransferEncoding { identity, base64, quoted_printable, uuencode, unknown };

// From the field's value, as lenient as senders need it ("Quoted-Printable;", "base-64").
TransferEncoding transfer_encoding(std::string_view value);

class TransferDecoder {
  public:
    explicit TransferDecoder(TransferEncoding encoding);

    std::string decode(std::string_view bytes);
    // What is left when the part ends.
    std::string finish();

  private:
    std::string step(std::string_view bytes);

    GMimeEncoding state_{};
    bool identity_;
    bool before_begin_; // uuencode: the line "begin 644 name" has not come yet
    std::string held_;  // the start of a line of uuencode, until the line is whole
};

} // namespace roe::message
