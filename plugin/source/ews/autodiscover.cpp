#include "source/ews/autodiscover.hpp"

#include <array>
#include <sstream>

#include <pugixml.hpp>

#include "base/ascii.hpp"

namespace roe::ews {

namespace {

constexpr const char *request_schema =
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006";
constexpr const char *response_schema =
    "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";

// Whatever its prefix.
std::string_view local_name(const pugi::xml_node &node) {
    const std::string_view name = node.name();
    return name.substr(name.find(':') + 1);
}

pugi::xml_node child(const pugi::xml_node &parent, std::string_view name) {
    for (const auto &node : parent.children())
        if (local_name(node) == name) return node;
    return {};
}

std::string text_of(const pugi::xml_node &parent, std::string_view name) {
    return child(parent, name).text().get();
}

} // namespace

std::string autodiscover_request(std::string_view address) {
    pugi::xml_document document;
    auto root = document.append_child("Autodiscover");
    root.append_attribute("xmlns").set_value(request_schema);
    auto request = root.append_child("Request");
    request.append_child("EMailAddress").text().set(std::string(address).c_str());
    request.append_child("AcceptableResponseSchema").text().set(response_schema);
    std::ostringstream text;
    document.save(text, "", pugi::format_raw, pugi::encoding_utf8);
    return text.str();
}

std::optional<AutodiscoverAnswer> read_autodiscover(std::string_view body) {
    if (body.size() > most_autodiscover_bytes) return std::nullopt;
    pugi::xml_document document;
    // The library resolves no entities but XML's own five.
    if (!document.load_buffer(body.data(), body.size())) return std::nullopt;
    const auto root = document.document_element();
    const auto response = child(root, "Response");
    if (local_name(root) != "Autodiscover" || !response) return std::nullopt;
    AutodiscoverAnswer answer;
    const auto account = child(response, "Account");
    // What is meant for programs outside of the network is as good inside.
    for (const std::string_view wanted : {"EXPR", "EXCH"})
        for (const auto &protocol : account.children()) {
            if (local_name(protocol) != "Protocol" || text_of(protocol, "Type") != wanted) continue;
            if (answer.ews_url.empty()) answer.ews_url = text_of(protocol, "EwsUrl");
            if (answer.ews_url.empty()) answer.ews_url = text_of(protocol, "ASUrl");
        }
    const auto action = text_of(account, "Action");
    if (same_word(action, "redirectUrl")) answer.redirect_url = text_of(account, "RedirectUrl");
    if (same_word(action, "redirectAddr")) answer.redirect_address = text_of(account, "RedirectAddr");
    return answer;
}

} // namespace roe::ews
