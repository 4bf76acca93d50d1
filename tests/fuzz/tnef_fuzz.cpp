// Any bytes as TNEF, by itself and as the winmail.dat of a mail: the reader comes back with leaves inside of
// the file and names in valid UTF-8, and nothing but its folder is written to.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "base/unicode.hpp"
#include "message/compressed_rtf.hpp"
#include "message/payload.hpp"
#include "message/tnef.hpp"

namespace {

using namespace roe;

void require(bool holds) {
    if (!holds) std::abort();
}

const std::filesystem::path &folder() {
    static const auto place =
        std::filesystem::temp_directory_path() / ("roe-tnef-fuzz-" + std::to_string(std::random_device()()));
    return place;
}

void require_within(const message::Leaf &leaf, std::int64_t size) {
    require(0 <= leaf.begin && leaf.begin <= leaf.end && leaf.end <= size);
    require(unicode::is_utf8(leaf.content.name) && unicode::is_utf8(leaf.content.content_id));
}

void read_alone(const std::string &bytes) {
    const message::File file(std::tmpfile());
    require(file && std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size());
    const auto size = static_cast<std::int64_t>(bytes.size());
    constexpr std::size_t most = 20;
    const auto tnef = message::read_tnef(file.get(), 0, size, most);
    require(tnef.ok() && tnef->attachments.size() <= most);
    for (const auto &attachment : tnef->attachments)
        require_within(attachment, size);
    for (const auto &text : tnef->texts)
        require_within(text, size);
    require(message::unpack_rtf(file.get(), tnef->rtf.begin, tnef->rtf.end, size).ok());
    require(message::unpack_rtf(file.get(), 0, size, size).ok());
}

void read_in_a_mail(const std::string &bytes) {
    const auto files = folder() / "files";
    const auto raw = (folder() / "message.eml").string();
    std::filesystem::create_directories(files);
    std::ofstream(raw, std::ios::binary) << "Content-Type: application/ms-tnef\r\n\r\n" << bytes;
    message::Limits limits;
    limits.parts = 20;
    limits.inline_text_bytes = 16 << 10;
    const auto payload =
        message::make_payload(raw, files.string(), {"a@b", "IMAP", "INBOX", "t", "1", {}}, limits);
    require(payload.ok() && unicode::is_utf8(payload->json));
    std::filesystem::remove_all(files);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char *>(data), size);
    read_alone(bytes);
    read_in_a_mail(bytes);
    return 0;
}
