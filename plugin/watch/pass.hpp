// The way of a mail: looked at, decided, fetched, decoded, into the outbox, to the host.
//
// Each step takes values and gives values; none reaches back. What happens to the mail on the server comes
// after, in FolderWatch, when its starts are accepted. [one worker at a time]
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/ledger.hpp"
#include "message/payload.hpp"
#include "orch/sdk/journal.hpp"
#include "source/mail_source.hpp"
#include "trigger/active_trigger.hpp"
#include "trigger/delivery.hpp"
#include "trigger/figures.hpp"
#include "trigger/spool.hpp"
#include "watch/under_work.hpp"

namespace roe::watch {

using Triggers = std::vector<std::shared_ptr<const trigger::ActiveTrigger>>;

struct KnownStarts;

// Where the mails of a pass come from, as the payload and the ledger name it.
struct Place {
    ledger::RowId folder = 0;
    std::string validity; // identity of the folder: server and UIDVALIDITY
    std::string mailbox_address;
    std::string protocol;
    std::string folder_name;
    std::string node;
    std::int64_t epoch = 0;
    Disposal disposal;
    std::string trusted_authserv; // whose Authentication-Results count; empty: nobody's
};

// What a pass works with. All outlive it.
struct Tools {
    ledger::Ledger &ledger;
    trigger::Delivery &delivery;
    trigger::Spool &spool;
    orch::sdk::JournalService &journal;
    const Clock &clock;
    trigger::Figures &figures;
    UnderWork &under_work;
    int most_attempts = 10; // at a mail that is put off, before it is quarantined; the last waits are hours
};

// A mail, and the triggers that are to decide on it.
struct Candidate {
    MailHead head;
    Triggers triggers;
    int attempts = 0;                    // how often it was put off
    std::map<std::string, int> deaths{}; // by trigger: how often in a row the process ended over it
    bool gone = false;                   // it was to be looked at once more, and is on the server no more
    std::map<std::string, ledger::OnceMore> once_more{}; // by trigger: a person wants it started
};

struct Batch {
    std::vector<Candidate> candidates;          // in ascending order
    std::map<std::string, ledger::Mark> before; // each trigger's mark as it stands now
    std::vector<ledger::Mark> after;            // the marks as they stand when all candidates are decided
};

// A mail that made the last tries fail: set aside for later, so that the others go on.
struct PutOff {
    std::int64_t order = 0;
    std::string why;
};

struct PassReport {
    std::size_t matched = 0;
    std::size_t started = 0;                      // taken by the host at once
    std::vector<ledger::PendingMail> set_aside{}; // could not be decided, and are tried again later
    std::optional<WallTime> newest{};             // arrival of the last one
};

class Pass {
  public:
    Pass(Tools tools, Place place, MailSource &source)
        : tools_(tools), place_(std::move(place)), source_(source) {}

    // Decides on the batch and starts what matched. When it returns without error, everything in it is durable;
    // when it fails, nothing of it is, and it may be run again.
    Result<PassReport> run(const Batch &batch, const std::optional<PutOff> &put_off);

    // After a failed `run`: the mail that was coming in, or was to come next, when the source failed.
    [[nodiscard]] std::optional<std::int64_t> suspect() const { return suspect_; }

  private:
    // A decision under construction.
    struct Draft {
        ledger::Decision decision;
        std::shared_ptr<const trigger::ActiveTrigger> trigger;
        std::string mail_folder; // where this mail's files go, below the spool
        int attempts = 0;        // how often it was put off before
        bool seen = false;       // somebody has read it
        bool deadly = false;     // the process has ended over it
        std::optional<ledger::OnceMore> once_more;
    };
    using Drafts = std::vector<Draft>;
    using SetAside = std::vector<ledger::PendingMail>;

    [[nodiscard]] Drafts decide(const Batch &batch, const std::optional<PutOff> &put_off,
                                PassReport &report) const;
    void decide_on(const Candidate &candidate, const Triggers &triggers, const std::optional<PutOff> &put_off,
                   Drafts &drafts, PassReport &report) const;
    // The triggers that may try the mail; for the others the process has died of it too often.
    Triggers still_willing(const Candidate &candidate, SetAside &set_aside) const;
    [[nodiscard]] UnderWork::Note note(const MailRef &ref, const Triggers &triggers, ledger::MailWords words,
                                       bool deadly) const;
    [[nodiscard]] UnderWork::Note note(const Drafts &drafts, const Draft &draft) const;
    Result<void> suppress_repeated(Drafts &drafts, const Batch &batch);
    static void suppress_if_known(Draft &draft, KnownStarts &known, const ledger::Mark *mark);
    static bool passed_over_at_start(const Draft &draft, const ledger::Mark &mark);
    void name_starts(Drafts &drafts) const;
    Result<void> fetch(Drafts &drafts, SetAside &set_aside);
    Result<void> look_inside(Drafts &drafts);
    Result<std::vector<std::string>> write_payloads(Drafts &drafts) const;
    [[nodiscard]] ledger::Pass record(const Batch &batch, Drafts drafts, const SetAside &set_aside) const;
    void count(const std::vector<ledger::Decision> &decisions) const;
    [[nodiscard]] ledger::PendingMail later(const trigger::ActiveTrigger &trigger, const MailRef &ref,
                                            int attempts, const std::string &why,
                                            ledger::MailWords words) const;
    [[nodiscard]] std::string key_of(const Draft &draft, const std::string &mails) const;

    Tools tools_;
    Place place_;
    MailSource &source_;
    std::optional<std::int64_t> suspect_;
};

} // namespace roe::watch
