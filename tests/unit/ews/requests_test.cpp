#include "source/ews/requests.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

#include "base/unicode.hpp"

namespace roe::ews {
namespace {

using testing::HasSubstr;
using testing::Not;

const Caller caller;
const FolderId inbox{.distinguished = "inbox"};

// One of each operation, each in its shapes.
std::vector<std::string> all_requests(const Caller &who) {
    const FolderId shared{.distinguished = "inbox", .mailbox = "team@example.com"};
    const FolderId by_id{.id = "AAMkAD+/=="};
    const std::vector<FolderId> folders{inbox, shared, by_id};
    const std::vector<ItemId> items{{"AAMk1", "CQAAABYA"}, {"AAMk2"}};
    const std::vector<ItemUpdate> updates{{items[0], true, {}},
                                          {items[1], false, std::vector<std::string>{"Robot", "Счёт"}},
                                          {items[1], true, std::vector<std::string>{}}};
    const std::vector<std::string> subscriptions{"JgBzc2"};
    std::vector<std::string> all{
        get_folder(who, folders),
        find_folder(who, {.distinguished = "msgfolderroot", .mailbox = "team@example.com"}, 0, 1000),
        find_folder(who, by_id, 1000, 5000),
        sync_folder_items(who, shared, "", 512),
        sync_folder_items(who, by_id, "H4sIAAAA<&>", 100'000),
        get_item_heads(who, items, HeaderFields::transport),
        get_item_heads(who, items, HeaderFields::listed),
        get_item_heads(who, items, HeaderFields::listed_alone),
        get_item_heads(who, items, HeaderFields::plain, true),
        get_item_heads(who, items, HeaderFields::fewest),
        get_item_mime(who, items),
        get_item_categories(who, items),
        update_items(who, updates),
        move_items(who, items, {.distinguished = "archiveinbox"}),
        delete_items(who, items),
        subscribe_streaming(who, folders),
        get_streaming_events(who, subscriptions, std::chrono::minutes(29)),
        get_streaming_events(who, subscriptions, std::chrono::hours(5)),
    };
    for (const Find &find : {Find{}, Find{.unread = true}, Find{.unread = true, .offset = 250, .most = 0}})
        all.push_back(find_items(who, inbox, find));
    return all;
}

std::filesystem::path schema_folder() {
    if (const char *given = std::getenv("ROE_EWS_SCHEMA")) return given;
    return std::filesystem::path(ROE_SOURCE_FOLDER).parent_path() / "shared" / "ews-schema";
}

class SchemaTest : public testing::Test {
  protected:
    void SetUp() override {
        if (!std::filesystem::exists(schema_folder() / "soap.xsd"))
            GTEST_SKIP() << "no published schema at " << schema_folder() << ": set ROE_EWS_SCHEMA";
        if (std::system("xmllint --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "there is no xmllint";
        std::filesystem::create_directories(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    // What xmllint has against a document; empty: it is valid.
    std::string complaints(const std::vector<std::string> &documents) {
        std::string files;
        for (std::size_t i = 0; i < documents.size(); ++i) {
            const auto file = folder_ / (std::to_string(i) + ".xml");
            std::ofstream(file, std::ios::binary) << documents[i];
            files += " '" + file.string() + "'";
        }
        const auto said = folder_ / "said";
        const std::string command = "xmllint --nonet --noout --schema '" +
                                    (schema_folder() / "soap.xsd").string() + "'" + files + " >'" +
                                    said.string() + "' 2>&1";
        if (std::system(command.c_str()) == 0) return {};
        std::ifstream answer(said);
        return {std::istreambuf_iterator<char>(answer), {}};
    }

    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("roe-ews-schema-" + std::to_string(::getpid()));
};

TEST_F(SchemaTest, Every_request_is_valid_by_the_published_schema) {
    EXPECT_EQ(complaints(all_requests({})), "");
    EXPECT_EQ(complaints(all_requests({Version::exchange2016, "ann@example.com"})), "");
}

TEST_F(SchemaTest, The_schema_refuses_a_request_whose_elements_are_out_of_order) {
    std::string request = sync_folder_items(caller, inbox, "state", 10);
    const std::string state = "<m:SyncState>state</m:SyncState>";
    request.erase(request.find(state), state.size());
    request.insert(request.find("</m:SyncFolderItems>"), state);
    EXPECT_THAT(complaints({request}), HasSubstr("SyncState"));
}

TEST(EwsRequest, Says_its_version_and_as_whom_it_acts) {
    const std::string plain = get_folder({Version::exchange2013_sp1, ""}, std::vector{inbox});
    EXPECT_THAT(plain, HasSubstr("<t:RequestServerVersion Version=\"Exchange2013_SP1\"/>"));
    EXPECT_THAT(plain, Not(HasSubstr("Impersonation")));
    EXPECT_THAT(get_folder({Version::exchange2010, "ann@example.com"}, std::vector{inbox}),
                HasSubstr("<t:ConnectingSID><t:SmtpAddress>ann@example.com</t:SmtpAddress>"));
}

TEST(EwsRequest, A_folder_is_named_by_its_role_its_owner_or_its_id) {
    EXPECT_THAT(sync_folder_items(caller, {.distinguished = "inbox", .mailbox = "team@example.com"}, "", 1),
                HasSubstr("<t:DistinguishedFolderId Id=\"inbox\"><t:Mailbox><t:EmailAddress>team@example.com"));
    EXPECT_THAT(sync_folder_items(caller, {.id = "AA=="}, "", 1), HasSubstr("<t:FolderId Id=\"AA==\"/>"));
}

TEST(EwsRequest, Texts_from_outside_are_escaped_and_mended) {
    const std::string request = get_item_mime(caller, std::vector<ItemId>{{"a\"b<c>&\x01\xff'"}});
    EXPECT_THAT(request, HasSubstr("Id=\"a&quot;b&lt;c>&amp;\xef\xbf\xbd\xef\xbf\xbd'\""));
    EXPECT_TRUE(unicode::is_utf8(request));
}

TEST(EwsRequest, Bounds_of_the_schema_are_kept) {
    EXPECT_THAT(sync_folder_items(caller, inbox, "", 100'000), HasSubstr("<m:MaxChangesReturned>512<"));
    EXPECT_THAT(sync_folder_items(caller, inbox, "", 0), HasSubstr("<m:MaxChangesReturned>1<"));
    EXPECT_THAT(get_streaming_events(caller, std::vector<std::string>{"s"}, std::chrono::minutes(90)),
                HasSubstr("<m:ConnectionTimeout>30<"));
}

TEST(EwsRequest, Says_its_operation_in_a_field_of_HTTP_too) {
    const std::string space = "http://schemas.microsoft.com/exchange/services/2006/messages/";
    EXPECT_EQ(soap_action(get_folder(caller, std::vector{inbox})), '"' + space + "GetFolder\"");
    EXPECT_EQ(soap_action(delete_items(caller, std::vector<ItemId>{{"a", {}}})), '"' + space + "DeleteItem\"");
}

TEST(EwsRequest, Nobody_is_told_that_a_robot_read_or_deleted_a_mail) {
    const std::vector<ItemId> items{{"a"}};
    const std::vector<ItemUpdate> updates{{items[0], true, {}}};
    for (const auto version : {Version::exchange2013_sp1, Version::exchange2016}) {
        EXPECT_THAT(update_items({version, ""}, updates), HasSubstr("SuppressReadReceipts=\"true\""));
        EXPECT_THAT(delete_items({version, ""}, items), HasSubstr("SuppressReadReceipts=\"true\""));
    }
    // Older servers refuse what they do not know.
    EXPECT_THAT(update_items({Version::exchange2010_sp2, ""}, updates), Not(HasSubstr("SuppressReadReceipts")));
    EXPECT_THAT(delete_items({Version::exchange2013, ""}, items), Not(HasSubstr("SuppressReadReceipts")));
}

TEST(EwsRequest, What_is_done_to_a_mail_can_be_undone_and_is_done_whoever_has_changed_it) {
    const std::vector<ItemId> items{{"a", "key"}};
    EXPECT_THAT(delete_items(caller, items), HasSubstr("DeleteType=\"SoftDelete\""));
    EXPECT_THAT(move_items(caller, items, {.id = "there"}),
                HasSubstr("<m:ToFolderId><t:FolderId Id=\"there\"/></m:ToFolderId>"));
    for (const auto &request :
         {delete_items(caller, items), move_items(caller, items, inbox), get_item_mime(caller, items)})
        EXPECT_THAT(request, Not(HasSubstr("ChangeKey")));
    const auto update = update_items(caller, std::vector<ItemUpdate>{{{"a"}, true, {}}});
    EXPECT_THAT(update, HasSubstr("ConflictResolution=\"AlwaysOverwrite\""));
    EXPECT_THAT(update, HasSubstr("MessageDisposition=\"SaveOnly\""));
    EXPECT_THAT(update, HasSubstr("<t:IsRead>true<"));
}

TEST(EwsRequest, Mails_are_found_page_by_page_the_latest_first_and_folders_at_any_depth) {
    const auto all = find_items(caller, inbox, {.offset = 250, .most = 5000});
    EXPECT_THAT(all, HasSubstr("MaxEntriesReturned=\"1000\" Offset=\"250\" BasePoint=\"Beginning\""));
    EXPECT_THAT(
        all, HasSubstr("<t:FieldOrder Order=\"Descending\"><t:FieldURI FieldURI=\"item:DateTimeReceived\"/>"));
    EXPECT_THAT(all, Not(HasSubstr("Restriction")));
    EXPECT_THAT(
        find_items(caller, inbox, {.unread = true}),
        HasSubstr(
            "<t:FieldURI FieldURI=\"message:IsRead\"/><t:FieldURIOrConstant><t:Constant Value=\"false\"/>"));
    EXPECT_THAT(find_folder(caller, inbox, 7, 10), HasSubstr("Traversal=\"Deep\""));
    EXPECT_THAT(find_folder(caller, inbox, 7, 10),
                HasSubstr("MaxEntriesReturned=\"10\" Offset=\"7\" BasePoint=\"Beginning\""));
}

TEST(EwsVersion, Is_the_newest_that_both_sides_know) {
    EXPECT_EQ((ServerVersion{14, 0, 639}.newest()), Version::exchange2010);
    EXPECT_EQ((ServerVersion{14, 1, 218}.newest()), Version::exchange2010_sp1);
    EXPECT_EQ((ServerVersion{14, 3, 123}.newest()), Version::exchange2010_sp2);
    EXPECT_EQ((ServerVersion{15, 0, 516}.newest()), Version::exchange2013);
    EXPECT_EQ((ServerVersion{15, 0, 847}.newest()), Version::exchange2013_sp1);
    EXPECT_EQ((ServerVersion{15, 2, 1544}.newest()), Version::exchange2016);
    EXPECT_EQ(older(Version::exchange2010_sp2), Version::exchange2010_sp1);
    EXPECT_EQ(older(Version::exchange2010), std::nullopt);
}

} // namespace
} // namespace roe::ews
