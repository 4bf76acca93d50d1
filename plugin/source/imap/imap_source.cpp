#include "source/imap/imap_source.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <utility>

#include "source/folder_name.hpp"
#include "source/imap/folder_opening.hpp"
#include "source/imap/folder_reader.hpp"
#include "source/imap/folder_writer.hpp"
#include "source/imap/sign_in.hpp"
#include "source/imap/words.hpp"

namespace roe::imap {

namespace {

// So many mails may bring their first bytes along in a look: at most a megabyte.
constexpr std::uint64_t most_along = 16;

UidSet uids_of(std::span<const MailRef> refs) {
    std::vector<std::uint32_t> uids;
    uids.reserve(refs.size());
    for (const MailRef &ref : refs) {
        // Anything else is no UID, hence no mail.
        if (ref.order > 0 && ref.order <= std::numeric_limits<std::uint32_t>::max()) {
            uids.push_back(static_cast<std::uint32_t>(ref.order));
        }
    }
    return UidSet(std::move(uids));
}

Result<void> hand_over(const MailRef &ref, std::string_view message, RawSink &sink) {
    if (auto begun = sink.begin(ref, static_cast<std::int64_t>(message.size())); !begun) return begun;
    if (auto written = sink.write(message); !written) return written;
    return sink.end(ref);
}

std::vector<MailRef> refs_of(const std::vector<std::uint32_t> &uids) {
    std::vector<MailRef> refs;
    refs.reserve(uids.size());
    for (const std::uint32_t uid : uids)
        refs.push_back({uid, std::to_string(uid)});
    return refs;
}

class ImapSource final : public MailSource {
  public:
    ImapSource(Account account, std::shared_ptr<net::Connector> connector, std::shared_ptr<const Clock> clock,
               const Limits &limits, net::StepObserver *observer)
        : account_(std::move(account)), connector_(std::move(connector)), clock_(std::move(clock)),
          limits_(limits), observer_(observer),
          place_(clean_words(account_.folder) + " on " + clean_words(account_.host)),
          random_(std::random_device{}()) {
        draw_park_limit();
    }
    ImapSource(const ImapSource &) = delete;
    ImapSource &operator=(const ImapSource &) = delete;
    ~ImapSource() override { wipe(account_.password); }

    Result<FolderStatus> open() override;
    Result<std::vector<std::string>> folders() override;
    Result<bool> has_folder(std::string_view name) override;
    Result<FolderStatus> status() override;
    Result<Look> look(std::int64_t after, std::size_t window, Bodies bodies) override;
    Result<std::vector<MailHead>> latest(std::size_t most) override;
    Result<std::vector<MailRef>> list(std::int64_t after, std::size_t most) override;
    Result<std::vector<MailHead>> heads(std::span<const MailRef> refs) override;
    Result<std::vector<MailRef>> unread() override;
    Result<void> fetch(std::span<const MailRef> refs, RawSink &sink) override;
    Result<void> dispose(std::span<const MailRef> refs, Disposal what) override;
    Result<Parking> park() override;
    Result<bool> unpark(bool woken) override;
    [[nodiscard]] int descriptor() const override { return session_ ? session_->stream().descriptor() : -1; }
    [[nodiscard]] std::chrono::milliseconds park_limit() const override;
    void cancel() override {
        handle_.cancel();
        if (account_.tokens) account_.tokens->cancel();
    }
    void close() override;

  private:
    Result<void> sign_in();
    // A session outlives its token, but not for ever, and a refresh token that nobody uses lapses.
    Result<void> keep_token_fresh();
    // The session, if it stands and the folder is still the one that was opened.
    Result<Session *> use(std::string step, const std::string &what);
    [[nodiscard]] std::optional<Error> replaced() const;

    [[nodiscard]] std::uint64_t most_waiting(std::int64_t after) const;
    Result<Look> look_straight(std::int64_t after, std::size_t window, bool probe, Bodies bodies);
    Result<Look> look_by_search(std::int64_t after, std::size_t window);
    Result<Look> look_into_backlog(std::int64_t after, std::size_t window);

    [[nodiscard]] bool can_push() const;
    [[nodiscard]] FolderStatus describe() const;
    void draw_park_limit();

    Account account_;
    std::shared_ptr<net::Connector> connector_;
    std::shared_ptr<const Clock> clock_;
    Limits limits_;
    net::StepObserver *const observer_; // may be null
    std::string place_;
    net::StreamHandle handle_;
    std::unique_ptr<Session> session_;
    std::optional<FolderWriter> writer_; // of the folder that is open

    std::int64_t newest_ = 0;
    // Every mail that is there has a UID up to here, but for the `arrivals` since. Empty: not known.
    std::optional<std::int64_t> ceiling_;
    // What a search found beyond a window: the next looks after `backlog_from_` need no search of their own.
    UidSet backlog_;
    std::int64_t backlog_from_ = 0;
    // Mails that the last look brought along whole, until they are fetched.
    std::map<std::uint32_t, std::string> whole_;
    bool openings_fail_ = false; // the server did not bring a mail along that it was asked for

    WallTime renew_token_at_ = WallTime::max();
    std::minstd_rand random_;
    std::chrono::milliseconds park_limit_{};
};

// A folder that was missing the first time needs no second login.
Result<void> ImapSource::sign_in() {
    if (session_) return {};
    auto session = SignIn(account_, *connector_, clock_, limits_, handle_, observer_).run();
    if (!session) return std::move(session.error());
    session_ = std::move(*session);
    return {};
}

Result<void> ImapSource::keep_token_fresh() {
    if (!account_.tokens || !account_.authenticate) return {};
    auto token = account_.tokens->token({});
    if (!token) {
        // While the endpoint is down the session is as good as it was.
        if (token.error().fault == Fault::consent_needed) return std::move(token.error());
        renew_token_at_ = WallTime::max();
        return {};
    }
    wipe(token->value);
    renew_token_at_ = token->renew_at;
    return {};
}

std::chrono::milliseconds ImapSource::park_limit() const {
    using namespace std::chrono_literals;
    if (renew_token_at_ == WallTime::max()) return park_limit_;
    return std::clamp<std::chrono::milliseconds>(renew_token_at_ - clock_->wall(), 1s, park_limit_);
}

Result<std::vector<std::string>> ImapSource::folders() {
    if (auto signed_in = sign_in(); !signed_in) return std::move(signed_in.error());
    session_->doing("folder", "listing the folders on " + clean_words(account_.host));
    auto names = list_folders(*session_);
    session_->rest();
    return names;
}

Result<bool> ImapSource::has_folder(std::string_view name) {
    const auto names = folders();
    if (!names) return names.error();
    return std::ranges::any_of(*names, [&](const auto &one) { return same_folder(one, name); });
}

Result<FolderStatus> ImapSource::open() {
    if (auto signed_in = sign_in(); !signed_in) return std::move(signed_in.error());
    auto opened = open_folder(*session_, account_.folder, account_.host);
    if (!opened) return std::move(opened.error());
    newest_ = *opened;
    ceiling_ = newest_;
    session_->folder().arrivals = 0;
    session_->rest();
    return describe();
}

Result<FolderStatus> ImapSource::status() {
    auto session = use("look", "asking for the state of ");
    if (!session) return std::move(session.error());
    auto alive = (*session)->run(Command("NOOP"), Session::Patience::patient);
    if (!alive) return std::move(alive.error());
    if (auto lost = replaced()) return std::move(*lost);
    if ((*session)->folder().arrivals > 0) {
        auto last = FolderReader(**session).last_uid();
        if (!last) return std::move(last.error());
        newest_ = std::max<std::int64_t>(newest_, *last);
    }
    (*session)->rest();
    return describe();
}

Result<Look> ImapSource::look(std::int64_t after, std::size_t window, Bodies bodies) {
    if (auto fresh = keep_token_fresh(); !fresh) return std::move(fresh.error());
    auto session = use("look", "looking for new mail in ");
    if (!session) return std::move(session.error());
    Folder &folder = (*session)->folder();
    whole_.clear();
    after = std::max<std::int64_t>(after, 0);
    window = std::max<std::size_t>(window, 1);
    if (!backlog_.empty() && after < backlog_from_) backlog_ = {};
    backlog_.drop_through(after);

    // Without a notice this is a safety look: the NOOP makes the server look too, should its IDLE be deaf.
    const bool probe = !(*session)->idling() || folder.arrivals == 0;
    auto look = !backlog_.empty()               ? look_into_backlog(after, window)
                : most_waiting(after) <= window ? look_straight(after, window, probe, bodies)
                                                : look_by_search(after, window);
    if (!look) return look;
    if (auto lost = replaced()) return std::move(*lost);
    newest_ = std::max(newest_, look->complete_to);
    (*session)->rest();
    return look;
}

std::uint64_t ImapSource::most_waiting(std::int64_t after) const {
    const Folder &folder = session_->folder();
    if (!ceiling_) return folder.count;
    const auto known = static_cast<std::uint64_t>(std::max<std::int64_t>(*ceiling_ - after, 0));
    return std::min<std::uint64_t>(folder.count, known + folder.arrivals);
}

Result<Look> ImapSource::look_straight(std::int64_t after, std::size_t window, bool probe, Bodies bodies) {
    Folder &folder = session_->folder();
    // A look that finds nothing is answered with the folder's last mail, whose body nobody wants again.
    if (openings_fail_ || folder.arrivals == 0 || most_waiting(after) > most_along) bodies = Bodies::later;
    const std::uint64_t removals = folder.removals;
    HeadCollector heads(window, limits_.look_header_bytes, clock_->wall());
    heads.only_after(after);
    auto answer = FolderReader(*session_).heads_after(after, probe, bodies, heads);
    if (!answer) return std::move(answer.error());
    if (answer->condition != Condition::ok || heads.incomplete()) {
        // It may be the partial fetch that this server can't do.
        openings_fail_ = openings_fail_ || bodies == Bodies::with_heads;
        return look_by_search(after, window);
    }
    // Mail that was announced meanwhile is in the answer only if that reached the folder's last mail: Dovecot
    // fetches first and announces then, even for a NOOP that was sent ahead.
    if (folder.removals == removals && heads.last_sequence() == folder.count) folder.arrivals = 0;
    ceiling_ = std::max<std::int64_t>(after, heads.last_uid());
    const bool more = heads.cut() || folder.arrivals > 0;
    whole_ = heads.take_whole();
    return Look{.heads = heads.finish(), .complete_to = heads.complete_to(*ceiling_), .more = more};
}

Result<Look> ImapSource::look_by_search(std::int64_t after, std::size_t window) {
    auto alive = session_->run(Command("NOOP"), Session::Patience::patient);
    if (!alive) return std::move(alive.error());
    session_->folder().arrivals = 0;
    auto found = FolderReader(*session_).search("UID " + std::to_string(after + 1) + ":*");
    if (!found) return std::move(found.error());
    found->drop_through(after);
    ceiling_ = std::max<std::int64_t>(after, found->highest());
    backlog_ = std::move(*found);
    return look_into_backlog(after, window);
}

Result<Look> ImapSource::look_into_backlog(std::int64_t after, std::size_t window) {
    const std::vector<std::uint32_t> uids = backlog_.lowest(window);
    Look look{.heads = {}, .complete_to = uids.empty() ? after : uids.back(), .more = false};
    HeadCollector heads(window, limits_.look_header_bytes, clock_->wall());
    heads.only_after(after);
    if (auto read = FolderReader(*session_).heads_of(UidSet(uids), heads); !read)
        return std::move(read.error());
    look.heads = heads.finish();
    look.complete_to = heads.complete_to(look.complete_to);
    backlog_.drop_through(look.complete_to);
    backlog_from_ = look.complete_to;
    look.more = !backlog_.empty() || session_->folder().arrivals > 0;
    return look;
}

Result<std::vector<MailHead>> ImapSource::latest(std::size_t most) {
    auto session = use("look", "reading the latest mails of ");
    if (!session) return std::move(session.error());
    const std::uint64_t count = (*session)->folder().count;
    if (count == 0 || most == 0) return std::vector<MailHead>();
    // By sequence number, as UIDs have gaps of any size. "n:*" names the last mail even if some went meanwhile.
    const std::uint64_t first = count > most ? count - most + 1 : 1;
    auto found = FolderReader(**session).search(std::to_string(first) + ":*");
    if (!found) return std::move(found.error());
    HeadCollector heads(most, limits_.look_header_bytes, clock_->wall());
    const UidSet uids(found->topmost(most));
    if (auto read = FolderReader(**session).heads_of(uids, heads); !read) return std::move(read.error());
    if (auto lost = replaced()) return std::move(*lost);
    (*session)->rest();
    return heads.finish();
}

Result<std::vector<MailRef>> ImapSource::list(std::int64_t after, std::size_t most) {
    auto session = use("look", "listing mail in ");
    if (!session) return std::move(session.error());
    after = std::max<std::int64_t>(after, 0);
    auto found = FolderReader(**session).search("UID " + std::to_string(after + 1) + ":*");
    if (!found) return std::move(found.error());
    if (auto lost = replaced()) return std::move(*lost);
    // "n:*" names the last mail even if it lies below n.
    found->drop_through(after);
    (*session)->rest();
    return refs_of(found->lowest(most));
}

Result<std::vector<MailHead>> ImapSource::heads(std::span<const MailRef> refs) {
    auto session = use("look", "reading mail heads of ");
    if (!session) return std::move(session.error());
    const UidSet uids = uids_of(refs);
    HeadCollector heads(refs.size(), std::numeric_limits<std::size_t>::max(), clock_->wall());
    if (auto read = FolderReader(**session).heads_of(uids, heads); !read) return std::move(read.error());
    if (auto lost = replaced()) return std::move(*lost);
    (*session)->rest();
    return heads.finish();
}

Result<std::vector<MailRef>> ImapSource::unread() {
    auto session = use("look", "searching unread mail in ");
    if (!session) return std::move(session.error());
    auto found = FolderReader(**session).unread();
    if (!found) return std::move(found.error());
    if (auto lost = replaced()) return std::move(*lost);
    if (found->count() > (*session)->folder().count + most_arrived_meanwhile) {
        return (*session)->error(Fault::protocol, "the server names more mails than there are");
    }
    (*session)->rest();
    return refs_of(found->lowest(static_cast<std::size_t>(found->count())));
}

Result<void> ImapSource::fetch(std::span<const MailRef> refs, RawSink &sink) {
    auto session = use("fetch", "fetching mail from ");
    if (!session) return std::move(session.error());
    std::vector<MailRef> rest;
    for (const MailRef &ref : refs) {
        const auto along = std::in_range<std::uint32_t>(ref.order)
                               ? whole_.find(static_cast<std::uint32_t>(ref.order))
                               : whole_.end();
        if (along == whole_.end()) {
            rest.push_back(ref);
        } else if (auto handed = hand_over(ref, along->second, sink); !handed) {
            return handed;
        }
    }
    whole_.clear();
    if (rest.empty()) return {};
    auto fetched = FolderReader(**session).bodies_of(uids_of(rest), sink);
    if (auto lost = replaced()) return std::move(*lost);
    (*session)->rest();
    return fetched;
}

Result<void> ImapSource::dispose(std::span<const MailRef> refs, Disposal what) {
    auto session = use("dispose", what.remove             ? "deleting mail in "
                                  : !what.move_to.empty() ? "moving mail out of "
                                  : !what.keyword.empty() ? "marking mail in "
                                                          : "marking mail as read in ");
    if (!session) return std::move(session.error());
    if (!writer_) writer_.emplace(**session, account_.folder);
    auto disposed = writer_->dispose(uids_of(refs), what);
    if (auto lost = replaced()) return std::move(*lost);
    (*session)->rest();
    return disposed;
}

Result<Parking> ImapSource::park() {
    auto session = use("look", "waiting for new mail in ");
    if (!session) return std::move(session.error());
    if ((*session)->folder().arrivals > 0) return Parking::look_first;
    draw_park_limit();
    if (can_push() && !(*session)->idling()) {
        auto waiting = (*session)->start_idle();
        if (!waiting) return std::move(waiting.error());
    }
    if ((*session)->more_at_hand()) {
        if (auto taken = (*session)->take_in(std::chrono::milliseconds{0}); !taken)
            return std::move(taken.error());
    }
    (*session)->rest();
    if ((*session)->folder().arrivals > 0 || (*session)->folder().replaced) return Parking::look_first;
    return (*session)->idle_refused() ? Parking::deaf : Parking::parked;
}

Result<bool> ImapSource::unpark(bool woken) {
    auto session = use("look", "waiting for new mail in ");
    if (!session) return std::move(session.error());
    const Folder &folder = (*session)->folder();
    const std::uint64_t notices = folder.notices;
    if (woken) {
        auto taken = (*session)->take_in(limits_.wake);
        if (!taken) return std::move(taken.error());
    } else {
        draw_park_limit();
        if (auto fresh = keep_token_fresh(); !fresh) return std::move(fresh.error());
        if (can_push()) {
            auto renewed = (*session)->start_idle();
            if (!renewed) return std::move(renewed.error());
        } else {
            auto alive = (*session)->run(Command("NOOP"));
            if (!alive) return std::move(alive.error());
        }
        if ((*session)->more_at_hand()) {
            if (auto taken = (*session)->take_in(std::chrono::milliseconds{0}); !taken)
                return std::move(taken.error());
        }
    }
    (*session)->rest();
    // A server that ended IDLE by itself has stopped telling.
    const bool deaf = can_push() && !(*session)->idling();
    return folder.notices != notices || folder.replaced || deaf;
}

void ImapSource::close() {
    if (!session_) return;
    session_->say_goodbye();
    writer_.reset();
    session_.reset();
}

Result<Session *> ImapSource::use(std::string step, const std::string &what) {
    if (!session_) {
        return Error{.fault = Fault::unreachable,
                     .step = std::move(step),
                     .doing = what + place_ + ": not connected",
                     .server_text = {},
                     .advice = {},
                     .retry_after = {}};
    }
    session_->doing(std::move(step), what + place_);
    // Every UID that anybody holds is void: none may be acted on.
    if (auto lost = replaced()) return std::move(*lost);
    return session_.get();
}

std::optional<Error> ImapSource::replaced() const {
    if (!session_->folder().replaced) return std::nullopt;
    return session_->error(Fault::identity_lost, "the server has numbered the folder's mails anew");
}

bool ImapSource::can_push() const {
    return session_->capabilities().has("IDLE") && !session_->idle_refused();
}

FolderStatus ImapSource::describe() const {
    const Folder &folder = session_->folder();
    std::string mode = can_push() ? "IMAP IDLE" : "polling";
    if (writer_ && writer_->only_marks())
        mode += "; deleted mail is only marked as deleted, as the server has no UIDPLUS";
    return {.validity = std::to_string(folder.validity),
            .newest = newest_,
            .count = folder.count,
            .can_push = can_push(),
            .mode = std::move(mode)};
}

// Thousands of sessions that were opened together are not to be renewed together.
void ImapSource::draw_park_limit() {
    const auto most = limits_.idle.count();
    park_limit_ =
        std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(most - most / 10, most)(random_));
}

} // namespace

std::unique_ptr<MailSource> make_source(Account account, std::shared_ptr<net::Connector> connector,
                                        std::shared_ptr<const Clock> clock, Limits limits,
                                        net::StepObserver *observer) {
    return std::make_unique<ImapSource>(std::move(account), std::move(connector), std::move(clock), limits,
                                        observer);
}

} // namespace roe::imap
