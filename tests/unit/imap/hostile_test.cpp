// Servers, or somebody in between, that mean harm; and the parts of a session that a transcript can't show.
#include <algorithm>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "actions.hpp"
#include "source/imap/imap_source.hpp"
#include "source/imap/session.hpp"

namespace roe::imap {
namespace {

// Answers each write with what `serve` makes of it; gives `piece` bytes a read; time passes with each read.
struct Server {
    std::function<std::string(std::string_view)> serve;
    std::size_t piece = 1U << 20U;
    std::chrono::milliseconds a_read_takes{0};
    bool endless = false; // the last text again and again
    std::string greeting = "* OK [CAPABILITY IMAP4rev1] ready\r\n";

    std::string pending;
    std::size_t at = 0; // in `pending`
    std::string last;
    std::string heard;
    std::size_t sent = 0;
    bool encrypted = false;
    bool cancelled = false;
    SteadyTime now{std::chrono::hours(1)};
};

class ServerClock final : public Clock {
  public:
    explicit ServerClock(std::shared_ptr<Server> server) : server_(std::move(server)) {}
    [[nodiscard]] SteadyTime steady() const override { return server_->now; }
    [[nodiscard]] WallTime wall() const override { return WallTime{}; }

  private:
    std::shared_ptr<Server> server_;
};

Error fault(Fault kind) {
    return {.fault = kind, .step = "net", .doing = "", .server_text = {}, .advice = {}, .retry_after = {}};
}

class ServerStream final : public net::Stream {
  public:
    explicit ServerStream(std::shared_ptr<Server> server) : server_(std::move(server)) {}
    Result<std::size_t> read(char *to, std::size_t size, SteadyTime deadline) override {
        if (server_->cancelled) return fault(Fault::cancelled);
        std::string &pending = server_->pending;
        if (server_->at == pending.size()) {
            pending.clear();
            server_->at = 0;
        }
        if (pending.empty() && server_->endless) pending = server_->last;
        server_->now += server_->a_read_takes;
        if (pending.empty() || server_->now > deadline) {
            server_->now = std::max(server_->now, deadline);
            return fault(Fault::timed_out);
        }
        const std::size_t given = std::min({size, server_->piece, pending.size() - server_->at});
        std::memcpy(to, pending.data() + server_->at, given);
        server_->at += given;
        server_->sent += given;
        return given;
    }
    Result<void> write(std::string_view bytes, SteadyTime) override {
        if (server_->cancelled) return fault(Fault::cancelled);
        server_->heard += bytes;
        server_->last = server_->serve(bytes);
        server_->pending += server_->last;
        return {};
    }
    Result<net::TlsFacts> start_tls(const std::string &, const net::Trust &, SteadyTime) override {
        server_->encrypted = true;
        return net::TlsFacts{};
    }
    [[nodiscard]] bool encrypted() const override { return server_->encrypted; }
    [[nodiscard]] bool pending() const override { return false; }
    [[nodiscard]] int descriptor() const override { return 7; }
    void cancel() override { server_->cancelled = true; }
    void close() override {}

  private:
    std::shared_ptr<Server> server_;
};

class ServerConnector final : public net::Connector {
  public:
    using net::Connector::connect;
    explicit ServerConnector(std::shared_ptr<Server> server) : server_(std::move(server)) {}
    Result<std::unique_ptr<net::Stream>> connect(const std::string &, std::uint16_t, SteadyTime) override {
        server_->pending = server_->greeting;
        return std::unique_ptr<net::Stream>(std::make_unique<ServerStream>(server_));
    }

  private:
    std::shared_ptr<Server> server_;
};

struct Given {
    std::shared_ptr<Server> server = std::make_shared<Server>();
    std::unique_ptr<MailSource> source;

    explicit Given(const std::string &account = "", Limits limits = {}) {
        source = make_source(replay::account_of(account), std::make_shared<ServerConnector>(server),
                             std::make_shared<ServerClock>(server), limits);
    }
};

// Answers each command line with OK, after what `before` makes of its words; CAPABILITY is what is given.
auto obliging(std::function<std::string(std::string_view command)> before) {
    return [before = std::move(before)](std::string_view lines) {
        std::string answer;
        while (!lines.empty()) {
            const std::size_t end = std::min(lines.find("\r\n"), lines.size());
            const std::string_view line = lines.substr(0, end);
            lines.remove_prefix(std::min(end + 2, lines.size()));
            const std::size_t space = line.find(' ');
            if (space == std::string_view::npos) continue;
            const std::string_view command = line.substr(space + 1);
            if (command.starts_with("SELECT"))
                answer += "* 1 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 2] x\r\n";
            answer += before(command);
            answer.append(line.substr(0, space)).append(" OK done\r\n");
        }
        return answer;
    };
}

std::string nothing(std::string_view) {
    return {};
}

TEST(StartTls, What_came_ahead_of_the_encryption_is_fatal) {
    Given given("security=starttls");
    given.server->greeting = "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n";
    given.server->serve = [](std::string_view) {
        return "A1 OK go ahead\r\nA2 OK [CAPABILITY IMAP4rev1] injected\r\n";
    };
    const auto opened = given.source->open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().fault, Fault::tls);
    EXPECT_FALSE(given.server->encrypted);
    EXPECT_EQ(given.server->heard, "A1 STARTTLS\r\n");
}

TEST(StartTls, Half_a_line_ahead_of_the_encryption_is_fatal_too) {
    Given given("security=starttls");
    given.server->greeting = "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n";
    given.server->serve = [](std::string_view) { return "A1 OK go ahead\r\n* "; };
    EXPECT_EQ(given.source->open().error().fault, Fault::tls);
    EXPECT_FALSE(given.server->encrypted);
}

TEST(Hostile, An_endless_line_ends_at_its_limit) {
    Given given;
    given.server->serve = [](std::string_view) { return "* CAPABILITY " + std::string(60'000, 'x'); };
    given.server->endless = true;
    const auto opened = given.source->open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().fault, Fault::protocol);
    EXPECT_LT(given.server->sent, 20U << 20U);
}

TEST(Hostile, An_endless_greeting_ends_at_its_limit) {
    Given given;
    given.server->greeting = "* OK " + std::string(1000, 'x');
    given.server->last = std::string(60'000, 'x');
    given.server->endless = true;
    EXPECT_EQ(given.source->open().error().fault, Fault::protocol);
    EXPECT_LT(given.server->sent, 20U << 20U);
}

TEST(Hostile, Lines_without_end_run_into_the_deadline) {
    Given given;
    given.server->serve = [](std::string_view) { return "* 1 EXISTS\r\n"; };
    given.server->endless = true;
    given.server->a_read_takes = std::chrono::milliseconds(10);
    const auto opened = given.source->open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().fault, Fault::timed_out);
    EXPECT_EQ(opened.error().step, "login");
}

TEST(Hostile, A_slow_drip_does_not_hold_a_worker_for_ever) {
    Given given;
    given.server->serve = obliging([](std::string_view command) -> std::string {
        return command.starts_with("UID FETCH")
                   ? "* 1 FETCH (UID 1 BODY[] {100000000}\r\n" + std::string(1'000'000, 'x')
                   : "";
    });
    ASSERT_TRUE(given.source->open());
    given.server->piece = 100;
    given.server->a_read_takes = std::chrono::seconds(10);
    const SteadyTime begun = given.server->now;
    class Sink final : public RawSink {
        Result<void> begin(const MailRef &, std::int64_t) override { return {}; }
        Result<void> write(std::string_view) override { return {}; }
        Result<void> end(const MailRef &) override { return {}; }
        void withheld(const MailRef &, const Error &) override {}
    } sink;
    const MailRef ref{1, "1"};
    const auto fetched = given.source->fetch({&ref, 1}, sink);
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().fault, Fault::timed_out);
    EXPECT_LT(given.server->now - begun, std::chrono::minutes(5));
}

TEST(Hostile, A_large_mail_that_keeps_coming_is_not_cut_off) {
    Given given;
    given.server->serve = obliging([](std::string_view command) -> std::string {
        return command.starts_with("UID FETCH")
                   ? "* 1 FETCH (UID 1 BODY[] {40000000}\r\n" + std::string(40'000'000, 'x') + ")\r\n"
                   : "";
    });
    ASSERT_TRUE(given.source->open());
    given.server->piece = 60'000;
    given.server->a_read_takes = std::chrono::seconds(1); // 60 KB/s: eleven minutes
    class Sink final : public RawSink {
      public:
        Result<void> begin(const MailRef &, std::int64_t) override { return {}; }
        Result<void> write(std::string_view bytes) override { return bytes_ += bytes.size(), Result<void>(); }
        Result<void> end(const MailRef &) override { return {}; }
        void withheld(const MailRef &, const Error &) override {}
        std::size_t bytes_ = 0;
    } sink;
    const MailRef ref{1, "1"};
    EXPECT_TRUE(given.source->fetch({&ref, 1}, sink));
    EXPECT_EQ(sink.bytes_, 40'000'000U);
}

TEST(Hostile, Ten_thousand_notices_are_one) {
    Given given;
    std::string notices;
    for (int i = 2; i <= 10'001; ++i)
        notices += "* " + std::to_string(i) + " EXISTS\r\n";
    given.server->serve =
        obliging([&notices](std::string_view command) { return command == "NOOP" ? notices : ""; });
    ASSERT_TRUE(given.source->open());
    const auto status = given.source->status();
    ASSERT_TRUE(status);
    EXPECT_EQ(status->count, 10'001);
}

TEST(Hostile, More_unread_mails_than_there_are_mails_are_refused) {
    Given given;
    given.server->serve = obliging([](std::string_view command) {
        return command.starts_with("CAPABILITY")   ? "* CAPABILITY IMAP4rev1 ESEARCH\r\n"
               : command.starts_with("UID SEARCH") ? "* ESEARCH UID ALL 1:4294967295\r\n"
                                                   : "";
    });
    ASSERT_TRUE(given.source->open());
    EXPECT_EQ(given.source->unread().error().fault, Fault::protocol);
}

TEST(Hostile, A_search_that_names_every_UID_there_could_be_costs_nothing) {
    Given given;
    given.server->serve = obliging([](std::string_view command) {
        return command.starts_with("CAPABILITY")   ? "* CAPABILITY IMAP4rev1 ESEARCH\r\n"
               : command.starts_with("UID SEARCH") ? "* ESEARCH UID ALL 1:4294967295\r\n"
                                                   : "";
    });
    ASSERT_TRUE(given.source->open());
    const MailRef ref{5, "5"};
    const auto heads = given.source->heads({&ref, 1});
    ASSERT_TRUE(heads);
    ASSERT_EQ(heads->size(), 1U);
    EXPECT_EQ(heads->front().ref, ref);
    EXPECT_TRUE(heads->front().header_withheld);
}

TEST(Look, Flags_of_other_mails_displace_none_that_was_asked_for) {
    Given given;
    given.server->serve = obliging([](std::string_view command) {
        return command.starts_with("UID FETCH") ? "* 1 FETCH (UID 3 FLAGS (\\Seen))\r\n"
                                                  "* 2 FETCH (UID 4 FLAGS () BODY[HEADER] {2}\r\n\r\n)\r\n"
                                                  "* 9 FETCH (UID 9 FLAGS () BODY[HEADER] {2}\r\n\r\n)\r\n"
                                                : "";
    });
    ASSERT_TRUE(given.source->open());
    const MailRef ref{9, "9"};
    const auto heads = given.source->heads({&ref, 1});
    ASSERT_TRUE(heads);
    ASSERT_EQ(heads->size(), 1U);
    EXPECT_EQ(heads->front().ref, ref);
}

TEST(Look, A_garbled_answer_is_not_taken_for_no_mail) {
    Given given;
    given.server->serve = obliging([](std::string_view command) -> std::string {
        if (command.starts_with("UID FETCH 1:*")) return "* 1 FETCH nonsense\r\n";
        if (command.starts_with("UID FETCH 1 ")) return "* 1 FETCH (UID 1 BODY[HEADER] {2}\r\n\r\n)\r\n";
        return command.starts_with("UID SEARCH") ? "* SEARCH 1\r\n" : "";
    });
    ASSERT_TRUE(given.source->open());
    const auto look = given.source->look(0, 10, Bodies::later);
    ASSERT_TRUE(look);
    EXPECT_EQ(look->heads.size(), 1U);
    EXPECT_EQ(look->complete_to, 1);
}

TEST(Look, More_mails_than_the_window_keep_the_lowest) {
    Given given;
    std::string mails;
    for (const int uid : {9, 3, 7, 4}) {
        mails += "* " + std::to_string(uid) + " FETCH (UID " + std::to_string(uid) +
                 " BODY[HEADER] {2}\r\n\r\n)\r\n";
    }
    given.server->serve =
        obliging([&](std::string_view command) { return command.starts_with("UID FETCH") ? mails : ""; });
    ASSERT_TRUE(given.source->open());
    const auto look = given.source->look(2, 2, Bodies::later);
    ASSERT_TRUE(look);
    ASSERT_EQ(look->heads.size(), 2U);
    EXPECT_EQ(look->heads[0].ref.order, 3);
    EXPECT_EQ(look->heads[1].ref.order, 4);
    EXPECT_EQ(look->complete_to, 6);
    EXPECT_TRUE(look->more);
}

TEST(Look, Headers_beyond_the_bytes_of_one_look_wait_for_the_next) {
    Limits limits;
    limits.look_header_bytes = 25;
    Given given("", limits);
    std::string mails;
    for (const int uid : {2, 3, 4}) {
        mails += "* " + std::to_string(uid) + " FETCH (UID " + std::to_string(uid) +
                 " BODY[HEADER] {12}\r\nSubject: x\r\n)\r\n";
    }
    given.server->serve =
        obliging([&](std::string_view command) { return command.starts_with("UID FETCH") ? mails : ""; });
    ASSERT_TRUE(given.source->open());
    const auto look = given.source->look(1, 100, Bodies::later);
    ASSERT_TRUE(look);
    EXPECT_EQ(look->heads.size(), 2U);
    EXPECT_EQ(look->complete_to, 3);
    EXPECT_TRUE(look->more);
}

TEST(Fetch, A_sink_that_fails_ends_it_with_its_own_words) {
    Given given;
    given.server->serve = obliging([](std::string_view command) {
        return command.starts_with("UID FETCH") ? "* 1 FETCH (UID 1 BODY[] {3}\r\nabc)\r\n" : "";
    });
    ASSERT_TRUE(given.source->open());
    class Full final : public RawSink {
        Result<void> begin(const MailRef &, std::int64_t) override { return {}; }
        Result<void> write(std::string_view) override {
            return Error{.fault = Fault::storage,
                         .step = "fetch",
                         .doing = "disk full",
                         .server_text = {},
                         .advice = {},
                         .retry_after = {}};
        }
        Result<void> end(const MailRef &) override { return {}; }
        void withheld(const MailRef &, const Error &) override {}
    } full;
    const MailRef ref{1, "1"};
    const auto fetched = given.source->fetch({&ref, 1}, full);
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().fault, Fault::storage);
    EXPECT_EQ(fetched.error().doing, "disk full");
}

TEST(Source, A_folder_that_was_not_there_is_opened_without_another_login) {
    Given given;
    bool there = false;
    given.server->serve = [&there](std::string_view line) {
        const std::string tag(line.substr(0, line.find(' ')));
        if (line.find("SELECT") == std::string_view::npos) return tag + " OK done\r\n";
        return there ? "* 0 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 1] x\r\n" + tag + " OK done\r\n"
                     : tag + " NO [NONEXISTENT] no\r\n";
    };
    EXPECT_EQ(given.source->open().error().fault, Fault::no_folder);
    there = true;
    EXPECT_TRUE(given.source->open());
    const std::string &heard = given.server->heard;
    EXPECT_EQ(heard.find("LOGIN"), heard.rfind("LOGIN"));
}

TEST(Source, A_cancel_before_the_connection_stands_breaks_it) {
    Given given;
    given.server->serve = nothing;
    given.source->cancel();
    const auto opened = given.source->open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().fault, Fault::cancelled);
}

TEST(Source, Without_a_connection_every_call_is_an_error_and_none_a_crash) {
    Given given;
    EXPECT_FALSE(given.source->look(0, 1, Bodies::later));
    EXPECT_FALSE(given.source->status());
    EXPECT_FALSE(given.source->park());
    EXPECT_FALSE(given.source->unpark(true));
    EXPECT_FALSE(given.source->unread());
    EXPECT_EQ(given.source->descriptor(), -1);
    given.source->close();
}

TEST(Source, Renewals_are_spread_below_nine_minutes) {
    Given given;
    EXPECT_LE(given.source->park_limit(), std::chrono::minutes(9));
    EXPECT_GE(given.source->park_limit(), std::chrono::minutes(8));
}

} // namespace
} // namespace roe::imap
