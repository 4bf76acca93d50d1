#include "trigger/parameters.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace roe::trigger {
namespace {

using nlohmann::json;

std::vector<std::string> fields_refused(const json &form) {
    const auto read = read_parameters(form);
    std::vector<std::string> fields;
    if (!read)
        for (const auto &error : read.errors())
            fields.push_back(error.field);
    return fields;
}

TEST(Parameters, Absent_and_null_fields_take_their_defaults) {
    const auto read =
        read_parameters({{"Email", "ann@example.com"}, {"From", nullptr}, {"WindowSize", nullptr}});
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->interval_seconds, 60);
    EXPECT_EQ(read->window_size, 100);
    EXPECT_EQ(read->start_from, StartFrom::new_mail);
    EXPECT_EQ(read->launch, Launch::per_mail);
    EXPECT_TRUE(read->from.empty());
    EXPECT_EQ(read->brake_starts, 0);
    EXPECT_EQ(read->brake_minutes, 60);
}

TEST(Parameters, Every_value_reads_back_as_it_is_shown) {
    const json full = {
        {"Email", "ann@example.com"}, {"From", "@bank.ru; Иван"}, {"Subject", "Счёт"},
        {"Folder", "Заказы/2026"},    {"IntervalSeconds", 600},   {"WindowSize", 10000},
        {"StartFrom", "unread"},      {"Launch", "perPass"},      {"Resource", "Почта/последнее"},
        {"MoreFilters", nullptr},     {"NotifyAuthors", true},    {"BrakeStarts", 100},
        {"BrakeMinutes", 5}};
    const auto read = read_parameters(full);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(to_json(*read), full);
}

TEST(Parameters, Every_fault_is_named_by_its_field) {
    const auto with = [](const char *field, json value) {
        json form = {{"Email", "ann@example.com"}};
        form[field] = std::move(value);
        return form;
    };
    EXPECT_EQ(fields_refused(json::object()), std::vector<std::string>{"Email"});
    EXPECT_EQ(fields_refused(with("IntervalSeconds", 0)), std::vector<std::string>{"IntervalSeconds"});
    EXPECT_EQ(fields_refused(with("IntervalSeconds", 601)), std::vector<std::string>{"IntervalSeconds"});
    EXPECT_EQ(fields_refused(with("IntervalSeconds", 1.5)), std::vector<std::string>{"IntervalSeconds"});
    EXPECT_EQ(fields_refused(with("WindowSize", 10001)), std::vector<std::string>{"WindowSize"});
    EXPECT_EQ(fields_refused(with("BrakeStarts", -1)), std::vector<std::string>{"BrakeStarts"});
    EXPECT_EQ(fields_refused(with("BrakeMinutes", 0)), std::vector<std::string>{"BrakeMinutes"});
    EXPECT_EQ(fields_refused(with("BrakeMinutes", 1441)), std::vector<std::string>{"BrakeMinutes"});
    EXPECT_EQ(fields_refused(with("WindowSize", -1)), std::vector<std::string>{"WindowSize"});
    EXPECT_EQ(fields_refused(with("StartFrom", "yesterday")), std::vector<std::string>{"StartFrom"});
    EXPECT_EQ(fields_refused(with("Launch", 1)), std::vector<std::string>{"Launch"});
    EXPECT_EQ(fields_refused(with("Folder", "a\r\nb")), std::vector<std::string>{"Folder"});
    EXPECT_EQ(fields_refused(with("Resource", std::string(201, 'n'))), std::vector<std::string>{"Resource"});
    EXPECT_EQ(fields_refused(with("Resource", json::array({"mail"}))), std::vector<std::string>{"Resource"});
    EXPECT_EQ(fields_refused(with("Subjekt", "x")), std::vector<std::string>{"Subjekt"});
    EXPECT_EQ(fields_refused(with("WindowSize", 18446744073709551615U)),
              std::vector<std::string>{"WindowSize"});
}

TEST(Parameters, The_form_offers_the_tenants_mailboxes_and_stays_valid_without_any) {
    const auto with = describe_trigger_type({"ann@example.com"}, {});
    EXPECT_EQ(with.at("schema").at("properties").at("Email").at("enum"), json({"ann@example.com"}));
    const auto without = describe_trigger_type({}, {});
    EXPECT_FALSE(without.at("schema").at("properties").at("Email").contains("enum"));
    const auto shown = to_json(Parameters{});
    for (const auto &[name, value] : shown.items())
        EXPECT_TRUE(with.at("schema").at("properties").contains(name)) << name;
}

TEST(Parameters, Authors_are_notified_only_where_From_says_who_they_may_be) {
    EXPECT_FALSE(read_parameters({{"Email", "ann@example.com"}})->notify_authors);
    const auto errors = [](json form) {
        form["Email"] = "ann@example.com";
        form["NotifyAuthors"] = true;
        return fields_refused(form);
    };
    EXPECT_EQ(errors(json::object()), std::vector<std::string>{"From"});
    EXPECT_EQ(errors({{"From", nullptr}}), std::vector<std::string>{"From"});
    EXPECT_EQ(errors({{"From", "  "}}), std::vector<std::string>{"From"});
    EXPECT_EQ(errors({{"From", "@shop.example"}}), std::vector<std::string>{});
    EXPECT_EQ(fields_refused({{"Email", "a@b.c"}, {"NotifyAuthors", "yes"}}),
              std::vector<std::string>{"NotifyAuthors"});
}

TEST(Parameters, The_form_says_where_mailboxes_come_from) {
    for (const auto &addresses : {std::vector<std::string>(), {"robot@example.com"}})
        EXPECT_EQ(describe_trigger_type(addresses, {}).at("uiSchema").at("Email").at("ui:addFrom"),
                  json({{"page", "incoming-email"}, {"field", "Email"}}));
}

TEST(Parameters, The_form_asks_first_for_what_is_watched_and_last_for_what_few_need) {
    EXPECT_EQ(describe_trigger_type({}, {}).at("uiSchema").at("ui:order"),
              json({"Email", "From", "Subject", "Folder", "IntervalSeconds", "WindowSize", "StartFrom",
                    "Launch", "Resource", "NotifyAuthors", "BrakeStarts", "BrakeMinutes", "MoreFilters"}));
}

TEST(Parameters, The_form_has_what_the_host_has) {
    const auto with = describe_trigger_type({}, {});
    EXPECT_EQ(with.at("schema").at("properties").at("Resource").at("x-title"),
              json({{"en", "Resource"}, {"ru", "Ресурс"}}));
    const auto without = describe_trigger_type({}, {.assets = false, .mail = false});
    EXPECT_FALSE(without.at("schema").at("properties").contains("Resource"));
    EXPECT_FALSE(without.at("schema").at("properties").contains("NotifyAuthors"));
    EXPECT_EQ(with.at("schema").at("properties").at("NotifyAuthors").at("x-title"),
              json({{"en", "Notify the author(s)"}, {"ru", "Оповестить автора(ов) письма"}}));
    for (const auto &form : {with, without}) {
        const auto &order = form.at("uiSchema").at("ui:order");
        const auto &properties = form.at("schema").at("properties");
        EXPECT_EQ(order.size(), properties.size());
        for (const auto &name : order)
            EXPECT_TRUE(properties.contains(name)) << name;
    }
}

} // namespace
} // namespace roe::trigger
