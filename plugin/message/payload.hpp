// From the bytes of a mail to what a decision sees (Envelope) and what a job gets (the payload).
//
// Never throws on input; a mail that can't be parsed still gives a payload, with warnings. [any thread]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace roe::message {

struct Address {
    std::string name;    // decoded
    std::string address; // as written, IDN kept
};

// The decoded headers that matching looks at. Always valid UTF-8.
struct Envelope {
    std::vector<Address> from;
    std::vector<Address> to;
    std::vector<Address> cc;
    std::string subject;
    std::string message_id;  // without angle brackets
    std::string fingerprint; // hex SHA-256, see read_envelope
};

// `header` is the raw block; `size` the size of the whole message.
//
// The fingerprint is taken over what the sender wrote and every server leaves as it is: Message-ID, Date, From,
// Sender, Reply-To, To, Cc, Subject, In-Reply-To, References, MIME-Version and Content-Type, undecoded so that
// a better decoder changes nothing, white space collapsed so that folding does not count; and the size without
// the header. So it survives the fields that a server adds (Received, Delivered-To, X-...) when a mail is moved
// or a mailbox changes servers, and tells apart mails of one Message-ID with different text. A server that
// rebuilds mails (Exchange) changes it.
Envelope read_envelope(std::string_view header, std::int64_t size);

// When the mail came, where the server does not say: by its header, or now.
WallTime arrival_time(std::string_view header, WallTime now);

// Of the first sender: "Ann <ann@example.org>", or the address alone. Empty when the mail names none.
std::string sender_line(const Envelope &envelope);

// What the payload says of where the mail came from.
struct Origin {
    std::string mailbox_address;
    std::string protocol; // "IMAP"
    std::string folder;
    std::string trigger; // the trigger's id
    std::string uid;
    WallTime received_at{};
};

struct Limits {
    std::int64_t inline_text_bytes = 4 << 20; // text and html beyond this are cut, with a warning
    std::size_t parts = 1000;
    std::size_t depth = 50;
};

struct Payload {
    std::string json; // the document of docs/payload.schema.json
    std::vector<std::string> warnings;
};

// Reads the message at `raw_path`, writes its attachments into `spool_folder` (absolute, exists) and
// returns the document that names them. Attachments and message are streamed, never held in memory.
// The files are written, not synced: whoever makes the document durable syncs the folder with it.
// Fails with Fault::storage only (disk full, file not readable); then the folder may hold some attachments.
Result<Payload> make_payload(const std::string &raw_path, const std::string &spool_folder, const Origin &origin,
                             const Limits &limits = {});

// The document of a job that gets all the mails of a pass (Launch `perPass`): head, then the mails' documents
// with commas between, then tail.
std::string pass_payload_head(const Origin &origin);
std::string pass_payload_tail();

} // namespace roe::message
