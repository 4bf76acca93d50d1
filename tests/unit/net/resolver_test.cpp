#include "net/resolver.hpp"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "streams.hpp"

namespace roe::net {
namespace {

const Poco::Net::IPAddress somewhere("192.0.2.1");

Result<Addresses> ask(Resolver &resolver, const std::string &name, std::chrono::milliseconds time = patience) {
    return resolver.resolve(name, in(time), std::stop_token());
}

// A lookup that answers only when the test lets it.
class Gate {
  public:
    Result<Addresses> pass() {
        ++inside_;
        while (!open_)
            std::this_thread::sleep_for(2ms);
        return Addresses{somewhere};
    }
    void open() { open_ = true; }
    void wait_until_inside(int count) const {
        while (inside_ < count)
            std::this_thread::sleep_for(2ms);
    }
    [[nodiscard]] int inside() const { return inside_; }

  private:
    std::atomic<int> inside_ = 0;
    std::atomic<bool> open_ = false;
};

TEST(Resolver, The_system_knows_localhost) {
    Resolver resolver;
    const auto found = ask(resolver, "localhost");
    ASSERT_TRUE(found) << found.error().text();
    EXPECT_TRUE(found->front().isLoopback());
}

TEST(Resolver, A_name_that_does_not_exist_is_told_apart) {
    // RFC 6761: .invalid never exists.
    Resolver resolver;
    const auto found = ask(resolver, "mail.invalid", 60s);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().fault, Fault::name_lookup);
    EXPECT_EQ(found.error().step, "dns");
    EXPECT_EQ(found.error().doing, "looking up mail.invalid");
    EXPECT_FALSE(found.error().server_text.empty());
    EXPECT_FALSE(found.error().advice.empty());
}

TEST(Resolver, An_empty_name_is_refused) {
    Resolver resolver;
    EXPECT_EQ(ask(resolver, "").error().fault, Fault::name_lookup);
    EXPECT_EQ(ask(resolver, std::string("a\0b", 3)).error().fault, Fault::name_lookup);
}

TEST(Resolver, A_literal_address_needs_no_lookup) {
    Resolver resolver([](const std::string &) -> Result<Addresses> { throw std::logic_error("asked"); });
    EXPECT_EQ(ask(resolver, "192.0.2.7")->front().toString(), "192.0.2.7");
    EXPECT_EQ(ask(resolver, "2001:db8::1")->front().toString(), "2001:db8::1");
}

TEST(Resolver, A_slow_name_server_holds_nobody_past_the_deadline) {
    Gate gate;
    Resolver resolver([&](const std::string &) { return gate.pass(); });
    const Stopwatch watch;
    const auto found = ask(resolver, "slow.example", 100ms);
    EXPECT_LT(watch.elapsed(), soon);
    gate.open();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().fault, Fault::timed_out);
    EXPECT_EQ(found.error().step, "dns");
}

TEST(Resolver, A_stop_ends_the_wait) {
    Gate gate;
    Resolver resolver([&](const std::string &) { return gate.pass(); });
    std::stop_source stop;
    std::thread stopper([&] {
        gate.wait_until_inside(1);
        stop.request_stop();
    });
    const auto found = resolver.resolve("slow.example", in(patience), stop.get_token());
    stopper.join();
    gate.open();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().fault, Fault::cancelled);
}

TEST(Resolver, Many_askers_of_one_name_share_one_lookup) {
    Gate gate;
    Resolver resolver([&](const std::string &) { return gate.pass(); });
    std::vector<std::thread> askers;
    std::atomic<int> answered = 0;
    for (int i = 0; i < 8; ++i) {
        askers.emplace_back([&] {
            if (ask(resolver, "shared.example")) ++answered;
        });
    }
    gate.wait_until_inside(1);
    std::this_thread::sleep_for(100ms);
    EXPECT_EQ(gate.inside(), 1);
    gate.open();
    for (auto &one : askers)
        one.join();
    EXPECT_EQ(answered, 8);
}

TEST(Resolver, No_more_threads_than_agreed_and_a_dead_name_does_not_block_another) {
    Gate gate;
    Resolver resolver(
        [&](const std::string &name) {
            return name == "quick.example" ? Result<Addresses>(Addresses{somewhere}) : gate.pass();
        },
        2);
    std::vector<std::thread> askers;
    askers.emplace_back([&] { (void)ask(resolver, "a.example"); });
    gate.wait_until_inside(1);
    EXPECT_TRUE(ask(resolver, "quick.example"));
    askers.emplace_back([&] { (void)ask(resolver, "b.example"); });
    askers.emplace_back([&] { (void)ask(resolver, "c.example"); });
    gate.wait_until_inside(2);
    std::this_thread::sleep_for(100ms);
    EXPECT_EQ(gate.inside(), 2) << "the third waits for a thread";
    gate.open();
    for (auto &one : askers)
        one.join();
    EXPECT_EQ(gate.inside(), 3);
}

TEST(Resolver, A_name_in_any_script_is_looked_up_as_DNS_knows_it) {
    Resolver resolver([](const std::string &name) -> Result<Addresses> {
        if (name == "xn--bcher-kva.example") return Addresses{somewhere};
        return Error{Fault::name_lookup, "dns", "looking up " + name, {}, {}, {}};
    });
    EXPECT_TRUE(ask(resolver, "Bücher.example"));
}

TEST(Resolver, A_dead_name_server_does_not_hold_up_the_end) {
    // Whatever the lookup touches lives on with its thread, as the system's resolver does.
    const auto gate = std::make_shared<Gate>();
    auto resolver = std::make_unique<Resolver>([gate](const std::string &) { return gate->pass(); }, 2, 100ms);
    EXPECT_FALSE(ask(*resolver, "a.example", 50ms));
    EXPECT_FALSE(ask(*resolver, "b.example", 50ms));
    gate->wait_until_inside(2);
    const Stopwatch watch;
    resolver.reset();
    EXPECT_LT(watch.elapsed(), soon);
    EXPECT_EQ(gate->inside(), 2);
    gate->open();
    while (gate.use_count() > 1)
        std::this_thread::sleep_for(2ms);
}

TEST(Resolver, It_goes_with_questions_left_unanswered) {
    Gate gate;
    auto resolver = std::make_unique<Resolver>([&](const std::string &) { return gate.pass(); }, 1);
    EXPECT_FALSE(ask(*resolver, "a.example", 50ms));
    EXPECT_FALSE(ask(*resolver, "b.example", 50ms));
    gate.open();
    resolver.reset();
    EXPECT_LE(gate.inside(), 2);
}

} // namespace
} // namespace roe::net
