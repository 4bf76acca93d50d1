#include "source/pop3/pop3_source.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/digest.hpp"
#include "base/wipe.hpp"
#include "source/pop3/listing.hpp"
#include "source/pop3/passing_book.hpp"
#include "source/pop3/reader.hpp"
#include "source/pop3/sign_in.hpp"
#include "source/words.hpp"

namespace roe::pop3 {

namespace {

class Pop3Source final : public MailSource {
  public:
    Pop3Source(Account account, std::shared_ptr<net::Connector> connector, std::shared_ptr<const Clock> clock,
               std::shared_ptr<ArrivalBook> book, const Limits &limits, net::StepObserver *observer)
        : account_(std::move(account)), connector_(std::move(connector)), clock_(std::move(clock)),
          book_(book ? std::move(book) : std::make_shared<PassingBook>()), limits_(limits), observer_(observer),
          place_("the mailbox on " + clean_words(account_.host)) {}
    Pop3Source(const Pop3Source &) = delete;
    Pop3Source &operator=(const Pop3Source &) = delete;
    ~Pop3Source() override { wipe(account_.password); }

    Result<FolderStatus> open() override;
    Result<std::vector<std::string>> folders() override;
    Result<bool> has_folder(std::string_view) override { return folders().error(); }
    Result<FolderStatus> status() override;
    Result<Look> look(std::int64_t after, std::size_t window, Bodies bodies) override;
    Result<std::vector<MailHead>> latest(std::size_t most) override;
    Result<std::vector<MailRef>> list(std::int64_t after, std::size_t most) override;
    Result<std::vector<MailHead>> heads(std::span<const MailRef> refs) override;
    Result<std::vector<MailRef>> unread() override;
    Result<void> fetch(std::span<const MailRef> refs, RawSink &sink) override;
    Result<void> dispose(std::span<const MailRef> refs, Disposal what) override;
    Result<Parking> park() override { return Parking::deaf; }
    Result<bool> unpark(bool) override { return true; }
    [[nodiscard]] int descriptor() const override { return session_ ? session_->stream().descriptor() : -1; }
    [[nodiscard]] std::chrono::milliseconds park_limit() const override { return {}; }
    [[nodiscard]] bool spent() const override { return spent_; }
    void cancel() override {
        handle_.cancel();
        if (account_.tokens) account_.tokens->cancel();
    }
    void close() override;

  private:
    // The session, if it stands.
    Result<Session *> use(std::string step, const std::string &what);
    Result<void> sign_in();
    Result<void> list_mails();
    Result<void> name_by_content(const std::vector<std::size_t> &places);
    // Those of the mails that are there, ascending by order as `refs` is.
    Result<std::vector<MailHead>> read_heads(std::span<const MailRef> refs, std::size_t most_bytes);
    Result<void> commit();

    Account account_;
    std::shared_ptr<net::Connector> connector_;
    std::shared_ptr<const Clock> clock_;
    std::shared_ptr<ArrivalBook> book_;
    Limits limits_;
    net::StepObserver *const observer_; // may be null
    std::string place_;
    net::StreamHandle handle_;
    std::unique_ptr<Session> session_;
    std::unique_ptr<Reader> reader_;
    Listing listing_;
    ArrivalBook::Shared newly_shared_;
    FolderStatus status_;
    bool spent_ = false;
};

Result<FolderStatus> Pop3Source::open() {
    if (auto signed_in = sign_in(); !signed_in) return std::move(signed_in.error());
    session_->doing("folder", "listing " + place_);
    if (auto listed = list_mails(); !listed) return std::move(listed.error());
    auto standing = book_->note(listing_.all(), newly_shared_);
    if (!standing) return std::move(standing.error());
    status_ = {.validity = std::move(standing->validity),
               .newest = standing->newest,
               .count = static_cast<std::int64_t>(listing_.size()),
               .can_push = false,
               .mode = "polling",
               .snapshot = true,
               .least_pause = session_->capabilities().login_delay()};
    session_->rest();
    return status_;
}

Result<std::vector<std::string>> Pop3Source::folders() {
    return Error{.fault = Fault::refused,
                 .step = "folder",
                 .doing = "listing the folders on " + clean_words(account_.host) + ": POP3 knows no folders",
                 .server_text = {},
                 .advice = "A mailbox has one folder by POP3. Use IMAP to read others.",
                 .retry_after = {}};
}

Result<FolderStatus> Pop3Source::status() {
    if (auto session = use("look", "asking for the state of "); !session) return std::move(session.error());
    return status_;
}

Result<Look> Pop3Source::look(std::int64_t after, std::size_t window, Bodies) {
    if (auto session = use("look", "looking for new mail in "); !session) return std::move(session.error());
    window = std::max<std::size_t>(window, 1);
    auto refs = book_->after(after, window + 1);
    if (!refs) return std::move(refs.error());
    Look look{.heads = {}, .complete_to = std::max(after, status_.newest), .more = refs->size() > window};
    if (look.more) {
        refs->resize(window);
        look.complete_to = refs->back().order;
    }
    auto heads = read_heads(*refs, limits_.look_header_bytes);
    if (!heads) return std::move(heads.error());
    look.heads = std::move(*heads);
    if (look.heads.size() < refs->size() && !look.heads.empty()) {
        look.more = true;
        look.complete_to = look.heads.back().ref.order;
    }
    session_->rest();
    return look;
}

Result<std::vector<MailHead>> Pop3Source::latest(std::size_t most) {
    if (auto session = use("look", "reading the latest mails of "); !session) return std::move(session.error());
    std::vector<MailRef> refs;
    for (std::size_t place = listing_.size() - std::min(most, listing_.size()); place < listing_.size();
         ++place)
        refs.push_back({static_cast<std::int64_t>(place) + 1, std::string(listing_.at(place).name)});
    return read_heads(refs, limits_.look_header_bytes);
}

Result<std::vector<MailRef>> Pop3Source::list(std::int64_t after, std::size_t most) {
    if (auto session = use("look", "listing mail in "); !session) return std::move(session.error());
    return book_->after(after, most);
}

Result<std::vector<MailHead>> Pop3Source::heads(std::span<const MailRef> refs) {
    if (auto session = use("look", "reading mail heads of "); !session) return std::move(session.error());
    return read_heads(refs, std::numeric_limits<std::size_t>::max());
}

Result<std::vector<MailRef>> Pop3Source::unread() {
    return Error{.fault = Fault::refused,
                 .step = "look",
                 .doing = "searching unread mail in " + place_ + ": POP3 knows no unread mail",
                 .server_text = {},
                 .advice = "Start from new mail only, or from all mail.",
                 .retry_after = {}};
}

Result<void> Pop3Source::fetch(std::span<const MailRef> refs, RawSink &sink) {
    if (auto session = use("fetch", "fetching mail from "); !session) return std::move(session.error());
    std::vector<std::uint32_t> numbers;
    std::vector<std::pair<MailRef, std::int64_t>> there;
    for (const auto &ref : refs) {
        const auto place = listing_.find(ref.uid);
        if (!place) continue;
        const auto entry = listing_.at(*place);
        numbers.push_back(entry.number);
        there.emplace_back(ref, entry.size);
    }
    auto fetched = reader_->bodies(
        numbers, [&](std::size_t index) { return there[index]; }, sink);
    session_->rest();
    return fetched;
}

// Without `remove` nothing is done: the server has no flags that would say that a mail was processed.
Result<void> Pop3Source::dispose(std::span<const MailRef> refs, Disposal what) {
    if (!what.remove) return {};
    if (auto session = use("dispose", "deleting mail in "); !session) return std::move(session.error());
    std::vector<std::uint32_t> numbers;
    std::vector<MailRef> there;
    for (const auto &ref : refs) {
        const auto place = listing_.find(ref.uid);
        if (!place) continue;
        numbers.push_back(listing_.at(*place).number);
        there.push_back(ref);
    }
    if (numbers.empty()) return {};
    spent_ = true;
    auto refusal = reader_->remove(numbers);
    if (!refusal) return std::move(refusal.error());
    if (auto noted = book_->remove(there); !noted) return noted;
    if (auto committed = commit(); !committed) return committed;
    if (*refusal) return session_->refusal(**refusal, Fault::refused);
    return {};
}

// Only an answer to QUIT says that the mails are gone (RFC 1939 §6).
Result<void> Pop3Source::commit() {
    auto answer = session_->run("QUIT", Session::Patience::patient);
    if (!answer) return std::move(answer.error());
    if (!answer->ok) return session_->refusal(*answer, Fault::refused);
    return {};
}

void Pop3Source::close() {
    if (!session_) return;
    if (spent_)
        session_->stream().close();
    else
        session_->say_goodbye();
    reader_.reset();
    session_.reset();
}

Result<Session *> Pop3Source::use(std::string step, const std::string &what) {
    if (!session_ || spent_) {
        return Error{.fault = Fault::unreachable,
                     .step = std::move(step),
                     .doing = what + place_ + ": not connected",
                     .server_text = {},
                     .advice = {},
                     .retry_after = {}};
    }
    session_->doing(std::move(step), what + place_);
    return session_.get();
}

Result<void> Pop3Source::sign_in() {
    auto session = SignIn(account_, *connector_, clock_, limits_, handle_, observer_).run();
    if (!session) return std::move(session.error());
    session_ = std::move(*session);
    reader_ = std::make_unique<Reader>(*session_, limits_);
    return {};
}

// LIST tells the sizes, UIDL the names; a server may know but one of the two.
Result<void> Pop3Source::list_mails() {
    const bool together = session_->has("PIPELINING");
    session_->queue("LIST");
    if (together) session_->queue("UIDL");
    auto sizes = session_->await(Session::Patience::patient);
    if (!sizes) return std::move(sizes.error());
    if (sizes->ok) {
        auto read = session_->read_lines([this](std::string_view line) { listing_.add_size(line); });
        if (!read) return read;
    }
    if (!together) session_->queue("UIDL");
    auto names = session_->await(Session::Patience::patient);
    if (!names) return std::move(names.error());
    if (names->ok) {
        auto read = session_->read_lines([this](std::string_view line) { listing_.add_name(line); });
        if (!read) return read;
    }
    if (!sizes->ok && !names->ok) return session_->refusal(*sizes, Fault::unreachable);
    auto shared = book_->shared();
    if (!shared) return std::move(shared.error());
    const auto nameless = listing_.finish(std::move(*shared));
    if (auto named = name_by_content(nameless); !named) return named;
    newly_shared_ = listing_.seal();
    return {};
}

Result<void> Pop3Source::name_by_content(const std::vector<std::size_t> &places) {
    std::vector<std::uint32_t> numbers;
    numbers.reserve(places.size());
    for (const auto place : places)
        numbers.push_back(listing_.at(place).number);
    return reader_->heads(numbers, [&](std::size_t index, const std::optional<Head> &head) {
        // One that the server does not hand out has no name in this session; the next look asks again.
        if (!head) return;
        Sha256 digest;
        digest.add(head->header);
        listing_.hash(places[index], digest.hex());
    });
}

Result<std::vector<MailHead>> Pop3Source::read_heads(std::span<const MailRef> refs, std::size_t most_bytes) {
    std::vector<MailHead> heads;
    std::vector<std::uint32_t> numbers;
    for (const auto &ref : refs) {
        const auto place = listing_.find(ref.uid);
        if (!place) continue;
        const auto entry = listing_.at(*place);
        numbers.push_back(entry.number);
        auto &head = heads.emplace_back();
        head.ref = ref;
        head.size = entry.size;
    }
    std::size_t bytes = 0;
    std::size_t kept = 0; // the first so many fit
    bool full = false;
    std::vector<bool> came(heads.size());
    auto read = reader_->heads(numbers, [&](std::size_t index, std::optional<Head> head) {
        came[index] = true;
        auto &to = heads[index];
        to.header_withheld = !head.has_value();
        if (!head) return;
        bytes += head->header.size();
        full = full || (bytes > most_bytes && index > 0);
        if (full) came[index] = false;
        if (full) return;
        to.header = std::move(head->header);
        to.header_truncated = head->truncated;
    });
    if (!read) return std::move(read.error());
    while (kept < heads.size() && came[kept])
        ++kept;
    heads.resize(kept);
    return heads;
}

} // namespace

std::unique_ptr<MailSource> make_source(Account account, std::shared_ptr<net::Connector> connector,
                                        std::shared_ptr<const Clock> clock, std::shared_ptr<ArrivalBook> book,
                                        Limits limits, net::StepObserver *observer) {
    return std::make_unique<Pop3Source>(std::move(account), std::move(connector), std::move(clock),
                                        std::move(book), limits, observer);
}

} // namespace roe::pop3
