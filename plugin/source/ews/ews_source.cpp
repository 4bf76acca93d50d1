#include "source/ews/ews_source.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "base/wipe.hpp"
#include "source/ews/folder_sync.hpp"
#include "source/ews/folders.hpp"
#include "source/ews/item_reader.hpp"
#include "source/ews/item_writer.hpp"
#include "source/ews/notices.hpp"
#include "source/words.hpp"

namespace roe::ews {

namespace {

using namespace std::chrono_literals;

// FindItem with a restriction gives 250 at once as Exchange comes; more than these are not asked for.
constexpr std::size_t most_unread = 100'000;
// What is asked right after the folder was opened is known.
constexpr auto still_fresh = 1s;

class EwsSource final : public MailSource {
  public:
    EwsSource(Account account, std::shared_ptr<net::Connector> connector, std::shared_ptr<const Clock> clock,
              std::shared_ptr<ChangeBook> book, const Limits &limits, net::StepObserver *observer)
        : account_(std::move(account)), connector_(std::move(connector)), clock_(std::move(clock)),
          book_(std::move(book)), limits_(limits),
          place_(clean_words(account_.folder) + " on " + clean_words(account_.host)),
          session_(account_, connector_, clock_, limits_, observer),
          folders_(session_, account_.exchange.by_address ? account_.exchange.address : std::string()),
          reader_(session_, batch_size_) {}
    EwsSource(const EwsSource &) = delete;
    EwsSource &operator=(const EwsSource &) = delete;
    ~EwsSource() override { wipe(account_.password); }

    Result<FolderStatus> open() override;
    Result<std::vector<std::string>> folders() override { return folders_.names(); }
    Result<bool> has_folder(std::string_view name) override;
    Result<FolderStatus> status() override;
    Result<Look> look(std::int64_t after, std::size_t window, Bodies bodies) override;
    Result<std::vector<MailHead>> latest(std::size_t most) override;
    Result<std::vector<MailRef>> list(std::int64_t after, std::size_t most) override;
    Result<std::vector<MailHead>> heads(std::span<const MailRef> refs) override;
    Result<std::vector<MailRef>> unread() override;
    Result<void> fetch(std::span<const MailRef> refs, RawSink &sink) override;
    Result<void> dispose(std::span<const MailRef> refs, Disposal what) override;
    [[nodiscard]] std::optional<std::vector<std::string>> refused() const override {
        return writer_ ? writer_->refused() : std::nullopt;
    }
    Result<Parking> park() override;
    Result<bool> unpark(bool woken) override;
    [[nodiscard]] int descriptor() const override { return notices_ ? notices_->descriptor() : -1; }
    [[nodiscard]] std::chrono::milliseconds park_limit() const override;
    void cancel() override;
    void close() override;

  private:
    // Whether the folder is open.
    Result<void> use(std::string step, const std::string &what);
    // And that there is a book of what was seen before.
    Result<void> use_book(std::string step, const std::string &what);
    Result<void> sync();
    Result<std::vector<std::string>> find(const Find &what, std::size_t most);
    [[nodiscard]] FolderStatus describe() const;
    Notices &notices();

    Account account_;
    const std::shared_ptr<net::Connector> connector_;
    const std::shared_ptr<const Clock> clock_;
    const std::shared_ptr<ChangeBook> book_; // may be null
    const Limits limits_;
    const std::string place_;
    Session session_;
    Folders folders_;
    BatchSize batch_size_;
    ItemReader reader_;

    FolderId folder_; // once open
    std::int64_t count_ = 0;
    std::optional<FolderSync> sync_;
    std::optional<ItemWriter> writer_;
    SteadyTime opened_at_{};
    bool has_all_ = false; // the last sync came to its end
    bool deaf_ = false;    // the server does not push

    std::mutex mutex_; // guards what `cancel` sees
    std::unique_ptr<Notices> notices_;
    bool cancelled_ = false;
};

Result<FolderStatus> EwsSource::open() {
    auto found = folders_.find(account_.folder);
    if (!found) return std::move(found.error());
    folder_ = std::move(found->folder);
    count_ = found->count;
    if (!book_) return describe();
    session_.doing("folder", "reading what has changed in " + place_);
    sync_.emplace(session_, *book_, folder_);
    if (auto synced = sync_->open(); !synced) return std::move(synced.error());
    opened_at_ = clock_->steady();
    return describe();
}

Result<bool> EwsSource::has_folder(std::string_view name) {
    const auto found = folders_.find(name);
    if (found || found.error().fault == Fault::no_folder) return found.ok();
    return found.error();
}

Result<FolderStatus> EwsSource::status() {
    if (auto used = use("look", "asking for the state of "); !used) return std::move(used.error());
    if (clock_->steady() - opened_at_ < still_fresh) return describe();
    auto answer = session_.ask([&](const Caller &caller) { return get_folder(caller, {&folder_, 1}); });
    if (!answer) return std::move(answer.error());
    if (const auto *page = std::get_if<FolderPage>(&answer->content); page != nullptr && !page->folders.empty())
        count_ = page->folders.front().count;
    if (auto synced = sync(); !synced) return std::move(synced.error());
    return describe();
}

Result<Look> EwsSource::look(std::int64_t after, std::size_t window, Bodies bodies) {
    if (auto used = use_book("look", "looking for new mail in "); !used) return std::move(used.error());
    window = std::max<std::size_t>(window, 1);
    auto refs = book_->after(after, window + 1);
    if (!refs) return std::move(refs.error());
    // What is known fills the window, or is the rest of all that there was, and what comes is told of: the
    // server need not be asked for more yet.
    const bool is_told = notices_ && !deaf_ && has_all_;
    if (refs->size() <= window && (refs->empty() || !is_told)) {
        if (auto synced = sync(); !synced) return std::move(synced.error());
        refs = book_->after(after, window + 1);
        if (!refs) return std::move(refs.error());
    }
    Look look{
        .heads = {}, .complete_to = std::max(after, sync_->standing().newest), .more = refs->size() > window};
    if (look.more) {
        refs->resize(window);
        look.complete_to = refs->back().order;
    }
    auto read = bodies == Bodies::with_heads
                    ? reader_.heads_and_contents(*refs, limits_.look_header_bytes, sync_->sizes())
                    : reader_.heads(*refs, limits_.look_header_bytes);
    if (!read) return std::move(read.error());
    if (!look.more) sync_->forget_sizes();
    look.heads = std::move(read->heads);
    if (read->read_to < refs->size()) {
        look.more = true;
        look.complete_to = (*refs)[read->read_to - 1].order;
    }
    return look;
}

Result<std::vector<MailHead>> EwsSource::latest(std::size_t most) {
    if (auto used = use("look", "reading the latest mails of "); !used) return std::move(used.error());
    if (most == 0) return std::vector<MailHead>();
    auto names = find({}, most);
    if (!names) return std::move(names.error());
    std::ranges::reverse(*names);
    std::vector<MailRef> refs;
    for (auto &name : *names)
        refs.push_back({static_cast<std::int64_t>(refs.size()) + 1, std::move(name)});
    auto read = reader_.heads(refs, limits_.look_header_bytes);
    if (!read) return std::move(read.error());
    return std::move(read->heads);
}

Result<std::vector<MailRef>> EwsSource::list(std::int64_t after, std::size_t most) {
    if (auto used = use_book("look", "listing mail in "); !used) return std::move(used.error());
    return book_->after(after, most);
}

Result<std::vector<MailHead>> EwsSource::heads(std::span<const MailRef> refs) {
    if (auto used = use("look", "reading mail heads of "); !used) return std::move(used.error());
    auto read = reader_.heads(refs, std::numeric_limits<std::size_t>::max());
    if (!read) return std::move(read.error());
    return std::move(read->heads);
}

Result<std::vector<MailRef>> EwsSource::unread() {
    if (auto used = use("look", "searching unread mail in "); !used) return std::move(used.error());
    Find what;
    what.unread = true;
    auto names = find(what, most_unread);
    if (!names) return std::move(names.error());
    if (book_) {
        const std::vector<std::string_view> views(names->begin(), names->end());
        return book_->named(views);
    }
    std::vector<MailRef> refs;
    for (auto &name : *names)
        refs.push_back({static_cast<std::int64_t>(refs.size()) + 1, std::move(name)});
    return refs;
}

Result<void> EwsSource::fetch(std::span<const MailRef> refs, RawSink &sink) {
    if (auto used = use("fetch", "fetching mail from "); !used) return used;
    return reader_.fetch(refs, sink);
}

Result<void> EwsSource::dispose(std::span<const MailRef> refs, Disposal what) {
    auto used = use("dispose", what.remove             ? "deleting mail in "
                               : !what.move_to.empty() ? "moving mail out of "
                               : !what.keyword.empty() ? "marking mail in "
                                                       : "marking mail as read in ");
    if (!used) return used;
    if (!writer_) writer_.emplace(session_, folders_, folder_, batch_size_);
    return writer_->dispose(refs, what);
}

Result<Parking> EwsSource::park() {
    if (auto used = use("look", "waiting for new mail in "); !used) return std::move(used.error());
    auto parked = notices().listen();
    if (!parked) return parked;
    deaf_ = *parked == Parking::deaf;
    return parked;
}

Result<bool> EwsSource::unpark(bool woken) {
    if (auto used = use("look", "waiting for new mail in "); !used) return std::move(used.error());
    auto look = woken                                ? notices().hear(limits_.wake)
                : clock_->steady() < notices().due() ? Result<bool>(false)
                                                     : notices().renew();
    if (look && !*look) session_.rest();
    // What it was told of is not known yet.
    if (look && *look) has_all_ = false;
    return look;
}

std::chrono::milliseconds EwsSource::park_limit() const {
    if (!notices_) return {};
    const auto left = notices_->due() - clock_->steady();
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(left), 0ms);
}

void EwsSource::cancel() {
    session_.cancel();
    if (account_.tokens) account_.tokens->cancel();
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (notices_) notices_->cancel();
}

// A subscription that nobody listens to ends by itself.
void EwsSource::close() {
    if (notices_) notices_->close();
    session_.close();
    folder_ = {};
}

Result<void> EwsSource::use(std::string step, const std::string &what) {
    session_.doing(std::move(step), what + place_);
    if (folder_.id.empty()) return session_.error(Fault::unreachable, "not connected");
    return {};
}

Result<void> EwsSource::use_book(std::string step, const std::string &what) {
    auto used = use(std::move(step), what);
    if (used && !sync_) return session_.error(Fault::refused, "nothing is kept of what was there before");
    return used;
}

Result<void> EwsSource::sync() {
    if (!sync_) return {};
    const auto validity = sync_->standing().validity;
    auto synced = sync_->run();
    has_all_ = synced.ok();
    // Every name that anybody holds is void: what was known must not be taken for new.
    if (synced && sync_->standing().validity != validity)
        return session_.error(Fault::identity_lost, "the server has named the folder's mails anew");
    return synced;
}

// By name, the latest first.
Result<std::vector<std::string>> EwsSource::find(const Find &what, std::size_t most) {
    std::vector<std::string> names;
    for (std::size_t offset = 0; names.size() < most;) {
        auto page_wanted = what;
        page_wanted.offset = offset;
        page_wanted.most = std::min(most - names.size(), most_found);
        auto answer =
            session_.ask([&](const Caller &caller) { return find_items(caller, folder_, page_wanted); });
        if (!answer) return std::move(answer.error());
        auto *page = std::get_if<ItemPage>(&answer->content);
        if (page == nullptr || page->items.empty()) break;
        for (auto &item : page->items)
            if (names.size() < most) names.push_back(std::move(item.item.id));
        if (page->last) break;
        offset = std::max(page->next_offset, offset + page->items.size());
    }
    return names;
}

FolderStatus EwsSource::describe() const {
    const bool can_push = !deaf_;
    FolderStatus status;
    status.count = count_;
    status.can_push = can_push;
    status.mode = can_push ? "EWS streaming" : "polling";
    if (!sync_) return status;
    status.validity = sync_->standing().validity;
    status.newest = sync_->standing().newest;
    return status;
}

Notices &EwsSource::notices() {
    if (notices_) return *notices_;
    auto made = std::make_unique<Notices>(
        std::make_unique<Session>(account_, connector_, clock_, limits_, nullptr), folder_);
    const std::lock_guard lock(mutex_);
    notices_ = std::move(made);
    if (cancelled_) notices_->cancel();
    return *notices_;
}

} // namespace

std::unique_ptr<MailSource> make_source(Account account, std::shared_ptr<net::Connector> connector,
                                        std::shared_ptr<const Clock> clock, std::shared_ptr<ChangeBook> book,
                                        Limits limits, net::StepObserver *observer) {
    return std::make_unique<EwsSource>(std::move(account), std::move(connector), std::move(clock),
                                       std::move(book), limits, observer);
}

} // namespace roe::ews
