#include "net/dns_records.hpp"

#include <random>

#include <gmock/gmock.h>

#include "streams.hpp"
#include "support/dns_server.hpp"

namespace roe::net {
namespace {

using test::Bytes;
using test::DnsAnswer;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// A query as a resolver would send it.
Bytes a_query() {
    Bytes query{0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0};
    const Bytes name = test::dns_name("_imaps._tcp.example.com");
    query.insert(query.end(), name.begin(), name.end());
    query.insert(query.end(), {0, 33, 0, 1});
    return query;
}

Bytes srv_reply(const std::vector<Bytes> &data) {
    std::vector<DnsAnswer> answers;
    for (const auto &one : data)
        answers.push_back({test::type_srv, one});
    return test::reply_to(a_query(), answers);
}

std::vector<std::string> hosts(const std::optional<std::vector<ServiceRecord>> &records) {
    std::vector<std::string> names;
    if (!records) return {"(no sense)"};
    for (const auto &record : *records)
        names.push_back(record.host + ":" + std::to_string(record.port));
    return names;
}

TEST(DnsRecords, Services_come_by_priority_and_then_by_weight) {
    const auto records = parse_services(srv_reply({test::srv_data(20, 9, 993, "second.example.com"),
                                                   test::srv_data(10, 1, 994, "light.example.com"),
                                                   test::srv_data(10, 5, 993, "Heavy.Example.COM")}));
    EXPECT_THAT(hosts(records),
                ElementsAre("heavy.example.com:993", "light.example.com:994", "second.example.com:993"));
}

TEST(DnsRecords, The_root_as_target_says_that_there_is_no_such_service) {
    const auto records = parse_services(srv_reply({test::srv_data(0, 0, 0, "")}));
    ASSERT_TRUE(records);
    ASSERT_THAT(*records, SizeIs(1));
    EXPECT_EQ(records->front().host, "");
}

TEST(DnsRecords, Exchanges_come_by_preference) {
    const auto records =
        parse_exchanges(test::reply_to(a_query(), {{test::type_mx, test::mx_data(20, "b.example.com")},
                                                   {test::type_mx, test::mx_data(10, "a.example.com")},
                                                   {test::type_mx, test::mx_data(0, "")}}));
    ASSERT_TRUE(records);
    ASSERT_THAT(*records, SizeIs(2));
    EXPECT_EQ(records->front().host, "a.example.com");
}

TEST(DnsRecords, A_target_that_is_no_host_name_is_left_out) {
    const auto records = parse_services(srv_reply(
        {test::srv_data(1, 0, 993, "a\r\nb.example.com"), test::srv_data(2, 0, 993, "a b.example.com"),
         test::srv_data(3, 0, 993, "<script>.example.com"), test::srv_data(4, 0, 0, "port-0.example.com"),
         test::srv_data(5, 0, 993, "good.example.com")}));
    EXPECT_THAT(hosts(records), ElementsAre("good.example.com:993"));
}

TEST(DnsRecords, A_record_that_is_too_short_is_left_out) {
    const auto records =
        parse_services(srv_reply({{}, {0, 1}, {0, 1, 0, 1, 3, 225}, {0, 1, 0, 1, 3, 225, 63}}));
    EXPECT_THAT(hosts(records), IsEmpty());
}

TEST(DnsRecords, A_name_that_points_to_itself_ends) {
    Bytes data{0, 1, 0, 1, 3, 225};
    const auto reply_size = srv_reply({data}).size();
    const auto pointer = 0xc000U | static_cast<unsigned>(reply_size);
    data.push_back(static_cast<std::uint8_t>(pointer >> 8U));
    data.push_back(static_cast<std::uint8_t>(pointer & 0xffU));
    EXPECT_THAT(hosts(parse_services(srv_reply({data}))), IsEmpty());
}

TEST(DnsRecords, Other_types_among_the_answers_are_passed_over) {
    const auto records = parse_services(
        test::reply_to(a_query(), {{5, test::dns_name("alias.example.com")},
                                   {test::type_srv, test::srv_data(1, 1, 993, "imap.example.com")}}));
    EXPECT_THAT(hosts(records), ElementsAre("imap.example.com:993"));
}

TEST(DnsRecords, However_an_answer_is_cut_or_bent_it_is_read_or_refused) {
    const Bytes whole =
        srv_reply({test::srv_data(1, 2, 993, "a.example.com"), test::srv_data(3, 4, 993, "b.example.com")});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        const auto records = parse_services(cut);
        EXPECT_LE(records ? records->size() : 0, 1U);
        (void)parse_exchanges(cut);
    }
    std::minstd_rand random(7);
    for (int round = 0; round < 20'000; ++round) {
        Bytes bent = whole;
        for (int i = 0; i < 3; ++i)
            bent[random() % bent.size()] = static_cast<std::uint8_t>(random());
        for (const auto &record : parse_services(bent).value_or(std::vector<ServiceRecord>())) {
            EXPECT_EQ(record.host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_"),
                      std::string::npos);
        }
    }
}

TEST(DnsRecords, A_name_server_is_asked_and_its_answer_read) {
    const test::DnsServer server([](const Bytes &query) -> std::optional<Bytes> {
        if (test::question_of(query) == "_imaps._tcp.example.com")
            return test::reply_to(query, {{test::type_srv, test::srv_data(1, 1, 993, "imap.example.com")}});
        if (test::question_of(query) == "example.com")
            return test::reply_to(query, {{test::type_mx, test::mx_data(1, "mx.example.com")}});
        return test::reply_to(query, {}, 3);
    });
    SystemDnsRecords records(NameServer{"127.0.0.1", server.port()});
    const auto services = records.services("_imaps._tcp.example.com");
    ASSERT_TRUE(services) << services.error().text();
    ASSERT_THAT(*services, SizeIs(1));
    EXPECT_EQ(services->front().host, "imap.example.com");
    const auto exchanges = records.exchanges("example.com");
    ASSERT_TRUE(exchanges) << exchanges.error().text();
    EXPECT_THAT(*exchanges, SizeIs(1));
    const auto none = records.services("_imap._tcp.example.com");
    ASSERT_TRUE(none) << none.error().text();
    EXPECT_THAT(*none, IsEmpty());
}

TEST(DnsRecords, A_silent_name_server_is_given_up) {
    const test::DnsServer server([](const Bytes &) { return std::optional<Bytes>(); });
    SystemDnsRecords records(NameServer{"127.0.0.1", server.port()});
    const Stopwatch watch;
    const auto services = records.services("_imaps._tcp.example.com");
    EXPECT_LT(watch.elapsed(), 9s);
    ASSERT_FALSE(services);
    EXPECT_EQ(services.error().fault, Fault::timed_out);
    EXPECT_EQ(services.error().step, "dns");
}

TEST(DnsRecords, An_answer_to_another_question_is_not_believed) {
    const test::DnsServer server([](const Bytes &query) -> std::optional<Bytes> {
        Bytes other = query;
        other[13] = static_cast<std::uint8_t>('x'); // of the name
        return test::reply_to(other, {{test::type_srv, test::srv_data(1, 1, 993, "evil.example.net")}});
    });
    SystemDnsRecords records(NameServer{"127.0.0.1", server.port()});
    const auto services = records.services("_imaps._tcp.example.com");
    EXPECT_TRUE(!services || services->empty());
}

} // namespace
} // namespace roe::net
