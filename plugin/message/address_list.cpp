#include "message/address_list.hpp"

#include <algorithm>
#include <optional>

#include "base/unicode.hpp"
#include "message/encoded_word.hpp"
#include "message/gmime.hpp"
#include "message/header_field.hpp"

namespace roe::message {

namespace {

constexpr std::size_t longest_mailbox = 4096; // RFC 5321 4.5.3.1 allows an address 320
constexpr std::size_t most_mailboxes = 10'000;

// A list cut into its members. GMime could parse the whole, but looks through the rest of the list for each
// member that it cannot make out, and recurses into groups: both without a bound.
class Splitter {
  public:
    explicit Splitter(std::string_view list) : list_(list) {}

    std::vector<std::string_view> members() {
        for (; at_ < list_.size() && members_.size() < most_mailboxes; ++at_)
            step(list_[at_]);
        end_member();
        return std::move(members_);
    }

  private:
    // Takes what belongs to a quoted string or a comment, in which nothing separates.
    bool step_in_quotes(char c) {
        const bool inside = quoted_ || comment_ > 0;
        if (c == '\\' && inside) {
            ++at_;
        } else if (c == '"' && comment_ == 0) {
            quoted_ = !quoted_ && closes('"');
            return true;
        } else if (c == '(' && !quoted_) {
            if (inside || closes(')')) ++comment_;
            return true;
        } else if (c == ')' && comment_ > 0) {
            --comment_;
        }
        return inside;
    }

    void step(char c) {
        if (step_in_quotes(c)) return;
        if (c == '<') {
            angle_ = true;
        } else if (c == '>') {
            angle_ = false;
        } else if (c == '@') {
            at_sign_ = true;
        } else if (c == ':' && !angle_ && !at_sign_) {
            begin_ = at_ + 1; // the name of a group is not an address
        } else if (c == ';' || (c == ',' && ends_member())) {
            end_member();
        }
    }

    // A quote or bracket that is never closed is an ordinary character. The last place of each is looked up
    // once.
    bool closes(char c) {
        auto &last = c == '"' ? last_quote_ : last_bracket_;
        if (!last) last = list_.rfind(c);
        return *last != std::string_view::npos && *last > at_;
    }

    // "Last, First <a@b>": senders leave out the quotes. A piece without "@" and "<" is a part of a name, when
    // a mailbox in angle brackets follows.
    bool ends_member() {
        const std::string_view piece = list_.substr(begin_, at_ - begin_);
        if (piece.find_first_of("@<") != std::string_view::npos || trimmed(piece).empty()) return true;
        const std::size_t next = list_.find_first_of("<,;@", at_ + 1);
        return next == std::string_view::npos || list_[next] != '<';
    }

    void end_member() {
        const std::size_t end = std::min(at_, list_.size());
        const std::string_view member =
            trimmed(list_.substr(std::min(begin_, end), end - std::min(begin_, end)));
        if (!member.empty()) members_.push_back(member);
        begin_ = at_ + 1;
        angle_ = at_sign_ = false;
    }

    std::string_view list_;
    std::vector<std::string_view> members_;
    std::size_t at_ = 0;
    std::size_t begin_ = 0;
    bool quoted_ = false;
    bool angle_ = false;
    bool at_sign_ = false;
    int comment_ = 0;
    std::optional<std::size_t> last_quote_;
    std::optional<std::size_t> last_bracket_;
};

std::string clean(std::string_view text) {
    std::string line = unicode::repaired(text);
    std::ranges::replace_if(
        line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
    return std::string(trimmed(line));
}

std::optional<Address> parsed(const std::string &member) {
    const GObjectOwner<InternetAddressList> list(internet_address_list_parse(gmime_options(), member.c_str()));
    if (!list || internet_address_list_length(list.get()) != 1) return std::nullopt;
    InternetAddress *first = internet_address_list_get_address(list.get(), 0);
    if (!INTERNET_ADDRESS_IS_MAILBOX(first)) return std::nullopt;
    const char *name = internet_address_get_name(first);
    // GMime decodes punycode where a domain begins with it; the payload has addresses as they are written.
    InternetAddressMailbox *mailbox = INTERNET_ADDRESS_MAILBOX(first);
    const bool punycode = unicode::folded(member).find("xn--") != std::string::npos;
    const char *address =
        punycode ? internet_address_mailbox_get_idn_addr(mailbox) : internet_address_mailbox_get_addr(mailbox);
    if (address == nullptr || std::string_view(address).find('@') == std::string_view::npos)
        return std::nullopt;
    return Address{clean(name == nullptr ? "" : name), clean(address)};
}

std::string unquoted(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\' && at + 1 < text.size())
            ++at;
        else if (text[at] == '"')
            continue;
        plain += text[at];
    }
    return plain;
}

// What GMime does not take: "<postmaster>", "Bob", "a@b@c", "ann@ example.org".
Address salvaged(const std::string &member) {
    const std::size_t open = member.rfind('<');
    if (open != std::string::npos) {
        const std::string inside = member.substr(open + 1, member.find('>', open) - open - 1);
        return {clean(decode_words(unquoted(member.substr(0, open)))), clean(inside)};
    }
    if (member.find('@') != std::string::npos && member.find_first_of(" \t\"(") == std::string::npos) {
        return {{}, clean(member)};
    }
    return {clean(decode_words(unquoted(member))), {}};
}

} // namespace

std::vector<Address> parse_addresses(std::string_view raw, std::string_view body_charset) {
    const std::string line = in_plain_words(raw, body_charset);
    std::vector<Address> addresses;
    for (const std::string_view member : Splitter(line).members()) {
        const std::string bounded(unicode::beginning(member, longest_mailbox));
        const bool may_be_address = bounded.find('@') != std::string::npos;
        auto address = may_be_address ? parsed(bounded) : std::nullopt;
        addresses.push_back(address ? std::move(*address) : salvaged(bounded));
    }
    return addresses;
}

} // namespace roe::message
