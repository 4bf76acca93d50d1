#include "source/ews/session.hpp"

#include <gmock/gmock.h>

#include "given_answer.hpp"
#include "given_source.hpp"

namespace roe::ews {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

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

TEST_F(Source, A_version_that_was_refused_is_not_tried_again_whatever_the_server_calls_itself) {
    server->answer("SyncFolderItems", {fault_body("ErrorInvalidServerVersion"), sync_body("s1", true, {})});
    open();
    ASSERT_TRUE(source->look(0, 10, Bodies::later).ok());
    EXPECT_THAT(server->asked("SyncFolderItems").at(2), HasSubstr("Exchange2013_SP1"));
}

TEST_F(Source, A_request_says_whose_mailbox_it_is_about_and_that_its_server_is_to_stay) {
    open();
    for (const auto *field :
         {"X-AnchorMailbox: ann@example.com", "X-PreferServerAffinity: true", "Accept-Encoding: gzip",
          "SOAPAction: \"http://schemas.microsoft.com/exchange/services/2006/messages/GetFolder\""})
        EXPECT_THAT(server->heads().at(0), HasSubstr(field));
    EXPECT_THAT(server->asked("GetFolder").at(0), Not(HasSubstr("ann@example.com")));
    account.exchange.by_address = true;
    open();
    EXPECT_THAT(server->asked("GetFolder").at(1), HasSubstr("<t:EmailAddress>ann@example.com"));
    account.exchange.by_address = false;
    account.exchange.impersonate = true;
    open();
    EXPECT_THAT(server->asked("GetFolder").at(2), HasSubstr("<t:SmtpAddress>ann@example.com"));
}

TEST_F(Source, A_redirect_to_another_server_is_told_and_not_followed) {
    for (const std::string elsewhere : {"http://other.example.com/EWS/", "http://mail.example.com:81/EWS/",
                                        "https://mail.example.com:80/EWS/", "//other.example.com/EWS/"}) {
        const auto before = server->requests();
        server->answer("GetFolder",
                       {"HTTP/1.1 302 Found\r\nLocation: " + elsewhere + "\r\nContent-Length: 0\r\n\r\n"});
        make();
        auto opened = source->open();
        ASSERT_FALSE(opened.ok());
        EXPECT_EQ(opened.error().fault, Fault::refused);
        EXPECT_THAT(opened.error().server_text, HasSubstr(elsewhere));
        EXPECT_EQ(server->requests(), before + 1);
    }
}

TEST_F(Source, Redirects_that_never_end_are_followed_three_times) {
    server->answer("GetFolder", {"HTTP/1.1 302 Found\r\nLocation: /EWS/\r\nContent-Length: 0\r\n\r\n"});
    make();
    EXPECT_FALSE(source->open().ok());
    EXPECT_EQ(server->requests(), 4U);
}

TEST_F(Source, A_status_and_its_field_tell_what_the_fault_beside_it_does_not) {
    const auto fault = enveloped(fault_body("ErrorServerBusy"));
    server->answer("GetFolder",
                   {"HTTP/1.1 503 Busy\r\nContent-Type: text/xml\r\nRetry-After: 7\r\nContent-Length: " +
                    std::to_string(fault.size()) + "\r\n\r\n" + fault});
    make();
    auto opened = source->open();
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().fault, Fault::throttled);
    EXPECT_EQ(opened.error().retry_after, 7s);
    server->answer("GetFolder", {"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"});
    opened = source->open();
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().fault, Fault::login_refused);
    EXPECT_EQ(opened.error().step, "login");
}

TEST_F(Source, The_end_of_an_answer_is_waited_for_as_long_as_a_pause_and_the_whole_may_last) {
    const std::string unfinished = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 100\r\n\r\n<";
    for (const auto &[pause, whole] : {std::pair{10s, 60s}, {60s, 10s}}) {
        limits.pause = pause;
        limits.answer = whole;
        limits.slowest_bytes_per_second = 1000;
        server->answer("GetFolder", {unfinished});
        make();
        auto opened = source->open();
        ASSERT_FALSE(opened.ok());
        EXPECT_EQ(opened.error().fault, Fault::timed_out);
        // Of the whole a millisecond more, for the byte that came.
        EXPECT_LE(server->waited_until(), clock->steady() + 10s + 1ms);
    }
}

TEST_F(Source, What_was_wrong_with_an_earlier_request_is_not_said_of_a_later_one) {
    book->state = "old";
    server->answer("SyncFolderItems", {messages_body("SyncFolderItems", {{"ErrorInvalidSyncStateData"}}),
                                       sync_body("s1", true, {{"a"}})});
    open();
    server->answer("SyncFolderItems", {});
    ASSERT_FALSE(source->look(1, 10, Bodies::later).ok());
    EXPECT_THAT(server->asked("SyncFolderItems").back(), HasSubstr("<m:SyncState>s1<"));
}

} // namespace
} // namespace roe::ews
