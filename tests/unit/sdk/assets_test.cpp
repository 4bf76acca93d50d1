// orch.assets/1 over the boundary: what goes in comes out, and who breaks its contract is named.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orch/sdk/abi/error_text.hpp"
#include "orch/sdk/testing/host_in_a_box.hpp"
#include "raw_host.hpp"
#include "scripted_plugin.hpp"

namespace {

using namespace sdk_test;
using orch::sdk::testing::HostInABox;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

const std::string plugin_broke = "the plugin scripted broke the contract of orch.assets/1.";
const std::string host_broke = "the host broke the contract of orch.assets/1";

// What a plugin does in its start, in a host on the SDK that has the asset `mail` of the tenant acme.
struct Assets : testing::Test {
    Assets() { script() = {}; }
    ~Assets() override { script() = {}; }

    void in_start(std::function<void(orch::sdk::AssetsService &)> body) {
        script().start = [body = std::move(body)](Host &host) -> Outcome<void> {
            body(*host.assets());
            return {};
        };
        box.emplace(scripted_entry, "scripted", "1.0.0");
        box->assets().make("acme", "mail");
        ASSERT_TRUE(box->start());
    }

    std::optional<HostInABox> box;
};

TEST_F(Assets, A_value_arrives_in_the_tenants_asset_as_it_was_put) {
    in_start([](orch::sdk::AssetsService &assets) {
        EXPECT_TRUE(*assets.exists("acme", "mail"));
        EXPECT_FALSE(*assets.exists("", "mail")) << "another tenant's";
        EXPECT_TRUE(assets.put("acme", "mail", R"({"subject": "Счёт"})"));
    });
    EXPECT_EQ(box->assets().value("acme", "mail"), R"({"subject": "Счёт"})");
    EXPECT_THAT(box->breaches(), IsEmpty());
}

TEST_F(Assets, What_a_host_refuses_is_told_with_its_words_and_advice) {
    std::vector<orch::sdk::Failure> told;
    in_start([&](orch::sdk::AssetsService &assets) {
        told.push_back(assets.put("acme", "male", "1").failure());
        box->assets().fail_puts(Failure{Status::busy, "later", {}, {}, std::chrono::milliseconds(70)});
        told.push_back(assets.put("acme", "mail", "1").failure());
    });
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0].status, Status::not_found);
    EXPECT_EQ(told[0].words, "there is no asset male");
    EXPECT_EQ(box->assets().value("acme", "male"), "") << "a plugin makes none";
    EXPECT_EQ(told[1].status, Status::busy);
    EXPECT_EQ(told[1].retry_after, std::chrono::milliseconds(70));
    EXPECT_THAT(box->breaches(), IsEmpty());
}

TEST_F(Assets, A_host_without_them_says_so) {
    std::string words;
    script().start = [&](Host &host) -> Outcome<void> {
        words = host.assets().failure().words;
        return {};
    };
    orch::sdk::testing::BoxedLog log;
    auto plugin =
        orch::sdk::LoadedPlugin::enter(scripted_entry, "scripted", "1.0.0", {"bare", "1", "/tmp"}, {&log});
    ASSERT_TRUE((*plugin)->start());
    EXPECT_EQ(words, "the host does not offer orch.assets/1");
}

TEST_F(Assets, What_a_plugin_must_not_ask_does_not_reach_the_host_and_is_named) {
    std::vector<std::string> told;
    in_start([&](orch::sdk::AssetsService &assets) {
        told = {assets.put("acme", "mail", "{").failure().words,
                assets.put("acme", "mail", "\"\xFF\"").failure().words,
                assets.put("acme", "", "1").failure().words,
                assets.exists("acme", std::string(201, 'n')).failure().words,
                assets.exists("\xFF", "mail").failure().words};
    });
    EXPECT_THAT(told, ElementsAre(plugin_broke + "put: a value that is not JSON",
                                  plugin_broke + "put: a value that is not JSON",
                                  plugin_broke + "put: a name that is not of 1 to 200 bytes",
                                  plugin_broke + "exists: a name that is not of 1 to 200 bytes",
                                  plugin_broke + "exists: a tenant or name that is not UTF-8"));
    EXPECT_EQ(box->assets().value("acme", "mail"), "null");
}

TEST_F(Assets, A_plugin_in_bare_C_is_held_to_the_same) {
    const orch_host_t *given = nullptr;
    static const orch_host_t **keep = nullptr;
    keep = &given;
    box.emplace(
        [](const orch_host_t *host, const orch_plugin_t **plugin, orch_error_t *error) {
            *keep = host;
            return scripted_entry(host, plugin, error);
        },
        "scripted", "1.0.0");
    box->assets().make("acme", "mail");
    ASSERT_TRUE(box->start());
    using orch::sdk::abi::str;
    const auto &assets =
        *static_cast<const orch_assets_t *>(given->get_extension(given->self, str(ORCH_EXT_ASSETS)));
    const auto put = [&](std::string_view name, std::string_view value) {
        return assets.put(assets.self, str("acme"), str(name), str(value), nullptr);
    };
    EXPECT_EQ(put("mail", "[1]"), ORCH_OK);
    EXPECT_EQ(put("mail", "[1"), ORCH_E_CONTRACT);
    EXPECT_EQ(put("", "1"), ORCH_E_CONTRACT);
    EXPECT_EQ(put(std::string(201, 'n'), "1"), ORCH_E_CONTRACT);
    EXPECT_EQ(assets.put(assets.self, str("acme"), {nullptr, 4}, str("1"), nullptr), ORCH_E_CONTRACT);
    EXPECT_EQ(assets.exists(assets.self, str("acme"), str("mail"), nullptr), ORCH_OK);
    EXPECT_EQ(assets.exists(assets.self, str("acme"), str("male"), nullptr), ORCH_E_NOT_FOUND);
    EXPECT_EQ(assets.exists(nullptr, str("acme"), str("mail"), nullptr), ORCH_E_CONTRACT);
    box->plugin().stop();
    EXPECT_EQ(put("mail", "[2]"), ORCH_E_CONTRACT);
    EXPECT_EQ(box->assets().value("acme", "mail"), "[1]");
    EXPECT_THAT(box->breaches(), Contains(plugin_broke + "put: value is not JSON"));
    EXPECT_THAT(box->breaches(), Contains(plugin_broke + "put: a name of 201 bytes, not 1 to 200"));
    EXPECT_THAT(box->breaches(), Contains(plugin_broke + "put: called outside start and stop"));
}

// A host in bare C whose assets answer what a test says.
struct RawAssets {
    orch_host_t host{};
    orch_assets_t assets{};
    std::function<orch_status_t()> answer = [] { return ORCH_OK; };

    RawAssets() {
        using orch::sdk::abi::str;
        host = raw_host(this);
        host.get_extension = [](void *self, orch_str_t id) -> const void * {
            return orch::sdk::abi::view(id) == ORCH_EXT_ASSETS ? &static_cast<RawAssets *>(self)->assets
                                                               : nullptr;
        };
        host.log = [](void *, int32_t, orch_str_t) {};
        assets.struct_size = sizeof assets;
        assets.self = this;
        assets.exists = [](void *self, orch_str_t, orch_str_t, orch_error_t *) {
            return static_cast<RawAssets *>(self)->answer();
        };
        assets.put = [](void *self, orch_str_t, orch_str_t, orch_str_t, orch_error_t *) {
            return static_cast<RawAssets *>(self)->answer();
        };
    }

    // What `body` does in the start of a plugin on the SDK.
    void in_start(std::function<void(Host &)> body) {
        script().start = [body = std::move(body)](Host &given) -> Outcome<void> {
            body(given);
            return {};
        };
        const orch_plugin_t *plugin = nullptr;
        ASSERT_EQ(scripted_entry(&host, &plugin, nullptr), ORCH_OK);
        EXPECT_EQ(plugin->start(plugin->self, nullptr), ORCH_OK);
        plugin->stop(plugin->self);
        plugin->destroy(plugin->self);
    }
};

TEST_F(Assets, A_host_that_answers_what_can_not_be_is_named) {
    RawAssets raw;
    std::vector<std::string> told;
    raw.in_start([&](Host &host) {
        auto assets = host.assets();
        raw.answer = []() -> orch_status_t { return 77; };
        told.push_back(assets->exists("", "mail").failure().words);
        raw.answer = []() -> orch_status_t { throw 1; };
        told.push_back(assets->put("", "mail", "1").failure().words);
    });
    EXPECT_THAT(told, ElementsAre(host_broke + ".exists: returned the unknown status 77",
                                  host_broke + ".put: let an exception escape"));
}

TEST_F(Assets, A_struct_that_is_too_small_or_lacks_a_function_is_not_used) {
    RawAssets raw;
    std::vector<std::string> told;
    const auto ask = [&](Host &host) { told.push_back(host.assets().failure().words); };
    raw.assets.struct_size = 24;
    raw.in_start(ask);
    raw.assets.struct_size = sizeof raw.assets;
    raw.assets.put = nullptr;
    raw.in_start(ask);
    raw.assets.exists = nullptr;
    raw.in_start(ask);
    EXPECT_THAT(told, ElementsAre(host_broke + ": its struct_size is 24 of 32", host_broke + ": it has no put",
                                  host_broke + ": it has no exists"));
}

} // namespace
