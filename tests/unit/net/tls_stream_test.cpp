// How an encrypted stream keeps its promises about time, parking and loss.
#include <cerrno>
#include <csignal>
#include <thread>

#include <gmock/gmock.h>
#include <openssl/err.h>
#include <sys/ioctl.h>

#include "net/poller.hpp"
#include "streams.hpp"

namespace roe::net {
namespace {

using test::Identity;
using test::Peer;
using test::Server;
using testing::IsEmpty;

const Identity &identity() {
    static const Identity made{{}};
    return made;
}

Trust trust() {
    Trust pinned;
    pinned.pinned_sha256 = identity().sha256();
    return pinned;
}

std::unique_ptr<Stream> encrypted_to(const Server &server) {
    auto stream = connect_to(server);
    const auto facts = stream->start_tls("localhost", trust(), in(patience));
    if (!facts) throw std::runtime_error(words(facts.error()));
    return stream;
}

// A server that is encrypted from the first byte.
Server::Handler encrypted(Server::Handler handler) {
    return [handler = std::move(handler)](Peer &peer) {
        peer.start_tls({.identity = identity()});
        handler(peer);
    };
}

Fault fault_of_read(Stream &stream, std::chrono::milliseconds time) {
    char buffer[256];
    const auto got = stream.read(buffer, sizeof buffer, in(time));
    return got ? Fault::refused : got.error().fault;
}

TEST(TlsStream, A_plain_stream_is_upgraded_in_place) {
    const Server server([](Peer &peer) {
        peer.write("* OK ready\r\n");
        peer.read_line();
        peer.write("a OK begin TLS\r\n");
        peer.start_tls({.identity = identity()});
        peer.write("secret " + peer.read_line());
        peer.wait_for_end();
    });
    const auto stream = connect_to(server);
    EXPECT_EQ(read_up_to(*stream, "* OK ready\r\n"), "* OK ready\r\n");
    ASSERT_TRUE(stream->write("a STARTTLS\r\n", in(patience)));
    EXPECT_EQ(read_up_to(*stream, "a OK begin TLS\r\n"), "a OK begin TLS\r\n");
    ASSERT_TRUE(stream->start_tls("localhost", trust(), in(patience)));
    EXPECT_TRUE(stream->encrypted());
    ASSERT_TRUE(stream->write("hello\r\n", in(patience)));
    EXPECT_EQ(read_up_to(*stream, "secret hello"), "secret hello");
}

TEST(TlsStream, Plain_bytes_sent_along_with_the_answer_to_starttls_break_the_handshake) {
    const Server server([](Peer &peer) {
        peer.read_line();
        peer.write("* injected\r\n");
        peer.start_tls({.identity = identity()});
    });
    const auto stream = connect_to(server);
    ASSERT_TRUE(stream->write("a STARTTLS\r\n", in(patience)));
    const auto facts = stream->start_tls("localhost", trust(), in(patience));
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().fault, Fault::tls);
    EXPECT_EQ(stream->descriptor(), -1);
}

TEST(TlsStream, A_handshake_that_drips_ends_at_its_deadline) {
    const Server server([](Peer &peer) {
        peer.read_some();
        // A handshake record of 16 KiB, of which a byte comes now and then: the socket is ready all the time.
        peer.write_raw(std::string_view("\x16\x03\x03\x40\x00", 5));
        for (;;) {
            peer.write_raw(std::string_view("\x02", 1));
            std::this_thread::sleep_for(20ms);
        }
    });
    const auto stream = connect_to(server);
    const Stopwatch watch;
    const auto facts = stream->start_tls("localhost", trust(), in(500ms));
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().fault, Fault::timed_out);
    EXPECT_EQ(facts.error().step, "tls");
    EXPECT_GE(watch.elapsed(), 500ms);
    EXPECT_LT(watch.elapsed(), soon);
}

TEST(TlsStream, A_server_silent_in_the_handshake_ends_at_the_deadline) {
    const Server server([](Peer &peer) { peer.wait_for_end(); });
    const auto stream = connect_to(server);
    const Stopwatch watch;
    const auto facts = stream->start_tls("localhost", trust(), in(200ms));
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().fault, Fault::timed_out);
    EXPECT_LT(watch.elapsed(), soon);
}

TEST(TlsStream, A_record_that_drips_ends_at_the_deadline_and_is_not_lost) {
    const std::string text(1000, 'x');
    std::atomic<bool> hurry = false;
    const Server server(encrypted([&](Peer &peer) {
        for (const char c : peer.sealed(text)) {
            peer.write_raw({&c, 1});
            if (!hurry) std::this_thread::sleep_for(20ms);
        }
        peer.wait_for_end();
    }));
    const auto stream = encrypted_to(server);
    for (int i = 0; i < 3; ++i) {
        const Stopwatch watch;
        EXPECT_EQ(fault_of_read(*stream, 150ms), Fault::timed_out);
        EXPECT_GE(watch.elapsed(), 150ms);
        EXPECT_LT(watch.elapsed(), soon);
    }
    hurry = true;
    EXPECT_EQ(read_up_to(*stream, text), text);
}

TEST(TlsStream, A_time_out_in_the_middle_of_a_record_loses_nothing) {
    const Server server(encrypted([](Peer &peer) {
        const std::string record = peer.sealed("one whole record");
        peer.write_raw(std::string_view(record).substr(0, 9));
        std::this_thread::sleep_for(300ms);
        peer.write_raw(std::string_view(record).substr(9));
        peer.wait_for_end();
    }));
    const auto stream = encrypted_to(server);
    EXPECT_EQ(fault_of_read(*stream, 100ms), Fault::timed_out);
    EXPECT_EQ(read_up_to(*stream, "one whole record"), "one whole record");
}

TEST(TlsStream, A_time_out_does_not_hinder_writing) {
    const Server server(encrypted([](Peer &peer) {
        peer.write("you said " + peer.read_line());
        peer.wait_for_end();
    }));
    const auto stream = encrypted_to(server);
    EXPECT_EQ(fault_of_read(*stream, 50ms), Fault::timed_out);
    ASSERT_TRUE(stream->write("hello\r\n", in(patience)));
    EXPECT_EQ(read_up_to(*stream, "you said hello"), "you said hello");
}

TEST(TlsStream, Decrypted_bytes_left_inside_are_pending) {
    const Server server(encrypted([](Peer &peer) {
        peer.write("0123456789");
        peer.wait_for_end();
    }));
    const auto stream = encrypted_to(server);
    EXPECT_FALSE(stream->pending());
    char c = 0;
    ASSERT_TRUE(stream->read(&c, 1, in(patience)));
    EXPECT_TRUE(stream->pending()) << "nine bytes are inside, and the descriptor is silent";
    Poller poller;
    ASSERT_TRUE(poller.arm(stream->descriptor(), 1));
    EXPECT_THAT(poller.wait(50ms), IsEmpty());
    EXPECT_EQ(read_up_to(*stream, "123456789"), "123456789");
    EXPECT_FALSE(stream->pending());
}

TEST(TlsStream, A_session_ticket_wakes_the_descriptor_and_reads_as_nothing_yet) {
    const Server server(encrypted([](Peer &peer) {
        peer.read_line();
        peer.send_ticket();
        peer.read_line();
        peer.write("mail");
        peer.wait_for_end();
    }));
    const auto stream = encrypted_to(server);
    Poller poller;
    ASSERT_TRUE(poller.arm(stream->descriptor(), 1));
    ASSERT_TRUE(stream->write("send a ticket\r\n", in(patience)));
    EXPECT_THAT(poller.wait(patience), testing::ElementsAre(1)) << "woken by the ticket alone";
    EXPECT_EQ(fault_of_read(*stream, 20ms), Fault::timed_out);
    EXPECT_FALSE(stream->pending());
    ASSERT_TRUE(poller.arm(stream->descriptor(), 2));
    EXPECT_THAT(poller.wait(50ms), IsEmpty()) << "the ticket is gone: the session may be parked again";
    ASSERT_TRUE(stream->write("send mail\r\n", in(patience)));
    EXPECT_EQ(read_up_to(*stream, "mail"), "mail");
}

TEST(TlsStream, Data_behind_a_ticket_is_read_in_the_same_call) {
    const Server server(encrypted([](Peer &peer) {
        peer.send_ticket();
        peer.write("mail");
        peer.wait_for_end();
    }));
    const auto stream = encrypted_to(server);
    EXPECT_EQ(read_up_to(*stream, "mail"), "mail");
}

TEST(TlsStream, A_server_that_sends_only_tickets_does_not_hold_a_read) {
    std::atomic<bool> sent = false;
    const Server server(encrypted([&](Peer &peer) {
        for (int i = 0; i < 100; ++i)
            peer.send_ticket();
        sent = true;
        peer.wait_for_end();
    }));
    const auto stream = encrypted_to(server);
    while (!sent)
        std::this_thread::sleep_for(1ms);
    EXPECT_EQ(fault_of_read(*stream, 0ms), Fault::timed_out);
    int unread = 0;
    ASSERT_EQ(::ioctl(stream->descriptor(), FIONREAD, &unread), 0);
    EXPECT_GT(unread, 0) << "the deadline is looked at between two tickets, and not after the last one";
    EXPECT_EQ(fault_of_read(*stream, 100ms), Fault::timed_out);
}

TEST(TlsStream, Megabytes_arrive_whole_in_both_directions) {
    const std::string much(3 << 20, 'y');
    const Server server(encrypted([&](Peer &peer) {
        std::size_t count = 0;
        while (count < much.size())
            count += peer.read_some().size();
        peer.write(much);
        peer.wait_for_end();
    }));
    const auto stream = encrypted_to(server);
    ASSERT_TRUE(stream->write(much, in(patience)));
    EXPECT_EQ(read_up_to(*stream, much), much);
}

TEST(TlsStream, A_write_to_a_server_that_does_not_read_ends_at_its_deadline) {
    std::atomic<bool> done = false;
    const Server server(encrypted([&](Peer &) {
        while (!done)
            std::this_thread::sleep_for(5ms);
    }));
    const auto stream = encrypted_to(server);
    const std::string more_than_buffers_hold(64 << 20, 'x');
    const Stopwatch watch;
    const auto written = stream->write(more_than_buffers_hold, in(300ms));
    done = true;
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().fault, Fault::timed_out);
    EXPECT_LT(watch.elapsed(), soon);
}

TEST(TlsStream, The_end_reads_as_nothing_with_and_without_a_goodbye) {
    const Server server(encrypted([](Peer &peer) { peer.write("x"); }));
    const auto stream = encrypted_to(server);
    EXPECT_EQ(read_up_to(*stream, "x"), "x");
    char c = 0;
    const auto got = stream->read(&c, 1, in(patience));
    ASSERT_TRUE(got) << got.error().text();
    EXPECT_EQ(*got, 0U);
}

TEST(TlsStream, Cancel_from_another_thread_ends_a_read_at_once) {
    const Server server(encrypted([](Peer &peer) { peer.wait_for_end(); }));
    const auto stream = encrypted_to(server);
    std::thread canceller([&] {
        std::this_thread::sleep_for(50ms);
        stream->cancel();
    });
    const Stopwatch watch;
    EXPECT_EQ(fault_of_read(*stream, patience), Fault::cancelled);
    canceller.join();
    EXPECT_LT(watch.elapsed(), soon);
}

TEST(TlsStream, Cancel_from_another_thread_ends_a_handshake_at_once) {
    const Server server([](Peer &peer) { peer.wait_for_end(); });
    const auto stream = connect_to(server);
    std::thread canceller([&] {
        std::this_thread::sleep_for(50ms);
        stream->cancel();
    });
    const Stopwatch watch;
    const auto facts = stream->start_tls("localhost", trust(), in(patience));
    canceller.join();
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().fault, Fault::cancelled);
    EXPECT_LT(watch.elapsed(), soon);
}

TEST(TlsStream, A_server_that_went_away_raises_no_signal) {
    const DeadlyBrokenPipe deadly;
    const Server server(encrypted([](Peer &) {}));
    const auto stream = encrypted_to(server);
    // Its end read first: the first write then is answered by a reset, and the second one is the deadly one.
    ASSERT_EQ(read_up_to(*stream, "x"), " [end]");
    Result<void> written;
    for (int i = 0; i < 100 && written; ++i) {
        written = stream->write("x", in(patience));
        std::this_thread::sleep_for(5ms);
    }
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().fault, Fault::unreachable) << words(written.error());
    EXPECT_TRUE(deadly.still_unblocked()) << "the thread's mask is the host's";
}

TEST(TlsStream, A_server_that_went_away_leaves_no_signal_pending_in_a_thread_that_blocks_it) {
    sigset_t broken_pipe{};
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr), 0);
    const Server server(encrypted([](Peer &) {}));
    const auto stream = encrypted_to(server);
    ASSERT_EQ(read_up_to(*stream, "x"), " [end]");
    for (int i = 0; i < 100 && stream->write("x", in(patience)); ++i)
        std::this_thread::sleep_for(5ms);
    EXPECT_FALSE(DeadlyBrokenPipe::left_pending());
}

TEST(TlsStream, Saying_goodbye_to_a_server_that_went_away_raises_no_signal) {
    const DeadlyBrokenPipe deadly;
    const Server server(encrypted([](Peer &) {}));
    const auto stream = encrypted_to(server);
    ASSERT_EQ(read_up_to(*stream, "x"), " [end]");
    ASSERT_TRUE(stream->write("x", in(patience)));
    std::this_thread::sleep_for(50ms);
    stream->close();
    EXPECT_TRUE(deadly.still_unblocked());
}

TEST(TlsStream, A_signal_of_the_hosts_neither_ends_nor_spins_a_read) {
    // Poco repeats a TLS call for as long as a stale errno says EINTR.
    struct sigaction action {};
    action.sa_handler = [](int) {};
    ASSERT_EQ(::sigaction(SIGUSR1, &action, nullptr), 0);
    std::atomic<bool> signalled = false;
    const Server server(encrypted([&](Peer &) {
        while (!signalled)
            std::this_thread::sleep_for(5ms);
    }));
    const auto stream = encrypted_to(server);
    const pthread_t reader = ::pthread_self();
    std::thread signaller([&] {
        for (int i = 0; i < 5; ++i) {
            std::this_thread::sleep_for(20ms);
            ::pthread_kill(reader, SIGUSR1);
        }
        signalled = true;
    });
    char c = 0;
    const auto got = stream->read(&c, 1, in(patience));
    signaller.join();
    ASSERT_TRUE(got) << got.error().text();
    EXPECT_EQ(*got, 0U);
}

TEST(TlsStream, A_stale_errno_does_not_make_a_read_spin) {
    const Server server(encrypted([](Peer &) {}));
    const auto stream = encrypted_to(server);
    char c = 0;
    for (int i = 0; i < 3; ++i) {
        // From the second time on OpenSSL knows the end without a system call that would set errno anew.
        errno = EINTR;
        const auto got = stream->read(&c, 1, in(patience));
        ASSERT_TRUE(got) << got.error().text();
        EXPECT_EQ(*got, 0U);
    }
}

TEST(TlsStream, A_stale_error_of_another_user_of_openssl_is_not_blamed_on_this_stream) {
    const Server server(encrypted([](Peer &peer) {
        peer.write("you said " + peer.read_line());
        peer.wait_for_end();
    }));
    ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
    const auto stream = encrypted_to(server);
    ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
    EXPECT_EQ(fault_of_read(*stream, 50ms), Fault::timed_out);
    ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
    ASSERT_TRUE(stream->write("hello\r\n", in(patience)));
    EXPECT_EQ(read_up_to(*stream, "you said hello"), "you said hello");
}

TEST(TlsStream, Many_at_once_in_many_threads) {
    const Server server(encrypted([](Peer &peer) {
        peer.write("hello " + peer.read_line());
        peer.wait_for_end();
    }));
    std::atomic<int> good = 0;
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&, i] {
            for (int round = 0; round < 5; ++round) {
                const auto stream = encrypted_to(server);
                const std::string name = std::to_string(i) + "." + std::to_string(round);
                if (stream->write(name + "\r\n", in(patience)) &&
                    read_up_to(*stream, "hello " + name) == "hello " + name) {
                    ++good;
                }
            }
        });
    }
    for (auto &one : clients)
        one.join();
    EXPECT_EQ(good, 40);
}

} // namespace
} // namespace roe::net
