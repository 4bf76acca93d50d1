// A web server reached through a proxy.
#include <gmock/gmock.h>

#include "net/base64.hpp"
#include "net/http_post.hpp"
#include "web.hpp"

namespace roe::net {
namespace {

using testing::HasSubstr;

HttpProxies through(std::uint16_t port, const std::string &user = "") {
    return HttpProxies("http://" + user + "127.0.0.1:" + std::to_string(port),
                       [](const char *) { return nullptr; });
}

const HttpAddress far_away{"server.example", 443, "/", true};

TEST(HttpByProxy, An_encrypted_server_is_reached_through_a_tunnel_that_is_verified_for_its_name) {
    const test::Identity identity({.name = "server.example"});
    std::string asked;
    std::string name;
    std::string inside;
    test::Server proxy([&](test::Peer &peer) {
        for (std::string line = peer.read_line(); !line.empty(); line = peer.read_line())
            asked += line + "\n";
        peer.write("HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n");
        peer.start_tls({.identity = identity});
        name = peer.server_name();
        for (std::string line = peer.read_line(); !line.empty(); line = peer.read_line())
            inside += line + "\n";
        peer.read_some();
        peer.write(web_answer("200 OK", "", "yes"));
        peer.wait_for_end();
    });
    Trust trust;
    trust.pinned_sha256 = identity.sha256();
    const auto client =
        client_of(far_away, {.authenticate = false}, trust, through(proxy.port(), "robot:s%20cret@"));
    const auto head = client->post(hello(), in(patience));
    ASSERT_TRUE(head.ok()) << head.error().text();
    EXPECT_EQ(body_of(*client), "yes");
    EXPECT_THAT(asked, HasSubstr("CONNECT server.example:443 HTTP/1.1\nHost: server.example:443\n"));
    EXPECT_THAT(asked, HasSubstr("Proxy-Authorization: Basic " + base64("robot:s cret")));
    EXPECT_EQ(name, "server.example");
    EXPECT_THAT(inside, HasSubstr("POST /EWS/Exchange.asmx HTTP/1.1\nHost: server.example\n"));
    EXPECT_THAT(inside, testing::Not(HasSubstr("Proxy-Authorization")));
}

TEST(HttpByProxy, What_goes_in_clear_is_asked_of_the_proxy_by_its_whole_address) {
    WebServer proxy([](const WebRequest &) { return web_answer("200 OK", "", "yes"); });
    const auto client =
        client_of({"server.example", 8080, "/", false}, {.authenticate = false}, {}, through(proxy.port()));
    ASSERT_TRUE(client->post(hello(), in(patience)).ok());
    EXPECT_EQ(proxy.requests().at(0).line, "POST http://server.example:8080/EWS/Exchange.asmx HTTP/1.1");
    EXPECT_EQ(proxy.requests().at(0).field("Host"), "server.example:8080");
    EXPECT_EQ(proxy.requests().at(0).field("Proxy-Authorization"), "");
}

TEST(HttpByProxy, A_proxy_that_refuses_is_told_from_the_server) {
    for (const auto *status :
         {"407 Proxy Authentication Required", "401 Unauthorized", "403 Forbidden", "502 Bad Gateway"}) {
        WebServer proxy([&](const WebRequest &) {
            return web_answer(status, "Proxy-Authenticate: Basic realm=\"x\"\r\n", "<html>no</html>");
        });
        const auto head = client_of(far_away, {.authenticate = false}, {}, through(proxy.port()))
                              ->post(hello(), in(patience));
        ASSERT_FALSE(head.ok());
        EXPECT_EQ(head.error().fault, *status == '5' ? Fault::unreachable : Fault::refused);
        EXPECT_EQ(head.error().server_text, status);
        EXPECT_THAT(head.error().doing, HasSubstr("reaching server.example:443 through the proxy 127.0.0.1:"));
        const bool login = std::string(status).starts_with("40") && status[2] != '3';
        EXPECT_EQ(head.error().advice.find("HttpProxy") != std::string::npos, login);
    }
    WebServer forwarding(
        [](const WebRequest &) { return web_answer("407 Proxy Authentication Required", "", ""); });
    const auto head =
        client_of({"server.example", 80, "/", false}, {.authenticate = false}, {}, through(forwarding.port()))
            ->post(hello(), in(patience));
    ASSERT_FALSE(head.ok());
    EXPECT_THAT(head.error().advice, HasSubstr("HttpProxy"));
}

TEST(HttpByProxy, Words_of_the_proxy_after_the_tunnel_stands_are_not_taken_for_the_servers) {
    test::Server proxy([&](test::Peer &peer) {
        while (!peer.read_line().empty()) {
        }
        peer.write("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        peer.wait_for_end();
    });
    const auto head =
        client_of(far_away, {.authenticate = false}, {}, through(proxy.port()))->post(hello(), in(patience));
    ASSERT_FALSE(head.ok());
    EXPECT_EQ(head.error().fault, Fault::protocol);
}

TEST(HttpByProxy, Access_tokens_are_asked_for_through_it_too) {
    WebServer proxy([](const WebRequest &) { return web_answer("403 Forbidden", "", ""); });
    const auto connector = make_connector(through(proxy.port()));
    const auto answer =
        post_form(*connector, {"login.example", 443, "/token", true}, {}, "", "a=b", SystemClock(), {});
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(proxy.requests().at(0).line, "CONNECT login.example:443 HTTP/1.1");
}

} // namespace
} // namespace roe::net
