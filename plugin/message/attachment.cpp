#include "message/attachment.hpp"

#include <cerrno>
#include <memory>

#include "base/digest.hpp"
#include "base/unicode.hpp"
#include "message/file_name.hpp"
#include "message/file_position.hpp"
#include "message/header_field.hpp"
#include "message/leaf_bytes.hpp"

namespace roe::message {

namespace {

bool is_inlined(const Leaf &leaf) {
    if (leaf.content.disposition == "inline") return true;
    return leaf.content.disposition.empty() && leaf.related && !leaf.content.content_id.empty();
}

} // namespace

bool is_embedded(const Leaf &leaf) {
    return leaf.related && leaf.content.disposition != "attachment";
}

Result<std::string> attachment_name(const Leaf &leaf) {
    constexpr std::int64_t enough = 64 << 10;
    if (!leaf.content.name.empty() || !leaf.content.is_message()) return leaf.content.name;
    auto beginning = read_beginning(leaf, enough);
    if (!beginning) return beginning.error();
    const auto fields = split_header(beginning->bytes);
    const HeaderField *subject = find_field(fields, "Subject");
    const std::string text = subject == nullptr ? std::string() : decoded_text(subject->raw, {});
    return text.empty() ? text : text + ".eml";
}

struct AttachmentSpool::Opened {
    File file;
    std::string path;
};

Result<AttachmentSpool::Opened> AttachmentSpool::create(const std::string &wanted) const {
    constexpr int most_tries = 10'000;
    for (int number = 1; number < most_tries; ++number) {
        const std::string name = number == 1 ? wanted : numbered(wanted, number);
        std::string path = folder_ + "/" + name;
        // "x" creates or fails, and follows no link (C11 7.21.5.3; POSIX O_EXCL).
        if (File file(std::fopen(path.c_str(), "wbx")); file) return Opened{std::move(file), std::move(path)};
        if (errno != EEXIST) break;
    }
    return spool_error("writing the attachment " + wanted + " to the spool", errno);
}

Result<Attachment> AttachmentSpool::save(const Leaf &leaf) {
    auto name = attachment_name(leaf);
    if (!name) return name.error();
    std::string wanted = safe_file_name(*name);
    if (wanted.empty()) {
        const std::string number = std::to_string(++nameless_);
        wanted = "attachment-" + number + std::string(extension_of(leaf.content.type));
    }
    auto opened = create(wanted);
    if (!opened) return opened.error();

    Attachment attachment;
    Sha256 digest;
    auto written = stream_leaf(leaf, [&](std::string_view piece) -> Result<bool> {
        if (std::fwrite(piece.data(), 1, piece.size(), opened->file.get()) != piece.size()) {
            return spool_error("writing " + opened->path, errno);
        }
        digest.add(piece);
        attachment.size += static_cast<std::int64_t>(piece.size());
        return true;
    });
    if (!written) return written.error();
    if (std::fclose(opened->file.release()) != 0) return spool_error("writing " + opened->path, errno);

    attachment.name = std::move(*name);
    attachment.media_type = unicode::repaired(leaf.content.type);
    attachment.content_id = leaf.content.content_id;
    attachment.inlined = is_inlined(leaf);
    attachment.sha256 = digest.hex();
    attachment.path = opened->path;
    return attachment;
}

} // namespace roe::message
