// How many mails with a fingerprint have started their job and are not in the folder under the name that they
// had: so many newcomers with that fingerprint are these mails again.
#pragma once

#include <map>
#include <span>
#include <string>

#include "base/result.hpp"
#include "ledger/ledger.hpp"
#include "source/mail_source.hpp"

namespace roe::watch {

// By fingerprint.
struct KnownStarts {
    std::map<std::string, int> under_other_names; // before the folder was renumbered, or in another folder
    std::map<std::string, int> vanished;          // from this folder, by another hand than ours

    // `fired` is what the ledger has of one trigger; `source` is asked which of them are still in the folder.
    static Result<KnownStarts> of(std::span<const ledger::FiredMail> fired, ledger::RowId folder,
                                  const std::string &validity, MailSource &source);
};

} // namespace roe::watch
