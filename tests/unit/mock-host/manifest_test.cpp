#include "plugins/manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "support/scratch.hpp"

namespace {

using host::ManifestRefused;
using nlohmann::json;

json good() {
    return {{"schema", 1},
            {"id", "run-on-x"},
            {"version", "1.2.3"},
            {"interface", "1.0"},
            {"library", {{host::this_platform, "librun-on-x.so"}}},
            {"extensions", {"orch.trigger-provider/1"}},
            {"uses", {"orch.jobs/1"}},
            {"permissions", {"network"}},
            {"texts", {{"name", {{"en", "X"}, {"ru", "Икс"}}}, {"description", {{"en", "Does X"}}}}}};
}

std::string refusal(const json &document) {
    try {
        host::read_manifest(document);
    } catch (const ManifestRefused &refused) {
        return refused.what();
    }
    return "accepted";
}

bool schema_accepts(const json &document) {
    const auto text = json::parse(host::testing::content(MANIFEST_SCHEMA));
    const valijson::adapters::NlohmannJsonAdapter schema_text(text);
    valijson::Schema schema;
    valijson::SchemaParser().populateSchema(schema_text, schema);
    const valijson::adapters::NlohmannJsonAdapter target(document);
    return valijson::Validator().validate(schema, target, nullptr);
}

TEST(Manifest, A_good_one_is_read) {
    const auto manifest = host::read_manifest(good());
    EXPECT_EQ(manifest.id, "run-on-x");
    EXPECT_EQ(manifest.interface_major, 1U);
    EXPECT_EQ(manifest.library, "librun-on-x.so");
    EXPECT_TRUE(schema_accepts(good()));
}

TEST(Manifest, What_is_wrong_with_it_is_named_and_the_schema_refuses_the_same) {
    struct Case {
        const char *pointer;
        json value; // discarded: take it away
        const char *words;
    };
    const json gone(json::value_t::discarded);
    const Case cases[] = {
        {"/schema", 2, "schema: must be 1"},
        {"/id", gone, "id: is required"},
        {"/id", "../evil", "id: must be lower-case"},
        {"/id", "Upper", "id: must be lower-case"},
        {"/version", "1.2", "version: must look like"},
        {"/interface", "one", "interface: must look like"},
        {"/interface", 1.0, "interface: must be text"},
        {"/library", gone, "library: is required"},
        {"/library", {{host::this_platform, "../x.so"}}, "must be the name of a file in the plugin's folder"},
        {"/library",
         {{host::this_platform, "/usr/lib/x.so"}},
         "must be the name of a file in the plugin's folder"},
        {"/library", {{host::this_platform, "lib/../../x.so"}}, "must be the name of a file"},
        {"/library", {{host::this_platform, ""}}, "must be the name of a file"},
        {"/library",
         {{host::this_platform, "x.so"}, {"Some Platform", "y.so"}},
         "<root>: Failed to validate against schema associated with property name 'library'"},
        {"/extensions", {"orch.trigger-provider"}, "extensions: holds what it may not"},
        {"/extensions", "orch.jobs/1", "extensions: must be a list"},
        {"/texts", gone, "texts: is required"},
        {"/texts/name", {{"ru", "Икс"}}, "texts.name.en: is required"},
        {"/texts/description", gone, "texts.description: is required"},
        {"/surprise", 1, "surprise: no such key"},
    };
    for (const auto &one : cases) {
        json document = good();
        const json::json_pointer pointer(one.pointer);
        if (one.value.is_discarded()) {
            document[pointer.parent_pointer()].erase(pointer.back());
        } else {
            document[pointer] = one.value;
        }
        EXPECT_THAT(refusal(document), ::testing::HasSubstr(one.words)) << document.dump();
        EXPECT_FALSE(schema_accepts(document)) << document.dump();
    }
}

TEST(Manifest, A_plugin_without_a_library_for_this_platform_is_refused_here_only) {
    json document = good();
    document["library"] = {{"plan9-mips", "x.so"}};
    EXPECT_THAT(refusal(document), ::testing::HasSubstr("has nothing for this platform"));
    EXPECT_TRUE(schema_accepts(document));
}

TEST(Manifest, A_file_that_is_absent_or_no_JSON_is_refused_with_words) {
    const host::testing::Scratch scratch;
    EXPECT_THROW(host::read_manifest_file(scratch / "manifest.json"), ManifestRefused);
    host::testing::write(scratch / "manifest.json", "{\"schema\": 1,");
    EXPECT_THROW(host::read_manifest_file(scratch / "manifest.json"), ManifestRefused);
}

} // namespace
