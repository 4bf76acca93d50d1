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
constexpr const char *soap_envelope = "http://schemas.xmlsoap.org/soap/envelope/";
constexpr const char *soap_addressing = "http://www.w3.org/2005/08/addressing";
constexpr const char *soap_schema = "http://schemas.microsoft.com/exchange/2010/Autodiscover";
constexpr const char *get_user_settings =
    "http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/GetUserSettings";

// What is meant for programs outside of the network is as good inside.
constexpr std::array<std::string_view, 2> protocols_best_first{"EXPR", "EXCH"};
constexpr std::array ews_urls_best_first{"ExternalEwsUrl", "InternalEwsUrl"};

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

std::string text_of(const pugi::xml_document &document) {
    std::ostringstream text;
    document.save(text, "", pugi::format_raw, pugi::encoding_utf8);
    return text.str();
}

AutodiscoverAnswer plain_answer(const pugi::xml_node &response) {
    AutodiscoverAnswer answer;
    const auto account = child(response, "Account");
    for (const auto wanted : protocols_best_first)
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

AutodiscoverAnswer soap_answer(const pugi::xml_node &response) {
    AutodiscoverAnswer answer;
    // One user was asked for.
    const auto user = child(child(response, "UserResponses"), "UserResponse");
    const auto settings = child(user, "UserSettings");
    for (const std::string_view wanted : ews_urls_best_first)
        for (const auto &setting : settings.children())
            if (answer.ews_url.empty() && text_of(setting, "Name") == wanted)
                answer.ews_url = text_of(setting, "Value");
    const auto code = text_of(user, "ErrorCode");
    if (code == "RedirectUrl") answer.redirect_url = text_of(user, "RedirectTarget");
    if (code == "RedirectAddress") answer.redirect_address = text_of(user, "RedirectTarget");
    return answer;
}

} // namespace

std::string autodiscover_request(std::string_view address) {
    pugi::xml_document document;
    auto root = document.append_child("Autodiscover");
    root.append_attribute("xmlns").set_value(request_schema);
    auto request = root.append_child("Request");
    request.append_child("EMailAddress").text().set(std::string(address).c_str());
    request.append_child("AcceptableResponseSchema").text().set(response_schema);
    return text_of(document);
}

std::string autodiscover_soap_request(std::string_view address, std::string_view service) {
    pugi::xml_document document;
    auto envelope = document.append_child("s:Envelope");
    envelope.append_attribute("xmlns:s").set_value(soap_envelope);
    envelope.append_attribute("xmlns:w").set_value(soap_addressing);
    envelope.append_attribute("xmlns:a").set_value(soap_schema);
    auto header = envelope.append_child("s:Header");
    header.append_child("a:RequestedServerVersion").text().set("Exchange2010");
    header.append_child("w:Action").text().set(get_user_settings);
    header.append_child("w:To").text().set(std::string(service).c_str());
    auto request = envelope.append_child("s:Body")
                       .append_child("a:GetUserSettingsRequestMessage")
                       .append_child("a:Request");
    auto user = request.append_child("a:Users").append_child("a:User");
    user.append_child("a:Mailbox").text().set(std::string(address).c_str());
    auto settings = request.append_child("a:RequestedSettings");
    for (const char *name : ews_urls_best_first)
        settings.append_child("a:Setting").text().set(name);
    return text_of(document);
}

std::optional<AutodiscoverAnswer> read_autodiscover(std::string_view body) {
    if (body.size() > most_autodiscover_bytes) return std::nullopt;
    pugi::xml_document document;
    // The library resolves no entities but XML's own five.
    if (!document.load_buffer(body.data(), body.size())) return std::nullopt;
    const auto root = document.document_element();
    if (local_name(root) == "Autodiscover") {
        const auto response = child(root, "Response");
        return response ? std::optional(plain_answer(response)) : std::nullopt;
    }
    if (local_name(root) == "Envelope") {
        const auto message = child(child(root, "Body"), "GetUserSettingsResponseMessage");
        const auto response = child(message, "Response");
        return response ? std::optional(soap_answer(response)) : std::nullopt;
    }
    return std::nullopt;
}

} // namespace roe::ews
