#include "message/payload.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "base/timestamp.hpp"
#include "base/unicode.hpp"
#include "message/attachment.hpp"
#include "message/body.hpp"
#include "message/calendar.hpp"
#include "message/file_position.hpp"
#include "message/leaf_bytes.hpp"
#include "message/mail_header.hpp"
#include "message/outline.hpp"
#include "message/protection.hpp"
#include "message/unpack.hpp"

namespace roe::message {

namespace {

using Json = nlohmann::ordered_json;

constexpr auto schema = "run-on-email/mail/1";
constexpr std::size_t most_headers = 10'000;

Json text_or_null(std::string_view text) {
    return text.empty() ? Json(nullptr) : Json(unicode::repaired(text));
}

Json to_json(const Address &address) {
    return {{"name", text_or_null(address.name)}, {"address", text_or_null(address.address)}};
}

Json to_json(const std::vector<Address> &addresses) {
    Json list = Json::array();
    for (const Address &address : addresses)
        list.push_back(to_json(address));
    return list;
}

Json to_json(const Attachment &attachment) {
    return {{"name", text_or_null(attachment.name)},
            {"mediaType", attachment.media_type},
            {"size", attachment.size},
            {"contentId", text_or_null(attachment.content_id)},
            {"inline", attachment.inlined},
            {"sha256", attachment.sha256},
            {"path", unicode::repaired(attachment.path)}};
}

Json to_json(const std::optional<Calendar> &calendar) {
    if (!calendar) return nullptr;
    return {{"method", text_or_null(calendar->method)},
            {"uid", text_or_null(calendar->uid)},
            {"summary", text_or_null(calendar->summary)},
            {"start", text_or_null(calendar->start)},
            {"end", text_or_null(calendar->end)},
            {"timeZone", text_or_null(calendar->time_zone)},
            {"organizer", calendar->organizer ? to_json(*calendar->organizer) : Json(nullptr)}};
}

Json to_json(const Protection &protection) {
    return {{"kind", protection.kind},
            {"signed", protection.has_signature},
            {"encrypted", protection.is_encrypted}};
}

Json headers(const MailHeader &header) {
    Json list = Json::array();
    for (const HeaderField &field : header.fields()) {
        if (list.size() == most_headers) break;
        list.push_back({{"name", std::string(field.name)}, {"value", header.text(field)}});
    }
    return list;
}

// Builds the document; each step adds its members and what was broken.
class Document {
  public:
    Document(const Origin &origin, std::string raw) : origin_(origin), raw_(std::move(raw)) {}

    Result<Payload> build(std::FILE *file, const std::string &spool_folder, const Limits &limits);

  private:
    void warn(std::string words) {
        if (std::ranges::find(warnings_, words) == warnings_.end()) warnings_.push_back(std::move(words));
    }
    void add_origin();
    void add_header(const Outline &outline);
    Result<void> add_body(const std::vector<Leaf> &leaves, const BodyPlan &plan, const Limits &limits);
    Result<void> add_attachments(const std::vector<Leaf> &leaves, const BodyPlan &plan,
                                 const std::string &spool_folder);
    Result<void> add_protection(const Outline &outline);
    Result<void> add_calendar(const std::vector<Leaf> &leaves);

    const Origin &origin_;
    std::string raw_;
    Json json_ = Json::object();
    std::vector<std::string> warnings_;
};

void Document::add_origin() {
    json_["schema"] = schema;
    json_["mailbox"] = {{"address", unicode::repaired(origin_.mailbox_address)},
                        {"protocol", origin_.protocol},
                        {"folder", text_or_null(origin_.folder)}};
    json_["trigger"] = unicode::repaired(origin_.trigger);
    json_["uid"] = text_or_null(origin_.uid);
    json_["receivedAt"] = timestamp(origin_.received_at);
}

void Document::add_header(const Outline &outline) {
    if (outline.header.find('\0') != std::string::npos) warn("The header has NUL bytes.");
    const MailHeader header(outline.header);
    if (header.fields().empty()) warn("The message has no header.");
    if (header.fields().size() > most_headers) warn("The header has too many fields; the rest are left out.");
    const auto date = header.date();
    if (!date && header.has("Date")) warn("The Date field can't be read.");
    if (!header.has("From")) warn("The mail has no From field.");
    const auto sender = header.addresses("Sender");
    const auto in_reply_to = header.ids("In-Reply-To");

    json_["messageId"] = text_or_null(header.message_id());
    json_["date"] = date ? Json(timestamp(*date)) : Json(nullptr);
    json_["from"] = to_json(header.addresses("From"));
    json_["sender"] = sender.empty() ? Json(nullptr) : to_json(sender.front());
    json_["replyTo"] = to_json(header.addresses("Reply-To"));
    json_["to"] = to_json(header.addresses("To"));
    json_["cc"] = to_json(header.addresses("Cc"));
    json_["subject"] = text_or_null(header.text("Subject"));
    json_["inReplyTo"] = in_reply_to.empty() ? Json(nullptr) : Json(in_reply_to.front());
    json_["references"] = header.ids("References");
    json_["importance"] = text_or_null(header.importance());
    json_["headers"] = headers(header);
}

Result<void> Document::add_body(const std::vector<Leaf> &leaves, const BodyPlan &plan, const Limits &limits) {
    auto body = read_body(leaves, plan, limits.inline_text_bytes);
    if (!body) return body.error();
    json_["text"] = body->has_text ? Json(std::move(body->text)) : Json(nullptr);
    json_["html"] = body->has_html ? Json(std::move(body->html)) : Json(nullptr);
    for (std::string &words : body->warnings)
        warn(std::move(words));
    return {};
}

Result<void> Document::add_attachments(const std::vector<Leaf> &leaves, const BodyPlan &plan,
                                       const std::string &spool_folder) {
    AttachmentSpool spool(spool_folder);
    Json list = Json::array();
    for (const std::size_t i : plan.attachments) {
        auto attachment = spool.save(leaves[i]);
        if (!attachment) return attachment.error();
        list.push_back(to_json(*attachment));
    }
    json_["attachments"] = std::move(list);
    return {};
}

Result<void> Document::add_protection(const Outline &outline) {
    const Json &text = json_["text"];
    auto found = find_protection(
        outline, text.is_string() ? std::string_view(text.get_ref<const std::string &>()) : std::string_view());
    if (!found) return found.error();
    Json list = Json::array();
    for (const Protection &protection : found->protections)
        list.push_back(to_json(protection));
    json_["protection"] = std::move(list);
    for (std::string &words : found->warnings)
        warn(std::move(words));
    return {};
}

Result<void> Document::add_calendar(const std::vector<Leaf> &leaves) {
    const auto calendar = read_calendar(leaves);
    if (!calendar) return calendar.error();
    json_["calendar"] = to_json(*calendar);
    return {};
}

Result<Payload> Document::build(std::FILE *file, const std::string &spool_folder, const Limits &limits) {
    auto outline = read_outline(file, limits);
    if (!outline) return outline.error();
    if (auto unpacked = unpack(*outline, spool_folder, limits); !unpacked) return unpacked.error();
    for (std::string &words : outline->warnings)
        warn(std::move(words));
    for (const Leaf &leaf : outline->leaves) {
        if (leaf.content.encoding == TransferEncoding::unknown) {
            warn("A part has an unknown transfer encoding and was taken as it is.");
        }
    }
    add_origin();
    add_header(*outline);
    const BodyPlan plan = plan_body(outline->leaves);
    if (auto added = add_body(outline->leaves, plan, limits); !added) return added.error();
    if (auto added = add_attachments(outline->leaves, plan, spool_folder); !added) return added.error();
    if (auto added = add_protection(*outline); !added) return added.error();
    if (auto added = add_calendar(outline->leaves); !added) return added.error();
    json_["raw"] = unicode::repaired(raw_);
    json_["size"] = outline->size;
    json_["warnings"] = warnings_;
    // Everything is valid UTF-8 by now; a document must come out even if that were not so.
    return Payload{json_.dump(-1, ' ', false, Json::error_handler_t::replace), std::move(warnings_)};
}

std::string absolute(const std::string &path) {
    std::error_code failed;
    const auto whole = std::filesystem::absolute(path, failed);
    return failed ? path : whole.string();
}

} // namespace

Result<Payload> make_payload(const std::string &raw_path, const std::string &spool_folder, const Origin &origin,
                             const Limits &limits) {
    const File file(std::fopen(raw_path.c_str(), "rb"));
    if (!file) return spool_error("opening the message " + raw_path + " in the spool", errno);
    return Document(origin, absolute(raw_path)).build(file.get(), absolute(spool_folder), limits);
}

} // namespace roe::message
