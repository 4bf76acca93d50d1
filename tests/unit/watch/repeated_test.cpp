// A mail that was gone and came back is the same mail; equal mails that are there together are several.
#include <gmock/gmock.h>

#include "fixture.hpp"

namespace roe::watch::testing {
namespace {

class Repeated : public MailroomTest {
  protected:
    void SetUp() override {
        MailroomTest::SetUp();
        given_trigger("t1");
    }
    static constexpr const char *raw =
        "Received: from relay by server; Mon, 23 Nov 2026 10:00:01 +0000\r\n"
        "From: bob@example.org\r\nSubject: Invoice\r\n"
        "Message-ID: <1@example.org>\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\ntext\r\n";
    std::int64_t arrives() {
        const auto order = folder->add_raw(raw, SystemClock().wall());
        look();
        return order;
    }
    void expect_decided(std::size_t count) {
        ASSERT_TRUE(eventually([&] { return log_of("t1").size() == count; }));
    }
    int duplicates() {
        const auto log = log_of("t1");
        return static_cast<int>(
            std::count_if(log.begin(), log.end(), [](const auto &row) { return row.duplicate; }));
    }
};

TEST_F(Repeated, A_mail_that_is_moved_away_and_back_starts_no_second_job) {
    auto name = arrives();
    expect_jobs(1);
    for (int time = 1; time <= 3; ++time) {
        folder->remove(name);
        look();
        name = arrives();
        expect_decided(static_cast<std::size_t>(1 + time));
        EXPECT_EQ(duplicates(), time);
    }
    expect_jobs(1);
}

TEST_F(Repeated, Equal_mails_that_are_there_together_are_several) {
    for (std::size_t count = 1; count <= 3; ++count) {
        arrives();
        expect_jobs(count);
    }
    EXPECT_EQ(duplicates(), 0);
}

TEST_F(Repeated, A_mail_that_came_back_and_an_equal_one_that_comes_then_are_two) {
    const auto first = arrives();
    expect_jobs(1);
    folder->remove(first);
    arrives();
    expect_decided(2);
    expect_jobs(1);
    arrives();
    expect_jobs(2);
    EXPECT_EQ(duplicates(), 1);
}

TEST_F(Repeated, Of_two_equal_mails_one_may_come_back) {
    const auto first = arrives();
    arrives();
    expect_jobs(2);
    folder->remove(first);
    arrives();
    expect_decided(3);
    expect_jobs(2);
    arrives();
    expect_jobs(3);
}

TEST_F(Repeated, A_renumbered_folder_starts_the_equal_mail_that_came_meanwhile) {
    arrives();
    expect_jobs(1);
    {
        const std::lock_guard lock(folder->mutex);
        folder->mails[folder->next++] = {raw, false, SystemClock().wall()};
    }
    folder->renumber(500);
    room->replace(mailbox()); // a session that stands does not see it
    expect_decided(3);
    expect_jobs(2);
    EXPECT_EQ(duplicates(), 1);
}

TEST_F(Repeated, A_mail_that_comes_back_to_a_folder_that_was_renumbered_starts_no_second_job) {
    arrives();
    expect_jobs(1);
    folder->renumber(500);
    room->replace(mailbox());
    expect_decided(2);
    folder->remove(500);
    look();
    arrives();
    expect_decided(3);
    expect_jobs(1);
    EXPECT_EQ(duplicates(), 2);
}

class RepeatedAfterRemoval : public Repeated {
  protected:
    void SetUp() override {
        remove_received = true;
        Repeated::SetUp();
    }
};

TEST_F(RepeatedAfterRemoval, What_we_deleted_did_not_vanish_an_equal_mail_is_a_new_one) {
    for (std::size_t count = 1; count <= 2; ++count) {
        arrives();
        expect_jobs(count);
        ASSERT_TRUE(eventually([&] {
            const std::lock_guard lock(folder->mutex);
            return folder->mails.empty();
        }));
        ASSERT_TRUE(eventually([&] { return ledger->backlog()->disposals == 0; }));
    }
    EXPECT_EQ(duplicates(), 0);
}

TEST_F(RepeatedAfterRemoval, What_we_deleted_together_with_a_mail_that_was_refused_did_not_vanish_either) {
    const auto stuck = folder->add("carol@example.org", "Stuck");
    {
        const std::lock_guard lock(folder->mutex);
        folder->immovable.insert(stuck);
    }
    arrives();
    expect_jobs(2);
    ASSERT_TRUE(eventually([&] { return folder->present() == std::vector{stuck}; }));
    EXPECT_TRUE(eventually([&] { return ledger->backlog()->disposals == 1; }));
    arrives();
    expect_jobs(3);
    EXPECT_EQ(duplicates(), 0);
    EXPECT_TRUE(health().error) << "the other is told";
}

} // namespace
} // namespace roe::watch::testing
