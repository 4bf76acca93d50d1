#include "given_tnef.hpp"

#include <memory>

#include <glib.h>

#include "given_mail.hpp"

namespace roe::message {

std::string little_endian(std::uint32_t value, int bytes) {
    std::string result;
    for (int i = 0; i < bytes; ++i)
        result += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
    return result;
}

std::string tnef_of(std::initializer_list<std::string> attributes) {
    std::string file = little_endian(0x223E9F78, 4) + little_endian(1, 2);
    // attTnefVersion, which the standard wants and some readers ask for
    file += attribute(Level::message, 0x00089006, little_endian(0x00010000, 4));
    for (const std::string &one : attributes)
        file += one;
    return file;
}

std::string attribute(Level level, std::uint32_t name, const std::string &value) {
    std::uint32_t sum = 0;
    for (const char c : value)
        sum += static_cast<unsigned char>(c);
    return little_endian(static_cast<std::uint32_t>(level), 1) + little_endian(name, 4) +
           little_endian(static_cast<std::uint32_t>(value.size()), 4) + value + little_endian(sum, 2);
}

std::string oem_code_page(std::uint32_t page) {
    return attribute(Level::message, 0x00069007, little_endian(page, 4) + little_endian(0, 4));
}

std::string attachment_begins() {
    return attribute(Level::attachment, 0x00069002, little_endian(1, 2) + std::string(12, '\xFF'));
}

std::string attachment_title(const std::string &name) {
    return attribute(Level::attachment, 0x00018010, name + '\0');
}

std::string attachment_data(const std::string &bytes) {
    return attribute(Level::attachment, 0x0006800F, bytes);
}

namespace {

std::string list_of(std::initializer_list<std::string> properties) {
    std::string list = little_endian(static_cast<std::uint32_t>(properties.size()), 4);
    for (const std::string &property : properties)
        list += property;
    return list;
}

} // namespace

std::string message_properties(std::initializer_list<std::string> properties) {
    return attribute(Level::message, 0x00069003, list_of(properties));
}

std::string attachment_properties(std::initializer_list<std::string> properties) {
    return attribute(Level::attachment, 0x00069005, list_of(properties));
}

std::string property_of(std::uint16_t type, std::uint16_t id, const std::string &after) {
    return little_endian(type, 2) + little_endian(id, 2) + after;
}

std::string sized(const std::string &value) {
    std::string result =
        little_endian(1, 4) + little_endian(static_cast<std::uint32_t>(value.size()), 4) + value;
    while (result.size() % 4 != 0)
        result += '\0';
    return result;
}

std::string property8(std::uint16_t id, const std::string &text) {
    return property_of(0x001E, id, sized(text + '\0'));
}

std::string property_unicode(std::uint16_t id, std::u16string_view text) {
    std::string bytes;
    for (const char16_t c : text)
        bytes += little_endian(c, 2);
    return property_of(0x001F, id, sized(bytes + std::string(2, '\0')));
}

std::string property_binary(std::uint16_t id, const std::string &bytes) {
    return property_of(0x0102, id, sized(bytes));
}

std::string property_number(std::uint16_t id, std::uint32_t value) {
    return property_of(0x0003, id, little_endian(value, 4));
}

std::string mail_with_tnef(const std::string &text, const std::string &tnef) {
    const std::unique_ptr<gchar, void (*)(gpointer)> encoded(
        g_base64_encode(reinterpret_cast<const guchar *>(tnef.data()), tnef.size()), g_free);
    std::string mail = "From: ann@example.com\nContent-Type: multipart/mixed; boundary=outer\n\n";
    if (!text.empty()) mail += "--outer\n\n" + text + "\n";
    mail += "--outer\nContent-Type: application/ms-tnef; name=\"winmail.dat\"\n"
            "Content-Disposition: attachment; filename=\"winmail.dat\"\nContent-Transfer-Encoding: base64\n\n";
    const std::string_view lines = encoded.get();
    for (std::size_t at = 0; at < lines.size(); at += 76)
        mail.append(lines.substr(at, 76)).append("\n");
    return with_crlf(mail + "--outer--\n");
}

} // namespace roe::message
