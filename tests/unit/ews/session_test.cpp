#include "source/ews/session.hpp"

#include <gmock/gmock.h>

#include "given_source.hpp"

namespace roe::ews {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(Source, The_newest_version_that_the_server_knows_is_spoken_and_an_older_one_where_it_is_refused) {
    server->answer("SyncFolderItems", {fault_body("ErrorInvalidServerVersion"), sync_body("s1", true, {})});
    open();
    EXPECT_THAT(server->asked("GetFolder").at(0), HasSubstr("Exchange2010_SP2"));
    EXPECT_THAT(server->asked("SyncFolderItems").at(0), HasSubstr("Exchange2016"));
    EXPECT_THAT(server->asked("SyncFolderItems").at(1), HasSubstr("Exchange2013_SP1"));
}

TEST_F(Source, A_redirect_to_another_path_of_the_server_is_followed) {
    server->answer("GetFolder",
                   {"HTTP/1.1 302 Found\r\nLocation: /ews/Exchange.asmx\r\nContent-Length: 0\r\n\r\n",
                    folder_body("GetFolder", "inbox-id", 3)});
    EXPECT_EQ(open().count, 3);
    EXPECT_THAT(server->paths(), ElementsAre("/EWS/Exchange.asmx", "/ews/Exchange.asmx", "/ews/Exchange.asmx"));
}

TEST_F(Source, A_server_that_is_busy_says_for_how_long) {
    open();
    server->answer(
        "SyncFolderItems",
        {fault_body("ErrorServerBusy",
                    "<t:MessageXml xmlns:t=\"http://schemas.microsoft.com/exchange/services/2006/types\">"
                    "<t:Value Name=\"BackOffMilliseconds\">297749</t:Value></t:MessageXml>")});
    auto look = source->look(0, 10, Bodies::later);
    ASSERT_FALSE(look.ok());
    EXPECT_EQ(look.error().fault, Fault::throttled);
    EXPECT_EQ(look.error().retry_after, 297749ms);
}

} // namespace
} // namespace roe::ews
