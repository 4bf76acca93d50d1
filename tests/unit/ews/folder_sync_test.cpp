#include "source/ews/folder_sync.hpp"

#include <gmock/gmock.h>

#include "given_source.hpp"

namespace roe::ews {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

TEST_F(Source, Mails_are_noted_in_the_order_in_which_they_came_over_all_pages) {
    server->answer("SyncFolderItems",
                   {sync_body("s1", false, {{"d", "2026-11-27T10:04:00Z"}, {"c", "2026-11-27T10:03:00Z"}}),
                    sync_body("s2", true, {{"b", "2026-11-27T10:02:00Z"}, {"a", "2026-11-27T10:02:00Z"}})});
    EXPECT_EQ(open().newest, 4);
    EXPECT_THAT(book->names, ElementsAre("a", "b", "c", "d"));
    EXPECT_EQ(book->taken, 1) << "pages that come together are written together";
    EXPECT_EQ(book->state, "s2");
    EXPECT_THAT(server->asked("SyncFolderItems").at(1), HasSubstr("<m:SyncState>s1</m:SyncState>"));
}

TEST_F(Source, A_mail_that_came_and_went_between_two_looks_is_gone) {
    book->state = "s0";
    server->answer("SyncFolderItems",
                   {sync_body("s1", false, {{"a"}, {"b"}}), sync_body("s2", true, {}, {"a"})});
    open();
    EXPECT_THAT(book->names, ElementsAre("b"));
}

TEST_F(Source, Nothing_is_written_when_nothing_changed) {
    book->state = "s0";
    open();
    EXPECT_EQ(book->taken, 0);
    ASSERT_TRUE(source->look(0, 10, Bodies::later).ok());
    EXPECT_THAT(server->asked("SyncFolderItems").back(), HasSubstr("<m:SyncState>s1</m:SyncState>"));
}

TEST_F(Source, A_state_that_the_server_refuses_is_dropped_and_everything_is_listed_anew) {
    book->state = "old";
    book->names = {"a", "b"};
    server->answer("SyncFolderItems", {messages_body("SyncFolderItems", {{"ErrorInvalidSyncStateData"}}),
                                       sync_body("s1", true, {{"b"}, {"c"}})});
    EXPECT_EQ(open().newest, 3);
    EXPECT_THAT(book->names, ElementsAre("", "b", "c"));
    EXPECT_THAT(server->asked("SyncFolderItems").at(1), Not(HasSubstr("SyncState")));
}

TEST_F(Source, When_the_server_names_all_mails_anew_the_session_ends_before_any_is_taken_for_new) {
    book->state = "old";
    book->names = {"a", "b"};
    server->answer("SyncFolderItems", {sync_body("s1", true, {})});
    const auto validity = open().validity;
    server->answer("SyncFolderItems", {messages_body("SyncFolderItems", {{"ErrorInvalidSyncStateData"}}),
                                       sync_body("s2", true, {{"B"}, {"A"}})});
    server->answer("GetItem", {messages_body("GetItem", {mail_piece("A", "A"), mail_piece("B", "B")})});
    auto look = source->look(2, 10, Bodies::later);
    ASSERT_FALSE(look.ok());
    EXPECT_EQ(look.error().fault, Fault::identity_lost);
    EXPECT_NE(open().validity, validity);
}

TEST_F(Source, A_server_that_tells_the_same_for_ever_is_not_listened_to) {
    book->state = "s1";
    server->answer("SyncFolderItems", {sync_body("s1", false, {})});
    make();
    auto opened = source->open();
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().fault, Fault::protocol);
}

TEST_F(Source, A_mail_that_was_deleted_is_noted_as_gone) {
    book->state = "s0";
    book->names = {"a", "b"};
    server->answer("SyncFolderItems", {sync_body("s1", true, {}, {"a"})});
    open();
    EXPECT_THAT(book->names, ElementsAre("", "b"));
    EXPECT_EQ(book->state, "s1");
}

TEST_F(Source, That_a_folder_has_become_empty_is_noted_though_nothing_is_told_of_it) {
    book->state = "old";
    book->names = {"a"};
    server->answer("SyncFolderItems", {messages_body("SyncFolderItems", {{"ErrorInvalidSyncStateData"}}),
                                       sync_body("s1", true, {})});
    open();
    EXPECT_THAT(book->names, ElementsAre(""));
    EXPECT_EQ(book->state, "s1");
}

TEST_F(Source, A_server_that_refuses_even_to_begin_anew_is_asked_no_third_time) {
    server->answer("SyncFolderItems", {messages_body("SyncFolderItems", {{"ErrorInvalidSyncStateData"}})});
    make();
    EXPECT_FALSE(source->open().ok());
    EXPECT_THAT(server->asked("SyncFolderItems"), SizeIs(1));
    book->state = "old";
    make();
    EXPECT_FALSE(source->open().ok());
    EXPECT_THAT(server->asked("SyncFolderItems"), SizeIs(3));
}

TEST_F(Source, What_a_list_that_broke_off_had_told_is_told_again_or_was_not_so) {
    open();
    const auto before = book->taken;
    server->answer("SyncFolderItems", {sync_body("s2", false, {{"came and went"}}),
                                       fault_body("ErrorInternalServerError"), sync_body("s3", true, {{"a"}})});
    server->answer("GetItem", {messages_body("GetItem", {mail_piece("a", "A")})});
    ASSERT_FALSE(source->look(0, 10, Bodies::later).ok());
    EXPECT_EQ(book->taken, before) << "no state is kept without its mails, nor they without it";
    ASSERT_TRUE(source->look(0, 10, Bodies::later).ok());
    EXPECT_THAT(server->asked("SyncFolderItems").back(), HasSubstr("<m:SyncState>s1<"));
    EXPECT_THAT(book->names, ElementsAre("a"));
}

TEST_F(Source, A_page_of_nothing_is_not_the_end_of_a_list) {
    server->answer("SyncFolderItems", {sync_body("s1", false, {}), sync_body("s2", true, {{"a"}})});
    open();
    EXPECT_THAT(book->names, ElementsAre("a"));
    EXPECT_EQ(book->state, "s2");
}

// So many that they are noted in pieces.
std::vector<Told> very_many() {
    constexpr int most_gathered = 20 * 512;
    std::vector<Told> mails;
    for (int n = 0; n < most_gathered; ++n)
        mails.push_back({"m" + std::to_string(n)});
    return mails;
}

TEST_F(Source, A_long_list_is_noted_in_pieces_and_what_it_leaves_out_is_gone_only_at_its_end) {
    book->names = {"early", "late"};
    server->answer("SyncFolderItems", {sync_body("s1", false, very_many()), sync_body("s2", true, {{"late"}})});
    open();
    EXPECT_THAT(book->noted, ElementsAre(very_many().size(), 1U));
    EXPECT_EQ(book->names.at(0), "");
    EXPECT_EQ(book->names.at(1), "late") << "under the order that it had";
    EXPECT_EQ(book->state, "s2");
}

TEST_F(Source, A_long_list_comes_to_its_end_by_a_page_of_nothing_too) {
    book->names = {"early"};
    server->answer("SyncFolderItems", {sync_body("s1", false, very_many()), sync_body("s2", true, {})});
    open();
    EXPECT_THAT(book->noted, ElementsAre(very_many().size(), 0U));
    EXPECT_EQ(book->names.at(0), "");
    EXPECT_EQ(book->state, "s2");
}

} // namespace
} // namespace roe::ews
