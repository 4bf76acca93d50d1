// The arrival book of a folder, kept in the ledger.
#pragma once

#include <string>

#include "ledger/ledger.hpp"

namespace roe::ledger {

class LedgerArrivals final : public ArrivalBook {
  public:
    // Ledger and clock outlive it.
    LedgerArrivals(Ledger &ledger, const Clock &clock, std::string mailbox, std::string folder)
        : ledger_(ledger), clock_(clock), mailbox_(std::move(mailbox)), folder_(std::move(folder)) {}

    Result<Shared> shared() override {
        auto row = ledger_.folder(mailbox_, folder_);
        if (!row) return std::move(row.error());
        row_ = row->id;
        return ledger_.shared_names(row_);
    }

    Result<Standing> note(std::span<const Mail> there, const Shared &newly_shared) override {
        return ledger_.note_arrivals(row_, there, newly_shared, clock_.wall());
    }

    Result<std::vector<MailRef>> after(std::int64_t order, std::size_t most) override {
        return ledger_.arrivals(row_, order, most);
    }

    Result<void> remove(std::span<const MailRef> mails) override {
        return ledger_.remove_arrivals(row_, mails);
    }

  private:
    Ledger &ledger_;
    const Clock &clock_;
    const std::string mailbox_;
    const std::string folder_;
    RowId row_ = 0; // from `shared` on, which comes first
};

} // namespace roe::ledger
