#include "net/http_client.hpp"

#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <poll.h>

#include "gzip.hpp"
#include "web.hpp"

namespace roe::net {
namespace {

using testing::HasSubstr;

TEST(HttpExchanges, A_request_goes_out_as_it_is_meant_and_its_answer_comes_back) {
    WebServer server([](const WebRequest &) { return web_answer("200 OK", "X-A: b\r\n", "<answer/>"); });
    const auto client = client_of(server.address());
    const auto head = client->post(hello(), in(patience));
    ASSERT_TRUE(head.ok()) << head.error().text();
    EXPECT_EQ(head->status, 200);
    EXPECT_EQ(head->field("x-a"), "b");
    EXPECT_EQ(body_of(*client), "<answer/>");
    const auto asked = server.requests().at(0);
    EXPECT_EQ(asked.line, "POST /EWS/Exchange.asmx HTTP/1.1");
    EXPECT_EQ(asked.field("Host"), "127.0.0.1:" + std::to_string(server.port()));
    EXPECT_EQ(asked.field("Content-Type"), "text/xml");
    EXPECT_EQ(asked.body, "<hello/>");
    EXPECT_EQ(asked.field("Authorization"), "");
}

TEST(HttpExchanges, One_connection_serves_one_request_after_the_other) {
    WebServer server([](const WebRequest &asked) {
        return asked.body.empty() ? std::string() : web_answer("200 OK", "", "yes");
    });
    const auto client = client_of(server.address());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(client->post(hello(), in(patience)).ok());
        EXPECT_EQ(body_of(*client), "yes");
    }
    for (const auto &asked : server.requests())
        EXPECT_EQ(asked.connection, 1);
}

TEST(HttpExchanges, An_answer_that_is_given_up_half_way_costs_its_connection) {
    WebServer server([](const WebRequest &) { return web_answer("200 OK", "", std::string(100'000, 'x')); });
    const auto client = client_of(server.address());
    ASSERT_TRUE(client->post(hello(), in(patience)).ok());
    char some[10];
    ASSERT_TRUE(client->read(some, sizeof some, in(patience)).ok());
    ASSERT_TRUE(client->post(hello(), in(patience)).ok());
    EXPECT_EQ(body_of(*client).size(), 100'000U);
    EXPECT_EQ(server.requests().back().connection, 2);
}

TEST(HttpExchanges, A_request_asks_for_a_kept_connection_and_an_answer_as_it_is) {
    WebServer server([](const WebRequest &) { return web_answer("200 OK", "", "yes"); });
    const auto client = client_of(server.address());
    ASSERT_TRUE(client->post(hello(), in(patience)).ok());
    const auto request = server.requests().at(0);
    EXPECT_EQ(request.field("Connection"), "Keep-Alive");
    EXPECT_EQ(request.field("Accept-Encoding"), "identity");
    EXPECT_EQ(request.field("Expect"), "") << "a server that knows it not would wait";
}

TEST(HttpExchanges, An_old_server_that_does_not_say_so_keeps_no_connection) {
    WebServer server(
        [](const WebRequest &) { return std::string("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nyes"); });
    const auto client = client_of(server.address());
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(client->post(hello(), in(patience)).ok());
        EXPECT_EQ(body_of(*client), "yes");
    }
    EXPECT_EQ(server.requests().back().connection, 2);
}

TEST(HttpExchanges, A_kept_connection_that_was_closed_meanwhile_is_opened_anew) {
    WebServer server([n = 0](const WebRequest &) mutable {
        return ++n == 1 ? web_answer("200 OK", "Connection: close\r\n", "yes")
                        : web_answer("200 OK", "", "yes");
    });
    const auto client = client_of(server.address());
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(client->post(hello(), in(patience)).ok());
        EXPECT_EQ(body_of(*client), "yes");
    }
    EXPECT_EQ(server.requests().back().connection, 2);
}

TEST(HttpExchanges, Only_a_connection_that_the_server_has_closed_is_forgotten) {
    std::promise<void> closing;
    test::Server server([&](test::Peer &peer) {
        peer.read_some();
        peer.write(web_answer("200 OK", "", "yes"));
        closing.get_future().wait();
    });
    const auto client = client_of({"127.0.0.1", server.port(), "/", false});
    client->forget_lapsed();
    ASSERT_TRUE(client->post(hello(), in(patience)).ok());
    client->forget_lapsed();
    EXPECT_EQ(body_of(*client), "yes") << "an answer that is under way";
    client->forget_lapsed();
    pollfd end{client->descriptor(), POLLIN, 0};
    EXPECT_GE(end.fd, 0) << "it is kept";
    closing.set_value();
    ASSERT_EQ(poll(&end, 1, 10'000), 1);
    client->forget_lapsed();
    EXPECT_EQ(client->descriptor(), -1);
}

// The server takes the second request of a connection, and is gone.
TEST(HttpExchanges, A_request_without_a_byte_of_an_answer_is_repeated_only_if_that_harms_nothing) {
    for (const bool repeatable : {true, false}) {
        WebServer server([n = 0](const WebRequest &) mutable {
            return ++n == 2 ? std::string() : web_answer("200 OK", "", "yes");
        });
        const auto client = client_of(server.address());
        auto request = hello();
        request.repeatable = repeatable;
        ASSERT_TRUE(client->post(request, in(patience)).ok());
        EXPECT_EQ(body_of(*client), "yes");
        const auto again = client->post(request, in(patience));
        EXPECT_EQ(again.ok(), repeatable);
        EXPECT_EQ(server.requests().size(), repeatable ? 3U : 2U);
        if (!again) {
            EXPECT_EQ(again.error().fault, Fault::unreachable);
        }
    }
}

// Who has heard the beginning of an answer knows that the request was carried out.
TEST(HttpExchanges, A_request_whose_answer_breaks_off_in_its_head_is_not_repeated) {
    std::atomic<int> connections = 0;
    test::Server server([&](test::Peer &peer) {
        ++connections;
        peer.read_some();
        peer.write(web_answer("200 OK", "", "yes"));
        peer.read_some();
        peer.write("HTTP/1.1 200");
    });
    const auto client = client_of({"127.0.0.1", server.port(), "/", false});
    auto request = hello();
    request.repeatable = true;
    ASSERT_TRUE(client->post(request, in(patience)).ok());
    EXPECT_EQ(body_of(*client), "yes");
    EXPECT_FALSE(client->post(request, in(patience)).ok());
    EXPECT_EQ(connections, 1);
}

TEST(HttpExchanges, What_may_not_be_repeated_is_not_tried_on_a_connection_that_was_closed) {
    test::Server server([](test::Peer &peer) {
        peer.read_some();
        peer.write(web_answer("200 OK", "", "yes"));
    });
    const auto client = client_of({"127.0.0.1", server.port(), "/", false});
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(client->post(hello(), in(patience)).ok());
        EXPECT_EQ(body_of(*client), "yes");
        pollfd end{client->descriptor(), POLLIN, 0};
        ASSERT_EQ(poll(&end, 1, 10'000), 1);
    }
}

TEST(HttpExchanges, Bytes_behind_an_answer_are_not_taken_for_the_next) {
    for (const std::string body : {"yes", ""}) {
        WebServer server([&](const WebRequest &) {
            return web_answer("200 OK", "", body) + web_answer("200 OK", "", "smuggled");
        });
        const auto client = client_of(server.address());
        for (int i = 0; i < 2; ++i) {
            ASSERT_TRUE(client->post(hello(), in(patience)).ok());
            EXPECT_EQ(body_of(*client), body);
        }
        EXPECT_EQ(server.requests().back().connection, 2);
    }
}

TEST(HttpExchanges, An_answer_of_two_lengths_is_the_last_of_its_connection) {
    WebServer server([](const WebRequest &) {
        return std::string(
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n0\r\n\r\n");
    });
    const auto client = client_of(server.address());
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(client->post(hello(), in(patience)).ok());
        EXPECT_EQ(body_of(*client), "yes");
    }
    EXPECT_EQ(server.requests().back().connection, 2);
}

TEST(HttpExchanges, An_answer_without_content_has_no_body_to_wait_for) {
    WebServer server([](const WebRequest &) { return std::string("HTTP/1.1 204 No Content\r\n\r\n"); });
    const auto client = client_of(server.address());
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(client->post(hello(), in(patience)).ok());
        char some[4];
        EXPECT_EQ(client->read(some, sizeof some, in(100ms)).value(), 0U);
    }
    EXPECT_EQ(server.requests().back().connection, 1);
}

TEST(HttpExchanges, A_whole_body_is_taken_up_to_a_bound) {
    WebServer server([](const WebRequest &) { return web_answer("200 OK", "", std::string(100, 'x')); });
    const auto client = client_of(server.address());
    ASSERT_TRUE(client->post(hello(), in(patience)).ok());
    EXPECT_EQ(client->read_all(100, in(patience)).value().size(), 100U);
    ASSERT_TRUE(client->post(hello(), in(patience)).ok());
    const auto more = client->read_all(99, in(patience));
    ASSERT_FALSE(more.ok());
    EXPECT_EQ(more.error().fault, Fault::protocol);
}

TEST(HttpExchanges, On_a_new_connection_nothing_is_repeated) {
    WebServer server([](const WebRequest &) { return std::string(); });
    const auto client = client_of(server.address());
    auto request = hello();
    request.repeatable = true;
    EXPECT_FALSE(client->post(request, in(patience)).ok());
    EXPECT_EQ(server.requests().size(), 1U);
}

TEST(HttpExchanges, A_body_that_breaks_off_is_no_whole_one) {
    for (const auto *framing :
         {"Content-Length: 50\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n9\r\nhalf"}) {
        test::Server server([framing](test::Peer &peer) {
            while (!peer.read_line().empty()) {
            }
            peer.read_some();
            peer.write("HTTP/1.1 200 OK\r\n" + std::string(framing));
        });
        const auto client = client_of({"127.0.0.1", server.port(), "/", false});
        ASSERT_TRUE(client->post(hello(), in(patience)).ok());
        EXPECT_THAT(body_of(*client), HasSubstr("half [reading the answer of"));
        EXPECT_EQ(client->descriptor(), -1) << "nothing more is waited for";
        char more[4];
        EXPECT_FALSE(client->read(more, sizeof more, in(patience)).ok());
    }
}

HttpRequest hello_for_gzip() {
    auto request = hello();
    request.takes_gzip = true;
    return request;
}

TEST(HttpExchanges, An_answer_is_unpacked_where_a_compressed_one_was_asked_for) {
    const std::string text(100'000, 'x');
    WebServer server([&](const WebRequest &asked) {
        if (asked.field("Accept-Encoding") != "gzip") return web_answer("200 OK", "", "as it is");
        const auto coding =
            asked.connection == 1 ? "Content-Encoding: gzip\r\n" : "content-encoding: X-GZIP\r\n";
        return web_answer("200 OK", coding, gzip(text));
    });
    const auto client = client_of(server.address());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(client->post(hello_for_gzip(), in(patience)).ok());
        EXPECT_EQ(client->read_all(text.size(), in(patience)).value(), text);
        EXPECT_EQ(client->read_all(1, in(patience)).value(), "") << "its end is its end";
        EXPECT_FALSE(client->pending());
    }
    ASSERT_TRUE(client->post(hello(), in(patience)).ok());
    EXPECT_EQ(body_of(*client), "as it is");
    // What has not been taken of it is no part of the next.
    ASSERT_TRUE(client->post(hello_for_gzip(), in(patience)).ok());
    char some[10];
    ASSERT_TRUE(client->read(some, sizeof some, in(patience)).ok());
    ASSERT_TRUE(client->post(hello_for_gzip(), in(patience)).ok());
    EXPECT_EQ(client->read_all(text.size(), in(patience)).value(), text);
    for (const auto &asked : server.requests())
        EXPECT_EQ(asked.connection, 1);
}

TEST(HttpExchanges, A_compressed_answer_that_is_not_wanted_broken_or_cut_is_an_error) {
    const std::string whole = gzip(std::string(1000, 'x') + "and more");
    std::string sent;
    WebServer server(
        [&](const WebRequest &) { return web_answer("200 OK", "Content-Encoding: gzip\r\n", sent); });
    const auto answer_to = [&](const HttpRequest &request) {
        const auto client = client_of(server.address());
        const auto head = client->post(request, in(patience));
        return head ? body_of(*client) : head.error().text();
    };
    sent = whole;
    EXPECT_THAT(answer_to(hello()), HasSubstr("compressed, which was not asked for"));
    sent = whole.substr(0, whole.size() - 9);
    EXPECT_THAT(answer_to(hello_for_gzip()), HasSubstr("its compressed answer ends in the middle"));
    sent = "<answer/>";
    EXPECT_THAT(answer_to(hello_for_gzip()), HasSubstr("its answer is not well compressed"));
    sent.clear();
    for (const auto nothing = gzip(""); sent.size() < 1'000'000;)
        sent += nothing;
    EXPECT_THAT(answer_to(hello_for_gzip()), HasSubstr("its answer is not well compressed"));
    sent.clear();
    EXPECT_EQ(answer_to(hello_for_gzip()), "") << "nothing, as in an answer to a login, needs no unpacking";
}

TEST(HttpExchanges, What_is_no_answer_or_never_comes_to_one_is_an_error) {
    std::string interim;
    for (int i = 0; i < 100; ++i)
        interim += "HTTP/1.1 102 Processing\r\n\r\n";
    for (const std::string &said :
         {std::string("* OK IMAP4rev1 ready\r\n\r\n"), interim, std::string(100'000, 'x'),
          "HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'),
          std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
          std::string("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"),
          std::string("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX: y\r\nContent-Length: 2\r\n\r\nxx")}) {
        WebServer server([&](const WebRequest &) { return said; });
        const auto head = client_of(server.address())->post(hello(), in(patience));
        ASSERT_FALSE(head.ok()) << said.substr(0, 60);
        EXPECT_EQ(head.error().fault, Fault::protocol) << said.substr(0, 60);
        EXPECT_THAT(head.error().doing, HasSubstr("127.0.0.1"));
    }
}

// What a mailbox parks on: bytes come when the server has something to say, and its silence loses none.
TEST(HttpExchanges, A_streaming_answer_is_read_as_it_comes_and_waited_for_without_a_thread) {
    std::atomic<int> stage = 0;
    test::Server server([&stage](test::Peer &peer) {
        while (!peer.read_line().empty()) {
        }
        peer.read_some();
        peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2");
        while (stage == 0)
            std::this_thread::sleep_for(1ms);
        peer.write("\r\nde\r\n");
        while (stage == 1)
            std::this_thread::sleep_for(1ms);
        peer.write("0\r\n\r\n");
        peer.wait_for_end();
    });
    const auto client = client_of({"127.0.0.1", server.port(), "/", false});
    ASSERT_TRUE(client->post(hello(), in(patience)).ok());
    char piece[100];
    std::string body;
    while (body.size() < 3) {
        const auto got = client->read(piece, sizeof piece, in(patience));
        ASSERT_TRUE(got.ok());
        body.append(piece, *got);
    }
    EXPECT_EQ(body, "abc");
    const auto silence = client->read(piece, sizeof piece, in(20ms)); // in the middle of a chunk's size
    ASSERT_FALSE(silence.ok());
    EXPECT_EQ(silence.error().fault, Fault::timed_out);
    EXPECT_FALSE(client->pending());
    stage = 1;
    pollfd waiting{client->descriptor(), POLLIN, 0};
    ASSERT_EQ(::poll(&waiting, 1, 30'000), 1);
    auto got = client->read(piece, sizeof piece, in(patience));
    ASSERT_TRUE(got.ok()) << got.error().text();
    EXPECT_EQ(std::string(piece, *got), "de");
    stage = 2;
    got = client->read(piece, sizeof piece, in(patience));
    ASSERT_TRUE(got.ok());
    EXPECT_EQ(*got, 0U);
}

TEST(HttpExchanges, Bytes_that_wait_inside_are_known_of) {
    WebServer server([](const WebRequest &) { return web_answer("200 OK", "", "0123456789"); });
    const auto client = client_of(server.address());
    ASSERT_TRUE(client->post(hello(), in(patience)).ok());
    char one[1];
    ASSERT_TRUE(client->read(one, 1, in(patience)).ok());
    while (!client->pending())
        ASSERT_TRUE(client->read(one, 1, in(patience)).ok());
    EXPECT_TRUE(client->pending());
    body_of(*client);
    EXPECT_FALSE(client->pending());
}

TEST(HttpExchanges, Packed_bytes_that_wait_inside_are_known_of) {
    std::string noise;
    for (std::uint32_t n = 1; noise.size() < 3000; n = n * 1'664'525 + 1'013'904'223)
        noise += static_cast<char>(n >> 24U);
    WebServer server(
        [&](const WebRequest &) { return web_answer("200 OK", "Content-Encoding: gzip\r\n", gzip(noise)); });
    const auto client = client_of(server.address());
    ASSERT_TRUE(client->post(hello_for_gzip(), in(patience)).ok());
    char one[1];
    ASSERT_TRUE(client->read(one, 1, in(patience)).ok());
    EXPECT_TRUE(client->pending());
    EXPECT_EQ(client->read_all(noise.size(), in(patience)).value(), noise.substr(1));
    EXPECT_FALSE(client->pending());
}

TEST(HttpExchanges, It_is_broken_from_another_thread_whatever_it_waits_for) {
    test::Server server([](test::Peer &peer) { peer.wait_for_end(); });
    const auto client = client_of({"127.0.0.1", server.port(), "/", false});
    std::thread canceller([&] {
        std::this_thread::sleep_for(50ms);
        client->cancel();
    });
    const auto head = client->post(hello(), in(patience));
    canceller.join();
    ASSERT_FALSE(head.ok());
    EXPECT_EQ(head.error().fault, Fault::cancelled);
    EXPECT_EQ(client->post(hello(), in(patience)).error().fault, Fault::cancelled);
}

TEST(HttpExchanges, A_server_that_says_nothing_is_not_waited_for_longer_than_told) {
    test::Server server([](test::Peer &peer) { peer.wait_for_end(); });
    const auto client = client_of({"127.0.0.1", server.port(), "/", false});
    const auto head = client->post(hello(), in(50ms));
    ASSERT_FALSE(head.ok());
    EXPECT_EQ(head.error().fault, Fault::timed_out);
    EXPECT_EQ(client->descriptor(), -1);
}

TEST(HttpExchanges, Cookies_keep_the_client_at_its_machine) {
    WebServer server([](const WebRequest &asked) {
        return web_answer(
            "200 OK", asked.field("Cookie").empty() ? "Set-Cookie: X-BackEndCookie=a; path=/EWS\r\n" : "", "");
    });
    const auto client = client_of(server.address());
    for (int i = 0; i < 2; ++i)
        ASSERT_TRUE(client->post(hello(), in(patience)).ok());
    auto elsewhere = hello();
    elsewhere.path = "/autodiscover";
    ASSERT_TRUE(client->post(elsewhere, in(patience)).ok());
    const auto asked = server.requests();
    EXPECT_EQ(asked.at(0).field("Cookie"), "");
    EXPECT_EQ(asked.at(1).field("Cookie"), "X-BackEndCookie=a");
    EXPECT_EQ(asked.at(2).field("Cookie"), "");
}

TEST(HttpExchanges, No_redirect_is_followed) {
    WebServer server(
        [](const WebRequest &) { return web_answer("302 Found", "Location: http://localhost:1/\r\n", ""); });
    const auto head = client_of(server.address())->post(hello(), in(patience));
    ASSERT_TRUE(head.ok());
    EXPECT_EQ(head->status, 302);
    EXPECT_EQ(head->field("Location"), "http://localhost:1/");
}

TEST(HttpExchanges, A_field_can_not_smuggle_another_one_in) {
    WebServer server([](const WebRequest &) { return web_answer("200 OK", "", ""); });
    auto request = hello();
    request.fields.emplace_back("X-AnchorMailbox", "ann@example.com\r\nX-Evil: 1");
    ASSERT_TRUE(client_of(server.address())->post(request, in(patience)).ok());
    EXPECT_EQ(server.requests().at(0).field("X-Evil"), "");
}

} // namespace
} // namespace roe::net
