// Where the parts of a message lie in its file.
//
// Made in one pass that holds a line and a header at a time, without recursion, so that no message, however
// large or deeply nested, costs more memory or stack than its limits allow. (GMime's own parser recurses for
// each level, makes an object for each part and keeps the text between parts in memory.) [any thread]
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "message/content_fields.hpp"
#include "message/file_position.hpp"
#include "message/payload.hpp"

namespace roe::message {

// A part without parts of its own. An attached message is one, too: it is not looked into.
struct Leaf {
    ContentFields content;
    std::FILE *file = nullptr;   // where it lies: the message, or Outline::unpacked
    std::int64_t begin = 0;      // its encoded bytes, from here
    std::int64_t end = 0;        // to before here
    std::size_t alternative = 0; // the same number: forms of the same text, to choose from; 0: none
    bool related = false;        // belongs to an HTML text beside it (RFC 2387)
};

struct Outline {
    std::string header; // of the message, as it came; cut at 1 MB
    std::int64_t size = 0;
    std::vector<Leaf> leaves;
    std::vector<ContentFields> sealed; // of multipart/signed and multipart/encrypted, the first few
    File unpacked; // what parts held in formats of their own, see unpack.hpp; null where there are none
    std::vector<std::string> warnings;
};

// `file` must outlive the outline. Fails with Fault::storage when it can't be read.
Result<Outline> read_outline(std::FILE *file, const Limits &limits);

} // namespace roe::message
