#include "message/file_name.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/unicode.hpp"

namespace roe::message {

namespace {

constexpr std::size_t longest_file_name = 150;
constexpr std::size_t longest_extension = 20;

// Characters that are not seen, or that turn what follows around ("exe.fdp" shown as "pdf.exe").
bool is_deceptive(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200B || c == 0x200E || c == 0x200F ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) || c == 0xFEFF || c == 0xFFFD;
}

bool is_special(char32_t c) {
    return std::u32string_view(U"<>:\"|?*").find(c) != std::u32string_view::npos;
}

// Where the extension begins, or the size when there is none.
std::size_t extension_at(std::string_view name) {
    const std::size_t dot = name.rfind('.');
    const bool usable = dot != std::string_view::npos && dot > 0 && name.size() - dot <= longest_extension;
    return usable ? dot : name.size();
}

std::string shortened(std::string_view name, std::size_t bytes) {
    if (name.size() <= bytes) return std::string(name);
    const std::size_t dot = extension_at(name);
    const std::string_view extension = name.substr(dot);
    return std::string(unicode::beginning(name.substr(0, dot), bytes - extension.size())).append(extension);
}

// Names of devices on Windows, with any extension.
bool is_device(std::string_view name) {
    static constexpr std::array devices = {"con",  "prn",  "aux",  "nul",  "com1", "com2", "com3", "com4",
                                           "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2", "lpt3",
                                           "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"};
    const std::string stem = unicode::folded(name.substr(0, name.find('.')));
    return std::ranges::find(devices, stem) != devices.end();
}

} // namespace

std::string safe_file_name(std::string_view name) {
    name = name.substr(name.find_last_of("/\\") + 1); // npos + 1 is 0
    std::string safe;
    for (std::size_t at = 0; at < name.size();) {
        const auto point = unicode::code_point_at(name, at);
        at += point.length;
        if (!point.valid || is_deceptive(point.value)) continue;
        if (is_special(point.value))
            safe += '_';
        else
            unicode::append(safe, point.value);
    }
    // A leading dot hides, a leading "-" is an option, a final dot or blank is dropped by Windows.
    safe.erase(0, std::min(safe.find_first_not_of(" .~-"), safe.size()));
    safe = shortened(safe, longest_file_name);
    safe.erase(safe.find_last_not_of(" .") + 1);
    if (is_device(safe)) safe.insert(0, "_");
    return safe;
}

std::string numbered(std::string_view safe_name, int number) {
    const std::string suffix = " (" + std::to_string(number) + ")";
    std::string name = shortened(safe_name, longest_file_name - suffix.size());
    return name.insert(extension_at(name), suffix);
}

std::string_view extension_of(std::string_view media_type) {
    static const std::map<std::string_view, std::string_view> extensions = {
        {"application/gzip", ".gz"},
        {"application/ics", ".ics"},
        {"application/json", ".json"},
        {"application/msword", ".doc"},
        {"application/ms-tnef", ".dat"},
        {"application/pdf", ".pdf"},
        {"application/pgp-encrypted", ".asc"},
        {"application/pgp-signature", ".asc"},
        {"application/pkcs7-mime", ".p7m"},
        {"application/pkcs7-signature", ".p7s"},
        {"application/rtf", ".rtf"},
        {"application/vnd.ms-excel", ".xls"},
        {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"},
        {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"},
        {"application/xml", ".xml"},
        {"application/zip", ".zip"},
        {"audio/mpeg", ".mp3"},
        {"audio/wav", ".wav"},
        {"image/bmp", ".bmp"},
        {"image/gif", ".gif"},
        {"image/jpeg", ".jpg"},
        {"image/png", ".png"},
        {"image/svg+xml", ".svg"},
        {"image/tiff", ".tiff"},
        {"message/delivery-status", ".txt"},
        {"message/disposition-notification", ".txt"},
        {"message/global", ".eml"},
        {"message/rfc822", ".eml"},
        {"text/calendar", ".ics"},
        {"text/csv", ".csv"},
        {"text/html", ".html"},
        {"text/plain", ".txt"},
        {"text/rfc822-headers", ".txt"},
        {"text/vcard", ".vcf"},
        {"text/x-vcard", ".vcf"},
        {"text/xml", ".xml"},
        {"video/mp4", ".mp4"},
    };
    const auto found = extensions.find(media_type);
    return found == extensions.end() ? ".bin" : found->second;
}

} // namespace roe::message
