#include "message/unpack.hpp"

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/ascii.hpp"
#include "message/body.hpp"
#include "message/charset.hpp"
#include "message/compressed_rtf.hpp"
#include "message/leaf_bytes.hpp"
#include "message/tnef.hpp"
#include "message/uuencode.hpp"

namespace roe::message {

namespace {

bool is_tnef(const Leaf &leaf) {
    return leaf.content.is("application/ms-tnef") || leaf.content.is("application/vnd.ms-tnef") ||
           lower(leaf.content.name) == "winmail.dat";
}

bool is_blank(std::string_view bytes) {
    return bytes.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

Result<bool> has_text(const std::vector<Leaf> &leaves, const BodyPlan &plan) {
    constexpr std::int64_t enough = 4096;
    for (const std::size_t i : plan.texts) {
        auto beginning = read_beginning(leaves[i], enough);
        if (!beginning) return beginning.error();
        if (beginning->cut || !is_blank(beginning->bytes)) return true;
    }
    return false;
}

// Takes the parts one by one and writes them, or what they hold, into a new list.
class Unpacking {
  public:
    Unpacking(Outline &outline, const std::string &folder, const Limits &limits)
        : outline_(outline), folder_(folder), limits_(limits) {}

    Result<void> run();

  private:
    struct Span {
        std::int64_t begin = 0;
        std::int64_t end = 0;
    };

    Result<Span> write_out(const Leaf &leaf);
    Result<void> unpack_tnef(const Leaf &leaf);
    Result<void> add_text(Tnef &tnef);
    Result<void> add_rtf(const Leaf &rtf);
    Result<void> unpack_text(Leaf text);
    void split(const Leaf &text, const std::vector<UuencodedFile> &files);
    void keep(Leaf leaf) { leaves_.push_back(std::move(leaf)); }
    void warn(std::string words) {
        auto &warnings = outline_.warnings;
        if (std::ranges::find(warnings, words) == warnings.end()) warnings.push_back(std::move(words));
    }

    Outline &outline_;
    const std::string &folder_;
    const Limits &limits_;
    std::vector<Leaf> leaves_;
    std::int64_t written_ = 0; // bytes of the file of unpacked parts
    bool has_text_ = false;    // to be shown; looked for only where there is TNEF
};

Result<void> Unpacking::run() {
    const BodyPlan plan = plan_body(outline_.leaves);
    const std::set<std::size_t> texts(plan.texts.begin(), plan.texts.end());
    if (std::ranges::any_of(outline_.leaves, is_tnef)) {
        const auto has = has_text(outline_.leaves, plan);
        if (!has) return has.error();
        has_text_ = *has;
    }
    for (std::size_t i = 0; i < outline_.leaves.size(); ++i) {
        Leaf &leaf = outline_.leaves[i];
        Result<void> taken;
        if (is_tnef(leaf))
            taken = unpack_tnef(leaf);
        else if (texts.contains(i) && leaf.content.is("text/plain"))
            taken = unpack_text(std::move(leaf));
        else
            keep(std::move(leaf));
        if (!taken) return taken;
    }
    outline_.leaves = std::move(leaves_);
    return {};
}

// The decoded bytes of a part, at the end of the file of unpacked parts.
Result<Unpacking::Span> Unpacking::write_out(const Leaf &leaf) {
    const std::string doing = "unpacking a part of the message in the spool folder " + folder_;
    if (!outline_.unpacked) outline_.unpacked = nameless_file(folder_);
    std::FILE *file = outline_.unpacked.get();
    if (file == nullptr || !seek_to(file, written_)) return spool_error(doing, errno);
    Span span{written_, written_};
    auto streamed = stream_leaf(leaf, [&](std::string_view piece) -> Result<bool> {
        if (std::fwrite(piece.data(), 1, piece.size(), file) != piece.size()) return spool_error(doing, errno);
        span.end += static_cast<std::int64_t>(piece.size());
        return true;
    });
    if (!streamed) return streamed.error();
    if (std::fflush(file) != 0) return spool_error(doing, errno);
    written_ = span.end;
    return span;
}

Result<void> Unpacking::unpack_tnef(const Leaf &leaf) {
    const auto span = write_out(leaf);
    if (!span) return span.error();
    const std::size_t room = limits_.parts - std::min(limits_.parts, leaves_.size());
    auto tnef = read_tnef(outline_.unpacked.get(), span->begin, span->end, room);
    if (!tnef) return tnef.error();
    if (!tnef->intact) warn("The winmail.dat of the mail is damaged; what was read of it may be wrong.");
    if (!tnef->recognised || !tnef->whole) {
        warn("The winmail.dat of the mail can't be read whole and is kept as an attachment.");
        keep(leaf);
    }
    if (auto added = add_text(*tnef); !added) return added;
    for (Leaf &attachment : tnef->attachments)
        keep(std::move(attachment));
    return {};
}

// The text counts where the mail has none outside.
Result<void> Unpacking::add_text(Tnef &tnef) {
    if (has_text_) return {};
    constexpr auto forms_of_one_text = static_cast<std::size_t>(-1);
    for (Leaf &text : tnef.texts) {
        has_text_ = true;
        text.alternative = forms_of_one_text;
        keep(std::move(text));
    }
    return has_text_ || tnef.rtf.begin == tnef.rtf.end ? Result<void>() : add_rtf(tnef.rtf);
}

// A text with files in it becomes the text around them and the files.
Result<void> Unpacking::unpack_text(Leaf text) {
    const auto promising = may_hold_uuencode(text);
    if (!promising) return promising.error();
    if (!*promising) {
        keep(std::move(text));
        return {};
    }
    const auto encoding = text.content.encoding;
    if (encoding != TransferEncoding::identity && encoding != TransferEncoding::unknown) {
        const auto span = write_out(text);
        if (!span) return span.error();
        text.file = outline_.unpacked.get();
        text.begin = span->begin;
        text.end = span->end;
        text.content.encoding = TransferEncoding::identity;
    }
    // A file makes two parts of one.
    const std::size_t room = limits_.parts - std::min(limits_.parts, leaves_.size() + 1);
    const auto files = find_uuencode(text.file, text.begin, text.end, room / 2);
    if (!files) return files.error();
    split(text, *files);
    return {};
}

void Unpacking::split(const Leaf &text, const std::vector<UuencodedFile> &files) {
    const auto keep_text = [&](std::int64_t begin, std::int64_t end) {
        Leaf piece = text;
        if (!files.empty()) piece.content.name.clear(); // with a name it would be a file itself
        piece.begin = begin;
        piece.end = end;
        keep(std::move(piece));
    };
    std::int64_t at = text.begin;
    for (const UuencodedFile &file : files) {
        if (file.begin > at || at == text.begin) keep_text(at, file.begin);
        Leaf attachment;
        attachment.content.type = "application/octet-stream";
        attachment.content.type_given = true;
        attachment.content.disposition = "attachment";
        attachment.content.name = std::string(trimmed(to_utf8(file.name, text.content.charset).text));
        std::erase(attachment.content.name, '\0');
        attachment.content.encoding = TransferEncoding::uuencode;
        attachment.file = text.file;
        attachment.begin = file.begin;
        attachment.end = file.end;
        keep(std::move(attachment));
        at = file.end;
    }
    if (at < text.end || files.empty()) keep_text(at, text.end);
}

Result<void> Unpacking::add_rtf(const Leaf &rtf) {
    auto unpacked = unpack_rtf(rtf.file, rtf.begin, rtf.end, written_);
    if (!unpacked) return unpacked.error();
    if (!*unpacked || !(*unpacked)->whole) warn("The RTF text of the mail can't be read whole.");
    if (!*unpacked) return {};
    Leaf leaf = rtf;
    leaf.content.name = "message.rtf";
    leaf.content.disposition = "attachment";
    leaf.begin = written_;
    leaf.end = written_ += (*unpacked)->size;
    warn("The mail's text is in RTF only: see the attachment message.rtf.");
    keep(std::move(leaf));
    return {};
}

} // namespace

Result<void> unpack(Outline &outline, const std::string &folder, const Limits &limits) {
    return Unpacking(outline, folder, limits).run();
}

} // namespace roe::message
