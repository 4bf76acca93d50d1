#include "actions.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <sstream>
#include <stdexcept>

#include "source/imap/imap_source.hpp"
#include "source/pop3/pop3_source.hpp"

namespace roe::replay {

namespace {

using Lines = std::vector<std::string>;

std::string yes_no(bool value) {
    return value ? "yes" : "no";
}

constexpr std::array<const char *, 15> fault_names{
    "name_lookup",   "unreachable",   "timed_out",      "tls",           "untrusted",
    "not_encrypted", "login_refused", "consent_needed", "no_folder",     "throttled",
    "refused",       "protocol",      "gone",           "identity_lost", "storage"};

Lines describe(const Error &error) {
    const auto fault = static_cast<std::size_t>(error.fault);
    const std::string name = fault < fault_names.size() ? fault_names[fault] : "cancelled";
    Lines lines{"error " + name + " " + error.step + ": " + error.text()};
    if (!error.advice.empty()) lines.push_back("advice " + error.advice);
    if (error.retry_after) lines.push_back("retry after " + std::to_string(error.retry_after->count()) + " ms");
    return lines;
}

Lines describe(const FolderStatus &status) {
    std::string line = "validity " + status.validity + " newest " + std::to_string(status.newest) + " count " +
                       std::to_string(status.count) + " push " + yes_no(status.can_push) + " mode " +
                       status.mode;
    if (status.least_pause.count() > 0) line += " pause " + std::to_string(status.least_pause.count()) + " s";
    return {line};
}

std::string subject_of(const std::string &header) {
    const std::size_t at = ("\n" + header).find("\nSubject: ");
    if (at == std::string::npos) return "(none)";
    return header.substr(at + 9, header.find_first_of("\r\n", at + 9) - at - 9);
}

std::string describe(const MailHead &head) {
    return "head " + head.ref.uid + " size " + std::to_string(head.size) + " seen " + yes_no(head.seen) +
           " at " + std::to_string(head.received_at.time_since_epoch().count() / 1000) + " header " +
           std::to_string(head.header.size()) +
           (head.header_truncated  ? " cut"
            : head.header_withheld ? " withheld"
                                   : "") +
           " subject " + subject_of(head.header);
}

Lines describe(const std::vector<MailHead> &heads) {
    Lines lines;
    for (const MailHead &head : heads)
        lines.push_back(describe(head));
    return lines;
}

Lines describe(const Look &look) {
    Lines lines{"complete_to " + std::to_string(look.complete_to) + " more " + yes_no(look.more)};
    for (const MailHead &head : look.heads)
        lines.push_back(describe(head));
    return lines;
}

Lines describe(const std::vector<MailRef> &refs) {
    std::string line = "uids";
    for (const MailRef &ref : refs)
        line += ' ' + ref.uid;
    return {line};
}

Lines describe(const std::vector<std::string> &names) {
    Lines lines;
    for (const std::string &name : names)
        lines.push_back("folder " + name);
    return lines;
}

Lines describe(Parking parking) {
    return {parking == Parking::parked ? "parked" : parking == Parking::deaf ? "deaf" : "look first"};
}

// Counts and hashes (FNV-1a) what comes, and sees that begin, write and end come in order.
class Tally final : public RawSink {
  public:
    // exact: every body has the size that was announced for it.
    explicit Tally(bool exact) : exact_(exact) {}

    Result<void> begin(const MailRef &ref, std::int64_t size) override {
        if (open_) throw std::logic_error("a body begins within another");
        open_ = true;
        uid_ = ref.uid;
        announced_ = size;
        bytes_ = 0;
        hash_ = 0xcbf29ce484222325U;
        return {};
    }
    Result<void> write(std::string_view bytes) override {
        if (!open_) throw std::logic_error("bytes outside a body");
        bytes_ += static_cast<std::int64_t>(bytes.size());
        for (const char c : bytes)
            hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
        return {};
    }
    Result<void> end(const MailRef &ref) override {
        if (!open_ || ref.uid != uid_ || (exact_ && bytes_ != announced_))
            throw std::logic_error("a body ends wrong");
        open_ = false;
        std::ostringstream line;
        line << "body " << uid_ << " bytes " << bytes_ << " hash " << std::hex << hash_;
        lines.push_back(line.str());
        return {};
    }
    void withheld(const MailRef &ref, const Error &why) override {
        if (open_) throw std::logic_error("a body is withheld within another");
        lines.push_back("withheld " + ref.uid);
        for (auto &line : describe(why))
            lines.push_back(std::move(line));
    }
    Lines lines;

  private:
    const bool exact_;
    bool open_ = false;
    std::string uid_;
    std::int64_t announced_ = 0;
    std::int64_t bytes_ = 0;
    std::uint64_t hash_ = 0;
};

template <class T>
Lines outcome(Result<T> result) {
    return result ? describe(*result) : describe(result.error());
}

Lines outcome(Result<void> result) {
    return result ? Lines{"done"} : describe(result.error());
}

Lines outcome(Result<bool> result, const char *yes, const char *no) {
    if (!result) return describe(result.error());
    return {*result ? yes : no};
}

} // namespace

Lines perform(MailSource &source, const std::string &action, bool pop3) {
    std::istringstream words(action);
    std::string verb;
    words >> verb;
    if (verb == "open") return outcome(source.open());
    if (verb == "folders") return outcome(source.folders());
    if (verb == "latest") {
        std::size_t most = 0;
        words >> most;
        return outcome(source.latest(most));
    }
    if (verb == "status") return outcome(source.status());
    if (verb == "unread") return outcome(source.unread());
    if (verb == "park") return outcome(source.park());
    if (verb == "close") return source.close(), Lines{"done"};
    if (verb == "unpark") {
        std::string why;
        words >> why;
        return outcome(source.unpark(why == "woken"), "look now", "still waiting");
    }
    if (verb == "look") {
        std::int64_t after = 0;
        std::size_t window = 0;
        std::string along;
        words >> after >> window >> along;
        return outcome(source.look(after, window, along == "whole" ? Bodies::with_heads : Bodies::later));
    }
    if (verb == "list") {
        std::int64_t after = 0;
        std::size_t most = 0;
        words >> after >> most;
        return outcome(source.list(after, most));
    }
    Disposal what{.remove = verb == "remove"};
    if (verb == "move") words >> what.move_to;
    if (verb == "keyword" || verb == "remove-keyword") words >> what.keyword;
    if (verb == "remove-keyword") what.remove = true;
    std::vector<MailRef> refs;
    for (std::string uid; words >> uid;)
        refs.push_back({pop3 ? static_cast<std::int64_t>(refs.size()) + 1 : std::stoll(uid), uid});
    if (verb == "heads") return outcome(source.heads(refs));
    static const std::set<std::string> disposals{"seen", "remove", "move", "keyword", "remove-keyword"};
    if (disposals.contains(verb)) return outcome(source.dispose(refs, what));
    if (verb == "fetch") {
        Tally tally(!pop3);
        Lines result = outcome(source.fetch(refs, tally));
        tally.lines.insert(tally.lines.end(), result.begin(), result.end());
        return tally.lines;
    }
    throw std::runtime_error("no such action: " + action);
}

bool is_pop3(const std::string &words) {
    return (' ' + words + ' ').find(" protocol=POP3 ") != std::string::npos;
}

std::unique_ptr<MailSource> source_of(const std::string &words, std::shared_ptr<net::Connector> connector,
                                      std::shared_ptr<const Clock> clock) {
    if (is_pop3(words))
        return pop3::make_source(account_of(words), std::move(connector), std::move(clock), nullptr);
    return imap::make_source(account_of(words), std::move(connector), std::move(clock));
}

namespace {

// "first-token", and once that is refused "second-token".
class TwoTokens final : public net::TokenSource {
  public:
    Result<net::AccessToken> token(std::string_view refused) override {
        first_ = first_ && refused.empty();
        return net::AccessToken{first_ ? "first-token" : "second-token", WallTime::max()};
    }
    void cancel() override {}

  private:
    bool first_ = true;
};

} // namespace

Account account_of(const std::string &words) {
    const std::map<std::string, Security> securities{{"plain", Security::plain},
                                                     {"opportunistic", Security::opportunistic},
                                                     {"starttls", Security::starttls},
                                                     {"tls", Security::tls},
                                                     {"tls_or_starttls", Security::tls_or_starttls}};
    const bool pop3 = is_pop3(words);
    Account account{.host = pop3 ? "pop.example.com" : "imap.example.com",
                    .port = static_cast<std::uint16_t>(pop3 ? 110 : 143),
                    .security = Security::plain,
                    .authenticate = true,
                    .login = "ann",
                    .password = "secret",
                    .folder = "INBOX",
                    .trust = {}};
    std::istringstream stream(words);
    for (std::string word; stream >> word;) {
        const std::size_t equals = word.find('=');
        const std::string name = word.substr(0, equals);
        const std::string value = word.substr(equals + 1);
        if (name == "login")
            account.login = value;
        else if (name == "password")
            account.password = value;
        else if (name == "folder")
            account.folder = value;
        else if (name == "security")
            account.security = securities.at(value);
        else if (name == "authenticate")
            account.authenticate = value == "yes";
        else if (name == "protocol")
            continue;
        else if (name == "certificate")
            account.trust.client_certificate = value;
        else if (name == "token")
            account.tokens = std::make_shared<TwoTokens>();
        else
            throw std::runtime_error("no such setting: " + word);
    }
    return account;
}

} // namespace roe::replay
