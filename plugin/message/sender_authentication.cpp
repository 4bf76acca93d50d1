#include "message/sender_authentication.hpp"

#include <algorithm>

#include "base/unicode.hpp"
#include "message/authentication_results.hpp"
#include "message/mail_header.hpp"

namespace roe::message {

namespace {

// Comparable: in one case, punycode decoded. Of an address the domain; empty when it can't be one.
std::string domain_in(std::string_view address) {
    std::string domain = unicode::folded_address(address.substr(address.rfind('@') + 1)); // npos + 1 is 0
    if (domain.ends_with('.')) domain.pop_back();
    return domain;
}

bool is_within(std::string_view inner, std::string_view outer) {
    return inner.size() > outer.size() && inner.ends_with(outer) &&
           inner[inner.size() - outer.size() - 1] == '.';
}

// RFC 7489 §3.1 compares organisational domains, which takes a list of public suffixes. Here one domain must
// lie within the other, and the outer one be more than a top-level domain: siblings are left out, strangers
// stay out.
bool is_aligned(std::string_view domain, std::string_view from) {
    if (domain.empty() || from.empty()) return false;
    if (domain == from) return true;
    const auto [outer, inner] = std::ranges::minmax(domain, from, {}, &std::string_view::size);
    return outer.find('.') != std::string_view::npos && is_within(inner, outer);
}

// Of the single author; empty when there are several, or none.
std::string author_domain(const MailHeader &header) {
    const auto is_from = [](const HeaderField &field) { return same_name(field.name, "From"); };
    const auto addresses = header.addresses("From");
    if (std::ranges::count_if(header.fields(), is_from) != 1 || addresses.size() != 1) return {};
    const std::string &address = addresses.front().address;
    return address.find('@') == std::string::npos ? std::string() : domain_in(address);
}

std::optional<AuthenticationResults> results_of(const MailHeader &header, std::string_view authserv) {
    const std::string wanted = unicode::folded_address(authserv);
    for (const HeaderField &field : header.fields()) {
        if (!same_name(field.name, "Authentication-Results")) continue;
        auto results = parse_authentication_results(field.raw);
        if (!results.authserv_id.empty() && unicode::folded_address(results.authserv_id) == wanted)
            return results;
    }
    return std::nullopt;
}

std::string domain_of_signature(const AuthenticationResult &dkim) {
    const auto signer = dkim.property("header.d");
    return domain_in(signer.empty() ? dkim.property("header.i") : signer);
}

// DMARC's word, where it has one.
std::optional<SenderAuthentication> by_dmarc(const AuthenticationResults &results, std::string_view from) {
    std::optional<SenderAuthentication> word;
    for (const AuthenticationResult &result : results.results) {
        if (result.method != "dmarc" || result.result == "none") continue;
        const auto about = result.property("header.from");
        if (result.result != "pass")
            return SenderAuthentication{false,
                                        "dmarc is " + std::string(unicode::beginning(result.result, 20))};
        if (!about.empty() && domain_in(about) != from)
            return SenderAuthentication{false, "dmarc is pass, but for another domain than that of From"};
        word = {true, "dmarc is pass"};
    }
    return word;
}

bool passes_for(const AuthenticationResult &result, std::string_view from) {
    if (result.result != "pass") return false;
    if (result.method == "spf") return is_aligned(domain_in(result.property("smtp.mailfrom")), from);
    return result.method == "dkim" && is_aligned(domain_of_signature(result), from);
}

} // namespace

SenderAuthentication authenticate_sender(std::string_view header, std::string_view trusted_authserv) {
    if (trusted_authserv.empty()) return {std::nullopt, "the mailbox has no trusted authserv-id"};
    const MailHeader fields(header);
    const std::string from = author_domain(fields);
    if (from.empty()) return {false, "From does not name one address"};
    const auto results = results_of(fields, trusted_authserv);
    const std::string server(unicode::beginning(trusted_authserv, 100));
    if (!results) return {false, "there are no Authentication-Results of " + server};
    if (!results->readable) return {false, "the Authentication-Results of " + server + " can't be read"};
    if (auto word = by_dmarc(*results, from)) return *std::move(word);
    const auto passed =
        std::ranges::find_if(results->results, [&](const auto &result) { return passes_for(result, from); });
    if (passed == results->results.end())
        return {false, "neither dmarc is pass nor, for the domain of From, spf or dkim"};
    return {true, passed->method + " is pass for the domain of From"};
}

} // namespace roe::message
