// Plugins that are broken in their own ways: each is shown with the reason, the host and the others go on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_host.hpp"

namespace {

using host::testing::content;
using host::testing::eventually;
using host::testing::manifest;
using nlohmann::json;
using ::testing::HasSubstr;

class Plugins : public host::testing::RunningHost {
  protected:
    json status(std::size_t index = 0) { return as("root-token").get("/api/plugins").json()["items"][index]; }
    void start_told(const char *what) {
        auto with = host::testing::configuration();
        with["Plugins"] = {{"probe", {{what, true}}}};
        start(with);
    }
    [[nodiscard]] std::filesystem::path data_of_probe() const {
        return scratch_ / "data" / "plugins" / "probe";
    }
    void let_go() const { host::testing::write(data_of_probe() / "go-on", "yes"); }
};

TEST_F(Plugins, One_whose_manifest_names_another_minor_version_than_its_library_is_refused) {
    auto lying = manifest();
    lying["interface"] = "1.7";
    give_plugin("probe", lying);
    start();
    EXPECT_EQ(status()["state"], "refused");
    EXPECT_EQ(status()["error"],
              "its manifest says that it was built for version 1.7 of the interface, its library says 1.2");
}

TEST_F(Plugins, One_whose_manifest_names_another_version_of_itself_is_refused) {
    auto lying = manifest();
    lying["version"] = "1.0.1";
    give_plugin("probe", lying);
    start();
    EXPECT_EQ(status()["state"], "refused");
    EXPECT_THAT(status()["error"].get<std::string>(), HasSubstr("calls itself probe 1.0.0"));
}

TEST_F(Plugins, One_that_throws_is_shown_with_its_words) {
    start_told("Throw");
    EXPECT_EQ(status()["state"], "failed");
    EXPECT_THAT(status()["error"].get<std::string>(), HasSubstr("told to throw"));
    EXPECT_EQ(as("root-token").get("/api/tasks").status, 200);
}

TEST_F(Plugins, One_that_hangs_in_its_start_is_given_up_and_the_host_listens) {
    patience_.start = std::chrono::milliseconds(50);
    start_told("HangInStart");
    EXPECT_EQ(status()["state"], "failed");
    EXPECT_EQ(status()["error"], "it has not started within 1 s");
    EXPECT_EQ(as("root-token").get("/healthz").status, 200);
    let_go();
    EXPECT_TRUE(eventually([&] { return content(data_of_probe() / "stopped") == "yes"; }))
        << "it came back too late and was stopped again";
    EXPECT_EQ(status()["state"], "failed");
    EXPECT_TRUE(host_->stop());
}

TEST_F(Plugins, One_that_hangs_in_its_stop_does_not_hold_the_host) {
    patience_.stop = std::chrono::milliseconds(50);
    start_told("HangInStop");
    EXPECT_EQ(status()["state"], "started");
    EXPECT_FALSE(host_->stop());
    let_go();
    EXPECT_TRUE(eventually([&] { return content(data_of_probe() / "stopped") == "yes"; }));
}

} // namespace
