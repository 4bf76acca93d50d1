// TNEF, the format of winmail.dat (MS-OXTNEF): what Outlook and Exchange wrap a mail's text and attachments in.
//
// Read by position and in one pass, without recursion: nothing of it is held in memory but names. [one thread]
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "message/outline.hpp"

namespace roe::message {

struct Tnef {
    bool recognised = false; // begins as TNEF does
    bool whole = true;       // false: cut short or senseless somewhere; what could be read is here
    bool intact = true;      // false: a checksum is wrong
    std::vector<Leaf> texts; // text/plain and text/html, forms of the same text
    Leaf rtf;                // compressed; empty when there is none
    std::vector<Leaf> attachments;
};

// Reads from `begin` to before `end` of `file`, where the leaves that it gives lie; at most `most` attachments.
// Embedded messages are attachments of the type application/ms-tnef and not looked into. Fails with
// Fault::storage.
Result<Tnef> read_tnef(std::FILE *file, std::int64_t begin, std::int64_t end, std::size_t most);

} // namespace roe::message
