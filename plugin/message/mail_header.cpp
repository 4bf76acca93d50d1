#include "message/mail_header.hpp"

#include <algorithm>

#include "base/unicode.hpp"
#include "message/address_list.hpp"
#include "message/charset.hpp"
#include "message/content_fields.hpp"
#include "message/gmime.hpp"

namespace roe::message {

namespace {

struct DateUnref {
    void operator()(GDateTime *date) const { g_date_time_unref(date); }
};

// "00:01+0000": GMime takes the zone for a part of the minutes.
std::string with_zone_apart(std::string date) {
    for (std::size_t at = 1; at < date.size(); ++at) {
        const bool sign = date[at] == '+' || date[at] == '-';
        const bool after_time = date[at - 1] >= '0' && date[at - 1] <= '9' && date.find(':') < at;
        if (sign && after_time) {
            date.insert(at, 1, ' ');
            break;
        }
    }
    return date;
}

std::string id_at(std::string_view text) {
    std::string id(trimmed(text));
    std::erase_if(id, [](char c) { return c == ' ' || c == '\t'; });
    return id;
}

// What stands in the fields in some charset of 8 bits that is not UTF-8.
std::string raw_text(const std::vector<HeaderField> &fields) {
    std::string text;
    for (const HeaderField &field : fields) {
        if (!unicode::is_utf8(field.raw)) text.append(field.raw).append("\n");
    }
    return text;
}

std::optional<WallTime> parsed_date(std::string_view raw) {
    constexpr std::size_t longest = 200;
    constexpr std::int64_t first = -62135596800; // 0001-01-01, the first that RFC 3339 and GLib can say
    constexpr std::int64_t last = 253402300799;  // 9999-12-31
    const std::string written = with_zone_apart(unfolded(raw.substr(0, longest)));
    gmime_options();
    const std::unique_ptr<GDateTime, DateUnref> parsed(g_mime_utils_header_decode_date(written.c_str()));
    if (!parsed) return std::nullopt;
    const std::int64_t seconds = g_date_time_to_unix(parsed.get());
    if (seconds < first || seconds > last) return std::nullopt;
    return WallTime(std::chrono::seconds(seconds));
}

} // namespace

MailHeader::MailHeader(std::string_view block) : fields_(split_header(block)) {
    if (unicode::is_utf8(block)) return;
    if (const HeaderField *type = find_field(fields_, "Content-Type")) {
        auto field = parse_parameterized(type->raw, {});
        raw_charset_ = field.parameters["charset"];
    }
    // These can't be what the fields are in. All of them together tell more than a subject of one word.
    if (raw_charset_.empty() || same_name(raw_charset_, "utf-8") || same_name(raw_charset_, "us-ascii"))
        raw_charset_ = guess_charset(raw_text(fields_));
}

std::string MailHeader::text(std::string_view name) const {
    const HeaderField *field = find_field(fields_, name);
    return field == nullptr ? std::string() : text(*field);
}

std::vector<Address> MailHeader::addresses(std::string_view name) const {
    std::vector<Address> all;
    for (const HeaderField &field : fields_) {
        if (!same_name(field.name, name)) continue;
        auto some = parse_addresses(field.raw, raw_charset_);
        std::ranges::move(some, std::back_inserter(all));
    }
    return all;
}

std::vector<std::string> MailHeader::ids(std::string_view name) const {
    constexpr std::size_t most = 1000;
    const std::string line = text(name);
    std::vector<std::string> ids;
    for (std::size_t open = line.find('<'); open != std::string::npos && ids.size() < most;) {
        const std::size_t close = line.find('>', open);
        if (close == std::string::npos) break;
        if (auto id = id_at(std::string_view(line).substr(open + 1, close - open - 1)); !id.empty()) {
            ids.push_back(std::move(id));
        }
        open = line.find('<', close);
    }
    // Without brackets: only a single word with an "@" is an identifier and not prose ("Your message of
    // Monday").
    const bool single = line.find('@') != std::string::npos && line.find_first_of(" <>") == std::string::npos;
    if (ids.empty() && single) ids.push_back(line);
    return ids;
}

std::string MailHeader::message_id() const {
    const auto found = ids("Message-ID");
    if (!found.empty()) return found.front();
    std::string written = text("Message-ID"); // in whatever form, it is still the mail's own name
    std::erase_if(written, [](char c) { return c == '<' || c == '>'; });
    return written;
}

std::optional<WallTime> MailHeader::date() const {
    const HeaderField *field = find_field(fields_, "Date");
    return field == nullptr ? std::nullopt : parsed_date(field->raw);
}

std::optional<WallTime> MailHeader::arrival() const {
    const HeaderField *field = find_field(fields_, "Received");
    if (field == nullptr) return std::nullopt;
    // RFC 5322 §3.6.7: the time stands behind the last semicolon.
    const std::string_view raw = field->raw;
    const auto semicolon = raw.rfind(';');
    return semicolon == std::string_view::npos ? std::nullopt : parsed_date(raw.substr(semicolon + 1));
}

std::string MailHeader::importance() const {
    const auto says = [this](std::string_view name, std::string_view word) {
        return unicode::folded(text(name)).starts_with(word);
    };
    // RFC 2156 5.3.4 Importance, 5.3.6 Priority; X-Priority 1 to 5 as Eudora and Outlook have it.
    if (says("Importance", "high") || says("X-Priority", "1") || says("X-Priority", "2")) return "high";
    if (says("Importance", "low") || says("X-Priority", "4") || says("X-Priority", "5")) return "low";
    if (says("Importance", "normal") || says("X-Priority", "3")) return "normal";
    for (const std::string_view name : {"X-MSMail-Priority", "Priority"}) {
        if (says(name, "high") || says(name, "urgent")) return "high";
        if (says(name, "low") || says(name, "non-urgent")) return "low";
        if (says(name, "normal")) return "normal";
    }
    return {};
}

} // namespace roe::message
