#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "trigger/parameters.hpp"

namespace roe::trigger {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

json form_with(json more) {
    return {{"Email", "ann@example.com"}, {"MoreFilters", std::move(more)}};
}

json all_of(json conditions) {
    return {{"all", std::move(conditions)}};
}

std::vector<std::string> paths_refused(const json &more) {
    const auto read = read_parameters(form_with(more));
    std::vector<std::string> fields;
    if (!read)
        for (const auto &error : read.errors())
            fields.push_back(error.field);
    return fields;
}

std::string words_of_refusal(const json &condition) {
    const auto read = read_parameters(form_with(all_of(json::array({condition}))));
    return read.ok() ? std::string() : read.errors().front().message;
}

TEST(MoreFilters, Read_back_as_they_are_shown) {
    const json full = all_of(json::array({
        {{"field", "to"}, {"op", "contains"}, {"value", "orders"}, {"not", false}},
        {{"field", "cc"}, {"op", "equals"}, {"value", "boss@example.com"}, {"not", true}},
        {{"field", "body"}, {"op", "regex"}, {"value", "заказ\\s+№ ?\\d+"}, {"not", false}},
        {{"field", "hasAttachment"}, {"op", "is"}, {"value", true}, {"not", false}},
        {{"field", "attachmentName"}, {"op", "regex"}, {"value", "\\.pdf$"}, {"not", false}},
        {{"field", "size"}, {"op", "lt"}, {"value", 1000000}, {"not", false}},
        {{"field", "size"}, {"op", "gt"}, {"value", 0}, {"not", false}},
        {{"field", "header"}, {"op", "equals"}, {"name", "List-Id"}, {"value", "orders"}, {"not", false}},
        {{"field", "senderAuthenticated"}, {"op", "is"}, {"value", true}, {"not", false}},
        {{"field", "autoReply"}, {"op", "is"}, {"value", false}, {"not", false}},
    }));
    const auto read = read_parameters(form_with(full));
    ASSERT_TRUE(read.ok()) << read.errors().front().field << " " << read.errors().front().message;
    EXPECT_EQ(read->more_filters.size(), 10U);
    EXPECT_EQ(to_json(*read).at("MoreFilters"), full);
    EXPECT_TRUE(describe_trigger_type({}, {}).at("schema").at("properties").contains("MoreFilters"));
}

TEST(MoreFilters, May_be_absent_null_or_empty) {
    for (const json &none : {json(nullptr), json::object(), all_of(nullptr), all_of(json::array())}) {
        const auto read = read_parameters(form_with(none));
        ASSERT_TRUE(read.ok()) << none;
        EXPECT_TRUE(read->more_filters.empty());
        EXPECT_EQ(to_json(*read).at("MoreFilters"), nullptr);
    }
}

TEST(MoreFilters, Each_fault_is_named_by_its_path) {
    const json good = {{"field", "to"}, {"op", "contains"}, {"value", "x"}};
    const auto with = [&](json changes) {
        json condition = good;
        condition.update(changes);
        return all_of(json::array({good, condition}));
    };
    EXPECT_THAT(paths_refused(with(json::object())), IsEmpty());
    EXPECT_THAT(paths_refused("x"), ElementsAre("MoreFilters"));
    EXPECT_THAT(paths_refused({{"any", json::array()}}), ElementsAre("MoreFilters.any"));
    EXPECT_THAT(paths_refused(all_of("x")), ElementsAre("MoreFilters.all"));
    EXPECT_THAT(paths_refused(all_of(json(51, good))), ElementsAre("MoreFilters.all"));
    EXPECT_THAT(paths_refused(all_of(json(50, good))), IsEmpty());
    EXPECT_THAT(paths_refused(all_of(json::array({good, "x"}))), testing::Contains("MoreFilters.all.1"));
    EXPECT_THAT(paths_refused(with({{"field", "bcc"}})), ElementsAre("MoreFilters.all.1.field"));
    EXPECT_THAT(paths_refused(with({{"field", nullptr}})), ElementsAre("MoreFilters.all.1.field"));
    EXPECT_THAT(paths_refused(with({{"op", "like"}})), ElementsAre("MoreFilters.all.1.op"));
    EXPECT_THAT(paths_refused(with({{"op", nullptr}})), ElementsAre("MoreFilters.all.1.op"));
    EXPECT_THAT(paths_refused(with({{"not", "no"}})), ElementsAre("MoreFilters.all.1.not"));
    EXPECT_THAT(paths_refused(with({{"Not", true}})), ElementsAre("MoreFilters.all.1.Not"));
    EXPECT_THAT(paths_refused(with({{"name", "List-Id"}})), ElementsAre("MoreFilters.all.1.name"));
    EXPECT_THAT(paths_refused(with({{"field", "header"}})), ElementsAre("MoreFilters.all.1.name"));
    EXPECT_THAT(paths_refused(with({{"field", "header"}, {"name", "a:b"}})),
                ElementsAre("MoreFilters.all.1.name"));
    for (const json &value : {json(nullptr), json(""), json("  "), json("\u200b"), json(1), json(true),
                              json(std::string(1001, 'x')), json("a\nb")})
        EXPECT_THAT(paths_refused(with({{"value", value}})), ElementsAre("MoreFilters.all.1.value")) << value;
}

TEST(MoreFilters, Each_field_has_its_own_operators) {
    const std::vector<std::string> ops = {"contains", "equals", "regex", "gt", "lt", "is"};
    const std::vector<std::pair<std::string, std::vector<std::string>>> allowed = {
        {"to", {"contains", "equals", "regex"}},
        {"cc", {"contains", "equals", "regex"}},
        {"body", {"contains", "equals", "regex"}},
        {"attachmentName", {"contains", "equals", "regex"}},
        {"header", {"contains", "equals", "regex"}},
        {"size", {"gt", "lt", "equals"}},
        {"hasAttachment", {"is"}},
        {"senderAuthenticated", {"is"}},
        {"autoReply", {"is"}}};
    for (const auto &[field, own] : allowed)
        for (const auto &op : ops) {
            json condition = {{"field", field}, {"op", op}, {"value", "x"}};
            if (field == "header") condition["name"] = "X";
            if (field == "size") condition["value"] = 1;
            if (own.front() == "is") condition["value"] = true;
            const bool right = std::find(own.begin(), own.end(), op) != own.end();
            const auto refused = paths_refused(all_of(json::array({condition})));
            if (right)
                EXPECT_THAT(refused, IsEmpty()) << condition;
            else
                EXPECT_THAT(refused, ElementsAre("MoreFilters.all.0.op")) << condition;
        }
    EXPECT_EQ(words_of_refusal({{"field", "size"}, {"op", "contains"}, {"value", 1}}),
              "must be one of gt, lt, equals for the field size");
}

TEST(MoreFilters, Each_field_has_its_own_kind_of_value) {
    const auto refused = [](const char *field, const char *op, json value) {
        return paths_refused(
            all_of(json::array({{{"field", field}, {"op", op}, {"value", std::move(value)}}})));
    };
    for (const json &value : {json("1000"), json(-1), json(1.5), json(nullptr), json(true)})
        EXPECT_THAT(refused("size", "gt", value), ElementsAre("MoreFilters.all.0.value")) << value;
    for (const char *field : {"hasAttachment", "senderAuthenticated", "autoReply"})
        for (const json &value : {json("true"), json(1), json(nullptr)})
            EXPECT_THAT(refused(field, "is", value), ElementsAre("MoreFilters.all.0.value")) << field << value;
}

// A form library shows and checks what the schema says: it must not be stricter or laxer than we are.
TEST(MoreFilters, The_schema_lets_through_what_is_read_and_nothing_else) {
    const auto document = describe_trigger_type({}, {}).at("schema");
    valijson::Schema schema;
    valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(document), schema);
    const auto fits = [&](const json &condition) {
        const auto form = form_with(all_of(json::array({condition})));
        return valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(form), nullptr);
    };
    const std::vector<json> right = {
        {{"field", "to"}, {"op", "contains"}, {"value", "x"}},
        {{"field", "body"}, {"op", "regex"}, {"value", "x"}, {"not", true}, {"name", nullptr}},
        {{"field", "size"}, {"op", "gt"}, {"value", 1}},
        {{"field", "hasAttachment"}, {"op", "is"}, {"value", false}},
        {{"field", "header"}, {"op", "equals"}, {"name", "List-Id"}, {"value", "x"}}};
    const std::vector<json> wrong = {{{"field", "bcc"}, {"op", "contains"}, {"value", "x"}},
                                     {{"field", "to"}, {"op", "gt"}, {"value", "x"}},
                                     {{"field", "to"}, {"op", "contains"}, {"value", ""}},
                                     {{"field", "to"}, {"op", "contains"}},
                                     {{"field", "to"}, {"op", "contains"}, {"value", "x"}, {"name", "List-Id"}},
                                     {{"field", "size"}, {"op", "gt"}, {"value", "1"}},
                                     {{"field", "size"}, {"op", "is"}, {"value", 1}},
                                     {{"field", "autoReply"}, {"op", "is"}, {"value", "true"}},
                                     {{"field", "header"}, {"op", "equals"}, {"value", "x"}},
                                     {{"field", "to"}, {"op", "contains"}, {"value", "x"}, {"negated", true}}};
    for (const auto &condition : right) {
        EXPECT_TRUE(fits(condition)) << condition;
        EXPECT_THAT(paths_refused(all_of(json::array({condition}))), IsEmpty()) << condition;
    }
    for (const auto &condition : wrong) {
        EXPECT_FALSE(fits(condition)) << condition;
        EXPECT_THAT(paths_refused(all_of(json::array({condition}))), Not(IsEmpty())) << condition;
    }
}

TEST(NotifyAuthors, The_schema_wants_From_with_it_as_we_do) {
    const auto document = describe_trigger_type({}, {}).at("schema");
    valijson::Schema schema;
    valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(document), schema);
    const auto fits = [&](json form) {
        form["Email"] = "ann@example.com";
        return valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(form), nullptr);
    };
    EXPECT_TRUE(fits(json::object()));
    EXPECT_TRUE(fits({{"NotifyAuthors", false}}));
    EXPECT_TRUE(fits({{"NotifyAuthors", true}, {"From", "@shop.example"}}));
    EXPECT_FALSE(fits({{"NotifyAuthors", true}}));
    EXPECT_FALSE(fits({{"NotifyAuthors", true}, {"From", ""}}));
    EXPECT_FALSE(fits({{"NotifyAuthors", 1}, {"From", "@shop.example"}}));
}

TEST(MoreFilters, A_regular_expression_that_can_not_be_used_is_refused_with_the_reason) {
    const auto words = words_of_refusal({{"field", "body"}, {"op", "regex"}, {"value", "order (\\d+"}});
    EXPECT_THAT(words, HasSubstr("missing )"));
    EXPECT_THAT(words_of_refusal({{"field", "body"}, {"op", "regex"}, {"value", "((x{50}){50}){50}"}}),
                HasSubstr("is no regular expression that can be used"));
}

} // namespace
} // namespace roe::trigger
