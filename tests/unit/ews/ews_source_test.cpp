#include "source/ews/ews_source.hpp"

#include <gmock/gmock.h>

#include "given_source.hpp"

namespace roe::ews {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST_F(Source, A_window_that_known_mails_fill_asks_the_server_for_no_more) {
    server->answer("SyncFolderItems", {sync_body("s1", true, {{"c"}, {"b"}, {"a"}})});
    open();
    server->answer("GetItem", {messages_body("GetItem", {mail_piece("a", "A"), mail_piece("b", "B")}),
                               messages_body("GetItem", {mail_piece("c", "C")})});
    const auto first = source->look(0, 2, Bodies::later);
    ASSERT_TRUE(first.ok());
    EXPECT_THAT(first->heads, SizeIs(2));
    EXPECT_TRUE(first->more);
    EXPECT_EQ(first->complete_to, 2);
    EXPECT_THAT(server->asked("SyncFolderItems"), SizeIs(1));
    const auto second = source->look(2, 2, Bodies::later);
    ASSERT_TRUE(second.ok());
    EXPECT_THAT(second->heads, SizeIs(1));
    EXPECT_FALSE(second->more);
    EXPECT_THAT(server->asked("SyncFolderItems"), SizeIs(2));
}

TEST_F(Source, A_mail_that_is_gone_is_left_out_and_one_that_is_refused_has_no_header) {
    server->answer("SyncFolderItems", {sync_body("s1", true, {{"c"}, {"b"}, {"a"}})});
    open();
    server->answer(
        "GetItem",
        {messages_body("GetItem", {{"ErrorItemNotFound"}, {"ErrorItemCorrupt"}, mail_piece("c", "C")})});
    const auto look = source->look(0, 10, Bodies::later);
    ASSERT_TRUE(look.ok());
    ASSERT_THAT(look->heads, SizeIs(2));
    EXPECT_EQ(look->heads[0].ref.uid, "b");
    EXPECT_TRUE(look->heads[0].header_withheld);
    EXPECT_THAT(look->heads[1].header, HasSubstr("Subject: C"));
    EXPECT_EQ(look->complete_to, 3);
}

TEST_F(Source, An_answer_that_leaves_a_mail_out_passes_over_none) {
    server->answer("SyncFolderItems", {sync_body("s1", true, {{"b"}, {"a"}})});
    open();
    server->answer("GetItem", {messages_body("GetItem", {mail_piece("a", "A")})});
    EXPECT_FALSE(source->look(0, 10, Bodies::later).ok());
}

TEST_F(Source, Small_mails_that_are_wanted_anyway_come_with_their_heads) {
    server->answer("SyncFolderItems", {sync_body("s1", true, {{"b"}, {"a"}})});
    open();
    server->answer("GetItem", {messages_body("GetItem", {mail_piece("a", "A", "Subject: A\r\n\r\nText A"),
                                                         mail_piece("b", "B", "Subject: B\r\n\r\nText B")})});
    auto look = source->look(0, 10, Bodies::with_heads);
    ASSERT_TRUE(look.ok()) << look.error().text();
    const auto requests = server->requests();
    KeptMails kept;
    ASSERT_TRUE(source->fetch(refs_of({"a", "b"}), kept).ok());
    EXPECT_EQ(server->requests(), requests);
    EXPECT_EQ(kept.mails.at("b"), "Subject: B\r\n\r\nText B");
}

TEST_F(Source, Large_mails_are_fetched_when_they_were_decided_on_a_batch_at_a_time) {
    constexpr int large = 6 << 20;
    server->answer(
        "SyncFolderItems",
        {sync_body("s1", true, {{"a", "2026-11-27T10:00:00Z", large}, {"b", "2026-11-27T10:01:00Z", large}})});
    open();
    auto heads = messages_body("GetItem", {mail_piece("a", "A"), mail_piece("b", "B")});
    for (auto at = heads.find("<t:Size>100<"); at != std::string::npos; at = heads.find("<t:Size>100<"))
        heads.replace(at, 12, "<t:Size>" + std::to_string(large) + "<");
    server->answer("GetItem", {heads, messages_body("GetItem", {mail_piece("a", "A", "Whole A")}),
                               messages_body("GetItem", {mail_piece("b", "B", "Whole B")})});
    ASSERT_TRUE(source->look(0, 10, Bodies::with_heads).ok());
    EXPECT_THAT(server->asked("GetItem").back(), Not(HasSubstr("IncludeMimeContent")));
    KeptMails kept;
    ASSERT_TRUE(source->fetch(refs_of({"a", "b"}), kept).ok());
    EXPECT_THAT(server->asked("GetItem"), SizeIs(3));
    EXPECT_EQ(kept.mails.at("a"), "Whole A");
    EXPECT_EQ(kept.mails.at("b"), "Whole B");
}

TEST_F(Source, A_mail_that_is_not_handed_out_is_named_and_the_others_come) {
    open();
    server->answer("GetItem", {messages_body("GetItem", {{"ErrorContentConversionFailed"},
                                                         {"ErrorItemNotFound"},
                                                         mail_piece("c", "C"),
                                                         mail_piece("d", "D", "Whole D")})});
    KeptMails kept;
    ASSERT_TRUE(source->fetch(refs_of({"a", "b", "c", "d"}), kept).ok());
    EXPECT_THAT(kept.mails, ElementsAre(testing::Pair("d", "Whole D")));
    EXPECT_THAT(kept.refused, SizeIs(2));
    EXPECT_THAT(kept.refused.at("a"), HasSubstr("ErrorContentConversionFailed"));
    EXPECT_TRUE(kept.refused.contains("c"));
}

TEST_F(Source, What_was_done_already_is_done_and_a_refusal_does_not_keep_others_from_it) {
    open();
    server->answer("DeleteItem", {messages_body("DeleteItem", {{"ErrorItemNotFound"}, {"NoError"}})});
    EXPECT_TRUE(source->dispose(refs_of({"a", "b"}), {.remove = true}).ok());
    server->answer("DeleteItem", {messages_body("DeleteItem", {{"ErrorAccessDenied"}, {"NoError"}})});
    auto refused = source->dispose(refs_of({"a", "b"}), {.remove = true});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().fault, Fault::refused);
}

TEST_F(Source, A_category_is_added_to_those_that_the_mail_has) {
    open();
    const auto with = [](const std::string &id, const std::string &categories) {
        return Piece{"NoError", "<m:Items><t:Message><t:ItemId Id=\"" + id + "\"/><t:Categories>" + categories +
                                    "</t:Categories></t:Message></m:Items>"};
    };
    server->answer("GetItem", {messages_body("GetItem", {with("a", "<t:String>Red</t:String>"),
                                                         with("b", "<t:String>Robot</t:String>")})});
    server->answer("UpdateItem", {messages_body("UpdateItem", {{}, {}})});
    Disposal what;
    what.keyword = "Robot";
    ASSERT_TRUE(source->dispose(refs_of({"a", "b"}), what).ok());
    EXPECT_THAT(server->asked("UpdateItem").at(0),
                HasSubstr("<t:String>Red</t:String><t:String>Robot</t:String>"));
    EXPECT_THAT(server->asked("UpdateItem").at(0), HasSubstr("<t:IsRead>true</t:IsRead>"));
}

TEST_F(Source, A_mail_is_not_moved_to_where_it_is) {
    open();
    const std::string inbox = "<m:RootFolder IncludesLastItemInRange=\"true\"><t:Folders><t:Folder>"
                              "<t:FolderId Id=\"inbox-id\"/><t:DisplayName>Posteingang</t:DisplayName>"
                              "</t:Folder></t:Folders></m:RootFolder>";
    server->answer("FindFolder", {messages_body("FindFolder", {{"NoError", inbox}})});
    Disposal what;
    what.move_to = "Posteingang";
    auto refused = source->dispose(refs_of({"a"}), what);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().fault, Fault::refused);
    EXPECT_THAT(server->asked("MoveItem"), IsEmpty());
    what.move_to = "Erledigt";
    refused = source->dispose(refs_of({"a"}), what);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().fault, Fault::refused) << "the session goes on, and jobs start";
    EXPECT_THAT(refused.error().advice, HasSubstr("Posteingang"));
}

TEST_F(Source, How_full_the_folder_is_is_asked_again_when_some_time_has_passed) {
    open();
    server->answer("GetFolder", {folder_body("GetFolder", "inbox-id", 7)});
    auto status = source->status();
    ASSERT_TRUE(status.ok());
    EXPECT_EQ(status->count, 7);
    EXPECT_TRUE(status->can_push);
    make();
    ASSERT_TRUE(source->open().ok());
    const auto before = server->requests();
    ASSERT_TRUE(source->status().ok());
    EXPECT_EQ(server->requests(), before) << "right after it was opened that is known";
}

std::string found_page(const std::vector<std::string> &ids, bool last, int next) {
    std::string page = "<m:RootFolder IndexedPagingOffset=\"" + std::to_string(next) +
                       "\" IncludesLastItemInRange=\"" + (last ? "true" : "false") + "\"><t:Items>";
    for (const auto &id : ids)
        page += "<t:Message><t:ItemId Id=\"" + id + "\"/></t:Message>";
    return messages_body("FindItem", {{"NoError", page + "</t:Items></m:RootFolder>"}});
}

TEST_F(Source, Unread_mails_are_found_page_by_page_and_named_in_the_order_of_arrival) {
    book->state = "s0";
    book->names = {"a", "b", "c", "d"};
    open();
    for (const int next : {2, 0}) {
        server->answer("FindItem",
                       {found_page({"d", "c"}, false, next), found_page({"a", "unheard of"}, true, 3)});
        const auto unread = source->unread();
        ASSERT_TRUE(unread.ok());
        ASSERT_THAT(*unread, SizeIs(3));
        EXPECT_EQ(unread->front().uid, "a");
        EXPECT_EQ(unread->back().order, 4);
        EXPECT_THAT(server->asked("FindItem").back(), HasSubstr("Offset=\"2\""));
        EXPECT_THAT(server->asked("FindItem").back(), HasSubstr("Value=\"false\""));
    }
    EXPECT_THAT(server->asked("FindItem"), SizeIs(4));
}

TEST_F(Source, The_latest_mails_come_in_ascending_order_and_no_more_than_asked_for) {
    open();
    server->answer("FindItem", {found_page({"c", "b", "a"}, false, 3)});
    server->answer("GetItem", {messages_body("GetItem", {mail_piece("b", "B"), mail_piece("c", "C")})});
    const auto latest = source->latest(2);
    ASSERT_TRUE(latest.ok());
    ASSERT_THAT(*latest, SizeIs(2));
    EXPECT_EQ(latest->front().ref.uid, "b");
    EXPECT_EQ(latest->back().ref.uid, "c");
    EXPECT_THAT(server->asked("FindItem"), SizeIs(1));
    EXPECT_THAT(server->asked("FindItem").at(0), Not(HasSubstr("Restriction")));
}

TEST_F(Source, A_folder_that_can_not_be_read_is_not_open) {
    server->answer("SyncFolderItems", {fault_body("ErrorServerBusy")});
    make();
    auto opened = source->open();
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().fault, Fault::throttled);
}

} // namespace
} // namespace roe::ews
