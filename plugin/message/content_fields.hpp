// The Content-* fields of a part: what it is, how it is encoded, what it is called. [any thread]
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "message/header_field.hpp"
#include "message/transfer_encoding.hpp"

namespace roe::message {

// "text/plain; charset=utf-8" as value and parameters; names in lower case, values decoded (RFC 2231, and RFC
// 2047 where senders use it against the rules).
struct Parameterized {
    std::string value; // in lower case, without comments
    std::map<std::string, std::string> parameters;
};
Parameterized parse_parameterized(std::string_view raw, std::string_view body_charset);

struct ContentFields {
    std::string type = "text/plain"; // RFC 2045 5.2
    bool type_given = false;
    std::string charset;
    std::string boundary;
    bool flowed = false;        // RFC 3676
    bool delete_spaces = false; // RFC 3676 delsp=yes
    std::string protocol;       // of multipart/signed and multipart/encrypted, RFC 1847
    std::string smime_type;     // RFC 8551 3.2.2
    std::string disposition;    // "attachment", "inline", or empty
    std::string name;           // decoded; empty when the part has none
    std::string content_id;     // without angle brackets
    TransferEncoding encoding = TransferEncoding::identity;

    [[nodiscard]] bool is(std::string_view wanted) const { return type == wanted; }
    [[nodiscard]] bool is_multipart() const { return type.starts_with("multipart/"); }
    [[nodiscard]] bool is_message() const;
};

// Whether `value` can be one: "text/plain".
bool is_media_type(std::string_view value);

ContentFields read_content_fields(const std::vector<HeaderField> &fields);

} // namespace roe::message
