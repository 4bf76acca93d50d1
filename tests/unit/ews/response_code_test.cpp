#include "source/ews/response_code.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace roe::ews {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Error refusal(std::string code, std::string text = "Words.") {
    return error_of({.ok = false, .code = std::move(code), .text = std::move(text)}, "look",
                    "looking for new mail");
}

TEST(EwsRefusal, Each_code_that_matters_has_its_fault) {
    const std::pair<const char *, Fault> table[] = {
        {"ErrorServerBusy", Fault::throttled},
        {"ErrorTooManyObjectsOpened", Fault::throttled},
        {"ErrorExceededConnectionCount", Fault::throttled},
        {"ErrorConnectionFailed", Fault::unreachable},
        {"ErrorMailboxMoveInProgress", Fault::unreachable},
        {"ErrorInternalServerTransientError", Fault::unreachable},
        {"ErrorPasswordExpired", Fault::login_refused},
        {"ErrorNonExistentMailbox", Fault::login_refused},
        {"ErrorImpersonateUserDenied", Fault::login_refused},
        {"ErrorFolderNotFound", Fault::no_folder},
        {"ErrorAccessDenied", Fault::refused},
        {"ErrorItemNotFound", Fault::gone},
        {"ErrorContentConversionFailed", Fault::refused},
        {"ErrorInvalidSyncStateData", Fault::protocol},
        {"ErrorWhatNobodyHasHeardOf", Fault::refused},
    };
    for (const auto &[code, fault] : table)
        EXPECT_EQ(refusal(code).fault, fault) << code;
}

TEST(EwsRefusal, Has_the_servers_words_and_its_code) {
    const Error error =
        refusal("ErrorAccessDenied", "Access is denied.\r\nCheck credentials\x01 and try again.");
    EXPECT_EQ(error.server_text, "[ErrorAccessDenied] Access is denied. Check credentials and try again.");
    EXPECT_EQ(error.doing, "looking for new mail");
    EXPECT_THAT(error.advice, HasSubstr("rights"));
}

TEST(EwsRefusal, Says_when_to_come_again) {
    Outcome busy{
        .ok = false, .code = "ErrorServerBusy", .text = "The server cannot service this request right now."};
    busy.back_off = 297749ms;
    EXPECT_EQ(error_of(busy, "look", "").retry_after, 297749ms);
    busy.code = "ErrorUnheardOf";
    EXPECT_EQ(error_of(busy, "look", "").fault, Fault::throttled) << "whoever names a time is busy";
}

TEST(EwsRefusal, Unknown_codes_go_by_the_words) {
    EXPECT_EQ(refusal("Server", "The service is temporarily unavailable").fault, Fault::unreachable);
    EXPECT_EQ(refusal("", "Too many requests").fault, Fault::throttled);
}

TEST(EwsRefusal, A_status_of_http_has_its_fault_and_its_cure) {
    EXPECT_EQ(error_of_status(401, {}, "login", "").fault, Fault::login_refused);
    EXPECT_EQ(error_of_status(403, {}, "login", "").fault, Fault::login_refused);
    EXPECT_EQ(error_of_status(404, {}, "login", "").fault, Fault::protocol);
    EXPECT_THAT(error_of_status(404, {}, "login", "").advice, HasSubstr("EWSUrl"));
    EXPECT_THAT(error_of_status(302, {}, "login", "").advice, HasSubstr("EWSUrl"));
    EXPECT_EQ(error_of_status(429, 5s, "look", "").fault, Fault::throttled);
    EXPECT_EQ(error_of_status(429, 5s, "look", "").retry_after, 5s);
    EXPECT_EQ(error_of_status(503, {}, "look", "").fault, Fault::unreachable);
    EXPECT_EQ(error_of_status(503, 30s, "look", "").fault, Fault::throttled);
    EXPECT_EQ(error_of_status(500, {}, "look", "").server_text, "HTTP status 500");
}

TEST(EwsRefusal, What_the_source_goes_on_by_is_told_apart) {
    EXPECT_TRUE(refuses_state("ErrorInvalidSyncStateData"));
    EXPECT_FALSE(refuses_state("ErrorItemNotFound"));
    EXPECT_TRUE(refuses_version("ErrorInvalidServerVersion"));
    EXPECT_FALSE(refuses_version("ErrorServerBusy"));
    EXPECT_TRUE(refuses_streaming("ErrorExceededConnectionCount"));
    EXPECT_TRUE(refuses_streaming("ErrorInvalidServerVersion"));
    EXPECT_FALSE(refuses_streaming("ErrorServerBusy"));
    EXPECT_TRUE(ends_subscription("ErrorSubscriptionNotFound"));
    EXPECT_FALSE(ends_subscription("ErrorServerBusy"));
}

} // namespace
} // namespace roe::ews
