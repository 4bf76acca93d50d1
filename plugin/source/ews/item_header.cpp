#include "source/ews/item_header.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string_view>
#include <utility>

#include "base/ascii.hpp"
#include "net/base64.hpp"
#include "source/utf8.hpp"

namespace roe::ews {

namespace {

constexpr std::size_t room_for_properties = 64 << 10;

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

std::string without_controls(std::string_view text) {
    std::string result(text);
    std::ranges::replace_if(result, is_control, ' ');
    return result;
}

// RFC 2047: a word has at most 75 characters and whole characters only.
std::string encoded_words(std::string_view text) {
    constexpr std::size_t most = 45;
    std::string words;
    std::string piece;
    const auto flush = [&] {
        if (!words.empty()) words += "\r\n ";
        words += "=?utf-8?B?" + net::base64(piece) + "?=";
        piece.clear();
    };
    while (!text.empty()) {
        std::string character;
        append_utf8(character, take_code_point(text));
        if (piece.size() + character.size() > most) flush();
        piece += character;
    }
    if (!piece.empty()) flush();
    return words;
}

// What was decoded already must not be decoded once more: text that looks like an encoded word is encoded, too.
std::string unstructured(std::string_view text) {
    const std::string line = without_controls(text);
    const bool plain = line.find("=?") == std::string::npos &&
                       std::ranges::all_of(line, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    return plain ? line : encoded_words(line);
}

std::string phrase(std::string_view name) {
    std::string text = unstructured(name);
    if (text.starts_with("=?")) return text;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

// An address of Exchange's own directory ("/O=ORG/OU=…/CN=ann") is none on the wire: its name stands for it.
std::string written(const Mailbox &mailbox) {
    std::string address = without_controls(mailbox.address);
    std::erase_if(address, [](char c) { return c == '<' || c == '>' || c == ' '; });
    const bool of_directory = address.starts_with('/') || address.find('@') == std::string::npos;
    if (of_directory) return mailbox.name.empty() ? std::string() : phrase(mailbox.name);
    if (mailbox.name.empty() || mailbox.name == mailbox.address) return address;
    return phrase(mailbox.name) + " <" + address + '>';
}

std::string written(const std::vector<Mailbox> &mailboxes) {
    std::string list;
    for (const Mailbox &mailbox : mailboxes) {
        const std::string one = written(mailbox);
        if (one.empty()) continue;
        if (!list.empty()) list += ",\r\n ";
        list += one;
    }
    return list;
}

std::string written(const std::optional<Mailbox> &mailbox) {
    return mailbox ? written(*mailbox) : std::string();
}

// RFC 5322 §3.3
std::string written(WallTime time) {
    constexpr std::array<const char *, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char *, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
    char text[64];
    const int size =
        std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d +0000",
                      days.at(std::chrono::weekday(day).c_encoding()), static_cast<unsigned>(date.day()),
                      months.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()),
                      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                      static_cast<int>(clock.seconds().count()));
    return {text, static_cast<std::size_t>(size)};
}

bool is_field_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7f && c != ':'; });
}

std::string_view take_line(std::string_view &text) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

// The name of the field that a line begins; empty when it begins none.
std::string_view field_name(std::string_view line) {
    std::string_view name = line.substr(0, std::min(line.find(':'), line.size()));
    if (name.size() == line.size()) return {};
    while (name.ends_with(' ') || name.ends_with('\t'))
        name.remove_suffix(1);
    return is_field_name(name) ? name : std::string_view();
}

bool has_field(std::string_view block, std::string_view name) {
    while (!block.empty()) {
        if (same_word(field_name(take_line(block)), name)) return true;
    }
    return false;
}

// What the server has decoded in time is better than what came of bytes that were in some other charset.
void drop_unreadable(std::string &block, std::string_view name) {
    constexpr std::string_view unreadable = "\xef\xbf\xbd";
    if (block.find(unreadable) == std::string::npos) return;
    std::string kept;
    for (std::string_view rest = block; !rest.empty();) {
        const std::string_view before = rest;
        const bool named = same_word(field_name(take_line(rest)), name);
        while (rest.starts_with(' ') || rest.starts_with('\t'))
            take_line(rest);
        const auto field = before.substr(0, before.size() - rest.size());
        if (!named || field.find(unreadable) == std::string_view::npos) kept += field;
    }
    block = std::move(kept);
}

// Some versions keep the headers of the mail's parts behind its own, after an empty line.
std::string_view first_block(std::string_view text) {
    while (text.starts_with('\r') || text.starts_with('\n'))
        text.remove_prefix(1);
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t begin = text.size() - rest.size();
        if (take_line(rest).empty()) return text.substr(0, begin);
    }
    return text;
}

std::string of_list(const std::vector<std::pair<std::string, std::string>> &fields) {
    std::string block;
    for (const auto &[name, value] : fields) {
        if (is_field_name(name)) block.append(name).append(": ").append(without_controls(value)).append("\r\n");
    }
    return block;
}

// A field that no property fills is not written.
void add_missing(std::string &block, std::string_view name, const std::string &value) {
    if (value.empty() || has_field(block, name)) return;
    if (!block.empty() && !block.ends_with('\n')) block += "\r\n";
    block.append(name).append(": ").append(value).append("\r\n");
}

} // namespace

HeaderBlock header_block(const ItemProperties &item, std::size_t most_bytes) {
    HeaderBlock result;
    result.truncated = item.truncated;
    const std::string_view transport = first_block(item.transport_headers);
    // Any field will do to tell a header from a remark that some gateway left there.
    const auto begins_field = [](std::string_view block) {
        while (!block.empty()) {
            if (!field_name(take_line(block)).empty()) return true;
        }
        return false;
    };
    if (begins_field(transport)) {
        result.bytes = transport;
        result.from = HeaderFrom::transport;
    } else if (result.bytes = of_list(item.listed); !result.bytes.empty()) {
        result.from = HeaderFrom::listed;
    }

    std::string &block = result.bytes;
    if (block.size() > most_bytes) {
        // What was cut off may be what a filter asks for; the properties still say it.
        block.resize(most_bytes - std::min(most_bytes / 2, room_for_properties));
        block.resize(block.rfind('\n') + 1);
        result.truncated = true;
    }
    if (item.from) drop_unreadable(block, "From");
    if (!item.to.empty()) drop_unreadable(block, "To");
    if (!item.cc.empty()) drop_unreadable(block, "Cc");
    if (!item.subject.empty()) drop_unreadable(block, "Subject");
    add_missing(block, "From", written(item.from));
    if (result.from == HeaderFrom::properties) {
        add_missing(block, "Sender", written(item.sender));
        add_missing(block, "Reply-To", written(item.reply_to));
        add_missing(block, "In-Reply-To", without_controls(item.in_reply_to));
        add_missing(block, "References", without_controls(item.references));
        add_missing(block, "Importance", unstructured(item.importance));
    }
    add_missing(block, "To", written(item.to));
    add_missing(block, "Cc", written(item.cc));
    add_missing(block, "Subject", unstructured(item.subject));
    add_missing(block, "Date", item.sent_at ? written(*item.sent_at) : std::string());
    add_missing(block, "Message-ID", without_controls(item.message_id));
    if (block.size() > most_bytes) {
        block.resize(most_bytes);
        result.truncated = true;
    }
    return result;
}

} // namespace roe::ews
