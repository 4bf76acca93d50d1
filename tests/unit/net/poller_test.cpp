#include "net/poller.hpp"

#include <thread>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include "streams.hpp"

namespace roe::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Pair {
  public:
    Pair() { ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends_); }
    ~Pair() {
        ::close(ends_[0]);
        hang_up();
    }
    Pair(const Pair &) = delete;
    Pair &operator=(const Pair &) = delete;
    [[nodiscard]] int here() const { return ends_[0]; }
    void say(char c) const { ASSERT_EQ(::write(ends_[1], &c, 1), 1); }
    void hang_up() {
        if (ends_[1] >= 0) ::close(ends_[1]);
        ends_[1] = -1;
    }

  private:
    int ends_[2]{-1, -1};
};

TEST(Poller, An_empty_one_waits_and_does_not_spin) {
    Poller poller;
    const Stopwatch watch;
    EXPECT_THAT(poller.wait(100ms), IsEmpty());
    EXPECT_GE(watch.elapsed(), 99ms);
}

TEST(Poller, Bytes_wake_once_until_armed_again) {
    Poller poller;
    const Pair pair;
    ASSERT_TRUE(poller.arm(pair.here(), 7));
    EXPECT_THAT(poller.wait(0ms), IsEmpty());
    pair.say('a');
    EXPECT_THAT(poller.wait(patience), ElementsAre(7));
    EXPECT_THAT(poller.wait(20ms), IsEmpty()) << "one-shot, though the byte is still there";
    ASSERT_TRUE(poller.arm(pair.here(), 8));
    EXPECT_THAT(poller.wait(patience), ElementsAre(8)) << "what came before arming counts";
}

TEST(Poller, A_hang_up_wakes) {
    Poller poller;
    Pair pair;
    ASSERT_TRUE(poller.arm(pair.here(), 1));
    pair.hang_up();
    EXPECT_THAT(poller.wait(patience), ElementsAre(1));
}

TEST(Poller, A_disarmed_one_stays_silent) {
    Poller poller;
    const Pair pair;
    ASSERT_TRUE(poller.arm(pair.here(), 1));
    poller.disarm(pair.here());
    pair.say('a');
    EXPECT_THAT(poller.wait(20ms), IsEmpty());
    poller.disarm(pair.here());
    poller.disarm(-1);
}

TEST(Poller, A_descriptor_number_used_again_has_its_new_token) {
    Poller poller;
    int number = -1;
    {
        const Pair first;
        number = first.here();
        ASSERT_TRUE(poller.arm(first.here(), 1));
        poller.disarm(first.here());
    }
    const Pair second;
    ASSERT_EQ(second.here(), number);
    ASSERT_TRUE(poller.arm(second.here(), 2));
    second.say('a');
    EXPECT_THAT(poller.wait(patience), ElementsAre(2));
}

TEST(Poller, A_bad_descriptor_is_refused) {
    Poller poller;
    EXPECT_FALSE(poller.arm(-1, 1));
    const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    EXPECT_FALSE(poller.arm(file, 1)) << "epoll can't watch files";
    ::close(file);
}

TEST(Poller, Wake_ends_the_wait_from_another_thread) {
    Poller poller;
    std::thread waker([&] {
        std::this_thread::sleep_for(50ms);
        poller.wake();
    });
    const Stopwatch watch;
    EXPECT_THAT(poller.wait(patience), IsEmpty());
    EXPECT_LT(watch.elapsed(), soon);
    waker.join();
    EXPECT_THAT(poller.wait(0ms), IsEmpty());
}

TEST(Poller, A_wake_before_the_wait_is_not_lost) {
    Poller poller;
    poller.wake();
    poller.wake();
    const Stopwatch watch;
    EXPECT_THAT(poller.wait(patience), IsEmpty());
    EXPECT_LT(watch.elapsed(), soon);
    const Stopwatch again;
    EXPECT_THAT(poller.wait(50ms), IsEmpty());
    EXPECT_GE(again.elapsed(), 49ms) << "two wakes are one";
}

TEST(Poller, Armed_while_another_thread_waits) {
    Poller poller;
    const Pair pair;
    pair.say('a');
    std::thread armer([&] {
        std::this_thread::sleep_for(50ms);
        poller.arm(pair.here(), 5);
    });
    EXPECT_THAT(poller.wait(patience), ElementsAre(5));
    armer.join();
}

TEST(Poller, Hundreds_ready_at_once_are_each_told_once) {
    Poller poller;
    constexpr std::size_t many = 400;
    std::vector<Pair> pairs(many);
    for (std::size_t i = 0; i < many; ++i) {
        ASSERT_TRUE(poller.arm(pairs[i].here(), i));
        pairs[i].say('a');
    }
    std::vector<int> told(many, 0);
    for (std::size_t count = 0; count < many;) {
        const auto tokens = poller.wait(patience);
        ASSERT_FALSE(tokens.empty());
        for (const auto token : tokens)
            ++told.at(token);
        count += tokens.size();
    }
    EXPECT_THAT(told, testing::Each(1));
    EXPECT_THAT(poller.wait(0ms), IsEmpty());
}

} // namespace
} // namespace roe::net
