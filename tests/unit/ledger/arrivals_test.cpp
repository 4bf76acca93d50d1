#include "ledger_fixture.hpp"

#include <gmock/gmock.h>

#include "ledger/ledger_arrivals.hpp"

namespace roe::ledger::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class SetClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime steady() const override { return {}; }
    [[nodiscard]] WallTime wall() const override { return now; }
    WallTime now = at(0);
};

class Arrivals : public LedgerTest {
  protected:
    // Each mail is its name; its size is the name's length unless given.
    ArrivalBook::Standing note(const std::vector<std::string> &names, std::int64_t size = 0,
                               const ArrivalBook::Shared &shared = {}) {
        book_ = std::make_unique<LedgerArrivals>(*ledger_, clock_, "m1", "INBOX");
        (void)must(book_->shared());
        std::vector<ArrivalBook::Mail> mails;
        for (const auto &name : names)
            mails.push_back({name, size > 0 ? size : static_cast<std::int64_t>(name.size())});
        return must(book_->note(mails, shared));
    }

    std::vector<std::string> after(std::int64_t order, std::size_t most = 100) {
        std::vector<std::string> names;
        for (const auto &ref : must(book_->after(order, most)))
            names.push_back(ref.uid + "=" + std::to_string(ref.order));
        return names;
    }

    SetClock clock_;
    std::unique_ptr<LedgerArrivals> book_;
};

TEST_P(Arrivals, Mails_are_numbered_as_they_come_and_keep_their_numbers) {
    EXPECT_EQ(note({"a", "b"}).newest, 2);
    EXPECT_EQ(note({"a", "b", "c"}).newest, 3);
    EXPECT_THAT(after(0), ElementsAre("a=1", "b=2", "c=3"));
    EXPECT_THAT(after(1, 1), ElementsAre("b=2"));
    reopen();
    EXPECT_EQ(note({"a", "b", "c"}).newest, 3);
    EXPECT_THAT(after(2), ElementsAre("c=3"));
}

TEST_P(Arrivals, A_number_is_never_given_again) {
    note({"a", "b"});
    note({"a"});
    EXPECT_EQ(note({}).newest, 2);
    note({"c"});
    EXPECT_THAT(after(0), ElementsAre("c=3")) << "a mark at 2 must not cover it";
}

TEST_P(Arrivals, A_mail_may_come_anywhere_in_the_list) {
    note({"b", "d"});
    note({"a", "b", "c", "d"});
    EXPECT_THAT(after(0), ElementsAre("b=1", "d=2", "a=3", "c=4"));
}

TEST_P(Arrivals, A_mail_that_was_away_comes_back_with_its_number) {
    note({"a", "b"});
    note({});
    EXPECT_THAT(after(0), IsEmpty());
    note({"a", "b", "c"});
    EXPECT_THAT(after(0), ElementsAre("a=1", "b=2", "c=3"));
    note({"b"});
    note({"b", "a"});
    EXPECT_THAT(after(0), ElementsAre("a=1", "b=2"));
}

TEST_P(Arrivals, One_that_is_away_for_long_is_forgotten) {
    note({"a", "b"});
    note({"b"});
    clock_.now = at(8 * 24 * 3600);
    note({"b", "c"});
    note({"b", "c", "a"});
    EXPECT_THAT(after(1), ElementsAre("b=2", "c=3", "a=4"));
}

TEST_P(Arrivals, New_names_for_mails_of_the_same_sizes_are_another_identity) {
    const auto before = note({"one", "three"});
    const auto renamed = note({"eno", "eerht", "added"});
    EXPECT_NE(renamed.validity, before.validity);
    EXPECT_EQ(renamed.newest, 5);
    EXPECT_THAT(after(0), ElementsAre("eno=3", "eerht=4", "added=5"));
    EXPECT_EQ(note({"eno", "eerht", "added"}).validity, renamed.validity);
}

TEST_P(Arrivals, Other_mails_in_an_emptied_mailbox_are_new_ones) {
    const auto before = note({"one", "three"});
    EXPECT_EQ(note({"fourteen"}).validity, before.validity);
    EXPECT_THAT(after(2), ElementsAre("fourteen=3"));
}

TEST_P(Arrivals, A_mail_after_one_that_we_deleted_is_a_new_one_even_of_the_same_size) {
    const auto before = note({"a"});
    must(book_->remove(std::vector<MailRef>{{1, "a"}}));
    const auto now = note({"b"});
    EXPECT_EQ(now.validity, before.validity);
    EXPECT_THAT(after(0), ElementsAre("b=2"));
}

TEST_P(Arrivals, Mails_that_were_not_deleted_after_all_are_there_again) {
    note({"a", "b"});
    must(book_->remove(std::vector<MailRef>{{1, "a"}}));
    note({"a", "b"});
    EXPECT_THAT(after(0), ElementsAre("b=2", "a=3"));
}

TEST_P(Arrivals, Names_that_were_shared_are_remembered) {
    note({"x", "x#1"}, 0, {{"x", "hash"}});
    EXPECT_THAT(must(book_->shared()), ElementsAre(Pair("x", "hash")));
    reopen();
    note({"x"}, 0, {});
    EXPECT_THAT(must(book_->shared()), ElementsAre(Pair("x", "hash")));
}

TEST_P(Arrivals, Everything_goes_with_the_mailbox) {
    note({"a"});
    must(ledger_->remove_mailbox("m1"));
    EXPECT_EQ(note({"b"}).newest, 1);
}

TEST_P(Arrivals, A_large_mailbox_is_compared_and_not_written_anew) {
    std::vector<std::string> names;
    for (int number = 0; number < 20'000; ++number)
        names.push_back("uidl-" + std::to_string(number));
    note(names);
    names.emplace_back("new");
    EXPECT_EQ(note(names).newest, 20'001);
    names.erase(names.begin() + 5);
    names.emplace_back("newer");
    EXPECT_EQ(note(names).newest, 20'002);
    EXPECT_THAT(after(20'000), ElementsAre("new=20001", "newer=20002"));
}

INSTANTIATE_TEST_SUITE_P(Ledger, Arrivals, on_both, backend_name);

} // namespace
} // namespace roe::ledger::testing
