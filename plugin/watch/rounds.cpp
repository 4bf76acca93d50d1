#include "watch/rounds.hpp"

#include <algorithm>
#include <iterator>

#include "base/crash_point.hpp"
#include "trigger/events.hpp"

namespace roe::watch {

using trigger::Launch;

namespace {

using namespace std::chrono_literals;

constexpr std::size_t disposals_at_once = 500;
// What is committed at once, unless a trigger wants all mails of a pass in one job.
constexpr std::size_t most_mails_at_once = 100;
constexpr std::int64_t most_bytes_at_once = 16 << 20;
// A mail is set aside when the session broke this often while it came in.
constexpr int breaks_before_put_off = 2;
constexpr auto disposal_retry = 1min;
// A look that follows a notice begins with the server: the ledger is asked for pending mail this often only,
// and when there is reason to.
constexpr auto pending_pause = 30s;

std::size_t window_of(const Triggers &triggers) {
    int window = triggers.front()->parameters.window_size;
    for (const auto &trigger : triggers)
        window = std::min(window, trigger->parameters.window_size);
    return static_cast<std::size_t>(window);
}

// Headers are read first so that nothing is fetched in vain; for a trigger that takes every mail nothing is.
Bodies bodies_for(const Triggers &triggers) {
    const bool every_mail = std::any_of(triggers.begin(), triggers.end(),
                                        [](const auto &trigger) { return trigger->filter.takes_all(); });
    return every_mail ? Bodies::with_heads : Bodies::later;
}

bool wants_whole_passes(const Triggers &triggers) {
    return std::any_of(triggers.begin(), triggers.end(),
                       [](const auto &trigger) { return trigger->parameters.launch == Launch::per_pass; });
}

// A fault that one mail may bring about; others are ours, or concern the whole mailbox.
bool ends_session(const Error &error) {
    return error.fault == Fault::unreachable || error.fault == Fault::timed_out ||
           error.fault == Fault::protocol;
}

MailHead withheld(MailRef ref, WallTime now) {
    MailHead head;
    head.ref = std::move(ref);
    head.header_withheld = true;
    head.received_at = now;
    return head;
}

// What has come of the mail before.
void tell_past(Candidate &candidate, const ledger::PendingMail &row) {
    candidate.attempts = std::max(candidate.attempts, row.attempts);
    if (row.deaths > 0) candidate.deaths[row.trigger] = row.deaths;
}

// How many of the candidates, from the first on, go into one transaction.
std::size_t step_size(std::span<const Candidate> candidates, bool whole) {
    if (whole) return candidates.size();
    std::int64_t bytes = 0;
    std::size_t count = 0;
    while (count < candidates.size() && count < most_mails_at_once) {
        bytes += candidates[count].head.size;
        if (count > 0 && bytes > most_bytes_at_once) break;
        ++count;
    }
    return count;
}

} // namespace

Result<void> Rounds::begin(Place place, MailSource &source) {
    const auto marks = tools_.ledger.marks(place.folder);
    if (!marks) return marks.error();
    marks_.clear();
    for (const auto &mark : *marks)
        marks_[mark.trigger] = mark;
    auto interrupted = tools_.ledger.interrupted(place.folder, place.validity);
    if (!interrupted) return interrupted.error();
    interrupted_.clear();
    for (auto &mail : *interrupted)
        interrupted_[mail.ref.order].push_back(std::move(mail));
    place_ = std::move(place);
    source_ = &source;
    disposals_waiting_ = true;
    disposals_due_ = tools_.clock.wall() + disposal_retry; // what an earlier session has put off is due by then
    pending_due_ = {};
    return {};
}

Result<bool> Rounds::pending_mail(const Triggers &triggers) {
    const auto now = tools_.clock.wall();
    if (now < pending_due_) return false;
    const auto window = one_at_a_time_ ? 1 : window_of(triggers);
    const auto rows = tools_.ledger.pending(place_.folder, now, window);
    if (!rows) return rows.error();
    if (rows->size() < window) pending_due_ = now + pending_pause;

    std::map<std::int64_t, Candidate> wanted;
    for (const auto &row : *rows) {
        const auto trigger = std::find_if(triggers.begin(), triggers.end(),
                                          [&](const auto &each) { return each->id == row.trigger; });
        if (trigger == triggers.end()) continue;
        auto &candidate = wanted[row.ref.order];
        candidate.head.ref = row.ref;
        candidate.gone = true;
        candidate.triggers.push_back(*trigger);
        tell_past(candidate, row);
        if (row.once_more) candidate.once_more[row.trigger] = *row.once_more;
    }
    if (wanted.empty()) {
        if (rows->empty()) one_at_a_time_ = false;
        return false;
    }

    std::vector<MailRef> refs;
    refs.reserve(wanted.size());
    for (const auto &[order, candidate] : wanted)
        refs.push_back(candidate.head.ref);
    auto heads = heads_of(refs);
    if (!heads) return heads.error();
    for (auto &head : *heads)
        if (const auto at = wanted.find(head.ref.order); at != wanted.end()) {
            at->second.head = std::move(head);
            at->second.gone = false;
        }

    std::vector<Candidate> candidates;
    candidates.reserve(wanted.size());
    for (auto &[order, candidate] : wanted)
        candidates.push_back(std::move(candidate));
    if (auto done = run_in_steps(std::move(candidates), triggers, 0); !done) return done.error();
    return rows->size() >= window;
}

Result<bool> Rounds::new_mail(const Triggers &triggers) {
    std::int64_t after = INT64_MAX;
    for (const auto &trigger : triggers)
        after = std::min(after, marks_.at(trigger->id).order);
    auto look = this->look(after, window_of(triggers), bodies_for(triggers));
    if (!look) return look.error();

    std::vector<Candidate> candidates;
    for (auto &head : look->heads) {
        Candidate candidate;
        std::copy_if(triggers.begin(), triggers.end(), std::back_inserter(candidate.triggers),
                     [&](const auto &trigger) { return marks_.at(trigger->id).order < head.ref.order; });
        if (const auto rows = interrupted_.find(head.ref.order); rows != interrupted_.end())
            for (const auto &row : rows->second)
                tell_past(candidate, row);
        candidate.head = std::move(head);
        if (!candidate.triggers.empty()) candidates.push_back(std::move(candidate));
    }
    if (auto done = run_in_steps(std::move(candidates), triggers, look->complete_to); !done)
        return done.error();
    return look->more;
}

// A server may die of a mail's head as well as of its body (Dovecot ends the session when it can't read one).
// Looks that break again and again take one mail at a time, and at last that one is passed over unread, to be
// tried later.
Result<Look> Rounds::look(std::int64_t after, std::size_t window, Bodies bodies) {
    const bool careful = looks_broken_ >= breaks_before_put_off;
    if (looks_broken_ < 2 * breaks_before_put_off) {
        auto look = source_->look(after, careful ? 1 : window, looks_broken_ > 0 ? Bodies::later : bodies);
        if (look) {
            looks_broken_ = careful && look->more ? breaks_before_put_off : 0;
        } else if (ends_session(look.error())) {
            ++looks_broken_;
        }
        return look;
    }
    auto next = source_->list(after, 1);
    if (!next) return next.error();
    looks_broken_ = 0;
    Look look{.heads = {}, .complete_to = after, .more = !next->empty()};
    for (auto &ref : *next) {
        look.complete_to = ref.order;
        look.heads.push_back(withheld(std::move(ref), tools_.clock.wall()));
    }
    return look;
}

Result<std::vector<MailHead>> Rounds::heads_of(const std::vector<MailRef> &refs) {
    const bool alone = refs.size() == 1;
    if (alone && broke_on_[refs.front().order] >= breaks_before_put_off)
        return std::vector{withheld(refs.front(), tools_.clock.wall())};
    auto heads = source_->heads(refs);
    if (!heads && ends_session(heads.error())) {
        one_at_a_time_ = true;
        if (alone) ++broke_on_[refs.front().order];
    }
    return heads;
}

// Marks grow only over a contiguous prefix that is decided, or set aside where it is not forgotten.
Result<void> Rounds::run_in_steps(std::vector<Candidate> candidates, const Triggers &triggers,
                                  std::int64_t complete_to) {
    const bool whole = wants_whole_passes(triggers);
    auto rest = std::span(candidates);
    do {
        const auto size = step_size(rest, whole);
        const bool last = size == rest.size();
        Batch batch;
        batch.before = marks_;
        batch.candidates.assign(std::make_move_iterator(rest.begin()),
                                std::make_move_iterator(rest.begin() + static_cast<std::ptrdiff_t>(size)));
        rest = rest.subspan(size);
        const auto decided_to = last ? complete_to : batch.candidates.back().head.ref.order;
        for (const auto &trigger : triggers) {
            auto mark = marks_.at(trigger->id);
            if (mark.order >= decided_to) continue;
            mark.order = decided_to;
            batch.after.push_back(std::move(mark));
        }
        if (batch.candidates.empty() && batch.after.empty()) return {};
        if (auto done = run_step(std::move(batch)); !done) return done;
    } while (!rest.empty());
    return {};
}

Result<void> Rounds::run_step(Batch batch) {
    Pass pass(tools_, place_, *source_);
    const auto report = pass.run(batch, put_off_);
    if (!report) {
        blame(pass.suspect(), report.error());
        return report.error();
    }
    last_mail_ = std::max(last_mail_, report->newest);
    for (const auto &mail : report->set_aside) {
        log_(place_.mailbox_address + " " + place_.folder_name + ": mail " + mail.ref.uid +
             (mail.quarantined ? " is quarantined after " + std::to_string(mail.attempts) + " tries: "
                               : " is set aside and tried again later: ") +
             mail.last_error);
        if (!mail.quarantined) pending_due_ = std::min(pending_due_, mail.not_before);
    }
    tell_quarantined(report->set_aside, batch);
    for (auto &mark : batch.after)
        marks_[mark.trigger] = std::move(mark);
    for (const auto &candidate : batch.candidates)
        broke_on_.erase(candidate.head.ref.order);
    if (put_off_ && std::any_of(batch.candidates.begin(), batch.candidates.end(), [&](const auto &candidate) {
            return candidate.head.ref.order == put_off_->order;
        }))
        put_off_.reset();
    if (report->started > 0) disposals_waiting_ = true;
    return {};
}

void Rounds::tell_quarantined(const std::vector<ledger::PendingMail> &set_aside, const Batch &batch) {
    std::vector<orch::sdk::JournalEvent> events;
    for (const auto &mail : set_aside) {
        if (!mail.quarantined) continue;
        for (const auto &candidate : batch.candidates)
            for (const auto &trigger : candidate.triggers)
                if (candidate.head.ref.order == mail.ref.order && trigger->id == mail.trigger)
                    events.push_back(trigger::quarantined_event(
                        *trigger, {place_.mailbox_address, place_.folder_name, mail}));
    }
    if (events.empty()) return;
    if (const auto written = tools_.journal.write(events); !written)
        log_("the journal did not take this: " + written.failure().words);
}

void Rounds::blame(std::optional<std::int64_t> suspect, const Error &error) {
    if (!suspect || !ends_session(error)) return;
    if (++broke_on_[*suspect] < breaks_before_put_off) return;
    put_off_ = PutOff{*suspect, error.text()};
}

Result<bool> Rounds::dispose(const Triggers &triggers, bool more_mail) {
    const bool due = disposals_due_ && *disposals_due_ <= tools_.clock.wall();
    if (!disposals_waiting_ && !due) return false;
    if (due) disposals_due_.reset();
    auto started = everybody(triggers);
    if (!started) return started.error();
    // What was put off before these rounds began may be settled by now, by an edit of the mailbox for one; what
    // is put off from here on is later than this.
    const auto due_until =
        tools_.clock.wall() + (disposed_once_ ? std::chrono::milliseconds{} : disposal_retry - 1ms);
    for (;;) {
        const auto ready = tools_.ledger.ready_disposals(place_.folder, *started, due_until, disposals_at_once);
        if (!ready) return ready.error();
        if (ready->empty()) break;
        if (more_mail && ready->size() < disposals_at_once) {
            disposals_waiting_ = true;
            return false;
        }
        if (source_->spent()) return true;
        std::vector<ledger::RowId> rows;
        std::vector<MailRef> refs;
        for (const auto &row : *ready) {
            if (row.remove != ready->front().remove) continue; // the switch was turned: next time round
            rows.push_back(row.id);
            refs.push_back(row.ref);
        }
        // A mail is never deleted because the switch was turned on later. Where to move it may have been
        // corrected meanwhile: what holds now is done.
        Disposal what = place_.disposal;
        what.remove = ready->front().remove;
        if (what.remove) what.move_to.clear();
        crash_point("dispose-before-server");
        if (const auto done = source_->dispose(refs, what); !done) {
            if (done.error().fault != Fault::refused) return done.error();
            // A folder that may only be read, say: the jobs have started, and nothing is repeated.
            log_(place_.mailbox_address + " " + place_.folder_name + ": " + done.error().text());
            if (auto noted = note_refused(rows, refs, what, done.error()); !noted) return noted.error();
            continue;
        }
        crash_point("dispose-after-server");
        if (refused_until_ <= tools_.clock.wall()) refused_disposal_.reset();
        if (auto finished = tools_.ledger.finish_disposals(place_.folder, rows, what); !finished)
            return finished.error();
        crash_point("dispose-after-record");
    }
    disposed_once_ = true;
    // Those who are still to come will let more be done; until then each look asks again.
    disposals_waiting_ = started->size() > triggers.size();
    return false;
}

Result<void> Rounds::note_refused(std::span<const ledger::RowId> rows, std::span<const MailRef> refs,
                                  const Disposal &what, const Error &error) {
    const auto later = tools_.clock.wall() + disposal_retry;
    const auto refused = source_->refused();
    std::vector<ledger::RowId> left, well;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const bool is_left = !refused || std::ranges::find(*refused, refs[i].uid) != refused->end();
        (is_left ? left : well).push_back(rows[i]);
    }
    // What is gone and stands as if it were not would be taken for vanished.
    if (!well.empty())
        if (auto finished = tools_.ledger.finish_disposals(place_.folder, well, what); !finished)
            return finished;
    if (auto put = tools_.ledger.put_off_disposals(left, later, error.text()); !put) return put;
    disposals_due_ = later;
    refused_disposal_ = error;
    refused_until_ = later;
    return {};
}

// After a start of the host its triggers come one after the other. A mail that the first is done with must not
// be deleted before the others have seen it.
Result<std::vector<std::string>> Rounds::everybody(const Triggers &triggers) const {
    auto started = started_();
    if (!started) return started;
    for (const auto &trigger : triggers)
        if (std::find(started->begin(), started->end(), trigger->id) == started->end())
            started->push_back(trigger->id);
    return started;
}

} // namespace roe::watch
