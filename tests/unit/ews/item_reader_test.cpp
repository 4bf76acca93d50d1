#include "source/ews/item_reader.hpp"

#include <algorithm>

#include <gmock/gmock.h>

#include "given_source.hpp"

namespace roe::ews {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char *with_content = "IncludeMimeContent";

std::vector<Told> so_many(int count, int size = 100) {
    std::vector<Told> mails;
    for (int n = 100; n < 100 + count; ++n)
        mails.push_back(
            {"m" + std::to_string(n), "2026-11-27T10:00:" + std::to_string(10 + (n - 100) / 20) + "Z", size});
    std::ranges::reverse(mails);
    return mails;
}

std::string heads_of(int from, int to) {
    std::vector<Piece> pieces;
    for (int n = from; n < to; ++n)
        pieces.push_back(mail_piece("m" + std::to_string(n), "S", "S: s\r\n\r\n"));
    return messages_body("GetItem", pieces);
}

Piece plain_piece(const std::string &id, const std::string &properties) {
    return {"NoError",
            "<m:Items><t:Message><t:ItemId Id=\"" + id + "\"/>" + properties + "</t:Message></m:Items>"};
}

TEST_F(Source, Heads_that_have_no_room_in_one_look_come_with_the_next) {
    limits.look_header_bytes = 1;
    server->answer("SyncFolderItems", {sync_body("s1", true, so_many(101))});
    open();
    server->answer("GetItem", {heads_of(100, 200), heads_of(200, 201)});
    const auto first = source->look(0, 200, Bodies::later);
    ASSERT_TRUE(first.ok());
    EXPECT_THAT(first->heads, SizeIs(100));
    EXPECT_TRUE(first->more);
    EXPECT_EQ(first->complete_to, 100);
    const auto second = source->look(first->complete_to, 200, Bodies::later);
    ASSERT_TRUE(second.ok());
    EXPECT_THAT(second->heads, SizeIs(1));
    EXPECT_FALSE(second->more);
}

TEST_F(Source, Contents_come_along_with_one_batch_of_heads_at_most) {
    server->answer("SyncFolderItems", {sync_body("s1", true, so_many(101))});
    open();
    server->answer("GetItem", {heads_of(100, 200), heads_of(200, 201)});
    ASSERT_TRUE(source->look(0, 200, Bodies::with_heads).ok());
    ASSERT_THAT(server->asked("GetItem"), SizeIs(2));
    EXPECT_THAT(server->asked("GetItem").at(0), HasSubstr(with_content));
    EXPECT_THAT(server->asked("GetItem").at(1), Not(HasSubstr(with_content)));
}

TEST_F(Source, Sizes_that_were_told_are_known_until_the_last_of_the_mails_is_read) {
    server->answer("SyncFolderItems", {sync_body("s1", true, so_many(3)), sync_body("s2", true, {})});
    open();
    server->answer("GetItem", {heads_of(100, 102), heads_of(102, 103)});
    ASSERT_TRUE(source->look(0, 2, Bodies::with_heads).ok());
    ASSERT_TRUE(source->look(2, 2, Bodies::with_heads).ok());
    EXPECT_THAT(server->asked("GetItem"), AllOf(SizeIs(2), Each(HasSubstr(with_content))));
}

TEST_F(Source, Contents_of_mails_whose_size_is_not_known_do_not_come_along) {
    server->answer("SyncFolderItems", {sync_body("s1", true, so_many(2, 0))});
    open();
    server->answer("GetItem", {heads_of(100, 102)});
    ASSERT_TRUE(source->look(0, 10, Bodies::with_heads).ok());
    EXPECT_THAT(server->asked("GetItem"), Each(Not(HasSubstr(with_content))));
}

TEST_F(Source, Contents_that_turn_out_larger_than_was_said_are_kept_while_there_is_room) {
    const std::string large(5 << 20, 'x');
    server->answer("SyncFolderItems", {sync_body("s1", true, so_many(2))});
    open();
    server->answer("GetItem",
                   {messages_body("GetItem", {mail_piece("m100", "A", large), mail_piece("m101", "B", large)}),
                    messages_body("GetItem", {mail_piece("m101", "B", large)})});
    ASSERT_TRUE(source->look(0, 10, Bodies::with_heads).ok());
    KeptMails kept;
    ASSERT_TRUE(source->fetch(refs_of({"m100", "m101"}), kept).ok());
    EXPECT_THAT(server->asked("GetItem"), SizeIs(2)) << "the second was too much to keep";
    EXPECT_EQ(kept.mails.at("m100").size(), large.size());
    EXPECT_EQ(kept.mails.at("m101").size(), large.size());
}

TEST_F(Source, A_mail_whose_content_can_not_be_had_gives_its_head_without) {
    server->answer("SyncFolderItems", {sync_body("s1", true, so_many(2))});
    open();
    server->answer("GetItem",
                   {messages_body("GetItem", {mail_piece("m100", "A", "A"), {"ErrorContentConversionFailed"}}),
                    messages_body("GetItem", {mail_piece("m101", "B")})});
    const auto look = source->look(0, 10, Bodies::with_heads);
    ASSERT_TRUE(look.ok());
    EXPECT_THAT(server->asked("GetItem").at(1), Not(HasSubstr(with_content)));
    ASSERT_THAT(look->heads, SizeIs(2));
    EXPECT_FALSE(look->heads[1].header_withheld);
    EXPECT_THAT(look->heads[1].header, HasSubstr("Subject: B"));
}

TEST_F(Source, A_head_says_when_its_mail_came_whether_it_was_read_and_that_a_part_is_missing) {
    server->answer("SyncFolderItems", {sync_body("s1", true, so_many(2))});
    open();
    const std::string huge(1'100'000, 'x');
    server->answer(
        "GetItem",
        {messages_body(
            "GetItem",
            {plain_piece("m100", "<t:DateTimeReceived>1970-01-01T00:00:09Z</t:DateTimeReceived>"
                                 "<t:Size>9</t:Size><t:ExtendedProperty><t:ExtendedFieldURI "
                                 "PropertyTag=\"0x7d\"/><t:Value>X-A: b\r\nX-B: " +
                                     huge + "</t:Value></t:ExtendedProperty><t:IsRead>true</t:IsRead>"),
             mail_piece("m101", "B")})});
    const auto look = source->look(0, 10, Bodies::later);
    ASSERT_TRUE(look.ok());
    ASSERT_THAT(look->heads, SizeIs(2));
    EXPECT_EQ(look->heads[0].received_at, WallTime(9s));
    EXPECT_EQ(look->heads[0].size, 9);
    EXPECT_TRUE(look->heads[0].seen);
    EXPECT_TRUE(look->heads[0].header_truncated);
    EXPECT_FALSE(look->heads[1].seen);
    EXPECT_FALSE(look->heads[1].header_truncated);
}

TEST_F(Source, A_mail_that_did_not_come_by_SMTP_is_asked_for_the_fields_that_it_has) {
    server->answer("SyncFolderItems", {sync_body("s1", true, so_many(3))});
    open();
    const auto subject = plain_piece("m100", "<t:Subject>Plain</t:Subject>");
    server->answer(
        "GetItem",
        {messages_body("GetItem", {subject, mail_piece("m101", "B"), subject}),
         messages_body("GetItem", {plain_piece("m100", "<t:InternetMessageHeaders><t:InternetMessageHeader "
                                                       "HeaderName=\"X-Order\">17</t:InternetMessageHeader>"
                                                       "</t:InternetMessageHeaders>"),
                                   {"ErrorInvalidPropertyRequest"}})});
    const auto look = source->look(0, 10, Bodies::later);
    ASSERT_TRUE(look.ok());
    ASSERT_THAT(server->asked("GetItem"), SizeIs(2));
    EXPECT_THAT(server->asked("GetItem").at(1), HasSubstr("item:InternetMessageHeaders"));
    EXPECT_THAT(server->asked("GetItem").at(1), Not(HasSubstr("\"m101\"")));
    ASSERT_THAT(look->heads, SizeIs(3));
    EXPECT_THAT(look->heads[0].header, HasSubstr("X-Order: 17"));
    EXPECT_THAT(look->heads[2].header, HasSubstr("Subject: Plain"))
        << "what came before is better than nothing";
}

TEST_F(Source, A_server_that_wants_to_be_left_alone_withholds_no_mail) {
    server->answer("SyncFolderItems", {sync_body("s1", true, so_many(2, 6 << 20))});
    open();
    auto heads = heads_of(100, 102);
    for (auto at = heads.find("<t:Size>100<"); at != std::string::npos; at = heads.find("<t:Size>100<"))
        heads.replace(at, 12, "<t:Size>6291456<");
    server->answer(
        "GetItem",
        {heads, messages_body("GetItem", {mail_piece("m100", "A", "A")}),
         messages_body(
             "GetItem",
             {{"ErrorMailboxStoreUnavailable",
               "<m:MessageXml><t:Value Name=\"BackOffMilliseconds\">7000</t:Value></m:MessageXml>"}})});
    ASSERT_TRUE(source->look(0, 10, Bodies::later).ok());
    KeptMails kept;
    const auto fetched = source->fetch(refs_of({"m100", "m101"}), kept);
    ASSERT_FALSE(fetched.ok());
    EXPECT_EQ(fetched.error().retry_after, 7s);
    EXPECT_THAT(kept.refused, IsEmpty());
    EXPECT_THAT(kept.mails, SizeIs(1));
}

TEST_F(Source, A_back_off_for_one_mail_of_several_is_obeyed_though_another_failed_first) {
    open();
    book->names = {"a", "b", "c"};
    const std::string wait =
        "<m:MessageXml><t:Value Name=\"BackOffMilliseconds\">297749</t:Value></m:MessageXml>";
    server->answer("GetItem", {messages_body("GetItem", {mail_piece("a", "A"),
                                                         {"ErrorInternalServerError"},
                                                         {"ErrorServerBusy", wait}})});
    auto look = source->look(0, 10, Bodies::later);
    ASSERT_FALSE(look.ok());
    EXPECT_EQ(look.error().fault, Fault::throttled);
    EXPECT_EQ(look.error().retry_after, 297749ms);
    EXPECT_THAT(server->asked("GetItem"), SizeIs(1));
    // The rest may be left out then.
    server->answer("GetItem", {messages_body("GetItem", {mail_piece("a", "A"), {"ErrorServerBusy", wait}})});
    look = source->look(0, 10, Bodies::later);
    ASSERT_FALSE(look.ok());
    EXPECT_EQ(look.error().fault, Fault::throttled);
    EXPECT_EQ(look.error().retry_after, 297749ms);
}

TEST_F(Source, More_messages_than_mails_were_asked_for_are_no_answer) {
    server->answer("SyncFolderItems", {sync_body("s1", true, so_many(1))});
    open();
    server->answer("GetItem", {heads_of(100, 102)});
    auto look = source->look(0, 10, Bodies::later);
    ASSERT_FALSE(look.ok());
    EXPECT_EQ(look.error().fault, Fault::protocol);
}

} // namespace
} // namespace roe::ews
