// Which mails are being decoded at this moment, so that the next process knows what this one died of.
//
// A mail is noted before a byte of it is decoded, in a file that outlives the process but not a loss of power:
// a note is a write into the kernel's memory, nothing is flushed. Each thread at work has a place of its own in
// it. A note that can't be written is left out: the mail goes its way without.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "ledger/ledger.hpp"

namespace roe::watch {

class UnderWork {
  public:
    // What the process before was reading when it ended, if it did not end in order.
    static std::vector<ledger::InterruptedMail> left_behind(const std::filesystem::path &folder);

    // Begins with no notes; what was left behind is gone. `folder` belongs to this process alone.
    static Result<std::unique_ptr<UnderWork>> begin(const std::filesystem::path &folder);
    ~UnderWork();
    UnderWork(const UnderWork &) = delete;
    UnderWork &operator=(const UnderWork &) = delete;

    // The mail is under work as long as this lives. [one thread, which holds one at a time]
    class Note {
      public:
        ~Note();
        Note(const Note &) = delete;
        Note &operator=(const Note &) = delete;

      private:
        friend UnderWork;
        Note(UnderWork &work, const std::string &bytes, bool alone);

        std::unique_lock<std::mutex> alone_;
        UnderWork &work_;
        const std::size_t place_;
        const std::size_t length_;
    };

    // `deadly`: the process has died of the mail before, perhaps. Of these one is under work at a time, so
    // that the innocent do not die with the guilty again and again. [any thread]
    [[nodiscard]] Note note(const ledger::InterruptedMail &mail, bool deadly);

  private:
    explicit UnderWork(int file) : file_(file) {}

    std::size_t take_place();
    void give_back(std::size_t place);

    const int file_;
    std::mutex deadly_; // held while one of them is decoded
    std::mutex mutex_;  // guards what follows
    std::vector<std::size_t> free_;
    std::size_t places_ = 0;
};

// Counts for each mail that was left behind that the process died, durably, and begins with no notes.
Result<std::unique_ptr<UnderWork>> begin_after_deaths(const std::filesystem::path &folder,
                                                      ledger::Ledger &ledger, WallTime now);

} // namespace roe::watch
