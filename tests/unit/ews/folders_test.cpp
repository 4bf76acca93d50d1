#include "source/ews/folders.hpp"

#include <gmock/gmock.h>

#include "given_source.hpp"

namespace roe::ews {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

struct ToldFolder {
    std::string id;
    std::string parent;
    std::string name;
    std::string item_class = "IPF.Note";
};

std::string folder_page(const std::vector<ToldFolder> &folders, bool last, int next = 0) {
    std::string page = "<m:RootFolder IndexedPagingOffset=\"" + std::to_string(next) +
                       "\" IncludesLastItemInRange=\"" + (last ? "true" : "false") + "\"><t:Folders>";
    for (const auto &one : folders)
        page += "<t:Folder><t:FolderId Id=\"" + one.id + "\"/><t:ParentFolderId Id=\"" + one.parent +
                "\"/><t:FolderClass>" + one.item_class + "</t:FolderClass><t:DisplayName>" + one.name +
                "</t:DisplayName></t:Folder>";
    return messages_body("FindFolder", {{"NoError", page + "</t:Folders></m:RootFolder>"}});
}

const std::vector<ToldFolder> a_tree{
    {"inbox-id", "root", "Posteingang"},  {"orders", "inbox-id", "Заказы"},
    {"year", "orders", "2026"},           {"cal", "root", "Kalender", "IPF.Appointment"},
    {"projects", "root", "Projects", ""}, {"twin", "root", "Projects", ""}};

TEST_F(Source, Folders_are_named_from_INBOX_on_and_only_those_that_hold_mails) {
    server->answer("FindFolder", {folder_page(a_tree, true)});
    make();
    const auto names = source->folders();
    ASSERT_TRUE(names.ok());
    EXPECT_THAT(*names, ElementsAre("INBOX", "INBOX/Заказы", "INBOX/Заказы/2026", "Projects"));
    EXPECT_THAT(server->asked("FindFolder"), SizeIs(1));
}

TEST_F(Source, A_folder_is_there_by_each_of_its_names) {
    server->answer("FindFolder", {folder_page(a_tree, true)});
    make();
    for (const auto *name :
         {"INBOX/Заказы/2026", "inbox/заказы/2026", "Posteingang/Заказы", "Projects", "inbox", "junkemail"})
        EXPECT_TRUE(source->has_folder(name).ok() && *source->has_folder(name)) << name;
    EXPECT_THAT(server->asked("GetFolder").back(), HasSubstr("DistinguishedFolderId Id=\"junkemail\""));
    for (const auto *name : {"Заказы", "Nowhere", "INBOX/Projects"}) {
        const auto there = source->has_folder(name);
        ASSERT_TRUE(there.ok()) << name;
        EXPECT_FALSE(*there) << name;
    }
    ASSERT_TRUE(source->has_folder("archive:Projects").ok());
    EXPECT_THAT(server->asked("FindFolder").back(),
                HasSubstr("DistinguishedFolderId Id=\"archivemsgfolderroot\""));
    server->answer("FindFolder", {fault_body("ErrorServerBusy")});
    EXPECT_FALSE(source->has_folder("Projects").ok());
}

TEST_F(Source, Folders_come_page_by_page_whatever_the_server_says_of_the_next) {
    for (const int next : {2, 0}) {
        server->answer("FindFolder",
                       {folder_page({a_tree[0], a_tree[1]}, false, next), folder_page({a_tree[4]}, true, 3)});
        make();
        const auto names = source->folders();
        ASSERT_TRUE(names.ok());
        EXPECT_THAT(*names, ElementsAre("INBOX", "INBOX/Заказы", "Projects"));
        EXPECT_THAT(server->asked("FindFolder").back(), HasSubstr("Offset=\"2\""));
    }
    EXPECT_THAT(server->asked("FindFolder"), SizeIs(4));
}

TEST_F(Source, Folders_without_an_end_and_folders_in_a_circle_come_to_one) {
    std::vector<ToldFolder> many;
    for (int n = 0; n < 1000; ++n)
        many.push_back({"f" + std::to_string(n), "root", "F" + std::to_string(n)});
    server->answer("FindFolder", {folder_page(many, false)});
    make();
    ASSERT_TRUE(source->folders().ok());
    EXPECT_THAT(server->asked("FindFolder"), SizeIs(20));
    server->answer("FindFolder", {folder_page({{"a", "b", "A"}, {"b", "a", "B"}}, true)});
    make();
    const auto names = source->folders();
    ASSERT_TRUE(names.ok());
    EXPECT_THAT(*names, SizeIs(2));
}

TEST_F(Source, Of_very_many_folders_an_error_names_some) {
    std::vector<ToldFolder> many;
    for (int n = 100; n < 130; ++n)
        many.push_back({"f" + std::to_string(n), "root", "F" + std::to_string(n)});
    server->answer("FindFolder", {folder_page(many, true)});
    account.folder = "Nowhere";
    make();
    auto opened = source->open();
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().fault, Fault::no_folder);
    EXPECT_THAT(opened.error().advice, HasSubstr("F119, …"));
    EXPECT_THAT(opened.error().advice, Not(HasSubstr("F120")));
}

} // namespace
} // namespace roe::ews
