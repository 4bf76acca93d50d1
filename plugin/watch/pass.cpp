#include "watch/pass.hpp"

#include <algorithm>
#include <set>

#include "base/crash_point.hpp"
#include "message/content.hpp"
#include "watch/authors.hpp"
#include "watch/known_starts.hpp"

namespace roe::watch {

using trigger::Launch;
using trigger::Spool;
using trigger::StartFrom;

namespace {

constexpr std::size_t longest_log_text = 1000;
constexpr std::size_t longest_name_in_key = 100;

// Short enough for a log, on one line, cut at a character.
std::string log_text(std::string text) {
    if (text.size() > longest_log_text) {
        auto end = longest_log_text;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
            --end;
        text.resize(end);
    }
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return text;
}

std::chrono::milliseconds wait_before(int attempt) {
    using namespace std::chrono_literals;
    return std::min<std::chrono::milliseconds>(30s * (1 << std::clamp(attempt, 0, 10)), 6h);
}

ledger::MailWords words_of(const ledger::Decision &decision) {
    return {decision.message_id, decision.subject, decision.from, decision.received_at};
}

void skip(ledger::Decision &decision, const char *code, const char *text) {
    decision.matched = false;
    decision.reason_code = code;
    decision.reason_text = text;
}

void refuse(ledger::Decision &decision, const trigger::Verdict &verdict) {
    decision.matched = false;
    decision.reason_code = verdict.code;
    decision.reason_text = log_text(verdict.text);
}

} // namespace

Result<PassReport> Pass::run(const Batch &batch, const std::optional<PutOff> &put_off) {
    PassReport report;
    auto drafts = decide(batch, put_off, report);
    if (auto done = suppress_repeated(drafts, batch); !done) return done.error();
    name_starts(drafts);
    if (auto done = fetch(drafts, report.set_aside); !done) return done.error();
    if (auto done = look_inside(drafts); !done) return done.error();
    auto folders = write_payloads(drafts);
    if (!folders) return folders.error();

    const auto flushed = tools_.spool.flush(*std::move(folders));
    auto pass = record(batch, std::move(drafts), report.set_aside);
    pass.files_durable = [&flushed] { return flushed.get(); };
    crash_point("pass-before-commit");
    const auto starts = tools_.ledger.commit_pass(pass);
    if (!starts) return starts.error();
    count(pass.decisions);

    report.matched = starts->size();
    // A host that does not take them now is asked again by the outbox; the mails are safe.
    if (auto delivered = tools_.delivery.deliver(*starts)) report.started = delivered->taken;
    return report;
}

Pass::Drafts Pass::decide(const Batch &batch, const std::optional<PutOff> &put_off, PassReport &report) const {
    Drafts drafts;
    for (const auto &candidate : batch.candidates) {
        const auto triggers = still_willing(candidate, report.set_aside);
        if (!triggers.empty()) decide_on(candidate, triggers, put_off, drafts, report);
    }
    return drafts;
}

void Pass::decide_on(const Candidate &candidate, const Triggers &triggers, const std::optional<PutOff> &put_off,
                     Drafts &drafts, PassReport &report) const {
    const auto &[head, everybody, attempts, deaths, gone, once_more] = candidate;
    const bool suspect = put_off && put_off->order == head.ref.order;
    if (head.header_withheld) {
        const auto why = suspect ? put_off->why : "the server has the mail but gives no header of it";
        for (const auto &trigger : triggers)
            report.set_aside.push_back(
                later(*trigger, head.ref, attempts, why, {{}, {}, {}, head.received_at}));
        report.newest = std::max(report.newest, std::optional(head.received_at));
        return;
    }
    const auto under_work = note(head.ref, triggers, {{}, {}, {}, head.received_at}, !deaths.empty());
    crash_point_of_mail("mail-header", head.header);
    const auto envelope = message::read_envelope(head.header, head.size);
    // POP3 does not say when a mail came.
    const auto received_at = gone || head.received_at != WallTime{}
                                 ? head.received_at
                                 : message::arrival_time(head.header, tools_.clock.wall());
    if (!gone) report.newest = std::max(report.newest, std::optional(received_at));
    for (const auto &trigger : triggers) {
        const auto wish = once_more.find(trigger->id);
        const auto verdict =
            wish != once_more.end()
                ? trigger::Verdict{true, "once-more", "Started once more: " + wish->second.by + " asked for it"}
                : trigger::decide(trigger->filter, envelope, {head.header, head.size, place_.trusted_authserv});
        Draft draft;
        draft.trigger = trigger;
        draft.attempts = attempts;
        draft.seen = head.seen;
        draft.deadly = !deaths.empty();
        if (wish != once_more.end()) draft.once_more = wish->second;
        auto &decision = draft.decision;
        decision.trigger = trigger->id;
        decision.tenant = trigger->tenant;
        decision.ref = head.ref;
        decision.fingerprint = envelope.fingerprint;
        decision.message_id = log_text(envelope.message_id);
        decision.subject = log_text(envelope.subject);
        decision.from = log_text(message::sender_line(envelope));
        decision.received_at = received_at;
        decision.matched = verdict.matched;
        decision.reason_code = verdict.code;
        decision.reason_text = log_text(verdict.text);
        decision.once_more = draft.once_more.has_value();
        if (suspect) {
            report.set_aside.push_back(later(*trigger, head.ref, attempts, put_off->why, words_of(decision)));
            continue;
        }
        if (verdict.matched && trigger->parameters.notify_authors)
            decision.authors = authors_to_tell(trigger->filter, envelope, head.header, place_.mailbox_address);
        if (gone) skip(decision, "gone", "The mail was deleted on the server before it could be looked at");
        drafts.push_back(std::move(draft));
    }
}

// A mail that has started its job may come along under another name: the folder's identity was lost, so that
// every mail looks new, or the mail was moved away and back. It starts none again, nor does one that was there
// before the trigger began. Senders repeat themselves: of equal mails as many start jobs as there are.
Result<void> Pass::suppress_repeated(Drafts &drafts, const Batch &batch) {
    std::map<std::string, std::vector<Draft *>> by_trigger;
    for (auto &draft : drafts)
        if (draft.decision.matched && !draft.once_more) by_trigger[draft.trigger->id].push_back(&draft);
    for (const auto &[trigger, matched] : by_trigger) {
        std::vector<std::string> fingerprints;
        for (const auto *draft : matched)
            fingerprints.push_back(draft->decision.fingerprint);
        const auto fired = tools_.ledger.fired(trigger, fingerprints);
        if (!fired) return fired.error();
        auto known = KnownStarts::of(*fired, place_.folder, place_.validity, source_);
        if (!known) return known.error();
        const auto before = batch.before.find(trigger);
        const auto *mark = before == batch.before.end() ? nullptr : &before->second;
        for (auto *draft : matched)
            suppress_if_known(*draft, *known, mark);
    }
    return {};
}

void Pass::suppress_if_known(Draft &draft, KnownStarts &known, const ledger::Mark *mark) {
    const bool in_doubt = mark != nullptr && draft.decision.ref.order <= mark->reconcile_to;
    auto &starts = in_doubt ? known.under_other_names : known.vanished;
    if (auto &left = starts[draft.decision.fingerprint]; left > 0) {
        --left;
        skip(draft.decision, "duplicate",
             in_doubt ? "The folder was renumbered; this mail has started its job before"
                      : "This mail has started its job before; it was gone from the folder and came back");
        draft.decision.duplicate = true;
    } else if (in_doubt && draft.decision.received_at < mark->baseline_at &&
               passed_over_at_start(draft, *mark)) {
        skip(draft.decision, "before-start",
             mark->restored_until == WallTime{} ? "The mail was there before the trigger was started"
                                                : "The mail was there before a restored backup was taken up");
    }
}

// Whether a mail from before the trigger's first look was none of its business then. With `unread` that can't
// be known any more: what is read now is taken to have been, as unread mail that matched is in the ledger.
// After a restore nothing that was there was.
bool Pass::passed_over_at_start(const Draft &draft, const ledger::Mark &mark) {
    if (mark.restored_until != WallTime{}) return true;
    const auto start_from = draft.trigger->parameters.start_from;
    return start_from == StartFrom::new_mail || (start_from == StartFrom::unread && draft.seen);
}

void Pass::name_starts(Drafts &drafts) const {
    // By trigger; what a person wants once more is a start of its own.
    std::map<std::pair<std::string, WallTime>, std::vector<Draft *>> together;
    for (auto &draft : drafts) {
        if (!draft.decision.matched) continue;
        if (draft.trigger->parameters.launch == Launch::per_pass) {
            together[{draft.trigger->id, draft.once_more ? draft.once_more->at : WallTime{}}].push_back(&draft);
            continue;
        }
        draft.decision.key = key_of(draft, draft.decision.ref.uid);
        draft.decision.spool = Spool::folder_name(draft.decision.key);
        draft.mail_folder = draft.decision.spool;
    }
    for (auto &[trigger, group] : together) {
        const auto mails = group.front()->decision.ref.uid + ".." + group.back()->decision.ref.uid;
        const auto key = key_of(*group.front(), mails);
        for (std::size_t i = 0; i < group.size(); ++i) {
            group[i]->decision.key = key;
            group[i]->decision.spool = Spool::folder_name(key);
            group[i]->mail_folder = group[i]->decision.spool + "/" + std::to_string(i + 1);
        }
    }
}

// Each mail is fetched once, however many triggers matched it.
Result<void> Pass::fetch(Drafts &drafts, SetAside &set_aside) {
    std::map<std::int64_t, std::string> folders; // of the first trigger that wants the mail
    std::vector<MailRef> wanted;
    for (const auto &draft : drafts) {
        if (!draft.decision.matched) continue;
        if (auto made = tools_.spool.lay_out(draft.mail_folder); !made) return made;
        if (folders.emplace(draft.decision.ref.order, draft.mail_folder).second)
            wanted.push_back(draft.decision.ref);
    }
    if (wanted.empty()) return {};

    trigger::SpoolWriter writer(tools_.spool, folders);
    if (auto fetched = source_.fetch(wanted, writer); !fetched) {
        suspect_ = writer.under_way();
        // A server that dies of a mail may do so before its first byte: it is the first that did not come then.
        const auto missing = std::ranges::find_if(wanted, [&](const MailRef &ref) {
            return !writer.has(ref.order) && writer.withheld(ref.order) == nullptr;
        });
        if (!suspect_ && missing != wanted.end()) suspect_ = missing->order;
        return fetched;
    }
    std::erase_if(drafts, [&](const Draft &draft) {
        const auto *why = draft.decision.matched ? writer.withheld(draft.decision.ref.order) : nullptr;
        if (why == nullptr) return false;
        tools_.spool.discard(draft.mail_folder);
        set_aside.push_back(
            later(*draft.trigger, draft.decision.ref, draft.attempts, why->text(), words_of(draft.decision)));
        return true;
    });
    for (auto &draft : drafts) {
        if (!draft.decision.matched) continue;
        const auto &first = folders.at(draft.decision.ref.order);
        if (!writer.has(draft.decision.ref.order)) {
            tools_.spool.discard(draft.mail_folder);
            skip(draft.decision, "gone", "The mail was deleted on the server before it could be fetched");
        } else if (draft.mail_folder != first) {
            if (auto shared = tools_.spool.share_raw(first, draft.mail_folder); !shared) return shared;
        }
    }
    return {};
}

// What only the whole mail tells. One that does not match after all leaves nothing behind.
Result<void> Pass::look_inside(Drafts &drafts) {
    std::set<std::string> emptied;
    // Of the last mail: the drafts of one mail follow each other.
    std::optional<std::int64_t> read;
    message::Content content;
    for (auto &draft : drafts) {
        const auto &filter = draft.trigger->filter;
        if (!draft.decision.matched || draft.once_more || !filter.needs_content()) continue;
        const auto under_work = note(drafts, draft);
        crash_point_of_mail("mail-content", draft.decision.subject);
        if (read != draft.decision.ref.order) {
            const auto raw = tools_.spool.path_of(draft.mail_folder) / trigger::raw_file_name;
            auto fresh = message::read_content(raw.string());
            if (!fresh) return fresh.error();
            content = *std::move(fresh);
            read = draft.decision.ref.order;
        }
        const auto refused = trigger::refusal_by_content(filter, content);
        if (!refused) continue;
        tools_.spool.discard(draft.mail_folder);
        emptied.insert(draft.decision.spool);
        refuse(draft.decision, *refused);
    }
    for (const auto &draft : drafts)
        if (draft.decision.matched) emptied.erase(draft.decision.spool);
    for (const auto &folder : emptied)
        tools_.spool.discard(folder);
    return {};
}

// Returns the folders of the spool that the starts name.
Result<std::vector<std::string>> Pass::write_payloads(Drafts &drafts) const {
    std::vector<std::string> folders;
    std::map<std::string, Draft *> firsts; // of each start that several mails share
    for (auto &draft : drafts) {
        auto &decision = draft.decision;
        if (!decision.matched) continue;
        const auto folder = tools_.spool.path_of(draft.mail_folder);
        const message::Origin origin{place_.mailbox_address, place_.protocol,  place_.folder_name,
                                     draft.trigger->id,      decision.ref.uid, decision.received_at};
        const auto under_work = note(drafts, draft);
        crash_point_of_mail("mail-payload", decision.subject);
        auto payload =
            message::make_payload((folder / trigger::raw_file_name).string(), folder.string(), origin);
        if (!payload) return payload.error();
        folders.push_back(decision.spool);
        if (draft.trigger->parameters.launch == Launch::per_mail) {
            decision.payload = std::move(payload->json);
            continue;
        }
        const auto [first, is_new] = firsts.emplace(decision.key, &draft);
        auto &shared = first->second->decision.payload;
        shared += is_new ? message::pass_payload_head(origin) : ",";
        shared += payload->json;
        if (!is_new) decision.spool.clear();
    }
    for (auto &[key, first] : firsts)
        first->decision.payload += message::pass_payload_tail();
    return folders;
}

ledger::Pass Pass::record(const Batch &batch, Drafts drafts, const SetAside &set_aside) const {
    ledger::Pass pass;
    pass.folder = place_.folder;
    pass.validity = place_.validity;
    pass.node = place_.node;
    pass.epoch = place_.epoch;
    pass.marks = batch.after;
    pass.disposal = place_.disposal;
    pass.decided_at = tools_.clock.wall();
    for (auto &draft : drafts)
        pass.decisions.push_back(std::move(draft.decision));
    pass.pending = set_aside;
    return pass;
}

void Pass::count(const std::vector<ledger::Decision> &decisions) const {
    for (const auto &decision : decisions)
        ++(decision.duplicate ? tools_.figures.mails_duplicate
           : decision.matched ? tools_.figures.mails_triggered
                              : tools_.figures.mails_skipped);
}

ledger::PendingMail Pass::later(const trigger::ActiveTrigger &trigger, const MailRef &ref, int attempts,
                                const std::string &why, ledger::MailWords words) const {
    ledger::PendingMail mail;
    mail.trigger = trigger.id;
    mail.tenant = trigger.tenant;
    mail.ref = ref;
    mail.attempts = attempts + 1;
    mail.quarantined = mail.attempts >= tools_.most_attempts;
    mail.not_before = tools_.clock.wall() + wait_before(attempts);
    mail.last_error = log_text(why);
    mail.words = std::move(words);
    return mail;
}

std::string Pass::key_of(const Draft &draft, const std::string &mails) const {
    // The name of the mail itself, not of a row: a ledger that is lost names its mails the same again.
    const auto place =
        Spool::folder_name(place_.mailbox_address + "\n" + place_.folder_name + "\n" + place_.validity);
    // A key has 200 bytes at most (orch/ext/jobs.h), and a name of Exchange's alone may have as many.
    const auto named = mails.size() > longest_name_in_key ? Spool::folder_name(mails) : mails;
    auto key = "email/" + draft.trigger->id + "/" + place.substr(0, 16) + "/" + named;
    if (draft.once_more) key += "/again-" + std::to_string(draft.once_more->at.time_since_epoch().count());
    return key;
}

} // namespace roe::watch
