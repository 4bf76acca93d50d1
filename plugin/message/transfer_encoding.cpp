#include "message/transfer_encoding.hpp"

#include <utility>

#include "message/header_field.hpp"

namespace roe::message {

namespace {

GMimeContentEncoding gmime_name(TransferEncoding encoding) {
    switch (encoding) {
    case TransferEncoding::base64:
        return GMIME_CONTENT_ENCODING_BASE64;
    case TransferEncoding::quoted_printable:
        return GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
    case TransferEncoding::uuencode:
        return GMIME_CONTENT_ENCODING_UUENCODE;
    case TransferEncoding::identity:
    case TransferEncoding::unknown:
        break;
    }
    return GMIME_CONTENT_ENCODING_BINARY;
}

} // namespace

TransferEncoding transfer_encoding(std::string_view value) {
    value = value.substr(0, value.find_first_of(";("));
    std::string name;
    for (const char c : value) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) name += c;
        if (c >= 'A' && c <= 'Z') name += static_cast<char>(c - 'A' + 'a');
    }
    if (name.empty() || name == "7bit" || name == "8bit" || name == "binary") return TransferEncoding::identity;
    if (name == "base64") return TransferEncoding::base64;
    if (name == "quotedprintable") return TransferEncoding::quoted_printable;
    if (name == "xuuencode" || name == "uuencode" || name == "xuue" || name == "uue")
        return TransferEncoding::uuencode;
    return TransferEncoding::unknown;
}

TransferDecoder::TransferDecoder(TransferEncoding encoding)
    : identity_(gmime_name(encoding) == GMIME_CONTENT_ENCODING_BINARY),
      before_begin_(encoding == TransferEncoding::uuencode) {
    g_mime_encoding_init_decode(&state_, gmime_name(encoding));
}

std::string TransferDecoder::step(std::string_view bytes) {
    std::string decoded(g_mime_encoding_outlen(&state_, bytes.size()), '\0');
    decoded.resize(g_mime_encoding_step(&state_, bytes.data(), bytes.size(), decoded.data()));
    return decoded;
}

std::string TransferDecoder::decode(std::string_view bytes) {
    if (identity_) return std::string(bytes);
    if (!before_begin_) return step(bytes);
    held_ += bytes;
    constexpr std::size_t longest_line = 4096;
    for (;;) {
        const std::size_t end = held_.find('\n');
        if (end == std::string::npos) {
            if (held_.size() > longest_line) held_.erase(0, held_.size() - longest_line);
            return {};
        }
        const bool begin = held_.starts_with("begin ");
        held_.erase(0, end + 1);
        if (!begin) continue;
        before_begin_ = false;
        state_.state |= GMIME_UUDECODE_STATE_BEGIN;
        return step(std::exchange(held_, {}));
    }
}

std::string TransferDecoder::finish() {
    if (identity_ || before_begin_) return {};
    std::string decoded(g_mime_encoding_outlen(&state_, 0), '\0');
    decoded.resize(g_mime_encoding_flush(&state_, "", 0, decoded.data()));
    // Base64 without its final "=": GMime keeps back the bits of the last group.
    constexpr int two_bytes = 3;
    if (state_.encoding == GMIME_CONTENT_ENCODING_BASE64 && state_.state > 1) {
        const guint32 bits = state_.state == two_bytes ? state_.save << 6U : state_.save << 12U;
        decoded += static_cast<char>(static_cast<unsigned char>(bits >> 16U));
        if (state_.state == two_bytes) decoded += static_cast<char>(static_cast<unsigned char>(bits >> 8U));
    }
    return decoded;
}

} // namespace roe::message
