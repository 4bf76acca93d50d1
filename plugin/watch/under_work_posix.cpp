// What of the notes needs POSIX: writing in place.
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "watch/under_work.hpp"
#include "watch/work_note.hpp"

namespace roe::watch {

namespace {

constexpr const char *under_work_file = "under-work";
// Workers are fewer.
constexpr std::size_t most_places = 1024;

off_t offset_of(std::size_t place) {
    return static_cast<off_t>(place * longest_work_note);
}

void write_at(int file, std::size_t place, const std::string &bytes) {
    [[maybe_unused]] const auto written = ::pwrite(file, bytes.data(), bytes.size(), offset_of(place));
}

} // namespace

std::vector<ledger::InterruptedMail> UnderWork::left_behind(const std::filesystem::path &folder) {
    std::vector<ledger::InterruptedMail> mails;
    std::ifstream file(folder / under_work_file, std::ios::binary);
    std::string bytes(longest_work_note, '\0');
    for (std::size_t place = 0; place < most_places && file; ++place) {
        file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        const auto length = static_cast<std::size_t>(file.gcount());
        if (auto mail = read_note(std::string_view(bytes).substr(0, length))) mails.push_back(std::move(*mail));
    }
    return mails;
}

Result<std::unique_ptr<UnderWork>> UnderWork::begin(const std::filesystem::path &folder) {
    const auto path = folder / under_work_file;
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return Error{Fault::storage, "ledger", "opening " + path.string(),
                     std::generic_category().message(errno),
                     "Check that the plugin's data folder is writable and its disk is not full."};
    return std::unique_ptr<UnderWork>(new UnderWork(file));
}

UnderWork::~UnderWork() {
    ::close(file_);
}

std::size_t UnderWork::take_place() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return places_++;
    const auto place = free_.back();
    free_.pop_back();
    return place;
}

void UnderWork::give_back(std::size_t place) {
    const std::lock_guard lock(mutex_);
    free_.push_back(place);
}

UnderWork::Note::Note(UnderWork &work, const std::string &bytes, bool alone)
    : alone_(alone ? std::unique_lock(work.deadly_) : std::unique_lock<std::mutex>()), work_(work),
      place_(work.take_place()), length_(bytes.size()) {
    write_at(work_.file_, place_, bytes);
}

UnderWork::Note::~Note() {
    // All of it, as a note tells what the mail says.
    write_at(work_.file_, place_, std::string(length_, '\0'));
    work_.give_back(place_);
}

} // namespace roe::watch
