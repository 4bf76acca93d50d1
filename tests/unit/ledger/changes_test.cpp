#include "ledger_fixture.hpp"

#include <gmock/gmock.h>

#include "ledger/ledger_arrivals.hpp"
#include "ledger/ledger_changes.hpp"

namespace roe::ledger::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class HandClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime steady() const override { return {}; }
    [[nodiscard]] WallTime wall() const override { return now; }
    WallTime now = at(0);
};

class Changes : public LedgerTest {
  protected:
    using Names = std::vector<std::string_view>;

    ChangeBook::Standing open(std::string_view subject = "inbox",
                              const std::string &server = "mail.example.com") {
        book_ = std::make_unique<LedgerChanges>(*ledger_, clock_, "m1", "INBOX", server);
        return must(book_->open(subject));
    }
    // The whole list in one piece.
    ChangeBook::Standing list(const Names &there, std::string_view state = "listed") {
        return must(book_->take({true, there, {}, state, true}));
    }
    ChangeBook::Standing change(const Names &there, const Names &gone, std::string_view state = "changed") {
        return must(book_->take({false, there, gone, state, true}));
    }
    std::vector<std::string> after(std::int64_t order) {
        std::vector<std::string> names;
        for (const auto &ref : must(book_->after(order, 100)))
            names.push_back(ref.uid + "=" + std::to_string(ref.order));
        return names;
    }

    HandClock clock_;
    std::unique_ptr<LedgerChanges> book_;
};

TEST_P(Changes, Mails_are_numbered_as_they_are_told_of_and_the_state_stands_with_them) {
    EXPECT_EQ(open().state, "");
    EXPECT_EQ(list({"a", "b"}, "s1").newest, 2);
    EXPECT_EQ(change({"c"}, {"a"}, "s2").newest, 3);
    EXPECT_THAT(after(0), ElementsAre("b=2", "c=3"));
    reopen();
    const auto standing = open();
    EXPECT_EQ(standing.state, "s2");
    EXPECT_EQ(standing.newest, 3);
    EXPECT_THAT(after(2), ElementsAre("c=3"));
}

TEST_P(Changes, A_number_is_never_given_again) {
    open();
    list({"a", "b"});
    change({}, {"b"});
    change({"c"}, {});
    EXPECT_THAT(after(0), ElementsAre("a=1", "c=3"));
}

TEST_P(Changes, What_is_told_twice_counts_once) {
    open();
    list({"a"});
    change({"a", "b"}, {"x"});
    change({"b"}, {});
    EXPECT_THAT(after(0), ElementsAre("a=1", "b=2"));
}

TEST_P(Changes, A_mail_that_comes_back_under_its_name_keeps_its_number_for_a_week) {
    open();
    list({"a", "b"});
    change({}, {"a"});
    EXPECT_THAT(after(0), ElementsAre("b=2"));
    change({"a"}, {});
    EXPECT_THAT(after(0), ElementsAre("a=1", "b=2"));
    change({}, {"a"});
    clock_.now = at(8L * 24 * 3600);
    change({}, {});
    change({"a"}, {});
    EXPECT_THAT(after(0), ElementsAre("b=2", "a=3"));
}

TEST_P(Changes, After_a_lost_state_known_mails_keep_their_numbers_and_the_others_are_gone_or_new) {
    const auto before = (open(), list({"a", "b", "c"}));
    const auto standing = list({"d", "c", "a"}, "s2");
    EXPECT_EQ(standing.validity, before.validity);
    EXPECT_EQ(standing.state, "s2");
    EXPECT_THAT(after(0), ElementsAre("a=1", "c=3", "d=4"));
}

TEST_P(Changes, A_list_in_pieces_goes_on_after_a_crash) {
    open();
    list({"a", "b", "c"});
    must(book_->take({true, Names{"c"}, {}, "page-1", false}));
    reopen();
    EXPECT_EQ(open().state, "page-1");
    EXPECT_FALSE(open().whole);
    EXPECT_TRUE(must(book_->take({false, Names{"a", "d"}, {}, "page-2", true})).whole);
    EXPECT_THAT(after(0), ElementsAre("a=1", "c=3", "d=4"));
    EXPECT_EQ(open().state, "page-2");
}

TEST_P(Changes, A_list_in_pieces_goes_on_however_long_after) {
    open();
    list({"a", "b", "c"});
    must(book_->take({true, Names{"c"}, {}, "page-1", false}));
    clock_.now = at(30L * 24 * 3600);
    must(book_->take({false, Names{"b"}, {}, "page-2", false}));
    must(book_->take({false, Names{"a", "d"}, {}, "page-3", true}));
    EXPECT_THAT(after(0), ElementsAre("a=1", "b=2", "c=3", "d=4"));
}

TEST_P(Changes, A_list_that_broke_off_is_begun_anew) {
    const auto before = (open(), list({"a", "b"}));
    must(book_->take({true, Names{"new"}, {}, "page-1", false}));
    const auto standing = list({"b", "new"}, "s2");
    EXPECT_EQ(standing.validity, before.validity);
    EXPECT_THAT(after(0), ElementsAre("b=2", "new=3"));
}

TEST_P(Changes, New_names_for_all_mails_are_another_identity) {
    const auto before = (open(), list({"a", "b"}));
    const auto renamed = list({"A", "B", "C"});
    EXPECT_NE(renamed.validity, before.validity);
    EXPECT_THAT(after(0), ElementsAre("A=3", "B=4", "C=5"));
    EXPECT_EQ(change({"D"}, {}).validity, renamed.validity);
    EXPECT_EQ(open().validity, renamed.validity);
}

TEST_P(Changes, A_folder_that_was_empty_or_is_now_keeps_its_identity) {
    const auto before = (open(), list({}));
    EXPECT_EQ(list({"a"}).validity, before.validity);
    EXPECT_EQ(list({}).validity, before.validity);
    EXPECT_EQ(list({"b"}).validity, before.validity) << "nothing was left that could have been renamed";
}

TEST_P(Changes, The_state_of_another_folder_or_server_is_void) {
    open("id-1");
    list({"a"});
    EXPECT_EQ(open("id-2").state, "");
    EXPECT_EQ(open("id-1", "elsewhere.example.com").state, "");
    EXPECT_EQ(open("id-1").state, "listed");
    EXPECT_THAT(after(0), ElementsAre("a=1"));
}

TEST_P(Changes, Mails_are_found_by_name_where_they_are_there) {
    open();
    list({"a", "b", "c"});
    change({}, {"b"});
    const auto found = must(book_->named(Names{"c", "b", "unknown", "a"}));
    EXPECT_THAT(found, ElementsAre(MailRef{1, "a"}, MailRef{3, "c"}));
}

TEST_P(Changes, A_mailbox_that_goes_over_to_POP3_and_back_is_listed_anew) {
    open();
    list({"a", "b"});
    LedgerArrivals pop3(*ledger_, clock_, "m1", "INBOX");
    must(pop3.shared());
    const std::vector<ArrivalBook::Mail> there{{"u1", 10}};
    must(pop3.note(there, {}));
    EXPECT_EQ(open().state, "");
    list({"a", "b", "c"});
    EXPECT_THAT(after(0), ElementsAre("a=1", "b=2", "c=4"));
    must(pop3.shared());
    must(pop3.note(there, {}));
    EXPECT_THAT(after(0), ElementsAre("u1=3"));
}

TEST_P(Changes, Everything_goes_with_the_mailbox) {
    open();
    list({"a"});
    must(ledger_->remove_mailbox("m1"));
    EXPECT_EQ(open().state, "");
    EXPECT_EQ(list({"b"}).newest, 1);
}

TEST_P(Changes, A_folder_of_many_mails_is_taken_in_in_pieces) {
    open();
    std::vector<std::string> names;
    names.reserve(12'000);
    for (int number = 0; number < 12'000; ++number)
        names.push_back("item-" + std::to_string(number));
    const std::vector<std::string_view> all(names.begin(), names.end());
    must(book_->take({true, std::span(all).first(7000), {}, "s1", false}));
    EXPECT_EQ(must(book_->take({false, std::span(all).subspan(7000), {}, "s2", true})).newest, 12'000);
    const auto relisted = must(book_->take({true, all, {}, "s3", true}));
    EXPECT_EQ(relisted.newest, 12'000);
    EXPECT_THAT(after(11'998), ElementsAre("item-11998=11999", "item-11999=12000"));
    EXPECT_THAT(after(12'000), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Ledger, Changes, on_both, backend_name);

} // namespace
} // namespace roe::ledger::testing
