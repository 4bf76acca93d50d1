// The whole host in this process, with a plugin of the tests' own (probe-plugin/), spoken to over HTTP.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "orchestrator.hpp"
#include "support/browser.hpp"
#include "support/scratch.hpp"

namespace host::testing {

inline nlohmann::json manifest() {
    return {{"schema", 1},
            {"id", "probe"},
            {"version", "1.0.0"},
            {"interface", "1.4"},
            {"library", {{"linux-x86_64", "libprobe.so"}, {"linux-aarch64", "libprobe.so"}}},
            {"extensions",
             {"orch.trigger-provider/1", "orch.settings-page/1", "orch.metrics/1", "orch.erasure/1",
              "orch.job-outcomes/1", "orch.translations/1"}},
            {"texts", {{"name", {{"en", "Probe"}}}, {"description", {{"en", "Probes"}}}}}};
}

inline nlohmann::json configuration() {
    return nlohmann::json::parse(R"({
        "Tenants": {"FromAppsettings": true, "Items": [{"Id": "acme", "Name": "Acme"}]},
        "Users": [{"Name": "root", "Role": "Administrator", "Token": "root-token"},
                  {"Name": "boss", "Role": "TenantAdministrator", "Tenant": "acme", "Token": "boss-token"},
                  {"Name": "joe", "Role": "User", "Token": "joe-token"}],
        "Jobs": {"Concurrency": 2}})");
}

class RunningHost : public ::testing::Test {
  protected:
    Scratch scratch_;
    PluginPatience patience_;
    SamplerPace sampling_;
    std::unique_ptr<Orchestrator> host_;

    void give_plugin(const std::string &folder, const nlohmann::json &with_manifest) {
        std::filesystem::create_directories(scratch_ / "plugins" / folder);
        write(scratch_ / "plugins" / folder / "manifest.json", with_manifest.dump());
        std::filesystem::copy_file(PROBE_PLUGIN, scratch_ / "plugins" / folder / "libprobe.so",
                                   std::filesystem::copy_options::overwrite_existing);
    }
    void start(const nlohmann::json &with = configuration()) {
        if (!std::filesystem::exists(scratch_ / "plugins")) give_plugin("probe", manifest());
        host_.reset();
        host_ = std::make_unique<Orchestrator>(host::read_configuration(with),
                                               host::OrchestratorPlace{scratch_ / "plugins",
                                                                       scratch_ / "data",
                                                                       "127.0.0.1:0",
                                                                       {},
                                                                       JOB_LAUNCHER,
                                                                       patience_,
                                                                       scratch_ / "web",
                                                                       sampling_});
        host_->start();
    }
    Browser as(const std::string &token) { return {host_->address(), token}; }

    static nlohmann::json task(const nlohmann::json &parameters = {{"Text", "x"}},
                               const std::string &project = "true") {
        return {{"name", "T"},
                {"project", project},
                {"triggers", nlohmann::json::array({{{"type", "probe"}, {"parameters", parameters}}})}};
    }
    static nlohmann::json ended_job(Browser &browser, const std::string &id) {
        nlohmann::json job;
        eventually([&] {
            job = browser.get("/api/jobs/" + id).json();
            return !job["endedAt"].is_null();
        });
        return job;
    }
};

} // namespace host::testing
