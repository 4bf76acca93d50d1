#include "fixture.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>
#include <stdlib.h>

#include "trigger/filter.hpp"

namespace roe::watch::testing {

namespace fs = std::filesystem;

std::int64_t Folder::add(const std::string &from, const std::string &subject, const std::string &body) {
    const std::lock_guard lock(mutex);
    const auto order = next++;
    mails[order] = {"From: " + from + "\r\nTo: ann@example.com\r\nSubject: " + subject + "\r\nMessage-ID: <" +
                        std::to_string(order) +
                        "@example.com>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\n" + body,
                    false, SystemClock().wall()};
    return order;
}

std::int64_t Folder::add_raw(std::string raw, WallTime received_at) {
    const std::lock_guard lock(mutex);
    const auto order = next++;
    mails[order] = {std::move(raw), false, received_at};
    return order;
}

void Folder::remove(std::int64_t order) {
    const std::lock_guard lock(mutex);
    mails.erase(order);
}

void Folder::renumber(std::int64_t first) {
    const std::lock_guard lock(mutex);
    std::map<std::int64_t, StoredMail> renumbered;
    for (auto &[order, mail] : mails)
        renumbered[first++] = std::move(mail);
    mails = std::move(renumbered);
    next = first;
    validity += "1";
}

std::vector<std::int64_t> Folder::seen() const {
    const std::lock_guard lock(mutex);
    std::vector<std::int64_t> result;
    for (const auto &[order, mail] : mails)
        if (mail.seen) result.push_back(order);
    return result;
}

int Folder::times_fetched(std::int64_t order) const {
    const std::lock_guard lock(mutex);
    const auto at = fetched.find(order);
    return at == fetched.end() ? 0 : at->second;
}

std::vector<std::int64_t> Folder::present() const {
    const std::lock_guard lock(mutex);
    std::vector<std::int64_t> result;
    for (const auto &[order, mail] : mails)
        result.push_back(order);
    return result;
}

int Folder::failures_left(const std::string &call) {
    const std::lock_guard lock(mutex);
    return faults[call].second;
}

void Folder::fail(const std::string &call, Error error, int times) {
    const std::lock_guard lock(mutex);
    faults[call] = {std::move(error), times};
}

void Folder::withhold_header(std::int64_t order) {
    const std::lock_guard lock(mutex);
    headless.insert(order);
}

void Folder::withhold_body(std::int64_t order) {
    const std::lock_guard lock(mutex);
    bodiless.insert(order);
}

void Folder::hand_out_all() {
    const std::lock_guard lock(mutex);
    headless.clear();
    bodiless.clear();
}

void Folder::poison(std::int64_t order) {
    const std::lock_guard lock(mutex);
    poisoned.insert(order);
}

void Folder::poison_at_once(std::int64_t order) {
    const std::lock_guard lock(mutex);
    deadly.insert(order);
}

void Folder::poison_head(std::int64_t order) {
    const std::lock_guard lock(mutex);
    deadly_heads.insert(order);
}

namespace {

class FolderSource final : public MailSource {
  public:
    explicit FolderSource(std::shared_ptr<Folder> folder) : folder_(std::move(folder)) {}

    static Error dead(const char *step) { return {Fault::unreachable, step, "reading mail", "cut", {}, {}}; }

    Result<FolderStatus> open() override {
        ++folder_->asked;
        if (folder_->lets_in.valid()) folder_->lets_in.wait();
        if (auto fault = next_fault("open")) return *fault;
        {
            const std::lock_guard lock(folder_->mutex);
            ++folder_->opened;
        }
        return now();
    }

    Result<std::vector<std::string>> folders() override { return std::vector<std::string>{"INBOX"}; }
    Result<bool> has_folder(std::string_view name) override { return name == "INBOX"; }

    Result<FolderStatus> status() override {
        if (auto fault = next_fault("status")) return *fault;
        return now();
    }

    Result<Look> look(std::int64_t after, std::size_t window, Bodies) override {
        if (auto fault = next_fault("look")) return *fault;
        const std::lock_guard lock(folder_->mutex);
        ++folder_->looks;
        folder_->windows.push_back(window);
        Look look;
        look.complete_to = folder_->next - 1;
        for (auto at = folder_->mails.upper_bound(after); at != folder_->mails.end(); ++at) {
            if (look.heads.size() == window) {
                look.more = true;
                look.complete_to = look.heads.back().ref.order;
                break;
            }
            if (folder_->deadly_heads.contains(at->first)) return dead("look");
            look.heads.push_back(head(at->first, at->second));
        }
        return look;
    }

    Result<std::vector<MailHead>> latest(std::size_t most) override {
        const std::lock_guard lock(folder_->mutex);
        std::vector<MailHead> heads;
        for (auto at = folder_->mails.rbegin(); at != folder_->mails.rend() && heads.size() < most; ++at)
            heads.insert(heads.begin(), head(at->first, at->second));
        return heads;
    }

    Result<std::vector<MailRef>> list(std::int64_t after, std::size_t most) override {
        const std::lock_guard lock(folder_->mutex);
        std::vector<MailRef> refs;
        for (auto at = folder_->mails.upper_bound(after); at != folder_->mails.end() && refs.size() < most;
             ++at)
            refs.push_back({at->first, folder_->name_of(at->first)});
        return refs;
    }

    Result<std::vector<MailHead>> heads(std::span<const MailRef> refs) override {
        const std::lock_guard lock(folder_->mutex);
        std::vector<MailHead> heads;
        for (const auto &ref : refs)
            if (folder_->deadly_heads.contains(ref.order)) return dead("look");
        for (const auto &ref : refs)
            if (const auto at = folder_->mails.find(ref.order); at != folder_->mails.end())
                heads.push_back(head(at->first, at->second));
        return heads;
    }

    Result<std::vector<MailRef>> unread() override {
        const std::lock_guard lock(folder_->mutex);
        std::vector<MailRef> refs;
        for (const auto &[order, mail] : folder_->mails)
            if (!mail.seen) refs.push_back({order, folder_->name_of(order)});
        return refs;
    }

    Result<void> fetch(std::span<const MailRef> refs, RawSink &sink) override {
        for (const auto &ref : refs) {
            std::string raw;
            {
                const std::lock_guard lock(folder_->mutex);
                const auto at = folder_->mails.find(ref.order);
                if (at == folder_->mails.end()) continue;
                if (folder_->deadly.contains(ref.order)) return dead("fetch");
                if (folder_->bodiless.contains(ref.order)) {
                    sink.withheld(ref, {Fault::refused, "fetch", "fetching", "NO can't read it", {}, {}});
                    continue;
                }
                raw = at->second.raw;
                ++folder_->fetched[ref.order];
            }
            if (auto done = sink.begin(ref, static_cast<std::int64_t>(raw.size())); !done) return done;
            if (folder_->poisoned.contains(ref.order))
                return Error{Fault::unreachable, "fetch", "fetching", "cut", {}, {}};
            if (auto done = sink.write(raw); !done) return done;
            if (auto done = sink.end(ref); !done) return done;
        }
        if (auto fault = next_fault("fetch")) return *fault;
        return {};
    }

    Result<void> dispose(std::span<const MailRef> refs, Disposal what) override {
        if (auto fault = next_fault("dispose")) return *fault;
        const std::lock_guard lock(folder_->mutex);
        folder_->disposals.push_back(folder_->looks);
        refused_.clear();
        for (const auto &ref : refs) {
            const auto at = folder_->mails.find(ref.order);
            if (at == folder_->mails.end()) continue;
            if (folder_->immovable.contains(ref.order)) {
                refused_.push_back(ref.uid);
                continue;
            }
            if (what.remove) {
                folder_->mails.erase(at);
                spent_ = folder_->snapshot;
            } else {
                at->second.seen = true;
            }
        }
        if (!refused_.empty()) return Error{Fault::refused, "dispose", "deleting mail", "NO", {}, {}};
        return {};
    }

    [[nodiscard]] std::optional<std::vector<std::string>> refused() const override {
        if (refused_.empty()) return std::nullopt;
        return refused_;
    }
    [[nodiscard]] bool spent() const override { return spent_; }
    Result<Parking> park() override {
        if (auto fault = next_fault("park")) return *fault;
        return folder_->park_answer;
    }
    Result<bool> unpark(bool woken) override {
        if (!woken) ++folder_->renewed;
        return !folder_->quiet;
    }
    [[nodiscard]] int descriptor() const override { return -1; }
    [[nodiscard]] std::chrono::milliseconds park_limit() const override { return folder_->park_limit; }
    void cancel() override {}
    void close() override {}

  private:
    FolderStatus now() {
        const std::lock_guard lock(folder_->mutex);
        return {folder_->validity,   folder_->next - 1, static_cast<std::int64_t>(folder_->mails.size()),
                folder_->can_push,   "polling",         folder_->snapshot,
                folder_->least_pause};
    }

    [[nodiscard]] MailHead head(std::int64_t order, const StoredMail &mail) const {
        MailHead head;
        head.ref = {order, folder_->name_of(order)};
        head.header_withheld = folder_->headless.contains(order);
        if (!head.header_withheld) head.header = mail.raw.substr(0, mail.raw.find("\r\n\r\n") + 2);
        head.received_at = mail.received_at;
        head.size = static_cast<std::int64_t>(mail.raw.size());
        head.seen = mail.seen;
        return head;
    }

    std::optional<Error> next_fault(const std::string &call) {
        const std::lock_guard lock(folder_->mutex);
        const auto at = folder_->faults.find(call);
        if (at == folder_->faults.end() || at->second.second == 0) return std::nullopt;
        --at->second.second;
        return at->second.first;
    }

    std::shared_ptr<Folder> folder_;
    bool spent_ = false;
    std::vector<std::string> refused_;
};

} // namespace

std::unique_ptr<MailSource> make_source(std::shared_ptr<Folder> folder) {
    return std::make_unique<FolderSource>(std::move(folder));
}

namespace {

// Of a mail's payload, or of a pass's.
std::string subjects_of(std::string_view payload) {
    const auto document = nlohmann::json::parse(payload);
    const auto subject_of = [](const nlohmann::json &mail) {
        const auto &subject = mail.at("subject");
        return subject.is_string() ? subject.get<std::string>() : std::string();
    };
    if (!document.contains("mails")) return subject_of(document);
    std::string subjects;
    for (const auto &mail : document.at("mails"))
        subjects += (subjects.empty() ? "" : "+") + subject_of(mail);
    return subjects;
}

} // namespace

std::vector<orch::sdk::JobReply> Host::start(std::span<const orch::sdk::JobRequest> requests) {
    using orch::sdk::JobOutcome;
    std::vector<orch::sdk::JobReply> replies(requests.size());
    if (busy_times > 0) {
        --busy_times;
        for (auto &reply : replies)
            reply = {JobOutcome::busy, {}, "the queue is full", 20ms};
        return replies;
    }
    const bool lose = lost_answers > 0;
    if (lose) --lost_answers;
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < requests.size(); ++i) {
        story_.push_back("start " + subjects_of(requests[i].payload));
        if (refuses) {
            replies[i] = {JobOutcome::refused, {}, "no such trigger"};
            continue;
        }
        const bool is_new = taken_.emplace(requests[i].key, requests[i]).second;
        if (is_new) order_.push_back(requests[i].key);
        if (!lose)
            replies[i] = {is_new ? JobOutcome::accepted : JobOutcome::duplicate, "job " + requests[i].key};
    }
    return replies;
}

orch::sdk::Outcome<void> Host::write(std::span<const orch::sdk::JournalEvent> events) {
    const std::lock_guard lock(mutex_);
    events_.insert(events_.end(), events.begin(), events.end());
    return {};
}

orch::sdk::Outcome<bool> Host::exists(std::string_view, std::string_view name) {
    const std::lock_guard lock(mutex_);
    return assets_.contains(std::string(name));
}

orch::sdk::Outcome<void> Host::put(std::string_view tenant, std::string_view name, std::string_view value) {
    const std::lock_guard lock(mutex_);
    if (refusal_)
        if (auto refused = refusal_(value)) return *refused;
    const auto found = assets_.find(std::string(name));
    if (found == assets_.end() || !tenant.empty())
        return orch::sdk::not_found("there is no asset " + std::string(name));
    found->second = value;
    story_.push_back("put " + std::string(name) + " " + subjects_of(value));
    return {};
}

void Host::make_asset(const std::string &name) {
    const std::lock_guard lock(mutex_);
    assets_[name] = "null";
}

void Host::refuse_puts(Refusal refusal) {
    const std::lock_guard lock(mutex_);
    refusal_ = std::move(refusal);
}

std::vector<std::string> Host::story() const {
    const std::lock_guard lock(mutex_);
    return story_;
}

std::vector<orch::sdk::JournalEvent> Host::events(const std::string &name) const {
    const std::lock_guard lock(mutex_);
    std::vector<orch::sdk::JournalEvent> found;
    std::copy_if(events_.begin(), events_.end(), std::back_inserter(found),
                 [&](const auto &event) { return event.name == name; });
    return found;
}

void Host::forget_jobs() {
    const std::lock_guard lock(mutex_);
    taken_.clear();
    order_.clear();
}

std::vector<std::string> Host::keys() const {
    const std::lock_guard lock(mutex_);
    return order_;
}

std::size_t Host::count() const {
    const std::lock_guard lock(mutex_);
    return taken_.size();
}

std::vector<std::string> Host::payloads() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> result;
    for (const auto &key : order_)
        result.push_back(taken_.at(key).payload);
    return result;
}

void MailroomTest::SetUp() {
    std::string name = (fs::temp_directory_path() / "mailroom-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_path = name;
    host.spool = folder_path / "spool";
    fs::create_directory(host.spool);
    reopen();
}

void MailroomTest::TearDown() {
    close();
    fs::remove_all(folder_path);
}

void MailroomTest::close() {
    room->close(); // while it is still there for the delivery's calls
    room.reset();
    delivery.reset();
    spool.reset();
    ledger.reset();
}

void MailroomTest::reopen() {
    auto opened = ledger::open_ledger("sqlite", folder_path.string());
    ASSERT_TRUE(opened.ok()) << opened.error().text();
    ledger = std::move(*opened);
    auto noting = begin_after_deaths(folder_path, *ledger, clock.wall());
    ASSERT_TRUE(noting.ok()) << noting.error().text();
    under_work = std::move(*noting);
    spool = std::make_unique<trigger::Spool>(host.spool);
    delivery = std::make_unique<trigger::Delivery>(trigger::Delivery::Ports{*ledger, host, host, &host, clock,
                                                                            figures, [](const std::string &) {},
                                                                            [this] { room->sweep_outbox(); }});
    const auto pauses = ledger->pauses();
    ASSERT_TRUE(pauses.ok());
    room = std::make_unique<Mailroom>(
        Mailroom::Ports{{*ledger, *delivery, *spool, host, clock, figures, *under_work},
                        "node",
                        24h * 90,
                        *pauses,
                        [](const std::string &) {}},
        4);
    for (const auto &trigger : triggers)
        room->start(trigger, mailbox());
}

void MailroomTest::back_up() {
    close();
    fs::create_directory(folder_path / "backup");
    for (const auto &entry : fs::directory_iterator(folder_path))
        if (entry.is_regular_file())
            fs::copy_file(entry.path(), folder_path / "backup" / entry.path().filename());
    reopen();
}

void MailroomTest::restore() {
    close();
    for (const auto &entry : fs::directory_iterator(folder_path))
        if (entry.is_regular_file()) fs::remove(entry.path());
    fs::copy(folder_path / "backup", folder_path);
    host.forget_jobs();
    triggers.clear();
    reopen();
}

WatchableMailbox MailroomTest::mailbox() const {
    WatchableMailbox mailbox;
    mailbox.id = "mb-1";
    mailbox.address = "ann@example.com";
    mailbox.protocol = "IMAP";
    mailbox.folder = "INBOX";
    mailbox.server = "ann@imap.example.com";
    mailbox.lane = "imap.example.com:143";
    mailbox.disposal.remove = remove_received;
    mailbox.changed = [this] { ++changes; };
    mailbox.trusted_authserv = trusted_authserv;
    mailbox.started_triggers = [this](const std::string &) -> Result<std::vector<std::string>> {
        const std::lock_guard lock(started_mutex);
        return std::vector<std::string>(started.begin(), started.end());
    };
    mailbox.make_source = [folder = folder](const std::string &) -> Result<std::unique_ptr<MailSource>> {
        return testing::make_source(folder);
    };
    return mailbox;
}

void MailroomTest::given_trigger(const std::string &id, trigger::Parameters parameters) {
    begin_trigger(id, std::move(parameters));
    ASSERT_TRUE(eventually([&] {
        const auto health = room->trigger_health(id);
        return health && health->ready;
    }));
}

void MailroomTest::begin_trigger(const std::string &id, trigger::Parameters parameters) {
    auto trigger = std::make_shared<trigger::ActiveTrigger>();
    trigger->id = id;
    trigger->task_id = "task";
    trigger->task_name = "Invoices";
    parameters.email = "ann@example.com";
    trigger->filter = trigger::parse_filter(parameters.from, parameters.subject, parameters.more_filters);
    trigger->parameters = std::move(parameters);
    const auto restored = ledger->restored(id);
    ASSERT_TRUE(restored.ok());
    if (*restored && !(*restored)->baseline) trigger->restored = **restored;
    {
        const std::lock_guard lock(started_mutex);
        started.insert(id);
    }
    std::erase_if(triggers, [&](const auto &each) { return each->id == id; });
    triggers.push_back(trigger);
    room->start(trigger, mailbox());
}

void MailroomTest::stop(const std::string &id) {
    {
        const std::lock_guard lock(started_mutex);
        started.erase(id);
    }
    room->stop(id);
}

void MailroomTest::look() {
    // An unchanged trigger that is started again makes its folder look at once.
    for (const auto &trigger : triggers)
        room->start(trigger, mailbox());
}

void MailroomTest::expect_jobs(std::size_t count) {
    EXPECT_TRUE(eventually([&] { return host.count() >= count; })) << host.count() << " of " << count;
    // A start too many would come at once with the others: give it the time to.
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(host.count(), count);
}

std::vector<ledger::LogRow> MailroomTest::log_of(const std::string &trigger) {
    auto rows = ledger->log(trigger, std::nullopt, 1000);
    EXPECT_TRUE(rows.ok());
    return rows.ok() ? *rows : std::vector<ledger::LogRow>();
}

} // namespace roe::watch::testing
