#include "mail/composed_mail.hpp"

#include <algorithm>
#include <string_view>

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Timestamp.h>

#include "base/utf8.hpp"
#include "security/base64.hpp"

namespace host {
namespace {

// RFC 2047 §2: lines of 76 characters, "Subject: " and the frame of a word with them; 39 bytes make 52 of
// base64.
constexpr std::size_t most_of_a_word = 39;
// RFC 2045 §6.8: 76 characters of base64.
constexpr std::size_t most_of_a_line = 57;

std::string_view take_word(std::string_view &text) {
    auto size = std::min(most_of_a_word, text.size());
    // A word has whole characters (RFC 2047 §5). What is no UTF-8 has no beginning to go back to.
    for (int back = 0; back < 3 && size < text.size() && continues_a_character(text[size]); ++back)
        --size;
    const auto word = text.substr(0, size);
    text.remove_prefix(size);
    return word;
}

// One line of text in a header, whatever is in it.
std::string unstructured(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; }, ' ');
    const bool as_it_is = text.size() <= 60 && text.find("=?") == std::string::npos &&
                          std::ranges::all_of(text, [](char c) { return c > 0; });
    if (as_it_is) return text;
    std::string words;
    for (std::string_view rest = text; !rest.empty();)
        words.append(words.empty() ? "" : "\r\n ")
            .append("=?utf-8?b?")
            .append(base64(take_word(rest)))
            .append("?=");
    return words;
}

std::string body(const std::string &text) {
    std::string lines;
    for (const char c : text) {
        if (c == '\n') lines += '\r';
        lines += c;
    }
    std::string encoded;
    for (std::string_view rest = lines; !rest.empty();) {
        const auto piece = rest.substr(0, most_of_a_line);
        rest.remove_prefix(piece.size());
        encoded.append(base64(piece)).append("\r\n");
    }
    return encoded;
}

std::string in_brackets(const std::vector<std::string> &ids) {
    std::string list;
    for (const auto &id : ids)
        list.append(list.empty() ? "<" : "\r\n <").append(id).append(">");
    return list;
}

std::string date(Micros at) {
    return Poco::DateTimeFormatter::format(Poco::Timestamp(at), "%w, %d %b %Y %H:%M:%S +0000");
}

} // namespace

std::string composed_mail(const MailDraft &draft) {
    std::string mail;
    const auto field = [&](std::string_view name, const std::string &value) {
        mail.append(name).append(": ").append(value).append("\r\n");
    };
    field("Date", date(draft.at));
    field("From", "<" + draft.from + ">");
    field("To", "<" + draft.to + ">");
    field("Message-ID", "<" + draft.message_id + ">");
    if (draft.in_reply_to) field("In-Reply-To", "<" + *draft.in_reply_to + ">");
    if (!draft.references.empty()) field("References", in_brackets(draft.references));
    field("Subject", unstructured(draft.subject));
    field("Auto-Submitted", "auto-replied");  // RFC 3834 §5
    field("X-Auto-Response-Suppress", "All"); // Exchange's word for the same: MS-OXCMAIL 2.1.3.2.21
    field("MIME-Version", "1.0");
    field("Content-Type", "text/plain; charset=utf-8");
    field("Content-Transfer-Encoding", "base64");
    return mail.append("\r\n").append(body(draft.text));
}

} // namespace host
