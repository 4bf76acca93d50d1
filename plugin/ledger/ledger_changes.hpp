// The change book of a folder, kept in the ledger.
#pragma once

#include <string>
#include <utility>

#include "ledger/ledger.hpp"

namespace roe::ledger {

class LedgerChanges final : public ChangeBook {
  public:
    // Ledger and clock outlive it. `server` is where the mailbox is: what another one told is void.
    LedgerChanges(Ledger &ledger, const Clock &clock, std::string mailbox, std::string folder,
                  std::string server)
        : ledger_(ledger), clock_(clock), mailbox_(std::move(mailbox)), folder_(std::move(folder)),
          server_(std::move(server)) {}

    Result<Standing> open(std::string_view folder) override {
        auto row = ledger_.folder(mailbox_, folder_);
        if (!row) return std::move(row.error());
        row_ = row->id;
        subject_ = std::string(folder) + "@" + server_;
        return ledger_.change_standing(row_, subject_);
    }

    Result<Standing> take(const Changes &changes) override {
        return ledger_.note_changes(row_, subject_, changes, clock_.wall());
    }

    Result<std::vector<MailRef>> after(std::int64_t order, std::size_t most) override {
        return ledger_.arrivals(row_, order, most);
    }

    Result<std::vector<MailRef>> named(std::span<const std::string_view> names) override {
        return ledger_.arrivals_named(row_, names);
    }

  private:
    Ledger &ledger_;
    const Clock &clock_;
    const std::string mailbox_;
    const std::string folder_;
    const std::string server_;
    std::string subject_;
    RowId row_ = 0; // from `open` on, which comes first
};

} // namespace roe::ledger
