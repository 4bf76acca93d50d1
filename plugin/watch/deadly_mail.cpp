// Of a pass: mails of which the process may die, so that they do not keep everything else from going on.
#include <algorithm>
#include <iterator>

#include "watch/pass.hpp"

namespace roe::watch {

namespace {

// A process that is killed from without may well be at a mail, but hardly at the same one three times in a row.
constexpr int most_deaths = 3;

} // namespace

Triggers Pass::still_willing(const Candidate &candidate, SetAside &set_aside) const {
    if (candidate.gone) return candidate.triggers; // nothing of it is read
    Triggers willing;
    for (const auto &trigger : candidate.triggers) {
        const auto deaths = candidate.deaths.find(trigger->id);
        if (deaths == candidate.deaths.end() || deaths->second < most_deaths) {
            willing.push_back(trigger);
            continue;
        }
        ledger::PendingMail mail;
        mail.trigger = trigger->id;
        mail.tenant = trigger->tenant;
        mail.ref = candidate.head.ref;
        mail.attempts = candidate.attempts;
        mail.quarantined = true;
        mail.last_error = "The process ended again and again while this mail was being read";
        // When a person retries it, one more is enough.
        mail.deaths = most_deaths - 1;
        set_aside.push_back(std::move(mail));
    }
    return willing;
}

// Should the process die of the mail, the next one knows.
UnderWork::Note Pass::note(const MailRef &ref, const Triggers &triggers, ledger::MailWords words,
                           bool deadly) const {
    ledger::InterruptedMail mail;
    mail.folder = place_.folder;
    mail.validity = place_.validity;
    mail.ref = ref;
    mail.node = place_.node;
    mail.epoch = place_.epoch;
    mail.tenant = triggers.front()->tenant;
    for (const auto &trigger : triggers)
        mail.triggers.push_back(trigger->id);
    mail.words = std::move(words);
    return tools_.under_work.note(mail, deadly);
}

// For all triggers that want the mail: the drafts of one mail follow each other.
UnderWork::Note Pass::note(const Drafts &drafts, const Draft &draft) const {
    const auto is_other = [&](const Draft &each) {
        return each.decision.ref.order != draft.decision.ref.order;
    };
    const auto at = drafts.begin() + (&draft - drafts.data());
    const auto first = std::find_if(std::make_reverse_iterator(at), drafts.rend(), is_other).base();
    const auto end = std::find_if(at, drafts.end(), is_other);
    Triggers triggers;
    std::for_each(first, end, [&](const Draft &each) {
        if (each.decision.matched) triggers.push_back(each.trigger);
    });
    const auto &read = draft.decision;
    return note(read.ref, triggers, {read.message_id, read.subject, read.from, read.received_at}, draft.deadly);
}

} // namespace roe::watch
