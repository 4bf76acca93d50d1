#include "net/oauth2.hpp"

#include <gtest/gtest.h>

#include "support/tls_server.hpp"

namespace roe::net {
namespace {

using namespace std::chrono_literals;

struct AnswerCase {
    const char *name;
    int status;
    const char *body;
    Fault fault;
    const char *words; // somewhere in them
};

class Refusals : public testing::TestWithParam<AnswerCase> {};

TEST_P(Refusals, Each_answer_of_an_endpoint_without_a_token_means_one_fault_and_says_why) {
    const auto &c = GetParam();
    const auto tokens = read_token_answer({c.status, c.body, 7s}, "https://login.example/token");
    ASSERT_FALSE(tokens.ok());
    EXPECT_EQ(tokens.error().fault, c.fault);
    EXPECT_EQ(tokens.error().step, "login");
    EXPECT_NE(tokens.error().server_text.find(c.words), std::string::npos) << tokens.error().server_text;
    EXPECT_FALSE(tokens.error().advice.empty());
    const bool passing = c.fault == Fault::throttled || c.fault == Fault::unreachable;
    EXPECT_EQ(tokens.error().retry_after.has_value(), passing);
}

INSTANTIATE_TEST_SUITE_P(
    Answers, Refusals,
    testing::Values(
        AnswerCase{"grant", 400, R"({"error":"invalid_grant","error_description":"AADSTS70008: expired"})",
                   Fault::consent_needed, "invalid_grant: AADSTS70008: expired"},
        AnswerCase{"client", 401, R"({"error":"invalid_client"})", Fault::consent_needed, "invalid_client"},
        AnswerCase{"scope", 400, R"({"error":"invalid_scope"})", Fault::consent_needed, "invalid_scope"},
        AnswerCase{"refused_with_200", 200, R"({"error":"bad_verification_code"})", Fault::consent_needed,
                   "bad_verification_code"},
        AnswerCase{"busy", 429, "", Fault::throttled, "429"},
        AnswerCase{"slow_down", 400, R"({"error":"slow_down"})", Fault::throttled, "slow_down"},
        AnswerCase{"down", 503, "<html>", Fault::unreachable, "503"},
        AnswerCase{"temporarily", 400, R"({"error":"temporarily_unavailable"})", Fault::unreachable,
                   "temporarily"},
        AnswerCase{"page", 200, "<html>Sign in</html>", Fault::protocol, "200"},
        AnswerCase{"redirect", 302, "", Fault::protocol, "302"},
        AnswerCase{"list", 200, "[]", Fault::protocol, "200"},
        AnswerCase{"no_token", 200, R"({"token_type":"Bearer"})", Fault::protocol, "no usable access token"},
        AnswerCase{"line_break_in_token", 200, R"({"access_token":"a\r\nb"})", Fault::protocol,
                   "no usable access token"}),
    [](const auto &each) { return each.param.name; });

TEST(TokenAnswer, A_token_comes_with_its_lifetime_however_it_is_written) {
    const auto lifetime = [](const std::string &value) {
        const auto tokens = read_token_answer({200, R"({"access_token":"abc")" + value + "}", {}}, "e");
        return tokens ? tokens.value().lifetime : -1s;
    };
    EXPECT_EQ(lifetime(R"(,"expires_in":3599)"), 3599s);
    EXPECT_EQ(lifetime(R"(,"expires_in":"3599")"), 3599s);
    EXPECT_EQ(lifetime(""), 1h);
    EXPECT_EQ(lifetime(R"(,"expires_in":-5)"), 1h);
    EXPECT_EQ(lifetime(R"(,"expires_in":1e300)"), std::chrono::hours(24 * 30));
}

TEST(HttpAddress, Only_plain_addresses_of_the_web_are_taken) {
    const auto address = parse_http_address("https://login.example:8443/a/token?tenant=b");
    ASSERT_TRUE(address.has_value());
    EXPECT_EQ(address->host, "login.example");
    EXPECT_EQ(address->port, 8443);
    EXPECT_EQ(address->path, "/a/token?tenant=b");
    EXPECT_TRUE(address->encrypted);
    for (const auto *wrong :
         {"", "login.example", "ftp://login.example/", "https://", "https://ann:pw@login.example/",
          "https://login.example/#x", "https://login.example/\r\nX: y", "file:///etc/passwd"})
        EXPECT_FALSE(parse_http_address(wrong).has_value()) << wrong;
}

TEST(HttpAddress, This_machine_is_told_from_others) {
    for (const auto *here : {"127.0.0.1", "127.9.9.9", "::1", "localhost"})
        EXPECT_TRUE(is_loopback(here)) << here;
    for (const auto *there : {"127.0.0.1.example.com", "10.0.0.1", "localhost.example.com", "example.com"})
        EXPECT_FALSE(is_loopback(there)) << there;
}

TEST(Form, Values_are_encoded_so_that_none_can_become_a_field) {
    EXPECT_EQ(form_encoded({{"a", "x&b=y +%"}, {"empty", ""}, {"c", "z"}}), "a=x%26b%3Dy%20%2B%25&c=z");
}

TokenRequest request_to(std::uint16_t port) {
    TokenRequest request;
    request.endpoint = "http://127.0.0.1:" + std::to_string(port) + "/token";
    request.client_id = "robot";
    request.client_secret = "s&cret";
    request.refresh_token = "refresh";
    request.scope = "mail";
    return request;
}

std::string read_request(test::Peer &peer, std::size_t &length) {
    std::string head;
    length = 0;
    for (std::string line = peer.read_line(); !line.empty(); line = peer.read_line()) {
        if (line.starts_with("Content-Length: ")) length = std::stoul(line.substr(16));
        head += line + "\n";
    }
    return head;
}

TEST(TokenRequests, An_answer_that_comes_in_pieces_gives_the_token) {
    test::Server server([](test::Peer &peer) {
        std::size_t length = 0;
        read_request(peer, length);
        peer.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
                   "chunked\r\n\r\n10\r\n{\"access_tok");
        peer.write("en\":\r\n6\r\n\"abc\"}\r\n0\r\n\r\n");
        peer.wait_for_end();
    });
    const auto tokens = request_tokens(*make_connector(), SystemClock(), request_to(server.port()), {});
    ASSERT_TRUE(tokens.ok()) << tokens.error().text();
    EXPECT_EQ(tokens.value().access, "abc");
}

TEST(TokenRequests, A_secret_never_goes_to_another_machine_in_clear) {
    auto request = request_to(80);
    request.endpoint = "http://login.example/token";
    const auto tokens = request_tokens(*make_connector(), SystemClock(), request, {});
    ASSERT_FALSE(tokens.ok());
    EXPECT_EQ(tokens.error().fault, Fault::refused);
}

TEST(TokenRequests, A_server_that_is_none_of_the_web_is_told_so) {
    test::Server server([](test::Peer &peer) {
        peer.write("* OK IMAP4rev1 ready\r\n\r\n");
        peer.wait_for_end();
    });
    const auto tokens = request_tokens(*make_connector(), SystemClock(), request_to(server.port()), {});
    ASSERT_FALSE(tokens.ok());
    EXPECT_EQ(tokens.error().fault, Fault::protocol);
    EXPECT_EQ(tokens.error().step, "login");
}

TEST(TokenRequests, A_length_that_is_no_number_is_an_answer_of_nonsense) {
    for (const auto *length : {"many", "99999999999999999999", "-5"}) {
        test::Server server([length](test::Peer &peer) {
            std::size_t ignored = 0;
            read_request(peer, ignored);
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: " + std::string(length) +
                       "\r\n\r\n{\"access_token\":\"abc\"}");
            peer.wait_for_end();
        });
        const auto tokens = request_tokens(*make_connector(), SystemClock(), request_to(server.port()), {});
        ASSERT_FALSE(tokens.ok()) << length;
        EXPECT_EQ(tokens.error().fault, Fault::protocol);
    }
}

TEST(TokenRequests, A_request_that_is_taken_back_ends_at_once) {
    test::Server server([](test::Peer &peer) { peer.wait_for_end(); });
    std::stop_source stop;
    std::thread canceller([&stop] {
        std::this_thread::sleep_for(100ms);
        stop.request_stop();
    });
    const auto tokens =
        request_tokens(*make_connector(), SystemClock(), request_to(server.port()), stop.get_token());
    canceller.join();
    ASSERT_FALSE(tokens.ok());
    EXPECT_EQ(tokens.error().fault, Fault::cancelled);
}

} // namespace
} // namespace roe::net
