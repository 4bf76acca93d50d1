// What single messages of answers say, beside what every answer says (answers_test.cpp).
#include "source/ews/message_reader.hpp"

#include <gmock/gmock.h>

#include "given_answer.hpp"
#include "scripted_exchange.hpp"

namespace roe::ews {
namespace {

using namespace std::chrono_literals;

Outcome outcome_of_piece(const std::string &how, const std::string &code, const std::string &text,
                         const std::string &more = {}) {
    const auto yield = yield_of(enveloped(
        "<m:MoveItemResponse><m:ResponseMessages><m:MoveItemResponseMessage ResponseClass=\"" + how +
        "\"><m:MessageText>" + text + "</m:MessageText><m:ResponseCode>" + code + "</m:ResponseCode>" + more +
        "</m:MoveItemResponseMessage></m:ResponseMessages>"
        "</m:MoveItemResponse>"));
    return yield.messages.at(0).outcome;
}

std::string back_off(const std::string &milliseconds) {
    return "<m:MessageXml><t:Value Name=\"Other\">1</t:Value><t:Value Name=\"BackOffMilliseconds\">" +
           milliseconds + "</t:Value></m:MessageXml>";
}

TEST(EwsMessage, A_warning_is_no_refusal_but_for_a_batch_that_was_stopped) {
    EXPECT_TRUE(outcome_of_piece("Warning", "ErrorUnheardOf", "Mind this.").ok);
    EXPECT_FALSE(outcome_of_piece("Warning", "ErrorBatchProcessingStopped", "Stopped.").ok);
    EXPECT_FALSE(outcome_of_piece("Error", "NoError", "So what?").ok);
}

TEST(EwsMessage, How_long_to_wait_is_a_number_of_milliseconds_and_a_day_at_most) {
    EXPECT_EQ(outcome_of_piece("Error", "ErrorServerBusy", "", back_off("1500")).back_off, 1500ms);
    EXPECT_EQ(outcome_of_piece("Error", "ErrorServerBusy", "", back_off("9000000000")).back_off, 24h);
    for (const auto *nonsense : {"-1", "soon", "", "99999999999999999999"})
        EXPECT_EQ(outcome_of_piece("Error", "ErrorServerBusy", "", back_off(nonsense)).back_off, std::nullopt);
}

TEST(EwsMessage, How_long_to_wait_may_stand_in_the_words) {
    const std::string words = "The request was throttled. Suggested Backoff Time: 2500 milliseconds";
    EXPECT_EQ(outcome_of_piece("Error", "ErrorServerBusy", words).back_off, 2500ms);
    const auto fault = yield_of(enveloped("<s:Fault><faultcode>s:Server</faultcode><faultstring>" + words +
                                          "</faultstring></s:Fault>"));
    EXPECT_EQ(fault.messages.at(0).outcome.back_off, 2500ms);
}

TEST(EwsMessage, A_time_is_of_its_zone) {
    for (const auto &[text, utc] : {std::pair{"1970-01-02T00:00:00-03:30", 27h + 30min},
                                    {"1970-01-02T00:00:00+03:30", 20h + 30min},
                                    {"1970-01-02T00:00:00Z", 24h + 0min},
                                    {"1970-01-02T00:00:00+99:00", 0h + 0min}}) {
        const auto yield = yield_of(
            got_item("<t:ItemId Id=\"a\"/><t:DateTimeReceived>" + std::string(text) + "</t:DateTimeReceived>"));
        EXPECT_EQ(std::get<ItemPage>(yield.messages.at(0).content).items.front().received_at, WallTime(utc))
            << text;
    }
}

} // namespace
} // namespace roe::ews
