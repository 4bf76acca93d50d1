// TNEF written by hand, as MS-OXTNEF has it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace roe::message {

enum class Level : std::uint8_t { message = 1, attachment = 2 };

std::string little_endian(std::uint32_t value, int bytes);

// The whole file.
std::string tnef_of(std::initializer_list<std::string> attributes);
// `name` with its type in the upper half, as 0x00018010.
std::string attribute(Level level, std::uint32_t name, const std::string &value);

// Attributes and properties that many tests want.
std::string oem_code_page(std::uint32_t page);
std::string attachment_begins();
std::string attachment_title(const std::string &name);
std::string attachment_data(const std::string &bytes);
std::string message_properties(std::initializer_list<std::string> properties);
std::string attachment_properties(std::initializer_list<std::string> properties);

std::string property8(std::uint16_t id, const std::string &text); // 8-bit, in the OEM code page
std::string property_unicode(std::uint16_t id, std::u16string_view text);
std::string property_binary(std::uint16_t id, const std::string &bytes);
std::string property_number(std::uint16_t id, std::uint32_t value);
std::string property_of(std::uint16_t type, std::uint16_t id, const std::string &after);
std::string sized(const std::string &value); // a count of one, the size, and padding

// A mail of a text (none when empty) and a winmail.dat.
std::string mail_with_tnef(const std::string &text, const std::string &tnef);

} // namespace roe::message
