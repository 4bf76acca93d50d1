// Any bytes as a header and as a whole mail: the decoder comes back with valid UTF-8 and a document, and writes
// nowhere but into its folder.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "base/unicode.hpp"
#include "message/content.hpp"
#include "message/payload.hpp"
#include "trigger/filter.hpp"

namespace {

using namespace roe;

void require(bool holds) {
    if (!holds) std::abort();
}

trigger::Condition condition(trigger::Condition::Field field, trigger::Condition::Op op, bool negated) {
    trigger::Condition made;
    made.field = field;
    made.op = op;
    made.name = "X-Test";
    made.text = "(a+)+$";
    made.negated = negated;
    return made;
}

// Each lets most mails through to the next one.
trigger::Conditions some_conditions() {
    using Field = trigger::Condition::Field;
    using Op = trigger::Condition::Op;
    return {condition(Field::to, Op::regex, true),
            condition(Field::cc, Op::contains, true),
            condition(Field::header, Op::regex, true),
            condition(Field::auto_reply, Op::is, true),
            condition(Field::sender_authenticated, Op::is, true),
            condition(Field::size, Op::gt, false)};
}

void read_as_header(std::string_view bytes) {
    static const auto filter = trigger::parse_filter("ann@example.org; @example.net; Ann", "invoice");
    const auto envelope = message::read_envelope(bytes, static_cast<std::int64_t>(bytes.size()));
    require(unicode::is_utf8(envelope.subject) && unicode::is_utf8(envelope.message_id));
    for (const auto &address : envelope.from) {
        require(unicode::is_utf8(address.name) && unicode::is_utf8(address.address));
    }
    require(unicode::is_utf8(trigger::decide(filter, envelope).text));
    static const auto conditions = trigger::parse_filter({}, {}, some_conditions());
    const auto size = static_cast<std::int64_t>(bytes.size());
    require(unicode::is_utf8(trigger::decide(conditions, envelope, {bytes, size, "mx.example.org"}).text));
}

void read_as_mail(std::string_view bytes) {
    static const auto folder =
        std::filesystem::temp_directory_path() / ("roe-message-fuzz-" + std::to_string(std::random_device()()));
    static const auto raw = folder.string() + "/message.eml";
    static const auto files = folder / "files";
    std::filesystem::create_directories(files);
    std::ofstream(raw, std::ios::binary) << bytes;
    message::Limits limits;
    limits.parts = 50;
    limits.depth = 10;
    limits.inline_text_bytes = 16 << 10;
    const auto payload =
        message::make_payload(raw, files.string(), {"a@b", "IMAP", "INBOX", "t", "1", {}}, limits);
    require(payload.ok() && unicode::is_utf8(payload->json));
    const auto content = message::read_content(raw, limits);
    require(content.ok() && unicode::is_utf8(content->text));
    for (const auto &name : content->attachment_names)
        require(unicode::is_utf8(name));
    std::filesystem::remove_all(files);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char *>(data), size);
    read_as_header(bytes);
    read_as_mail(bytes);
    return 0;
}
