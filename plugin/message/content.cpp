#include "message/content.hpp"

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/unicode.hpp"
#include "message/attachment.hpp"
#include "message/body.hpp"
#include "message/file_position.hpp"
#include "message/leaf_bytes.hpp"
#include "message/outline.hpp"
#include "message/unpack.hpp"

namespace roe::message {

Result<Content> read_content(const std::string &raw_path, const Limits &limits) {
    const File file(std::fopen(raw_path.c_str(), "rb"));
    if (!file) return spool_error("opening the message " + raw_path + " in the spool", errno);
    auto outline = read_outline(file.get(), limits);
    if (!outline) return outline.error();
    const auto folder = (std::filesystem::path(".") / raw_path).parent_path().string();
    if (auto unpacked = unpack(*outline, folder, limits); !unpacked) return unpacked.error();
    const BodyPlan plan = plan_body(outline->leaves);
    auto body = read_body(outline->leaves, plan, limits.inline_text_bytes);
    if (!body) return body.error();
    Content content;
    content.text = unicode::repaired(body->text);
    for (const std::size_t i : plan.attachments) {
        const Leaf &leaf = outline->leaves[i];
        if (is_embedded(leaf)) continue;
        auto name = attachment_name(leaf);
        if (!name) return name.error();
        content.attachment_names.push_back(unicode::repaired(*name));
    }
    return content;
}

} // namespace roe::message
