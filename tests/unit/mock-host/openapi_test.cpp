// The description of the calls is a document that people keep by hand; this holds it to the router.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/openapi.hpp"
#include "support/running_host.hpp"

namespace {

using nlohmann::json;

const json &document() {
    static const json parsed = json::parse(host::http::openapi_document);
    return parsed;
}

const std::set<std::string> methods{"get", "put", "post", "delete"};

std::string upper(std::string text) {
    for (char &c : text)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

// Calls `visit` for every operation with "GET /path", its path and the operation.
template <class Visit>
void each_operation(Visit visit) {
    for (const auto &[path, item] : document()["paths"].items()) {
        for (const auto &[method, operation] : item.items())
            visit(upper(method) + " " + path, path, operation);
    }
}

// Every "$ref" below `value`.
void collect_references(const json &value, std::set<std::string> &found) {
    if (value.is_object() && value.contains("$ref")) found.insert(value["$ref"].get<std::string>());
    if (!value.is_structured()) return;
    for (const auto &part : value)
        collect_references(part, found);
}

const json &resolved(const json &value) {
    if (!value.contains("$ref")) return value;
    return document().at(json::json_pointer(value["$ref"].get<std::string>().substr(1)));
}

class OpenApi : public host::testing::RunningHost {};

TEST_F(OpenApi, Describes_every_call_of_the_router_and_no_other) {
    start();
    std::set<std::string> described;
    each_operation([&](const std::string &call, const std::string &, const json &) { described.insert(call); });
    const auto routes = host_->routes();
    EXPECT_THAT(described, ::testing::UnorderedElementsAreArray(routes));
}

TEST_F(OpenApi, Is_served_to_everyone_as_it_stands_in_the_source) {
    start();
    const auto answer = as("").get("/api/openapi.json");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("Content-Type"), "application/json");
    EXPECT_EQ(answer.json(), document());
}

// OpenAPI 3.1.0 §4.8: what its own JSON Schema would find, which is of a dialect that no library here reads.
TEST_F(OpenApi, Is_well_formed) {
    EXPECT_EQ(document()["openapi"], "3.1.0");
    EXPECT_TRUE(document()["info"].contains("title") && document()["info"].contains("version"));
    std::set<std::string> tags;
    for (const auto &tag : document()["tags"])
        tags.insert(tag["name"]);
    std::set<std::string> ids;
    each_operation([&](const std::string &call, const std::string &path, const json &operation) {
        EXPECT_TRUE(ids.insert(operation.at("operationId")).second)
            << call << ": its operationId is there twice";
        EXPECT_FALSE(operation.at("summary").get<std::string>().empty()) << call;
        for (const auto &tag : operation.at("tags"))
            EXPECT_TRUE(tags.contains(tag)) << call;
        std::set<std::string> in_path;
        for (const auto &given : operation.value("parameters", json::array())) {
            const auto &parameter = resolved(given);
            EXPECT_TRUE(parameter.contains("name") && parameter.contains("in") && parameter.contains("schema"))
                << call;
            if (parameter["in"] != "path") continue;
            EXPECT_TRUE(parameter.value("required", false)) << call;
            in_path.insert("{" + parameter["name"].get<std::string>() + "}");
        }
        std::set<std::string> named;
        for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1))
            named.insert(path.substr(at, path.find('}', at) - at + 1));
        EXPECT_EQ(in_path, named) << call;
        EXPECT_TRUE(operation.at("responses").size() >= 2 && operation["responses"].contains("default"))
            << call;
        for (const auto &[status, response] : operation["responses"].items()) {
            EXPECT_FALSE(resolved(response).at("description").get<std::string>().empty()) << call;
            if (resolved(response).contains("content")) {
                EXPECT_TRUE(resolved(response)["content"].is_object() && status != "204") << call;
            }
        }
        if (operation.contains("requestBody")) {
            EXPECT_FALSE(operation["requestBody"].at("content").empty()) << call;
        }
    });
    for (const auto &[path, item] : document()["paths"].items()) {
        EXPECT_TRUE(path.starts_with('/'));
        for (const auto &[method, operation] : item.items())
            EXPECT_TRUE(methods.contains(method)) << path << ": " << method;
    }
    for (const auto &scheme : document()["security"]) {
        for (const auto &[name, scopes] : scheme.items())
            EXPECT_TRUE(document()["components"]["securitySchemes"].contains(name)) << name;
    }
}

TEST_F(OpenApi, Every_reference_leads_somewhere_and_everything_shared_is_used) {
    std::set<std::string> found;
    collect_references(document(), found);
    for (const auto &reference : found)
        EXPECT_TRUE(document().contains(json::json_pointer(reference.substr(1)))) << reference;
    for (const char *kind : {"parameters", "responses", "schemas"}) {
        for (const auto &[name, ignored] : document()["components"][kind].items()) {
            EXPECT_TRUE(found.contains(std::string("#/components/") + kind + "/" + name)) << name;
        }
    }
}

} // namespace
