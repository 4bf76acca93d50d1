// Attachments, streamed into the job's spool.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "message/outline.hpp"

namespace roe::message {

struct Attachment {
    std::string name; // as the mail has it; empty when it has none
    std::string media_type;
    std::int64_t size = 0;
    std::string content_id;
    bool inlined = false; // shown within the text
    std::string sha256;
    std::string path;
};

// Whether an HTML text beside it shows it, as a picture in a signature (RFC 2387).
bool is_embedded(const Leaf &leaf);

// As the mail has it; an attached message is called after its subject. Empty when it has none.
Result<std::string> attachment_name(const Leaf &leaf);

// Writes attachments of one mail into one folder, never over a file that is there. [one thread]
class AttachmentSpool {
  public:
    explicit AttachmentSpool(std::string folder) : folder_(std::move(folder)) {}

    Result<Attachment> save(const Leaf &leaf);

  private:
    struct Opened;
    Result<Opened> create(const std::string &wanted) const;

    std::string folder_;
    int nameless_ = 0;
};

} // namespace roe::message
