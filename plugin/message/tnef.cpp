#include "message/tnef.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/ascii.hpp"
#include "base/unicode.hpp"
#include "message/charset.hpp"
#include "message/code_page.hpp"
#include "message/file_window.hpp"
#include "message/leaf_bytes.hpp"
#include "message/mapi_properties.hpp"

namespace roe::message {

namespace {

constexpr std::uint32_t tnef_signature = 0x223E9F78;
constexpr int most_attributes = 100'000;

// Attributes that are read, MS-OXTNEF 2.1.3.3.
enum class TnefAttribute : std::uint16_t {
    oem_code_page = 0x9007,
    body = 0x800C,
    message_properties = 0x9003,
    attachment_begins = 0x9002,
    attachment_data = 0x800F,
    attachment_title = 0x8010,
    attachment_properties = 0x9005,
};

// Properties that are read, MS-OXPROPS.
enum class TnefProperty : std::uint16_t {
    body = 0x1000,
    compressed_rtf = 0x1009,
    html = 0x1013,
    display_name = 0x3001,
    attachment_data = 0x3701,
    short_name = 0x3704,
    long_name = 0x3707,
    media_type = 0x370E,
    content_id = 0x3712,
    attachment_flags = 0x3714,
    html_code_page = 0x3FDE,
};

struct TnefSpan {
    std::int64_t begin = 0;
    std::int64_t end = 0;
    bool is_unicode = false;
    [[nodiscard]] bool empty() const { return begin == end; }
};

TnefSpan span_of(const MapiProperty &property) {
    return {property.begin, property.end, property.type == MapiType::unicode};
}

// What is known of an attachment before the next one begins. Where the words of it lie: their charset may be
// told later.
struct TnefAttachment {
    TnefSpan title;
    TnefSpan long_name;
    TnefSpan short_name;
    TnefSpan display_name;
    TnefSpan media_type;
    TnefSpan content_id;
    TnefSpan data;    // by attribute
    TnefSpan binary;  // by property
    TnefSpan message; // embedded
    bool shown_in_html = false;
};

class TnefReader {
  public:
    TnefReader(std::FILE *file, std::int64_t begin, std::int64_t end, std::size_t most)
        : file_(file), bytes_(file, begin, end), most_(most) {}

    Result<Tnef> read();

  private:
    bool read_attribute();
    bool check(std::int64_t begin, std::int64_t end);
    bool rest_is_padding();
    void take(TnefAttribute attribute, TnefSpan value);
    void take_message_properties(TnefSpan list);
    void take_attachment_properties(TnefSpan list);
    void end_list(const MapiProperties &properties);
    std::optional<std::uint32_t> number_at(TnefSpan value);
    std::string words_at(TnefSpan value);
    Leaf leaf_at(TnefSpan value, std::string type);
    void finish_texts();
    void finish_attachments();
    std::string name_of(const TnefAttachment &attachment);

    std::FILE *file_;
    FileWindow bytes_;
    std::size_t most_;
    Tnef result_;
    bool failed_ = false;
    bool beyond_most_ = false; // attachments follow that are not taken
    std::uint32_t oem_code_page_ = 0;
    std::uint32_t html_code_page_ = 0;
    TnefSpan plain_;
    TnefSpan html_;
    TnefSpan rtf_;
    std::vector<TnefAttachment> attachments_;
};

Result<Tnef> TnefReader::read() {
    const auto signature = bytes_.number32();
    result_.recognised = signature && *signature == tnef_signature && bytes_.number16();
    if (result_.recognised) {
        int attributes = 0;
        while (bytes_.left() > 0 && ++attributes <= most_attributes && read_attribute()) {
        }
        result_.whole = result_.whole && bytes_.left() == 0;
        finish_texts();
        finish_attachments();
    }
    if (failed_ || bytes_.failed()) return spool_error("reading the message from the spool", errno);
    return std::move(result_);
}

// False where nothing more can be read.
bool TnefReader::read_attribute() {
    if (rest_is_padding()) {
        bytes_.go_to(bytes_.at() + bytes_.left());
        return false;
    }
    const auto level = bytes_.number8();
    const auto attribute = bytes_.number16();
    bytes_.number16(); // the type of its value, which follows from it
    const auto size = bytes_.number32();
    constexpr std::uint8_t of_message = 1;
    constexpr std::uint8_t of_attachment = 2;
    if (!size || (*level != of_message && *level != of_attachment)) {
        result_.whole = false;
        return false;
    }
    const std::int64_t begin = bytes_.at();
    const std::int64_t end = begin + std::min<std::int64_t>(*size, bytes_.left());
    const bool goes_on = check(begin, end) && end - begin == *size;
    const std::int64_t next = bytes_.at();
    take(static_cast<TnefAttribute>(*attribute), {begin, end});
    bytes_.go_to(next);
    if (!goes_on) result_.whole = false;
    return goes_on;
}

// Reads past the value and its checksum. False when the file ends before.
bool TnefReader::check(std::int64_t begin, std::int64_t end) {
    unsigned sum = 0;
    bytes_.go_to(begin);
    while (bytes_.at() < end) {
        const std::string_view piece = bytes_.take(end - bytes_.at());
        if (piece.empty()) return false;
        for (const char c : piece)
            sum += static_cast<unsigned char>(c);
    }
    const auto given = bytes_.number16();
    if (given && *given != (sum & 0xFFFFU)) result_.intact = false;
    return given.has_value();
}

// Mail programs end the file with a line end or zeros.
bool TnefReader::rest_is_padding() {
    constexpr std::int64_t longest = 64;
    if (bytes_.left() > longest) return false;
    const std::int64_t place = bytes_.at();
    const bool padding = std::ranges::all_of(
        bytes_.take(longest), [](char c) { return c == '\0' || c == '\r' || c == '\n' || c == ' '; });
    bytes_.go_to(place);
    return padding;
}

void TnefReader::take(TnefAttribute attribute, TnefSpan value) {
    if (beyond_most_) return;
    switch (attribute) {
    case TnefAttribute::oem_code_page:
        oem_code_page_ = number_at(value).value_or(0);
        break;
    case TnefAttribute::body:
        if (plain_.empty()) plain_ = value;
        break;
    case TnefAttribute::message_properties:
        take_message_properties(value);
        break;
    case TnefAttribute::attachment_begins:
        beyond_most_ = attachments_.size() >= most_;
        if (beyond_most_)
            result_.whole = false;
        else
            attachments_.emplace_back();
        break;
    case TnefAttribute::attachment_data:
        if (!attachments_.empty()) attachments_.back().data = value;
        break;
    case TnefAttribute::attachment_title:
        if (!attachments_.empty()) attachments_.back().title = value;
        break;
    case TnefAttribute::attachment_properties:
        if (!attachments_.empty()) take_attachment_properties(value);
        break;
    }
}

void TnefReader::take_message_properties(TnefSpan list) {
    MapiProperties properties(file_, list.begin, list.end);
    for (MapiProperty property; properties.next(property);) {
        const TnefSpan value = span_of(property);
        switch (static_cast<TnefProperty>(property.id)) {
        case TnefProperty::body:
            plain_ = value;
            break;
        case TnefProperty::html:
            html_ = value;
            break;
        case TnefProperty::compressed_rtf:
            rtf_ = value;
            break;
        case TnefProperty::html_code_page:
            html_code_page_ = number_at(value).value_or(0);
            break;
        default:
            break;
        }
    }
    end_list(properties);
}

void TnefReader::take_attachment_properties(TnefSpan list) {
    constexpr std::uint32_t referred_to_by_html = 4; // MS-OXCMSG 2.2.2.18
    constexpr std::int64_t interface_id = 16;        // before the bytes of an object, MS-OXTNEF 2.1.3.4
    TnefAttachment &attachment = attachments_.back();
    MapiProperties properties(file_, list.begin, list.end);
    for (MapiProperty property; properties.next(property);) {
        TnefSpan value = span_of(property);
        switch (static_cast<TnefProperty>(property.id)) {
        case TnefProperty::attachment_data:
            if (property.type == MapiType::object) {
                value.begin = std::min(value.begin + interface_id, value.end);
                attachment.message = value;
            } else {
                attachment.binary = value;
            }
            break;
        case TnefProperty::long_name:
            attachment.long_name = value;
            break;
        case TnefProperty::short_name:
            attachment.short_name = value;
            break;
        case TnefProperty::display_name:
            attachment.display_name = value;
            break;
        case TnefProperty::media_type:
            attachment.media_type = value;
            break;
        case TnefProperty::content_id:
            attachment.content_id = value;
            break;
        case TnefProperty::attachment_flags:
            attachment.shown_in_html = (number_at(value).value_or(0) & referred_to_by_html) != 0;
            break;
        default:
            break;
        }
    }
    end_list(properties);
}

void TnefReader::end_list(const MapiProperties &properties) {
    if (properties.broken()) result_.whole = false;
    failed_ = failed_ || properties.failed();
}

std::optional<std::uint32_t> TnefReader::number_at(TnefSpan value) {
    FileWindow window(file_, value.begin, value.end);
    const auto number = window.number32();
    failed_ = failed_ || window.failed();
    return number;
}

std::string TnefReader::words_at(TnefSpan value) {
    constexpr std::int64_t longest = 4096;
    FileWindow window(file_, value.begin, value.end);
    const std::string bytes(window.take(longest));
    failed_ = failed_ || window.failed();
    std::string text =
        to_utf8(bytes, value.is_unicode ? "utf-16le" : charset_of_code_page(oem_code_page_)).text;
    text.resize(std::min(text.find('\0'), text.size()));
    return std::string(trimmed(text));
}

Leaf TnefReader::leaf_at(TnefSpan value, std::string type) {
    Leaf leaf;
    leaf.content.type = std::move(type);
    leaf.content.type_given = true;
    leaf.file = file_;
    leaf.begin = value.begin;
    leaf.end = value.end;
    return leaf;
}

void TnefReader::finish_texts() {
    const auto add = [&](TnefSpan value, std::string type, std::uint32_t code_page) {
        if (value.empty()) return;
        Leaf leaf = leaf_at(value, std::move(type));
        leaf.content.charset = value.is_unicode ? "utf-16le" : charset_of_code_page(code_page);
        result_.texts.push_back(std::move(leaf));
    };
    add(plain_, "text/plain", oem_code_page_);
    add(html_, "text/html", html_code_page_);
    result_.rtf = leaf_at(rtf_, "application/rtf");
}

std::string TnefReader::name_of(const TnefAttachment &attachment) {
    for (const TnefSpan &name :
         {attachment.long_name, attachment.title, attachment.short_name, attachment.display_name}) {
        if (std::string words = words_at(name); !words.empty()) return words;
    }
    return {};
}

void TnefReader::finish_attachments() {
    for (const TnefAttachment &attachment : attachments_) {
        const bool embedded =
            attachment.data.empty() && attachment.binary.empty() && !attachment.message.empty();
        const TnefSpan data = embedded                  ? attachment.message
                              : attachment.data.empty() ? attachment.binary
                                                        : attachment.data;
        std::string name = name_of(attachment);
        if (data.empty() && name.empty()) continue;
        std::string type = lower(words_at(attachment.media_type));
        if (embedded) {
            type = "application/ms-tnef";
            if (!name.empty()) name += ".dat";
        }
        if (!is_media_type(type)) type = "application/octet-stream";
        Leaf leaf = leaf_at(data, std::move(type));
        leaf.content.name = std::move(name);
        leaf.content.content_id = words_at(attachment.content_id);
        leaf.related = attachment.shown_in_html && !leaf.content.content_id.empty();
        leaf.content.disposition = leaf.related ? "inline" : "attachment";
        result_.attachments.push_back(std::move(leaf));
    }
}

} // namespace

Result<Tnef> read_tnef(std::FILE *file, std::int64_t begin, std::int64_t end, std::size_t most) {
    return TnefReader(file, begin, end, most).read();
}

} // namespace roe::message
