#include "net/http_sign_in.hpp"

#include <set>

#include <gmock/gmock.h>

#include "net/base64.hpp"
#include "net/ntlm.hpp"
#include "no_realm.hpp"
#include "web.hpp"

namespace roe::net {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::StartsWith;

constexpr const char *both = "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n"
                             "WWW-Authenticate: Basic realm=\"mail, and more\"\r\n";

std::string unauthorized(const std::string &fields) {
    return web_answer("401 Unauthorized", fields, "<html>Sign in</html>");
}

HttpUser ann() {
    return {.login = "EXAMPLE\\ann", .password = "pässword", .in_clear = true};
}

// MS-NLMP §4.2.4.3
std::string ntlm_challenge() {
    std::string bytes;
    for (const auto *part :
         {"4e544c4d53535000020000000c000c003800000033828ae20123456789abcdef000000000000000024002400",
          "4400000006007017000000005300650072007600650072000200",
          "0c0044006f006d00610069006e0001000c0053006500720076006500720000000000"})
        for (std::string_view hex = part; !hex.empty(); hex.remove_prefix(2))
            bytes += static_cast<char>(std::stoi(std::string(hex.substr(0, 2)), nullptr, 16));
    return base64(bytes);
}

// 1, 2 or 3; 0: it is no message of NTLM.
int kind_of_ntlm(const std::string &authorization) {
    if (!authorization.starts_with("NTLM ")) return 0;
    const auto message = from_base64(authorization.substr(5));
    return message && message->starts_with("NTLMSSP") && message->size() > 8 ? (*message)[8] : 0;
}

// Lets in whoever gets to the end of the handshake, on that connection, if `right`.
WebServer::Answer ntlm_server(bool right, const std::string &offers = both) {
    return [right, offers, inside = std::set<int>()](const WebRequest &asked) mutable {
        const std::string authorization = asked.field("Authorization");
        if (kind_of_ntlm(authorization) == 1)
            return unauthorized("WWW-Authenticate: NTLM " + ntlm_challenge() + "\r\n");
        if (kind_of_ntlm(authorization) == 3 && right) inside.insert(asked.connection);
        return inside.contains(asked.connection) ? web_answer("200 OK", "", "in") : unauthorized(offers);
    };
}

std::vector<std::string> authorizations(const WebServer &server) {
    std::vector<std::string> all;
    for (const auto &asked : server.requests())
        all.push_back(asked.field("Authorization"));
    return all;
}

std::string outcome(HttpClient &client) {
    const auto head = client.post(hello(), in(patience));
    return head ? std::to_string(head->status) + " " + body_of(client) : words(head.error());
}

class Tokens final : public TokenSource {
  public:
    explicit Tokens(std::vector<std::string> values) : values_(std::move(values)) {}
    Result<AccessToken> token(std::string_view refused) override {
        if (!refused.empty()) {
            refused_.emplace_back(refused);
            values_.erase(values_.begin());
        }
        return AccessToken{values_.front(), {}};
    }
    void cancel() override {}
    [[nodiscard]] const std::vector<std::string> &refused() const { return refused_; }

  private:
    std::vector<std::string> values_;
    std::vector<std::string> refused_;
};

class Steps final : public StepObserver {
  public:
    void resolved(const std::vector<std::string> &) override { all_.emplace_back("resolved"); }
    void connected(const std::string &) override { all_.emplace_back("connected"); }
    void greeted() override { all_.emplace_back("greeted"); }
    void encrypted(const TlsFacts &) override { all_.emplace_back("encrypted"); }
    void distrusted(const TlsFacts &) override { all_.emplace_back("distrusted"); }
    void in_clear(bool) override { all_.emplace_back("in clear"); }
    void authorized(const std::string &, WallTime) override { all_.emplace_back("authorized"); }
    void signed_in(std::string_view mechanism) override {
        all_.emplace_back("signed in by " + std::string(mechanism));
    }
    [[nodiscard]] const std::vector<std::string> &all() const { return all_; }

  private:
    std::vector<std::string> all_;
};

TEST(HttpChallenges, They_are_told_apart_in_one_field_and_in_several) {
    HttpHead head;
    head.fields = {{"WWW-Authenticate", "Negotiate, NTLM"},
                   {"www-authenticate", "Basic realm=\"a, b\", charset=\"UTF-8\""},
                   {"WWW-Authenticate", "NTLM TlRMTVNTUAAC=="},
                   {"X-Other", "Digest"}};
    const auto challenges = http_challenges(head);
    ASSERT_EQ(challenges.size(), 4U);
    EXPECT_THAT(challenges[0], Pair("negotiate", ""));
    EXPECT_THAT(challenges[1], Pair("ntlm", ""));
    EXPECT_THAT(challenges[2], Pair("basic", StartsWith("realm=\"a, b\"")));
    EXPECT_THAT(challenges[3], Pair("ntlm", "TlRMTVNTUAAC=="));
}

TEST(SigningInByBasic, Login_and_password_go_in_UTF_8_once_they_are_asked_for) {
    WebServer server([](const WebRequest &asked) {
        return asked.field("Authorization").empty() ? unauthorized("WWW-Authenticate: Basic realm=\"x\"\r\n")
                                                    : web_answer("200 OK", "", "in");
    });
    Steps steps;
    const auto client = client_of(server.address(), ann(), {}, {}, &steps);
    EXPECT_EQ(outcome(*client), "200 in");
    EXPECT_EQ(outcome(*client), "200 in");
    const std::string basic = "Basic " + base64("EXAMPLE\\ann:pässword");
    EXPECT_THAT(authorizations(server), ElementsAre("", basic, basic));
    EXPECT_THAT(steps.all(), ElementsAre("resolved", "connected", "greeted", "in clear", "signed in by Basic"));
}

TEST(SigningInByBasic, A_wrong_password_costs_one_failed_login_however_often_it_is_asked) {
    WebServer server(
        [](const WebRequest &) { return unauthorized("WWW-Authenticate: Basic realm=\"x\"\r\n"); });
    const auto client = client_of(server.address(), ann());
    for (int i = 0; i < 2; ++i) {
        const auto head = client->post(hello(), in(patience));
        ASSERT_FALSE(head.ok());
        EXPECT_EQ(head.error().fault, Fault::login_refused);
        EXPECT_EQ(head.error().step, "login");
        EXPECT_THAT(head.error().doing, HasSubstr("as EXAMPLE\\ann"));
        EXPECT_EQ(head.error().server_text, "401 Unauthorized (Basic)");
        EXPECT_THAT(head.error().advice, HasSubstr("DOMAIN\\user"));
    }
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST(SigningInByBasic, No_password_that_can_be_read_crosses_the_network_in_clear_unasked) {
    WebServer server(
        [](const WebRequest &) { return unauthorized("WWW-Authenticate: Basic realm=\"x\"\r\n"); });
    auto user = ann();
    user.in_clear = false;
    const auto head = client_of(server.address(), user)->post(hello(), in(patience));
    ASSERT_FALSE(head.ok());
    EXPECT_EQ(head.error().fault, Fault::not_encrypted);
    EXPECT_THAT(authorizations(server), ElementsAre(""));
}

TEST(SigningInByBasic, A_login_with_a_colon_is_not_sent_where_it_would_be_another) {
    WebServer server([](const WebRequest &) { return unauthorized("WWW-Authenticate: Basic\r\n"); });
    auto user = ann();
    user.login = "ann:smith";
    EXPECT_FALSE(client_of(server.address(), user)->post(hello(), in(patience)).ok());
    EXPECT_THAT(authorizations(server), ElementsAre(""));
}

TEST(SigningInByBasic, A_page_that_is_too_long_to_be_passed_over_costs_its_connection) {
    WebServer server([](const WebRequest &asked) {
        return asked.field("Authorization").empty()
                   ? web_answer("401 Unauthorized", "WWW-Authenticate: Basic\r\n", std::string(1 << 20, 'x'))
                   : web_answer("200 OK", "", "in");
    });
    EXPECT_EQ(outcome(*client_of(server.address(), ann())), "200 in");
    EXPECT_EQ(server.requests().back().connection, 2);
}

TEST(SigningInByNtlm, A_connection_is_signed_in_once_and_a_new_one_again) {
    WebServer server(ntlm_server(true));
    Steps steps;
    auto user = ann();
    user.in_clear = false; // the password can't be read off
    const auto client = client_of(server.address(), user, {}, {}, &steps);
    EXPECT_EQ(outcome(*client), "200 in");
    EXPECT_EQ(outcome(*client), "200 in");
    client->close();
    EXPECT_EQ(outcome(*client), "200 in");
    std::vector<int> kinds;
    std::vector<std::string> bodies;
    for (const auto &asked : server.requests()) {
        kinds.push_back(kind_of_ntlm(asked.field("Authorization")));
        bodies.push_back(asked.body);
    }
    EXPECT_THAT(kinds, ElementsAre(0, 1, 3, 0, 1, 3));
    const std::string body = hello().body;
    EXPECT_THAT(bodies, ElementsAre(body, "", body, body, "", body));
    EXPECT_THAT(steps.all(), ElementsAre("resolved", "connected", "greeted", "signed in by NTLM", "resolved",
                                         "connected", "greeted", "signed in by NTLM"));
}

TEST(SigningInByNtlm, A_wrong_password_costs_one_failed_login_and_goes_to_no_other_scheme) {
    WebServer server(ntlm_server(false));
    const auto client = client_of(server.address(), ann());
    for (int i = 0; i < 2; ++i) {
        const auto head = client->post(hello(), in(patience));
        ASSERT_FALSE(head.ok());
        EXPECT_EQ(head.error().fault, Fault::login_refused);
        EXPECT_EQ(head.error().server_text, "401 Unauthorized (NTLM)");
    }
    EXPECT_EQ(server.requests().size(), 3U);
    for (const auto &authorization : authorizations(server))
        EXPECT_THAT(authorization, Not(StartsWith("Basic")));
}

TEST(SigningInByNtlm, A_server_that_has_forgotten_who_is_there_is_told_again) {
    auto ask = ntlm_server(true);
    int asked_inside = 0;
    WebServer server([&, ask](const WebRequest &asked) mutable {
        auto answer = ask(asked);
        const bool forgets = answer.starts_with("HTTP/1.1 200") && ++asked_inside == 2;
        if (forgets) ask = ntlm_server(true);
        return forgets ? unauthorized(both) : answer;
    });
    const auto client = client_of(server.address(), ann());
    EXPECT_EQ(outcome(*client), "200 in");
    EXPECT_EQ(outcome(*client), "200 in");
    std::vector<int> kinds;
    for (const auto &authorization : authorizations(server))
        kinds.push_back(kind_of_ntlm(authorization));
    EXPECT_THAT(kinds, ElementsAre(0, 1, 3, 0, 1, 3));
}

TEST(SigningInByNtlm, A_server_that_wants_no_login_any_more_gets_the_whole_request) {
    auto ask = ntlm_server(true);
    WebServer server([ask](const WebRequest &asked) mutable {
        return asked.connection == 1 ? ask(asked)
                                     : web_answer("200 OK", "", asked.body.empty() ? "nothing" : "in");
    });
    const auto client = client_of(server.address(), ann());
    EXPECT_EQ(outcome(*client), "200 in");
    client->close();
    EXPECT_EQ(outcome(*client), "200 in");
}

TEST(SigningInByNtlm, A_server_that_only_names_it_gets_the_password_by_Basic) {
    WebServer server([](const WebRequest &asked) {
        return asked.field("Authorization").starts_with("Basic") ? web_answer("200 OK", "", "in")
                                                                 : unauthorized(both);
    });
    EXPECT_EQ(outcome(*client_of(server.address(), ann())), "200 in");
}

TEST(SigningInByNtlm, What_breaks_the_handshake_is_told) {
    WebServer closing([](const WebRequest &asked) {
        const bool greeting = kind_of_ntlm(asked.field("Authorization")) == 1;
        return unauthorized(greeting
                                ? "Connection: close\r\nWWW-Authenticate: NTLM " + ntlm_challenge() + "\r\n"
                                : "WWW-Authenticate: NTLM\r\n");
    });
    EXPECT_THAT(outcome(*client_of(closing.address(), ann())), HasSubstr("closed in the middle of the login"));
    WebServer broken([](const WebRequest &asked) {
        const bool greeting = kind_of_ntlm(asked.field("Authorization")) == 1;
        return unauthorized(greeting ? "WWW-Authenticate: NTLM TlRMTVNTUAAC\r\n"
                                     : "WWW-Authenticate: NTLM\r\n");
    });
    EXPECT_THAT(outcome(*client_of(broken.address(), ann())), HasSubstr("challenge is broken"));
}

TEST(SigningIn, Without_a_login_nothing_is_sent_and_a_401_is_an_answer) {
    WebServer server([](const WebRequest &) { return unauthorized(both); });
    auto user = ann();
    user.authenticate = false;
    EXPECT_EQ(outcome(*client_of(server.address(), user)), "401 <html>Sign in</html>");
    EXPECT_THAT(authorizations(server), ElementsAre(""));
}

TEST(SigningIn, A_server_that_offers_nothing_that_fits_is_told_by_name) {
    for (const auto *offers : {"", "WWW-Authenticate: Digest realm=\"x\", nonce=\"1\"\r\n"}) {
        WebServer server([&](const WebRequest &) { return unauthorized(offers); });
        const auto head = client_of(server.address(), ann())->post(hello(), in(patience));
        ASSERT_FALSE(head.ok());
        EXPECT_EQ(head.error().fault, Fault::refused);
        EXPECT_THAT(head.error().advice, HasSubstr(*offers == '\0' ? "mechanisms: none." : "digest"));
        EXPECT_EQ(server.requests().size(), 1U);
    }
}

TEST(SigningIn, A_server_that_repeats_the_password_does_not_get_it_shown) {
    WebServer server([](const WebRequest &) {
        return web_answer("401 no secret here", "WWW-Authenticate: Basic realm=\"x\"\r\n", "");
    });
    auto user = ann();
    user.password = "secret";
    EXPECT_THAT(outcome(*client_of(server.address(), user)), Not(HasSubstr("secret")));
    EXPECT_EQ(server.requests().size(), 2U);
}

TEST(SigningInByToken, It_goes_along_from_the_start) {
    WebServer server([](const WebRequest &) { return web_answer("200 OK", "", "in"); });
    HttpUser user{.login = "ann@example.com",
                  .tokens = std::make_shared<Tokens>(std::vector<std::string>{"t1"})};
    const auto closed = client_of(server.address(), user)->post(hello(), in(patience));
    ASSERT_FALSE(closed.ok());
    EXPECT_EQ(closed.error().fault, Fault::not_encrypted);
    user.in_clear = true;
    EXPECT_EQ(outcome(*client_of(server.address(), user)), "200 in");
    EXPECT_THAT(authorizations(server), ElementsAre("Bearer t1"));
}

TEST(SigningInByToken, One_that_is_refused_is_renewed_once) {
    WebServer server([](const WebRequest &asked) {
        return asked.field("Authorization") == "Bearer t2" ? web_answer("200 OK", "", "in")
                                                           : unauthorized("WWW-Authenticate: Bearer\r\n");
    });
    const auto tokens = std::make_shared<Tokens>(std::vector<std::string>{"t1", "t2"});
    const auto client = client_of(server.address(), {.tokens = tokens, .in_clear = true});
    EXPECT_EQ(outcome(*client), "200 in");
    EXPECT_EQ(outcome(*client), "200 in");
    EXPECT_THAT(authorizations(server), ElementsAre("Bearer t1", "Bearer t2", "Bearer t2"));
    EXPECT_THAT(tokens->refused(), ElementsAre("t1"));
}

TEST(SigningInByToken, A_fresh_one_that_is_refused_is_the_end_and_says_why) {
    WebServer server([](const WebRequest &) {
        return unauthorized("WWW-Authenticate: Bearer realm=\"x\", error=\"invalid_token\", "
                            "error_description=\"no audience\"\r\n");
    });
    const auto tokens = std::make_shared<Tokens>(std::vector<std::string>{"t1", "t2", "t3"});
    const auto head =
        client_of(server.address(), {.tokens = tokens, .in_clear = true})->post(hello(), in(patience));
    ASSERT_FALSE(head.ok());
    EXPECT_EQ(head.error().fault, Fault::consent_needed);
    EXPECT_EQ(head.error().server_text, "401 Unauthorized: invalid_token: no audience");
    EXPECT_EQ(server.requests().size(), 2U);
}

class WithoutTicket : public NoRealm {};

TEST_F(WithoutTicket, The_password_is_taken_if_there_is_one) {
    WebServer server(ntlm_server(true));
    auto user = ann();
    user.kerberos = true;
    EXPECT_EQ(outcome(*client_of(server.address(), user)), "200 in");
}

TEST_F(WithoutTicket, The_reason_is_told_if_there_is_no_password) {
    WebServer server([](const WebRequest &) { return unauthorized(both); });
    const auto head = client_of(server.address(), {.kerberos = true})->post(hello(), in(patience));
    ASSERT_FALSE(head.ok());
    EXPECT_EQ(head.error().step, "login");
    EXPECT_THAT(head.error().server_text, HasSubstr("no login by Kerberos: "));
    EXPECT_THAT(head.error().advice, Not(IsEmpty()));
    WebServer basic([](const WebRequest &) { return unauthorized("WWW-Authenticate: Basic realm=\"x\"\r\n"); });
    EXPECT_THAT(outcome(*client_of(basic.address(), {.kerberos = true})),
                HasSubstr("no login by Kerberos here"));
}

} // namespace
} // namespace roe::net
