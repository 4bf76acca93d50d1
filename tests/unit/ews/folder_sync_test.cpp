#include "source/ews/folder_sync.hpp"

#include <gmock/gmock.h>

#include "given_source.hpp"

namespace roe::ews {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

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

TEST_F(Source, A_server_that_tells_the_same_for_ever_is_not_listened_to) {
    book->state = "s1";
    server->answer("SyncFolderItems", {sync_body("s1", false, {})});
    source.reset();
    Account account;
    account.host = "mail.example.com";
    account.security = Security::plain;
    account.authenticate = false;
    account.exchange.path = "/";
    const auto opened = make_source(account, server, clock, book)->open();
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(const_cast<Result<FolderStatus> &>(opened).error().fault, Fault::protocol);
}

} // namespace
} // namespace roe::ews
