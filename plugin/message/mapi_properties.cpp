#include "message/mapi_properties.hpp"

#include <algorithm>

namespace roe::message {

namespace {

constexpr std::uint32_t most_properties = 10'000;
constexpr std::uint16_t many_values = 0x1000;
constexpr std::uint16_t first_named = 0x8000;

std::int64_t padded(std::int64_t size) {
    return (size + 3) / 4 * 4;
}

// Bytes of a value that has a size of its own in the list: all are padded to four. 0: of a type that is not
// known.
std::int64_t fixed_size(std::uint16_t type) {
    switch (type) {
    case 0x0002: // 16 bits
    case 0x0003: // 32 bits
    case 0x0004: // float
    case 0x000A: // error
    case 0x000B: // boolean
        return 4;
    case 0x0005: // double
    case 0x0006: // currency
    case 0x0007: // time, in days
    case 0x0014: // 64 bits
    case 0x0040: // time
        return 8;
    case 0x0048: // GUID
        return 16;
    default:
        return 0;
    }
}

bool is_variable(MapiType type) {
    return type == MapiType::string8 || type == MapiType::unicode || type == MapiType::object ||
           type == MapiType::binary;
}

} // namespace

MapiProperties::MapiProperties(std::FILE *file, std::int64_t begin, std::int64_t end)
    : bytes_(file, begin, end) {
    const auto count = bytes_.number32();
    broken_ = !count || *count > most_properties;
    if (!broken_) left_ = *count;
}

bool MapiProperties::next(MapiProperty &property) {
    if (left_ == 0 || broken_) return false;
    --left_;
    broken_ = !read(property);
    // The value that was cut off at the end is given as far as it goes.
    return !broken_ || property.end > property.begin;
}

bool MapiProperties::read(MapiProperty &property) {
    property = {};
    const auto type = bytes_.number16();
    const auto id = bytes_.number16();
    if (!type || !id) return false;
    property.id = *id;
    property.many = (*type & many_values) != 0;
    property.type = static_cast<MapiType>(*type & ~many_values);
    if (*id >= first_named && !skip_name()) return false;
    return read_values(property);
}

// The GUID and the number or the words that name a property beside its id.
bool MapiProperties::skip_name() {
    constexpr std::int64_t guid = 16;
    if (!skip(guid)) return false;
    const auto kind = bytes_.number32();
    const auto number_or_size = bytes_.number32();
    if (!kind || !number_or_size) return false;
    return *kind == 0 || skip(padded(*number_or_size));
}

bool MapiProperties::read_values(MapiProperty &property) {
    const bool variable = is_variable(property.type);
    const std::int64_t fixed = fixed_size(static_cast<std::uint16_t>(property.type));
    if (!variable && fixed == 0) return false;
    std::uint32_t count = 1;
    if (variable || property.many) {
        const auto given = bytes_.number32();
        if (!given) return false;
        count = *given;
    }
    // Each value takes four bytes at least: the end of the list ends this.
    for (std::uint32_t i = 0; i < count; ++i) {
        std::int64_t size = fixed;
        if (variable) {
            const auto given = bytes_.number32();
            if (!given) return false;
            size = *given;
        }
        if (i == 0) {
            property.begin = bytes_.at();
            property.end = bytes_.at() + std::min(size, bytes_.left());
        }
        if (size > bytes_.left()) return false;
        skip(padded(size)); // the last may go without
    }
    return true;
}

bool MapiProperties::skip(std::int64_t size) {
    const bool there = size <= bytes_.left();
    bytes_.go_to(bytes_.at() + std::min(size, bytes_.left()));
    return there;
}

} // namespace roe::message
