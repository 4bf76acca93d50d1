#include "trigger/filter.hpp"

#include <algorithm>

#include "base/unicode.hpp"
#include "trigger/wording.hpp"

namespace roe::trigger {

namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// The values of a list; a quote that is never closed goes to the end.
std::vector<std::string> split_values(std::string_view list) {
    std::vector<std::string> values;
    std::string value;
    bool in_quotes = false;
    const auto end_value = [&] {
        if (const std::string_view text = trimmed(value); !text.empty()) values.emplace_back(text);
        value.clear();
    };
    for (std::size_t at = 0; at < list.size(); ++at) {
        const char c = list[at];
        if (in_quotes && c == '\\' && at + 1 < list.size() && (list[at + 1] == '"' || list[at + 1] == '\\')) {
            value += list[++at];
        } else if (c == '"') {
            in_quotes = !in_quotes;
        } else if (!in_quotes && (c == ';' || c == ',' || c == '\n')) {
            end_value();
        } else {
            value += c;
        }
    }
    end_value();
    return values;
}

bool is_address(std::string_view text) {
    const std::size_t at = text.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
           text.find('@', at + 1) == std::string_view::npos &&
           text.find_first_of(" \t<>") == std::string_view::npos;
}

// "Ann <ann@example.org>", pasted from a mail.
std::string_view address_in_brackets(std::string_view text) {
    const std::size_t open = text.rfind('<');
    if (open == std::string_view::npos || !text.ends_with('>')) return {};
    const std::string_view inside = trimmed(text.substr(open + 1, text.size() - open - 2));
    return is_address(inside) ? inside : std::string_view();
}

bool is_domain(std::string_view text) {
    return !text.empty() && text.find_first_of("@* \t") == std::string_view::npos;
}

SenderPattern parse_pattern(std::string_view text) {
    using Kind = SenderPattern::Kind;
    if (const auto inside = address_in_brackets(text); !inside.empty()) {
        return {Kind::address, unicode::folded_address(inside), std::string(text)};
    }
    const std::size_t star = text.starts_with("*@") ? 1 : 0;
    if (text.substr(star).starts_with('@') && is_domain(text.substr(star + 1))) {
        return {Kind::domain, unicode::folded_address(text.substr(star + 1)), std::string(text)};
    }
    if (is_address(text)) return {Kind::address, unicode::folded_address(text), std::string(text)};
    return {Kind::part, unicode::folded(text), std::string(text)};
}

std::string_view domain_of(std::string_view address) {
    const std::size_t at = address.rfind('@');
    return at == std::string_view::npos ? std::string_view() : address.substr(at + 1);
}

// A sender as the patterns see it, folded once for all of them.
struct Sender {
    std::string address;
    std::string searched_address;
    std::string searched_name;
};

Sender folded(const message::Address &from) {
    Sender sender;
    sender.address = unicode::folded_address(from.address);
    sender.searched_address = unicode::folded(sender.address); // with its domain decoded
    sender.searched_name = unicode::folded(from.name);
    return sender;
}

bool matches(const SenderPattern &pattern, const Sender &sender) {
    switch (pattern.kind) {
    case SenderPattern::Kind::address:
        return sender.address == pattern.folded;
    case SenderPattern::Kind::domain:
        return domain_of(sender.address) == pattern.folded;
    case SenderPattern::Kind::part:
        break;
    }
    return sender.searched_address.find(pattern.folded) != std::string::npos ||
           sender.searched_name.find(pattern.folded) != std::string::npos;
}

std::string listed_patterns(const std::vector<SenderPattern> &patterns) {
    std::string list;
    for (const SenderPattern &pattern : patterns)
        list.append(list.empty() ? "" : "; ").append(pattern.as_typed);
    return shown(list);
}

// The pattern that lets the mail in, or null.
const SenderPattern *matching(const Filter &filter, const std::vector<message::Address> &from) {
    for (const message::Address &address : from) {
        const Sender sender = folded(address);
        const auto found = std::ranges::find_if(filter.from, [&](const auto &p) { return matches(p, sender); });
        if (found != filter.from.end()) return &*found;
    }
    return nullptr;
}

} // namespace

Filter parse_filter(std::string_view from, std::string_view subject, const Conditions &more) {
    Filter filter;
    for (const std::string &value : split_values(from)) {
        SenderPattern pattern = parse_pattern(value);
        if (!pattern.folded.empty()) filter.from.push_back(std::move(pattern));
    }
    filter.subject_as_typed = std::string(trimmed(subject));
    filter.subject_folded = unicode::folded(filter.subject_as_typed);
    for (const Condition &condition : more)
        filter.conditions.emplace_back(condition, filter.conditions.size() + 1);
    return filter;
}

bool Filter::needs_content() const {
    return !std::ranges::all_of(conditions, &ConditionCheck::by_header);
}

bool wants_sender(const Filter &filter, const message::Address &from) {
    return matching(filter, {from}) != nullptr;
}

Verdict decide(const Filter &filter, const message::Envelope &envelope, const Head &head) {
    std::string why;
    if (!filter.from.empty()) {
        const SenderPattern *pattern = matching(filter, envelope.from);
        if (pattern == nullptr) {
            return {false, "from",
                    "From is " + shown(envelope.from) + ", none of: " + listed_patterns(filter.from) + "."};
        }
        why = "From is " + shown(envelope.from) + ", as wanted by: " + shown(pattern->as_typed) + ".";
    }
    if (!filter.subject_folded.empty()) {
        const std::string subject =
            envelope.subject.empty() ? "The mail has no subject" : "Subject " + in_quotes(envelope.subject);
        const std::string wanted = in_quotes(filter.subject_as_typed);
        if (unicode::folded(envelope.subject).find(filter.subject_folded) == std::string::npos) {
            return {false, "subject",
                    subject + (envelope.subject.empty() ? "; wanted: " : " does not contain ") + wanted + "."};
        }
        why += (why.empty() ? "" : " ") + subject + " contains " + wanted + ".";
    }
    for (const ConditionCheck &condition : filter.conditions) {
        if (!condition.by_header()) continue;
        if (auto refused = condition.refusal(envelope, head)) return *std::move(refused);
    }
    if (!filter.conditions.empty())
        why += std::string(why.empty() ? "" : " ") + "The other conditions are met.";
    return {true, "matched", why.empty() ? "The filter is empty: every mail matches." : why};
}

std::optional<Verdict> refusal_by_content(const Filter &filter, const message::Content &content) {
    const std::string folded_text = unicode::folded(content.text);
    for (const ConditionCheck &condition : filter.conditions) {
        if (condition.by_header()) continue;
        if (auto refused = condition.refusal(content, folded_text)) return refused;
    }
    return std::nullopt;
}

} // namespace roe::trigger
