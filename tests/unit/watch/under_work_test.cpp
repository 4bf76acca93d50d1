#include "watch/under_work.hpp"

#include <atomic>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "watch/work_note.hpp"

namespace roe::watch::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

ledger::InterruptedMail mail_of(std::int64_t order, std::vector<std::string> triggers = {"t1", "t2"}) {
    ledger::InterruptedMail mail;
    mail.folder = 3;
    mail.validity = "1@ann@imap.example.com";
    mail.ref = {order, std::to_string(order)};
    mail.node = "node-1";
    mail.epoch = 5;
    mail.tenant = "tenant";
    mail.triggers = std::move(triggers);
    mail.words = {"<7@example.org>", "Rechnung", "Ann <ann@example.org>", WallTime(std::chrono::hours(1))};
    return mail;
}

class MailsUnderWork : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "under-work-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
    }
    void TearDown() override { fs::remove_all(folder); }

    // A process that does this and is killed then.
    template <class Work>
    void die_in_the_midst_of(Work work) {
        const auto child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            const auto under_work = UnderWork::begin(folder);
            if (under_work) work(**under_work);
            std::raise(SIGKILL);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status));
    }
    [[nodiscard]] std::vector<std::int64_t> left_behind() const {
        std::vector<std::int64_t> orders;
        for (const auto &mail : UnderWork::left_behind(folder))
            orders.push_back(mail.ref.order);
        return orders;
    }
    [[nodiscard]] std::string bytes() const {
        std::ifstream file(folder / "under-work", std::ios::binary);
        return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    }

    fs::path folder;
};

TEST_F(MailsUnderWork, A_note_outlives_the_process_that_dies_with_all_that_it_says) {
    die_in_the_midst_of([](UnderWork &under_work) {
        const auto note = under_work.note(mail_of(7), false);
        std::raise(SIGKILL);
    });
    const auto left = UnderWork::left_behind(folder);
    ASSERT_THAT(left, SizeIs(1));
    const auto &mail = left.front();
    EXPECT_EQ(mail.folder, 3);
    EXPECT_EQ(mail.validity, "1@ann@imap.example.com");
    EXPECT_EQ(mail.ref, (MailRef{7, "7"}));
    EXPECT_EQ(mail.node, "node-1");
    EXPECT_EQ(mail.epoch, 5);
    EXPECT_EQ(mail.tenant, "tenant");
    EXPECT_THAT(mail.triggers, ElementsAre("t1", "t2"));
    EXPECT_EQ(mail.words.message_id, "<7@example.org>");
    EXPECT_EQ(mail.words.subject, "Rechnung");
    EXPECT_EQ(mail.words.from, "Ann <ann@example.org>");
    EXPECT_EQ(mail.words.received_at, WallTime(std::chrono::hours(1)));
}

TEST_F(MailsUnderWork, Each_of_several_at_once_is_known_and_what_was_done_before_is_not) {
    die_in_the_midst_of([](UnderWork &under_work) {
        for (int before = 1; before <= 5; ++before)
            const auto note = under_work.note(mail_of(before), before % 2 == 0);
        const auto one = under_work.note(mail_of(7), false);
        const auto other = under_work.note(mail_of(8), true);
        { const auto done = under_work.note(mail_of(9), false); }
        std::raise(SIGKILL);
    });
    EXPECT_THAT(left_behind(), ElementsAre(7, 8));
    ASSERT_TRUE(UnderWork::begin(folder));
    EXPECT_THAT(left_behind(), IsEmpty());
}

TEST_F(MailsUnderWork, Nothing_of_a_mail_that_is_done_stays_in_the_file) {
    const auto under_work = UnderWork::begin(folder);
    ASSERT_TRUE(under_work);
    {
        const auto note = (*under_work)->note(mail_of(7), false);
        EXPECT_THAT(bytes(), HasSubstr("Rechnung"));
    }
    EXPECT_THAT(bytes(), Not(HasSubstr("Rechnung")));
    EXPECT_EQ(fs::status(folder / "under-work").permissions() & (fs::perms::group_all | fs::perms::others_all),
              fs::perms::none);
}

TEST_F(MailsUnderWork, Of_those_that_may_be_deadly_one_is_under_work_at_a_time) {
    const auto under_work = UnderWork::begin(folder);
    ASSERT_TRUE(under_work);
    std::atomic<int> at_once = 0;
    std::atomic<int> most = 0;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back([&, thread] {
                for (int time = 0; time < 200; ++time) {
                    const auto note = (*under_work)->note(mail_of(thread), true);
                    most = std::max(most.load(), ++at_once);
                    std::this_thread::yield();
                    --at_once;
                }
            });
    }
    EXPECT_EQ(most, 1);
    EXPECT_THAT(left_behind(), IsEmpty());
}

TEST_F(MailsUnderWork, A_folder_that_cannot_be_written_gives_words) {
    const auto refused = UnderWork::begin(folder / "missing");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text(), HasSubstr("under-work"));
    EXPECT_THAT(UnderWork::left_behind(folder / "missing"), IsEmpty());
}

TEST(WorkNote, One_that_was_cut_short_or_damaged_tells_nothing) {
    const auto note = written_note(mail_of(7));
    ASSERT_TRUE(read_note(note));
    EXPECT_TRUE(read_note(note + "what was written there before"));
    for (std::size_t length = 0; length < note.size(); ++length) {
        EXPECT_FALSE(read_note(note.substr(0, length))) << length;
        auto torn = note;
        torn.replace(length, std::string::npos, note.size() - length, '\0');
        EXPECT_TRUE(torn == note || !read_note(torn)) << length;
        auto damaged = note;
        damaged[length] = static_cast<char>(damaged[length] ^ 1);
        EXPECT_FALSE(read_note(damaged)) << length;
    }
}

TEST(WorkNote, What_is_too_long_goes_without_its_words_and_what_is_too_long_even_so_goes_unnoted) {
    auto wordy = mail_of(7);
    wordy.words.subject.assign(longest_work_note, 'x');
    const auto note = written_note(wordy);
    EXPECT_LE(note.size(), longest_work_note);
    const auto read = read_note(note);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->words.subject, "");
    EXPECT_EQ(read->words.received_at, wordy.words.received_at);
    EXPECT_THAT(read->triggers, SizeIs(2));
    EXPECT_EQ(written_note(mail_of(7, std::vector(longest_work_note / 8, std::string("t-12345")))), "");
}

} // namespace
} // namespace roe::watch::testing
