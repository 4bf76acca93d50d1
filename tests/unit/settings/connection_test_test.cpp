#include "settings/connection_test.hpp"

#include <algorithm>

#include <gmock/gmock.h>

namespace roe::settings {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

// A source that tells the observer of some steps and then succeeds or fails.
class Source final : public MailSource {
  public:
    Source(std::function<Result<FolderStatus>()> open) : open_(std::move(open)) {}

    Result<FolderStatus> open() override { return open_(); }
    Result<std::vector<MailRef>> unread() override { return std::vector<MailRef>{{3, "3"}}; }
    Result<std::vector<std::string>> folders() override { return std::vector<std::string>(); }
    Result<bool> has_folder(std::string_view) override { return false; }
    Result<FolderStatus> status() override { return FolderStatus(); }
    Result<Look> look(std::int64_t, std::size_t, Bodies) override { return Look(); }
    Result<std::vector<MailHead>> latest(std::size_t) override { return std::vector<MailHead>(); }
    Result<std::vector<MailRef>> list(std::int64_t, std::size_t) override { return std::vector<MailRef>(); }
    Result<std::vector<MailHead>> heads(std::span<const MailRef>) override { return std::vector<MailHead>(); }
    Result<void> fetch(std::span<const MailRef>, RawSink &) override { return {}; }
    Result<void> dispose(std::span<const MailRef>, Disposal) override { return {}; }
    Result<Parking> park() override { return Parking::parked; }
    Result<bool> unpark(bool) override { return false; }
    [[nodiscard]] int descriptor() const override { return -1; }
    [[nodiscard]] std::chrono::milliseconds park_limit() const override { return {}; }
    void cancel() override {}
    void close() override { closed = true; }

    bool closed = false;

  private:
    std::function<Result<FolderStatus>()> open_;
};

Mailbox mailbox(bool standart, bool ssl, std::uint16_t port) {
    Mailbox mailbox;
    mailbox.email = "ann@example.com";
    mailbox.host = "imap.example.com";
    mailbox.port = port;
    mailbox.use_standart_not_ssl_port = standart;
    mailbox.use_ssl = ssl;
    return mailbox;
}

class ConnectionTestOf : public testing::Test {
  protected:
    // `open` is told of by the observer's calls that it makes itself.
    json run(const Mailbox &tried, const std::function<Result<FolderStatus>(net::StepObserver &)> &open,
             bool speaks_tls = false) {
        ConnectionTest test(tried, clock, [this](const json &step) { told.push_back(step); });
        Source source([&] { return open(test); });
        auto report = test.run(source, [speaks_tls] { return speaks_tls; });
        EXPECT_EQ(report.at("steps"), json(told)) << "what was told as it happened is what is in the report";
        return report;
    }

    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto &step : told)
            all.push_back(step.at("name").get<std::string>() + (step.at("ok").get<bool>() ? "" : " failed"));
        return all;
    }

    SystemClock clock;
    std::vector<json> told;
};

net::TlsFacts facts() {
    return {
        "TLSv1.3",
        "TLS_AES_256_GCM_SHA384",
        {"CN = imap.example.com", "CN = \xff authority", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "ab"},
        {}};
}

Error error(Fault fault, const char *step, const char *words) {
    return {fault, step, "doing it", words, "Do something.", {}};
}

TEST_F(ConnectionTestOf, Every_step_of_a_mailbox_that_works_is_told_in_order) {
    const auto report = run(mailbox(false, true, 993), [](net::StepObserver &steps) -> Result<FolderStatus> {
        steps.resolved({"192.0.2.1", "2001:db8::1"});
        steps.connected("192.0.2.1");
        steps.encrypted(facts());
        steps.greeted();
        steps.signed_in("SCRAM-SHA-256");
        return FolderStatus{"1", 7, 5, true, "IMAP IDLE"};
    });
    EXPECT_TRUE(report.at("ok").get<bool>());
    EXPECT_THAT(names(), ElementsAre("dns", "connect", "tls", "login", "folder", "count"));
    EXPECT_EQ(told[2].at("certificate").at("sha256"), "ab");
    EXPECT_THAT(told[2].at("chain").dump(), HasSubstr("imap.example.com")) << "and its strange bytes are text";
    EXPECT_EQ(told[3].at("mechanism"), "SCRAM-SHA-256");
    EXPECT_EQ(told[5].at("count"), 5);
    EXPECT_EQ(told[5].at("unread"), 1);
}

TEST_F(ConnectionTestOf, A_login_by_token_tells_where_the_token_is_from) {
    run(mailbox(false, true, 993), [](net::StepObserver &steps) -> Result<FolderStatus> {
        steps.authorized("https://login.example.com/token", WallTime{});
        steps.signed_in("XOAUTH2");
        return FolderStatus{"1", 7, 5, true, "IMAP IDLE"};
    });
    const auto login = std::ranges::find(told, "login", [](const auto &step) { return step.at("name"); });
    ASSERT_NE(login, told.end());
    EXPECT_EQ(login->at("token").at("endpoint"), "https://login.example.com/token");
    EXPECT_THAT(login->at("detail").template get<std::string>(), HasSubstr("access token"));
}

TEST_F(ConnectionTestOf, A_server_that_is_connected_to_twice_has_each_step_once) {
    run(mailbox(false, true, 10143), [](net::StepObserver &steps) -> Result<FolderStatus> {
        for (int i = 0; i < 2; ++i) {
            steps.resolved({"192.0.2.1"});
            steps.connected("192.0.2.1");
        }
        steps.greeted();
        steps.encrypted(facts());
        steps.signed_in("PLAIN");
        return FolderStatus();
    });
    EXPECT_THAT(names(), ElementsAre("dns", "connect", "tls", "login", "folder", "count"));
}

TEST_F(ConnectionTestOf, In_plain_text_it_is_said_what_is_exposed) {
    run(mailbox(true, true, 143), [](net::StepObserver &steps) -> Result<FolderStatus> {
        steps.resolved({"192.0.2.1"});
        steps.connected("192.0.2.1");
        steps.greeted();
        steps.in_clear(true);
        steps.signed_in("PLAIN");
        return FolderStatus();
    });
    EXPECT_THAT(told[2].at("detail").get<std::string>(), AllOf(HasSubstr("can read"), HasSubstr("STARTTLS")));
    EXPECT_TRUE(told[2].at("startTlsOffered").get<bool>());
}

TEST_F(ConnectionTestOf, A_refused_certificate_comes_with_the_pin_that_heals_it) {
    const auto report = run(mailbox(false, true, 993), [](net::StepObserver &steps) -> Result<FolderStatus> {
        steps.resolved({"192.0.2.1"});
        steps.connected("192.0.2.1");
        steps.distrusted(facts());
        return error(Fault::untrusted, "tls", "self-signed");
    });
    EXPECT_FALSE(report.at("ok").get<bool>());
    EXPECT_THAT(names(), ElementsAre("dns", "connect", "tls failed"));
    EXPECT_EQ(told[2].at("pin"), "ab");
    EXPECT_EQ(told[2].at("error"), "doing it: self-signed");
    EXPECT_EQ(told[2].at("advice"), "Do something.");
    EXPECT_EQ(told[2].at("code"), "untrusted");
}

TEST_F(ConnectionTestOf, A_fault_behind_a_step_that_went_well_is_the_next_ones) {
    run(mailbox(false, true, 993), [](net::StepObserver &steps) -> Result<FolderStatus> {
        steps.resolved({"192.0.2.1"});
        steps.connected("192.0.2.1");
        steps.encrypted(facts());
        return error(Fault::timed_out, "connect", "no greeting");
    });
    EXPECT_THAT(names(), ElementsAre("dns", "connect", "tls", "login failed"));
}

TEST_F(ConnectionTestOf, Silence_on_a_port_for_TLS_is_told_from_silence) {
    const auto silent = [](net::StepObserver &steps) -> Result<FolderStatus> {
        steps.resolved({"192.0.2.1"});
        steps.connected("192.0.2.1");
        return error(Fault::timed_out, "connect", "no greeting");
    };
    run(mailbox(true, true, 993), silent, true);
    EXPECT_THAT(names(), ElementsAre("dns", "connect failed"));
    EXPECT_THAT(told[1].at("error").get<std::string>(), HasSubstr("speaks TLS"));
    told.clear();
    run(mailbox(true, true, 143), silent, false);
    EXPECT_THAT(told[1].at("error").get<std::string>(), HasSubstr("no greeting"));
}

Mailbox exchange_mailbox(const std::string &url, std::uint16_t port) {
    Mailbox tried;
    tried.email = "ann@example.com";
    tried.protocol = "MS Exchange";
    tried.host = "mail.example.com";
    tried.port = port;
    tried.ews_url = url;
    return tried;
}

TEST_F(ConnectionTestOf, An_Exchange_server_is_tried_step_by_step) {
    const auto tried = exchange_mailbox("https://mail.example.com/EWS/Exchange.asmx", 443);
    const auto report = run(tried, [](net::StepObserver &observer) -> Result<FolderStatus> {
        observer.resolved({"192.0.2.1"});
        observer.connected("192.0.2.1");
        observer.encrypted(facts());
        observer.greeted();
        observer.signed_in("NTLM");
        FolderStatus status;
        status.mode = "EWS streaming";
        return status;
    });
    EXPECT_TRUE(report.at("ok").get<bool>());
    EXPECT_THAT(names(), ElementsAre("dns", "connect", "tls", "login", "folder", "count"));
    EXPECT_THAT(told.at(4).at("detail"), HasSubstr("EWS streaming"));
    EXPECT_EQ(told.at(3).at("mechanism"), "NTLM");
}

TEST_F(ConnectionTestOf, A_plain_connection_to_an_Exchange_server_is_named_with_what_is_exposed) {
    const auto tried = exchange_mailbox("http://mail.example.com/EWS/Exchange.asmx", 80);
    for (const bool proof : {true, false}) {
        told.clear();
        run(tried, [proof](net::StepObserver &observer) -> Result<FolderStatus> {
            observer.resolved({"192.0.2.1"});
            observer.connected("192.0.2.1");
            observer.greeted();
            if (!proof) observer.in_clear(false);
            observer.signed_in(proof ? "NTLM" : "Basic");
            return FolderStatus();
        });
        EXPECT_THAT(names(), ElementsAre("dns", "connect", "tls", "login", "folder", "count"));
        EXPECT_THAT(told.at(2).at("detail"), HasSubstr(proof ? "read every mail" : "the login and every mail"));
        EXPECT_THAT(told.at(2).at("advice"), HasSubstr("https://"));
    }
}

} // namespace
} // namespace roe::settings
