#include "trigger/spool.hpp"

#include <cerrno>
#include <system_error>

#include "base/digest.hpp"

namespace roe::trigger {

namespace fs = std::filesystem;

namespace {

Error storage_error(std::string doing, const fs::path &path, const std::error_code &code) {
    return {Fault::storage, "ledger", std::move(doing) + " " + path.string(), code.message(),
            "Check that the host's spool folder is writable and its disk is not full."};
}

} // namespace

std::string Spool::folder_name(std::string_view key) {
    constexpr std::size_t digits_kept = 32;
    Sha256 digest;
    digest.add(key);
    return digest.hex().substr(0, digits_kept);
}

Result<void> Spool::lay_out(const std::string &folder) const {
    std::error_code code;
    const auto path = path_of(folder);
    fs::remove_all(path, code);
    if (!code) fs::create_directories(path, code);
    if (code) return storage_error("making the folder", path, code);
    return {};
}

Result<void> Spool::share_raw(const std::string &from, const std::string &to) const {
    std::error_code code;
    const auto source = path_of(from) / raw_file_name;
    const auto target = path_of(to) / raw_file_name;
    fs::create_hard_link(source, target, code);
    if (code) {
        code.clear();
        fs::copy_file(source, target, code);
    }
    if (code) return storage_error("writing", target, code);
    return {};
}

void Spool::discard(const std::string &folder) const {
    std::error_code ignored; // what is left is laid out anew, or removed by whoever cleans the disk
    fs::remove_all(path_of(folder), ignored);
}

Result<void> SpoolWriter::begin(const MailRef &ref, std::int64_t) {
    under_way_ = ref.order;
    path_ = spool_.path_of(folders_.at(ref.order)) / raw_file_name;
    file_ = std::ofstream(path_, std::ios::binary | std::ios::trunc);
    if (!file_) return failed("making");
    return {};
}

Result<void> SpoolWriter::write(std::string_view bytes) {
    file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file_) return failed("writing");
    return {};
}

Result<void> SpoolWriter::end(const MailRef &ref) {
    file_.close();
    if (!file_) return failed("writing");
    written_[ref.order] = true;
    under_way_.reset();
    return {};
}

Result<void> SpoolWriter::failed(const char *doing) {
    under_way_.reset(); // the disk is to blame, not the mail
    return storage_error(doing, path_, std::error_code(errno, std::generic_category()));
}

} // namespace roe::trigger
