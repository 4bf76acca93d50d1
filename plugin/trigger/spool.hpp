// The folder in which the files of jobs are laid out before the host takes them over.
//
// A folder's name comes from the idempotency key of its start. So a mail that is worked on again after a crash
// finds its old folder and lays it out anew; nothing is left behind. [any thread; a folder by one at a time]
#pragma once

#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "source/mail_source.hpp"

namespace roe::trigger {

inline constexpr std::string_view raw_file_name = "message.eml";

class Spool {
  public:
    explicit Spool(std::filesystem::path root) : root_(std::move(root)) {}

    // The name of the folder for a start with this key.
    [[nodiscard]] static std::string folder_name(std::string_view key);
    [[nodiscard]] std::filesystem::path path_of(const std::string &folder) const { return root_ / folder; }

    // Makes the folder, empty. `folder` may have a sub-folder: "abc/1".
    Result<void> lay_out(const std::string &folder) const;
    // The same bytes in a second folder, without copying them where the file system can.
    Result<void> share_raw(const std::string &from, const std::string &to) const;
    // Makes durable what is below these folders, and the folders themselves: the outcome says whether they are.
    // A little is flushed beside the caller, who has other work meanwhile; much is done when this returns, so
    // that a transaction that waits for the outcome is never held up for long.
    using Flushed = std::shared_future<Result<void>>; // waits when the last one goes out of scope
    [[nodiscard]] Flushed flush(std::vector<std::string> folders) const;
    void discard(const std::string &folder) const;

  private:
    [[nodiscard]] Result<void> make_durable(std::span<const std::string> folders) const;
    [[nodiscard]] bool is_little(std::span<const std::string> folders) const;

    std::filesystem::path root_;
};

// Writes whole messages into the folders that were laid out for them.
class SpoolWriter final : public RawSink {
  public:
    // `folders`: for each mail (by `order`) the folder that its bytes go to.
    SpoolWriter(const Spool &spool, std::map<std::int64_t, std::string> folders)
        : spool_(spool), folders_(std::move(folders)) {}

    Result<void> begin(const MailRef &ref, std::int64_t size) override;
    Result<void> write(std::string_view bytes) override;
    Result<void> end(const MailRef &ref) override;
    void withheld(const MailRef &ref, const Error &why) override { withheld_.emplace(ref.order, why); }

    // Why the server did not hand the mail out; null when it did, or when the mail is gone.
    [[nodiscard]] const Error *withheld(std::int64_t order) const {
        const auto at = withheld_.find(order);
        return at == withheld_.end() ? nullptr : &at->second;
    }
    [[nodiscard]] bool has(std::int64_t order) const { return written_.contains(order); }
    // The mail that was coming in when the source failed, if any.
    [[nodiscard]] const std::optional<std::int64_t> &under_way() const { return under_way_; }

  private:
    Result<void> failed(const char *doing);

    const Spool &spool_;
    std::map<std::int64_t, std::string> folders_;
    std::map<std::int64_t, bool> written_;
    std::map<std::int64_t, Error> withheld_;
    std::optional<std::int64_t> under_way_;
    std::filesystem::path path_;
    std::ofstream file_;
};

} // namespace roe::trigger
