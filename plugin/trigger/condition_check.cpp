#include "trigger/condition_check.hpp"

#include <algorithm>

#include "base/unicode.hpp"
#include "message/auto_reply.hpp"
#include "message/mail_header.hpp"
#include "message/sender_authentication.hpp"
#include "trigger/wording.hpp"

namespace roe::trigger {

namespace {

// As a search compares text: without the blanks around it.
std::string searchable(std::string_view text) {
    std::string folded = unicode::folded(text);
    folded.erase(0, std::min(folded.find_first_not_of(' '), folded.size()));
    folded.erase(folded.find_last_not_of(' ') + 1);
    return folded;
}

} // namespace

ConditionCheck::ConditionCheck(Condition condition, std::size_t number)
    : condition_(std::move(condition)), number_(number) {
    folded_ = searchable(condition_.text);
    folded_address_ = unicode::folded_address(condition_.text);
    if (condition_.op == Condition::Op::regex) expression_.emplace(condition_.text);
}

bool ConditionCheck::by_header() const {
    using Field = Condition::Field;
    const auto field = condition_.field;
    return field != Field::body && field != Field::has_attachment && field != Field::attachment_name;
}

std::optional<Verdict> ConditionCheck::refusal(const message::Envelope &envelope, const Head &head) const {
    return refusal(find(envelope, head));
}

std::optional<Verdict> ConditionCheck::refusal(const message::Content &content,
                                               std::string_view folded_text) const {
    return refusal(find(content, folded_text));
}

std::optional<Verdict> ConditionCheck::refusal(const Finding &finding) const {
    if (finding.holds && *finding.holds != condition_.negated) return std::nullopt;
    std::string words = "Condition " + std::to_string(number_) + " is not met (" + in_words(condition_) + ")";
    words.append(finding.words.empty() ? "" : ": ").append(finding.words).append(".");
    return Verdict{false, std::string(name_of(condition_.field)), std::move(words)};
}

ConditionCheck::Finding ConditionCheck::find(const message::Envelope &envelope, const Head &head) const {
    using Field = Condition::Field;
    switch (condition_.field) {
    case Field::to:
        return find_address("To", envelope.to);
    case Field::cc:
        return find_address("Cc", envelope.cc);
    case Field::header:
        return find_header(head.header);
    case Field::size:
        return find_size(head.size);
    case Field::auto_reply: {
        const std::string sign = message::automatic_sign(head.header);
        return {condition_.flag != sign.empty(),
                sign.empty() ? "nothing says that a program answers" : shown(sign)};
    }
    case Field::sender_authenticated: {
        const auto sender = message::authenticate_sender(head.header, head.trusted_authserv);
        if (!sender.authenticated) return {std::nullopt, sender.words};
        return {condition_.flag == *sender.authenticated, sender.words};
    }
    default:
        return {};
    }
}

ConditionCheck::Finding ConditionCheck::find(const message::Content &content,
                                             std::string_view folded_text) const {
    using Field = Condition::Field;
    const auto &names = content.attachment_names;
    switch (condition_.field) {
    case Field::body:
        if (expression_) return {expression_->found_in(content.text), {}};
        if (condition_.op == Condition::Op::equals) return {searchable(content.text) == folded_, {}};
        return {folded_text.find(folded_) != std::string_view::npos, {}};
    case Field::has_attachment:
        return {condition_.flag != names.empty(),
                names.empty() ? "nothing is attached" : std::to_string(names.size()) + " attached"};
    case Field::attachment_name:
        return find_name(names);
    default:
        return {};
    }
}

ConditionCheck::Finding ConditionCheck::find_address(const char *field,
                                                     const std::vector<message::Address> &list) const {
    const bool found = std::ranges::any_of(list, [this](const auto &address) { return matches(address); });
    return {found, std::string(field).append(" is ").append(shown(list))};
}

ConditionCheck::Finding ConditionCheck::find_header(std::string_view block) const {
    const message::MailHeader header(block);
    std::string first;
    bool present = false;
    for (const auto &field : header.fields()) {
        if (!message::same_name(field.name, condition_.name)) continue;
        const std::string value = header.text(field);
        if (matches(value)) return {true, condition_.name + " is " + in_quotes(value)};
        if (!present) first = value;
        present = true;
    }
    return {false, present ? condition_.name + " is " + in_quotes(first) : "there is no " + condition_.name};
}

ConditionCheck::Finding ConditionCheck::find_size(std::int64_t size) const {
    if (size <= 0) return {std::nullopt, "the server does not say how large the mail is"};
    const bool holds = condition_.op == Condition::Op::gt   ? size > condition_.number
                       : condition_.op == Condition::Op::lt ? size < condition_.number
                                                            : size == condition_.number;
    return {holds, "the mail has " + std::to_string(size) + " bytes"};
}

ConditionCheck::Finding ConditionCheck::find_name(const std::vector<std::string> &names) const {
    constexpr std::size_t enough = 10;
    std::string list;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (matches(names[i])) return {true, "attached is " + in_quotes(names[i])};
        if (i < enough) list.append(list.empty() ? "" : ", ").append(shown(names[i]));
    }
    return {false, names.empty() ? "nothing is attached" : "attached is " + in_quotes(list)};
}

bool ConditionCheck::matches(std::string_view text) const {
    if (expression_) return expression_->found_in(text);
    const std::string folded = searchable(text);
    return condition_.op == Condition::Op::equals ? folded == folded_
                                                  : folded.find(folded_) != std::string::npos;
}

// Equal is an address and never a display name, which is whatever its writer likes.
bool ConditionCheck::matches(const message::Address &address) const {
    const std::string folded = unicode::folded_address(address.address);
    if (condition_.op == Condition::Op::equals) return folded == folded_address_;
    return matches(std::string_view(folded)) || matches(std::string_view(address.name));
}

} // namespace roe::trigger
