#include <csignal>
#include <thread>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "streams.hpp"

namespace roe::net {
namespace {

using test::Peer;
using test::Server;
using testing::HasSubstr;

int option(int descriptor, int level, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    ::getsockopt(descriptor, level, name, &value, &size);
    return value;
}

// A listening socket whose queue is full: further connections get no answer at all.
class BlackHole {
  public:
    BlackHole() : listening_(::socket(AF_INET, SOCK_STREAM, 0)) {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::bind(listening_, reinterpret_cast<sockaddr *>(&address_), sizeof address_);
        ::listen(listening_, 0);
        socklen_t size = sizeof address_;
        ::getsockname(listening_, reinterpret_cast<sockaddr *>(&address_), &size);
        for (int &one : filling_) {
            one = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
            ::connect(one, reinterpret_cast<sockaddr *>(&address_), sizeof address_);
        }
    }
    ~BlackHole() {
        for (const int one : filling_)
            ::close(one);
        ::close(listening_);
    }
    [[nodiscard]] std::uint16_t port() const { return ntohs(address_.sin_port); }

  private:
    int listening_;
    sockaddr_in address_{};
    int filling_[4]{};
};

TEST(PlainStream, Bytes_go_both_ways) {
    const Server server([](Peer &peer) { peer.write("you said " + peer.read_line() + "\r\n"); });
    const auto stream = connect_to(server);
    ASSERT_TRUE(stream->write("hello\r\n", in(patience)));
    EXPECT_EQ(read_up_to(*stream, "you said hello\r\n"), "you said hello\r\n");
    EXPECT_FALSE(stream->encrypted());
    EXPECT_FALSE(stream->pending());
}

TEST(PlainStream, The_end_of_the_connection_reads_as_nothing) {
    const Server server([](Peer &) {});
    const auto stream = connect_to(server);
    char c = 0;
    const auto got = stream->read(&c, 1, in(patience));
    ASSERT_TRUE(got);
    EXPECT_EQ(*got, 0U);
}

TEST(PlainStream, A_read_that_timed_out_may_be_repeated) {
    const Server server([](Peer &peer) {
        peer.read_line();
        peer.write("late");
        peer.wait_for_end();
    });
    const auto stream = connect_to(server);
    char buffer[16];
    const Stopwatch watch;
    const auto early = stream->read(buffer, sizeof buffer, in(100ms));
    ASSERT_FALSE(early);
    EXPECT_EQ(early.error().fault, Fault::timed_out);
    EXPECT_EQ(early.error().step, "connect");
    EXPECT_GE(watch.elapsed(), 100ms);
    EXPECT_LT(watch.elapsed(), soon);
    ASSERT_TRUE(stream->write("now\r\n", in(patience)));
    EXPECT_EQ(read_up_to(*stream, "late"), "late");
}

TEST(PlainStream, A_deadline_in_the_past_takes_what_is_there) {
    const Server server([](Peer &peer) {
        peer.write("x");
        peer.wait_for_end();
    });
    const auto stream = connect_to(server);
    std::this_thread::sleep_for(100ms);
    char c = 0;
    EXPECT_TRUE(stream->read(&c, 1, in(-1s)));
    const auto empty = stream->read(&c, 1, in(-1s));
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().fault, Fault::timed_out);
}

TEST(PlainStream, A_write_to_a_server_that_does_not_read_ends_at_its_deadline) {
    std::atomic<bool> done = false;
    const Server server([&](Peer &) {
        while (!done)
            std::this_thread::sleep_for(5ms);
    });
    const auto stream = connect_to(server);
    const std::string more_than_buffers_hold(64 << 20, 'x');
    const Stopwatch watch;
    const auto written = stream->write(more_than_buffers_hold, in(300ms));
    done = true;
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().fault, Fault::timed_out);
    EXPECT_LT(watch.elapsed(), soon);
    EXPECT_EQ(stream->descriptor(), -1) << "half a command may be out: the stream is of no use any more";
}

TEST(PlainStream, A_big_write_to_a_slow_reader_arrives_whole) {
    std::atomic<std::size_t> arrived = 0;
    constexpr std::size_t size = 8 << 20;
    const Server server([&](Peer &peer) {
        while (arrived < size) {
            const auto some = peer.read_some();
            if (some.empty()) return;
            arrived += some.size();
        }
        peer.write("done");
    });
    const auto stream = connect_to(server);
    ASSERT_TRUE(stream->write(std::string(size, 'x'), in(patience)));
    EXPECT_EQ(read_up_to(*stream, "done"), "done");
    EXPECT_EQ(arrived, size);
}

TEST(PlainStream, Cancel_from_another_thread_ends_a_read_at_once) {
    const Server server([](Peer &peer) { peer.wait_for_end(); });
    const auto stream = connect_to(server);
    std::thread canceller([&] {
        std::this_thread::sleep_for(50ms);
        stream->cancel();
    });
    char c = 0;
    const Stopwatch watch;
    const auto got = stream->read(&c, 1, in(patience));
    canceller.join();
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().fault, Fault::cancelled);
    EXPECT_LT(watch.elapsed(), soon);
    EXPECT_EQ(stream->write("x", in(patience)).error().fault, Fault::cancelled);
}

TEST(PlainStream, Cancel_ends_a_write_at_once) {
    std::atomic<bool> done = false;
    const Server server([&](Peer &) {
        while (!done)
            std::this_thread::sleep_for(5ms);
    });
    const auto stream = connect_to(server);
    const std::string more_than_buffers_hold(64 << 20, 'x');
    std::thread canceller([&] {
        std::this_thread::sleep_for(100ms);
        stream->cancel();
    });
    const Stopwatch watch;
    const auto written = stream->write(more_than_buffers_hold, in(patience));
    canceller.join();
    done = true;
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().fault, Fault::cancelled);
    EXPECT_LT(watch.elapsed(), soon);
}

TEST(PlainStream, A_server_that_went_away_raises_no_signal) {
    const DeadlyBrokenPipe deadly;
    const Server server([](Peer &) {});
    const auto stream = connect_to(server);
    // Its end read first: the first write then is answered by a reset, and the second one is the deadly one.
    ASSERT_EQ(read_up_to(*stream, "x"), " [end]");
    Result<void> written;
    for (int i = 0; i < 100 && written; ++i) {
        written = stream->write("x", in(patience));
        std::this_thread::sleep_for(5ms);
    }
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().fault, Fault::unreachable);
    EXPECT_TRUE(deadly.still_unblocked()) << "the thread's mask is the host's";
}

TEST(PlainStream, The_socket_is_kept_alive_and_not_inherited) {
    const Server server([](Peer &peer) { peer.wait_for_end(); });
    const auto stream = connect_to(server);
    const int descriptor = stream->descriptor();
    EXPECT_EQ(option(descriptor, SOL_SOCKET, SO_KEEPALIVE), 1);
    const int idle = option(descriptor, IPPROTO_TCP, TCP_KEEPIDLE);
    EXPECT_EQ(idle, 60);
    EXPECT_LE(idle +
                  option(descriptor, IPPROTO_TCP, TCP_KEEPINTVL) * option(descriptor, IPPROTO_TCP, TCP_KEEPCNT),
              120);
    EXPECT_EQ(option(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT), 120'000);
    EXPECT_EQ(option(descriptor, IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_TRUE(::fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
    stream->close();
    EXPECT_EQ(stream->descriptor(), -1);
    EXPECT_EQ(::fcntl(descriptor, F_GETFD), -1);
}

TEST(Connector, A_refused_connection_says_so) {
    std::uint16_t port = 0;
    {
        const Server closed_soon([](Peer &) {});
        port = closed_soon.port();
    }
    const auto stream = make_connector()->connect("127.0.0.1", port, in(patience));
    ASSERT_FALSE(stream);
    EXPECT_EQ(stream.error().fault, Fault::unreachable);
    EXPECT_EQ(stream.error().step, "connect");
    EXPECT_EQ(stream.error().doing, "connecting to 127.0.0.1:" + std::to_string(port));
    EXPECT_THAT(stream.error().server_text, HasSubstr("Connection refused"));
    EXPECT_THAT(stream.error().advice, HasSubstr("Check the port"));
}

TEST(Connector, A_name_with_several_addresses_reaches_the_one_that_answers) {
    // "localhost" is ::1 too where IPv6 is on, and the server listens on 127.0.0.1 only.
    const Server server([](Peer &peer) { peer.write("here"); });
    auto stream = make_connector()->connect("localhost", server.port(), in(patience));
    ASSERT_TRUE(stream) << stream.error().text();
    EXPECT_EQ(read_up_to(**stream, "here"), "here");
}

TEST(Connector, A_black_hole_ends_at_the_deadline) {
    const BlackHole hole;
    const Stopwatch watch;
    const auto stream = make_connector()->connect("127.0.0.1", hole.port(), in(300ms));
    ASSERT_FALSE(stream);
    EXPECT_EQ(stream.error().fault, Fault::timed_out);
    EXPECT_EQ(stream.error().step, "connect");
    EXPECT_THAT(stream.error().advice, HasSubstr("firewall"));
    EXPECT_GE(watch.elapsed(), 300ms);
    EXPECT_LT(watch.elapsed(), soon);
}

TEST(Connector, A_stop_ends_connecting_at_once) {
    const BlackHole hole;
    std::stop_source stop;
    std::thread stopper([&] {
        std::this_thread::sleep_for(50ms);
        stop.request_stop();
    });
    const Stopwatch watch;
    const auto stream = make_connector()->connect("127.0.0.1", hole.port(), in(patience), stop.get_token());
    stopper.join();
    ASSERT_FALSE(stream);
    EXPECT_EQ(stream.error().fault, Fault::cancelled);
    EXPECT_LT(watch.elapsed(), soon);
}

TEST(Connector, A_stream_outlives_its_connector) {
    const Server server([](Peer &peer) { peer.write("still here"); });
    auto connector = make_connector();
    auto stream = connector->connect("127.0.0.1", server.port(), in(patience));
    connector.reset();
    ASSERT_TRUE(stream);
    EXPECT_EQ(read_up_to(**stream, "still here"), "still here");
}

} // namespace
} // namespace roe::net
