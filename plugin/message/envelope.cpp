#include "message/payload.hpp"

#include <array>

#include "base/digest.hpp"
#include "message/mail_header.hpp"

namespace roe::message {

namespace {

// The bytes that the block would have with CRLF, so that a server's own line ends do not count.
std::int64_t size_on_the_wire(std::string_view block) {
    std::int64_t size = 0;
    for (std::size_t at = 0; at < block.size(); ++at) {
        const bool bare = block[at] == '\n' && (at == 0 || block[at - 1] != '\r');
        size += bare ? 2 : 1;
    }
    return size;
}

std::string collapsed(std::string_view raw) {
    std::string text;
    for (const char c : raw) {
        const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
        if (!blank)
            text += c;
        else if (!text.empty() && text.back() != ' ')
            text += ' ';
    }
    if (text.ends_with(' ')) text.pop_back();
    return text;
}

std::string fingerprint(const MailHeader &header, std::string_view block, std::int64_t size) {
    static constexpr std::array<std::string_view, 12> written_by_the_sender = {
        "Message-ID", "Date",    "From",        "Sender",     "Reply-To",     "To",
        "Cc",         "Subject", "In-Reply-To", "References", "MIME-Version", "Content-Type"};
    Sha256 digest;
    for (const std::string_view name : written_by_the_sender) {
        for (const HeaderField &field : header.fields()) {
            if (!same_name(field.name, name)) continue;
            digest.add(name);
            digest.add(":");
            digest.add(collapsed(field.raw));
            digest.add("\n");
        }
    }
    digest.add(std::to_string(size - size_on_the_wire(block)));
    return digest.hex();
}

} // namespace

Envelope read_envelope(std::string_view header, std::int64_t size) {
    const MailHeader fields(header);
    Envelope envelope;
    envelope.from = fields.addresses("From");
    envelope.to = fields.addresses("To");
    envelope.cc = fields.addresses("Cc");
    envelope.subject = fields.text("Subject");
    envelope.message_id = fields.message_id();
    envelope.fingerprint = fingerprint(fields, header, size);
    return envelope;
}

WallTime arrival_time(std::string_view header, WallTime now) {
    const MailHeader fields(header);
    auto time = fields.arrival();
    if (!time) time = fields.date();
    return time && *time < now ? *time : now;
}

std::string sender_line(const Envelope &envelope) {
    if (envelope.from.empty()) return {};
    const auto &first = envelope.from.front();
    return first.name.empty() ? first.address : first.name + " <" + first.address + ">";
}

} // namespace roe::message
