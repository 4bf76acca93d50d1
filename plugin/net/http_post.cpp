#include "net/http_post.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <sstream>

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>
#include <Poco/Net/MessageHeader.h>
#include <Poco/String.h>
#include <Poco/URI.h>

#include "base/wipe.hpp"
#include "net/http_body.hpp"

namespace roe::net {

namespace {

using namespace std::chrono_literals;

constexpr auto longest_exchange = 30s;
constexpr std::size_t longest_head = 64U << 10U;
constexpr std::string_view end_of_head = "\r\n\r\n";

class Exchange {
  public:
    Exchange(Stream &stream, const HttpAddress &to, SteadyTime deadline, const Clock &clock)
        : stream_(stream), to_(to), deadline_(deadline), clock_(clock) {}

    Result<HttpAnswer> run(const std::string &request) {
        if (auto sent = stream_.write(request, deadline_); !sent) return std::move(sent.error());
        HttpAnswer answer;
        // "100 Continue" and the like precede the answer (RFC 9110 §15.2).
        constexpr int most_interim = 5;
        Poco::Net::MessageHeader fields;
        for (int interim = 0;; ++interim) {
            auto head = read_head();
            if (!head) return std::move(head.error());
            const auto status = status_in(*head);
            if (!status || !read_fields(*head, fields))
                return nonsense("it does not answer as a web server does");
            answer.status = *status;
            if (answer.status >= 200) break;
            if (interim == most_interim) return nonsense("it never comes to its answer");
        }
        answer.retry_after = retry_after(fields.get("Retry-After", ""));
        const auto length = length_of(fields.get("Content-Length", ""));
        if (!length) return length.error();
        const bool chunked = Poco::icompare(fields.get("Transfer-Encoding", ""), "chunked") == 0;
        HttpBody body(chunked, *length);
        while (!body.feed(unread_)) {
            auto more = fill();
            if (!more) return std::move(more.error());
            if (*more) continue;
            if (!body.may_end()) return nonsense("it closed the connection in the middle of its answer");
            break;
        }
        if (body.broken()) return nonsense("its answer is too long or not well formed");
        answer.body = body.take();
        return answer;
    }

  private:
    Result<std::string> read_head() {
        for (;;) {
            if (const auto at = unread_.find(end_of_head); at != std::string::npos) {
                std::string head = unread_.substr(0, at + end_of_head.size());
                unread_.erase(0, head.size());
                return head;
            }
            if (unread_.size() > longest_head) return nonsense("the head of its answer is too long");
            auto more = fill();
            if (!more) return std::move(more.error());
            if (!*more) return nonsense("it closed the connection without an answer");
        }
    }

    // False: the server has closed.
    Result<bool> fill() {
        std::array<char, 8192> buffer{};
        auto got = stream_.read(buffer.data(), buffer.size(), deadline_);
        if (!got) return std::move(got.error());
        unread_.append(buffer.data(), *got);
        return *got > 0;
    }

    [[nodiscard]] Error nonsense(std::string words) const {
        return Error{.fault = Fault::protocol,
                     .step = "connect",
                     .doing = "reading the answer of " + authority_of(to_),
                     .server_text = std::move(words),
                     .advice = ""};
    }

    // "HTTP/1.1 200 OK". Not by Poco's HTTPResponse, which makes an enumerator of any number.
    static std::optional<int> status_in(const std::string &head) {
        const std::size_t begin = head.find(' ') + 1;
        if (!head.starts_with("HTTP/") || begin == 0 || begin + 3 > head.size()) return std::nullopt;
        int status = 0;
        const char *end = head.data() + begin + 3;
        const auto parsed = std::from_chars(head.data() + begin, end, status);
        if (parsed.ec != std::errc{} || parsed.ptr != end || status < 100) return std::nullopt;
        return status;
    }

    static bool read_fields(const std::string &head, Poco::Net::MessageHeader &fields) {
        try {
            std::istringstream text(head.substr(head.find('\n') + 1));
            fields.clear();
            fields.read(text);
            return true;
        } catch (const Poco::Exception &) {
            return false;
        }
    }

    // Poco throws at what is no number.
    [[nodiscard]] Result<std::optional<std::size_t>> length_of(const std::string &value) const {
        if (value.empty()) return std::optional<std::size_t>();
        std::size_t length = 0;
        const char *end = value.data() + value.size();
        const auto parsed = std::from_chars(value.data(), end, length);
        if (parsed.ec != std::errc{} || parsed.ptr != end)
            return nonsense("its answer has a length that is none");
        return std::optional(length);
    }

    [[nodiscard]] std::optional<std::chrono::milliseconds> retry_after(const std::string &value) const {
        constexpr std::int64_t a_day = 24LL * 60 * 60;
        std::int64_t seconds = 0;
        const char *end = value.data() + value.size();
        const auto parsed = std::from_chars(value.data(), end, seconds);
        if (parsed.ec != std::errc{} || parsed.ptr != end) {
            int zone = 0;
            Poco::DateTime time;
            if (!Poco::DateTimeParser::tryParse(Poco::DateTimeFormat::HTTP_FORMAT, value, time, zone))
                return std::nullopt;
            const auto now =
                std::chrono::duration_cast<std::chrono::seconds>(clock_.wall().time_since_epoch()).count();
            seconds = time.timestamp().epochTime() - now;
        }
        return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, a_day));
    }

    Stream &stream_;
    const HttpAddress &to_;
    const SteadyTime deadline_;
    const Clock &clock_;
    std::string unread_;
};

} // namespace

std::string form_encoded(const std::vector<std::pair<std::string_view, std::string_view>> &fields) {
    std::string form;
    for (const auto &[name, value] : fields) {
        if (value.empty()) continue;
        if (!form.empty()) form += '&';
        form.append(name).append("=");
        Poco::URI::encode(std::string(value), "!*'();:@&=+$,/?%#[]", form);
    }
    return form;
}

Result<HttpAnswer> post_form(Connector &connector, const HttpAddress &to, const Trust &trust,
                             const std::string &authorization, const std::string &form, const Clock &clock,
                             const std::stop_token &stop) {
    const auto deadline = clock.steady() + longest_exchange;
    auto stream = connector.connect(to.host, to.port, deadline, stop);
    if (!stream) return std::move(stream.error());
    const std::stop_callback breaking(stop, [&stream] { (*stream)->cancel(); });
    if (to.encrypted)
        if (auto facts = (*stream)->start_tls(to.host, trust, deadline); !facts)
            return std::move(facts.error());
    std::string request = "POST " + to.path + " HTTP/1.1\r\nHost: " + authority_of(to) +
                          "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
                          std::to_string(form.size()) + "\r\nAccept: application/json\r\nConnection: close\r\n";
    if (!authorization.empty()) request += "Authorization: " + authorization + "\r\n";
    request += "\r\n" + form;
    auto answer = Exchange(**stream, to, deadline, clock).run(request);
    wipe(request);
    (*stream)->close();
    return answer;
}

} // namespace roe::net
