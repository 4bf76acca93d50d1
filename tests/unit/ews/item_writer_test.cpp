#include "source/ews/item_writer.hpp"

#include <gmock/gmock.h>

#include "given_source.hpp"

namespace roe::ews {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

std::string target_folder(const std::string &id = "done-id") {
    return messages_body("FindFolder",
                         {{"NoError", "<m:RootFolder IncludesLastItemInRange=\"true\"><t:Folders><t:Folder>"
                                      "<t:FolderId Id=\"" +
                                          id +
                                          "\"/><t:DisplayName>Done</t:DisplayName></t:Folder></t:Folders>"
                                          "</m:RootFolder>"}});
}

TEST_F(Source, What_the_server_does_not_carry_out_at_all_is_an_error) {
    open();
    server->answer("FindFolder", {target_folder()});
    server->answer("UpdateItem", {messages_body("UpdateItem", {{}})});
    for (const auto *operation : {"DeleteItem", "MoveItem"})
        server->answer(operation, {fault_body("ErrorServerBusy")});
    auto deleted = source->dispose(refs_of({"a"}), {.remove = true});
    ASSERT_FALSE(deleted.ok());
    EXPECT_EQ(deleted.error().fault, Fault::throttled);
    auto moved = source->dispose(refs_of({"a"}), {.move_to = "Done"});
    ASSERT_FALSE(moved.ok());
    EXPECT_EQ(moved.error().fault, Fault::throttled);
}

TEST_F(Source, A_mail_that_can_not_be_moved_leaves_the_session_as_it_is) {
    open();
    server->answer("FindFolder", {target_folder()});
    server->answer("UpdateItem", {messages_body("UpdateItem", {{}})});
    server->answer("MoveItem",
                   {messages_body("MoveItem", {{"ErrorMoveCopyFailed"}}), messages_body("MoveItem", {{}})});
    auto moved = source->dispose(refs_of({"a"}), {.move_to = "Done"});
    ASSERT_FALSE(moved.ok());
    EXPECT_EQ(moved.error().fault, Fault::refused);
    EXPECT_TRUE(source->dispose(refs_of({"a"}), {.move_to = "Done"}).ok()) << "that was the other mail";
    EXPECT_THAT(server->asked("FindFolder"), SizeIs(1)) << "where the folder is, is known";
    EXPECT_THAT(server->asked("MoveItem").back(), HasSubstr("<m:ToFolderId><t:FolderId Id=\"done-id\"/>"));
    EXPECT_THAT(server->asked("UpdateItem").back(), HasSubstr("<t:IsRead>true<"));
}

TEST_F(Source, A_folder_to_move_to_that_was_deleted_is_looked_for_again) {
    open();
    server->answer("FindFolder", {target_folder("done-1"), target_folder("done-2")});
    server->answer("UpdateItem", {messages_body("UpdateItem", {{}})});
    server->answer("MoveItem",
                   {messages_body("MoveItem", {{"ErrorToFolderNotFound"}}), messages_body("MoveItem", {{}})});
    Disposal what;
    what.move_to = "Done";
    auto refused = source->dispose(refs_of({"a"}), what);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().fault, Fault::refused);
    EXPECT_TRUE(source->dispose(refs_of({"a"}), what).ok());
    EXPECT_THAT(server->asked("MoveItem").back(), HasSubstr("done-2"));
}

TEST_F(Source, Mails_are_changed_250_at_a_time) {
    open();
    const std::vector<Piece> all(250);
    server->answer("DeleteItem", {messages_body("DeleteItem", all), messages_body("DeleteItem", {{}})});
    ASSERT_TRUE(source->dispose(refs_of(std::vector<std::string>(251, "m")), {.remove = true}).ok());
    EXPECT_THAT(server->asked("DeleteItem"), SizeIs(2));
}

TEST_F(Source, Each_mail_keeps_its_own_categories_and_gets_none_twice) {
    open();
    const auto with = [](const std::string &category) {
        return Piece{"NoError", "<m:Items><t:Message><t:ItemId Id=\"any\"/><t:Categories><t:String>" +
                                    category + "</t:String></t:Categories></t:Message></m:Items>"};
    };
    server->answer("GetItem", {messages_body("GetItem", {with("Red"), with("Robot"), with("Blue")})});
    server->answer("UpdateItem", {messages_body("UpdateItem", {{}, {}, {}})});
    ASSERT_TRUE(source->dispose(refs_of({"a", "b", "c"}), {.keyword = "Robot"}).ok());
    const auto update = server->asked("UpdateItem").at(0);
    const auto part = [&](const std::string &id) {
        const auto from = update.find("<t:ItemId Id=\"" + id);
        return update.substr(from, update.find("</t:ItemChange>", from) - from);
    };
    EXPECT_THAT(part("a"), HasSubstr("<t:String>Red</t:String><t:String>Robot</t:String>"));
    EXPECT_THAT(part("b"), Not(HasSubstr("Categories")));
    EXPECT_THAT(part("c"), HasSubstr("<t:String>Blue</t:String><t:String>Robot</t:String>"));
    for (const auto *id : {"a", "b", "c"})
        EXPECT_THAT(part(id), HasSubstr("<t:IsRead>true<"));
}

} // namespace
} // namespace roe::ews
