// Without a realm: the conversation itself is a story's, against a real KDC.
#include "net/sasl.hpp"

#include <stop_token>

#include <gmock/gmock.h>

#include "no_realm.hpp"

namespace roe::net {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class WithoutTickets : public NoRealm {
  protected:
    static Credentials ann(std::stop_token stop = {}) {
        return {.login = "ann@example.com",
                .password = "secret",
                .ticket = true,
                .service = "imap",
                .server = "почта.example",
                .stop = std::move(stop)};
    }
};

TEST_F(WithoutTickets, Nothing_is_said_and_the_reason_is_told) {
    SaslExchange exchange(Mechanism::gssapi, ann());
    EXPECT_TRUE(exchange.client_begins());
    EXPECT_EQ(exchange.answer({}), std::nullopt);
    ASSERT_TRUE(exchange.ticket_trouble());
    EXPECT_EQ(exchange.ticket_trouble()->fault, Fault::refused);
    EXPECT_THAT(exchange.ticket_trouble()->words, HasSubstr("No Kerberos credentials"));
    EXPECT_FALSE(exchange.complete());
    EXPECT_THAT(exchange.principal(), IsEmpty());
    EXPECT_EQ(exchange.answer("AAAA"), std::nullopt);
}

TEST_F(WithoutTickets, Who_is_stopped_is_told_nothing) {
    std::stop_source stop;
    stop.request_stop();
    SaslExchange exchange(Mechanism::gssapi, ann(stop.get_token()));
    EXPECT_EQ(exchange.answer({}), std::nullopt);
    ASSERT_TRUE(exchange.ticket_trouble());
    EXPECT_THAT(exchange.ticket_trouble()->fault, testing::AnyOf(Fault::cancelled, Fault::refused));
}

} // namespace
} // namespace roe::net
