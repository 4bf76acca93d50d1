// What a transcript can't say: endless answers, bytes ahead of the encryption.
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "actions.hpp"
#include "scripted_stream.hpp"
#include "source/pop3/pop3_source.hpp"

namespace roe::pop3 {
namespace {

using replay::Wire;
using testing::HasSubstr;

Wire server(std::string bytes) {
    return {Wire::Kind::server, std::move(bytes)};
}

Wire client(std::string bytes) {
    return {Wire::Kind::client, std::move(bytes)};
}

class Pop3Session : public testing::Test {
  protected:
    Error fault_of_opening(const std::vector<Wire> &wire, const std::string &account = "protocol=POP3") {
        script_->extend(wire);
        auto source =
            make_source(replay::account_of(account), std::make_shared<replay::ScriptedConnector>(script_),
                        std::make_shared<replay::StillClock>(), nullptr);
        const auto opened = source->open();
        EXPECT_EQ(script_->disagreement(), "");
        EXPECT_FALSE(opened.ok());
        return opened ? Error{} : opened.error();
    }

    std::shared_ptr<replay::Script> script_ = std::make_shared<replay::Script>(1U << 20U);
};

TEST_F(Pop3Session, What_came_ahead_of_the_encryption_ends_the_connection) {
    const auto error = fault_of_opening({{Wire::Kind::connect, {}},
                                         server("+OK ready\r\n"),
                                         client("CAPA\r\n"),
                                         server("+OK\r\nSTLS\r\n.\r\n"),
                                         client("STLS\r\n"),
                                         server("+OK begin\r\n+OK signed in\r\n")},
                                        "protocol=POP3 security=starttls");
    EXPECT_EQ(error.fault, Fault::tls);
    EXPECT_THAT(error.doing, HasSubstr("ahead of the encryption"));
}

TEST_F(Pop3Session, A_line_without_end_is_given_up) {
    const auto error =
        fault_of_opening({{Wire::Kind::connect, {}}, server("+OK " + std::string(200'000, 'x'))});
    EXPECT_EQ(error.fault, Fault::protocol);
}

TEST_F(Pop3Session, A_list_without_end_is_given_up) {
    std::vector<Wire> wire{{Wire::Kind::connect, {}}, server("+OK ready\r\n"), client("CAPA\r\n"),
                           server("-ERR\r\n"),        client("USER ann\r\n"),  server("+OK\r\n"),
                           client("PASS secret\r\n"), server("+OK\r\n"),       client("CAPA\r\n"),
                           server("-ERR\r\n"),        client("LIST\r\n"),      server("+OK\r\n")};
    const std::string line = "1 " + std::string(60'000, 'x') + "\r\n";
    wire.insert(wire.end(), (130U << 20U) / line.size(), server(line));
    const auto error = fault_of_opening(wire);
    EXPECT_EQ(error.fault, Fault::protocol);
    EXPECT_THAT(error.doing, HasSubstr("no end"));
}

TEST_F(Pop3Session, A_login_can_not_carry_a_line_into_the_protocol) {
    auto account = replay::account_of("protocol=POP3");
    account.login = "ann\r\nDELE 1";
    script_->extend(std::vector<Wire>{
        {Wire::Kind::connect, {}}, server("+OK ready\r\n"), client("CAPA\r\n"), server("-ERR\r\n")});
    const auto source = make_source(std::move(account), std::make_shared<replay::ScriptedConnector>(script_),
                                    std::make_shared<replay::StillClock>(), nullptr);
    const auto opened = source->open();
    EXPECT_EQ(script_->disagreement(), "");
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().fault, Fault::refused);
}

} // namespace
} // namespace roe::pop3
