#include "message/compressed_rtf.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include "message/file_position.hpp"
#include "message/file_window.hpp"
#include "message/leaf_bytes.hpp"

namespace roe::message {

namespace {

constexpr std::int64_t largest_rtf = 64 << 20;
constexpr std::size_t dictionary_size = 4096;

// What the dictionary holds before the first byte (MS-OXRTFCP 2.1.2.1).
constexpr std::string_view known_words =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    "\\fdecor MS "
    "Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    "\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
static_assert(known_words.size() == 207);

// What comes out, written behind what is read: the file's place is set for each piece.
class RtfOutput {
  public:
    RtfOutput(std::FILE *file, std::int64_t place, std::int64_t most)
        : file_(file), place_(place), most_(most) {}

    // False when there is no more room for it.
    bool put(char c) {
        if (size() >= most_) return false;
        piece_ += c;
        constexpr std::size_t piece_size = 16 << 10;
        if (piece_.size() >= piece_size) flush();
        return !failed_;
    }
    void flush() {
        const bool written = seek_to(file_, place_ + written_) &&
                             std::fwrite(piece_.data(), 1, piece_.size(), file_) == piece_.size() &&
                             std::fflush(file_) == 0;
        failed_ = failed_ || !written;
        written_ += static_cast<std::int64_t>(piece_.size());
        piece_.clear();
    }
    [[nodiscard]] std::int64_t size() const { return written_ + static_cast<std::int64_t>(piece_.size()); }
    [[nodiscard]] bool failed() const { return failed_; }

  private:
    std::FILE *file_;
    std::int64_t place_;
    std::int64_t most_;
    std::int64_t written_ = 0;
    std::string piece_;
    bool failed_ = false;
};

// MS-OXRTFCP 3.1.3.2. True when the end that it marks was reached.
bool decompress(FileWindow &bytes, RtfOutput &output) {
    std::vector<char> dictionary(known_words.begin(), known_words.end());
    dictionary.resize(dictionary_size, ' ');
    std::size_t at = known_words.size();
    const auto put = [&](char c) {
        dictionary[at] = c;
        at = (at + 1) % dictionary_size;
        return output.put(c);
    };
    while (const auto control = bytes.number8()) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            const bool is_reference = (*control >> bit & 1U) != 0;
            const auto first = bytes.number8();
            if (!first) return false;
            if (!is_reference) {
                if (!put(static_cast<char>(*first))) return false;
                continue;
            }
            const auto second = bytes.number8();
            if (!second) return false;
            const unsigned reference = static_cast<unsigned>(*first) << 8U | *second;
            std::size_t from = reference >> 4U;
            if (from == at) return true;
            for (unsigned left = (reference & 0x0FU) + 2; left > 0; --left) {
                if (!put(dictionary[from])) return false;
                from = (from + 1) % dictionary_size;
            }
        }
    }
    return false;
}

bool copy(FileWindow &bytes, RtfOutput &output) {
    for (std::string_view piece = bytes.take(bytes.left()); !piece.empty(); piece = bytes.take(bytes.left())) {
        for (const char c : piece) {
            if (!output.put(c)) return false;
        }
    }
    return true;
}

} // namespace

Result<std::optional<UnpackedRtf>> unpack_rtf(std::FILE *file, std::int64_t begin, std::int64_t end,
                                              std::int64_t place) {
    constexpr std::uint32_t compressed = 0x75465A4C; // "LZFu"
    constexpr std::uint32_t as_it_is = 0x414C454D;   // "MELA"
    FileWindow bytes(file, begin, end);
    bytes.number32(); // bytes that follow
    const auto raw_size = bytes.number32();
    const auto kind = bytes.number32();
    const auto checksum = bytes.number32();
    if (bytes.failed()) return spool_error("reading the message from the spool", errno);
    if (!raw_size || !checksum || (*kind != compressed && *kind != as_it_is))
        return std::optional<UnpackedRtf>();

    // Some writers count a final NUL or line end less than there is.
    constexpr std::int64_t tolerated = 16;
    RtfOutput output(file, place, std::min<std::int64_t>(*raw_size + tolerated, largest_rtf));
    const bool whole = *kind == compressed ? decompress(bytes, output) : copy(bytes, output);
    output.flush();
    if (bytes.failed()) return spool_error("reading the message from the spool", errno);
    if (output.failed()) return spool_error("writing the text of a winmail.dat to the spool", errno);
    return std::optional<UnpackedRtf>({output.size(), whole});
}

} // namespace roe::message
