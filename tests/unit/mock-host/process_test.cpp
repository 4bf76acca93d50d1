// The program itself, killed where it hurts: mock-host-testing with ORCH_HOST_CRASH_AT.
#include <csignal>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "security/key_ring.hpp"
#include "security/password_hash.hpp"
#include "support/browser.hpp"
#include "support/scratch.hpp"

namespace {

using host::testing::Browser;
using host::testing::content;
using host::testing::eventually;
using host::testing::Scratch;
using nlohmann::json;
using ::testing::HasSubstr;

class Program {
  public:
    Program(std::vector<std::string> arguments, std::vector<std::string> environment, const std::string &out,
            const std::string &in = "/dev/null") {
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, 0, in.c_str(), O_RDONLY, 0);
        ::posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::posix_spawn_file_actions_addopen(&actions, 2, (out + ".err").c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                           0600);
        environment.emplace_back("PATH=/usr/bin:/bin");
        const auto pointers = [](std::vector<std::string> &texts) {
            std::vector<char *> list;
            for (auto &text : texts)
                list.push_back(text.data());
            list.push_back(nullptr);
            return list;
        };
        if (::posix_spawn(&pid_, arguments[0].c_str(), &actions, nullptr, pointers(arguments).data(),
                          pointers(environment).data()) != 0) {
            throw std::runtime_error("can't start " + arguments[0]);
        }
        ::posix_spawn_file_actions_destroy(&actions);
    }
    ~Program() {
        if (pid_ == 0) return;
        ::kill(pid_, SIGKILL);
        wait();
    }
    Program(const Program &) = delete;
    Program &operator=(const Program &) = delete;

    void signal(int number) const { ::kill(pid_, number); }
    bool ended() {
        if (pid_ != 0 && ::waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = 0;
        return pid_ == 0;
    }
    int wait() {
        if (pid_ != 0) ::waitpid(pid_, &status_, 0);
        pid_ = 0;
        return status_;
    }

  private:
    pid_t pid_ = 0;
    int status_ = 0;
};

class HostProcess : public ::testing::Test {
  protected:
    Scratch scratch_;

    void SetUp() override {
        host::testing::write(scratch_ / "config.json",
                             R"({"Users": [{"Name": "root", "Role": "Administrator", "Token": "token"}]})");
        host::testing::write(scratch_ / "plugins" / "probe" / "manifest.json",
                             R"({"schema": 1, "id": "probe", "version": "1.0.0", "interface": "1.4",
                                 "library": {"linux-x86_64": "libprobe.so", "linux-aarch64": "libprobe.so"},
                                 "extensions": ["orch.trigger-provider/1", "orch.settings-page/1",
                                                "orch.metrics/1", "orch.erasure/1", "orch.job-outcomes/1", "orch.translations/1"],
                                 "texts": {"name": {"en": "P"}, "description": {"en": "P"}}})");
        std::filesystem::copy_file(PROBE_PLUGIN, scratch_ / "plugins" / "probe" / "libprobe.so");
    }
    std::unique_ptr<Program> start(const std::string &crash_at = "") {
        const auto out = (scratch_ / "out").string();
        std::vector<std::string> environment;
        if (!crash_at.empty()) environment.push_back("ORCH_HOST_CRASH_AT=" + crash_at);
        std::filesystem::remove(out);
        auto program = std::make_unique<Program>(
            std::vector<std::string>{MOCK_HOST_TESTING, "--config", (scratch_ / "config.json").string(),
                                     "--plugins", (scratch_ / "plugins").string(), "--data",
                                     (scratch_ / "data").string(), "--listen", "127.0.0.1:0"},
            environment, out);
        eventually([&] { return content(out).ends_with('\n') || program->ended(); });
        return program;
    }
    Browser browser() {
        const auto line = content(scratch_ / "out");
        const std::string start = "listening on http://";
        EXPECT_TRUE(line.starts_with(start)) << line << content((scratch_ / "out").string() + ".err");
        return {line.substr(start.size(), line.size() - start.size() - 1), "token"};
    }
    [[nodiscard]] std::string marks() const { return content(scratch_ / "marks"); }
};

TEST_F(HostProcess, A_stop_signal_ends_it_with_status_0) {
    auto program = start();
    EXPECT_EQ(browser().get("/healthz").status, 200);
    program->signal(SIGTERM);
    const int status = program->wait();
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(HostProcess, A_configuration_that_it_refuses_ends_it_with_status_2_and_one_line) {
    host::testing::write(scratch_ / "config.json", R"({"Jbos": {}})");
    auto program = start();
    EXPECT_EQ(WEXITSTATUS(program->wait()), 2);
    EXPECT_THAT(content((scratch_ / "out").string() + ".err"), HasSubstr("Jbos: no such key"));
}

// The probe plugin asks for its jobs at each start of the host by the same keys, as a plugin's outbox does.
class KilledAt : public HostProcess, public ::testing::WithParamInterface<const char *> {};

TEST_P(KilledAt, Every_job_runs_exactly_once) {
    {
        auto program = start();
        auto root = browser();
        const auto made = root.post(
            "/api/tasks",
            {{"name", "T"},
             {"project", "printf x >> " + (scratch_ / "marks").string()},
             {"triggers", json::array({{{"type", "probe"}, {"parameters", {{"Text", "x"}, {"Count", 4}}}}})}});
        ASSERT_EQ(made.status, 201) << made.body;
        program->signal(SIGTERM);
        program->wait();
        program = start(GetParam());
        auto again = browser();
        try {
            again.post("/api/tasks/" + made.json()["id"].get<std::string>() + "/start");
        } catch (const Poco::Exception &) {
            // It died before it could answer.
        }
        ASSERT_TRUE(eventually([&] { return program->ended(); })) << "the crash point was not passed";
        EXPECT_TRUE(WIFSIGNALED(program->wait()));
    }
    auto program = start();
    auto root = browser();
    std::map<std::string, std::string> states;
    ASSERT_TRUE(eventually([&] {
        states.clear();
        bool all_ended = true;
        const auto list = root.get("/api/jobs").json();
        for (const auto &job : list["items"]) {
            states[job["idempotencyKey"]] = job["state"];
            all_ended = all_ended && !job["endedAt"].is_null();
        }
        return all_ended && states.size() == 4;
    })) << states.size();
    for (const auto &[key, state] : states)
        EXPECT_EQ(state, "succeeded") << key;
    EXPECT_EQ(marks(), "xxxx");
}

INSTANTIATE_TEST_SUITE_P(EachCrashPoint, KilledAt,
                         ::testing::Values("host-before-accept-commit", "host-after-accept-commit",
                                           "host-before-spawn", "host-before-spawn:3", "host-after-spawn",
                                           "host-after-spawn:3"));

class PasswordEncryptor : public ::testing::Test {
  protected:
    Scratch scratch_;

    std::pair<int, std::string> run(std::vector<std::string> arguments, const std::string &input) {
        host::testing::write(scratch_ / "in", input);
        arguments.insert(arguments.begin(), PASSWORD_ENCRYPTOR);
        Program program(arguments, {}, (scratch_ / "out").string(), (scratch_ / "in").string());
        const int status = program.wait();
        return {WEXITSTATUS(status), content(scratch_ / "out")};
    }
};

TEST_F(PasswordEncryptor, Prints_one_line_that_the_host_with_the_same_data_opens) {
    const auto data = scratch_ / "data";
    auto [status, line] = run({"--data", data.string()}, "pass word\n");
    EXPECT_EQ(status, 0);
    ASSERT_TRUE(line.ends_with('\n'));
    line.pop_back();
    EXPECT_EQ(host::find_keys(std::nullopt, data).open(host::configuration_context, line), "pass word");
}

TEST_F(PasswordEncryptor, Rotates_the_key_so_that_old_texts_open_and_new_ones_need_the_new_key) {
    const auto data = scratch_ / "data";
    const auto old_line = run({"--data", data.string()}, "pass word\n").second;
    const auto old_keys = host::KeyRing::from_text(content(data / "secret.key"));
    EXPECT_EQ(run({"--rotate", "--data", data.string()}, "").first, 0);
    const auto keys = host::find_keys(std::nullopt, data);
    const auto open = [](const host::KeyRing &with, const std::string &line) {
        return with.open(host::configuration_context, line.substr(0, line.size() - 1));
    };
    EXPECT_EQ(open(keys, old_line), "pass word");
    const auto resealed = run({"--reseal", "--data", data.string()}, old_line).second;
    EXPECT_EQ(open(keys, resealed), "pass word");
    EXPECT_THROW(open(old_keys, resealed), host::SecretRefused) << "it was sealed with the new one";
    using std::filesystem::perms;
    EXPECT_EQ(std::filesystem::status(data / "secret.key").permissions(),
              perms::owner_read | perms::owner_write);
}

TEST_F(PasswordEncryptor, Rotates_no_file_that_is_not_there_or_holds_no_key) {
    EXPECT_EQ(run({"--rotate", "--key-file", (scratch_ / "absent").string()}, "").first, 1);
    EXPECT_FALSE(std::filesystem::exists(scratch_ / "absent"));
    host::testing::write(scratch_ / "broken", "no key\n");
    EXPECT_EQ(run({"--rotate", "--key-file", (scratch_ / "broken").string()}, "").first, 1);
    EXPECT_EQ(content(scratch_ / "broken"), "no key\n");
    EXPECT_EQ(run({"--rotate"}, "").first, 1);
}

TEST_F(HostProcess, What_was_sealed_before_a_rotation_is_used_after_it) {
    start().reset(); // makes the key
    const auto key_file = scratch_ / "data" / "secret.key";
    const auto sealed = host::KeyRing::from_text(content(key_file)).seal(host::configuration_context, "secret");
    host::add_key(key_file);
    host::testing::write(
        scratch_ / "config.json",
        json{{"Users", {{{"Name", "root"}, {"Role", "Administrator"}, {"Token", "token"}}}},
             {"Tenants",
              {{"IncomingEmail", {{"UserName", "a@b.org"}, {"Imap", "mail.b.org"}, {"Password", sealed}}}}}}
            .dump());
    const auto program = start();
    EXPECT_EQ(browser().get("/healthz").status, 200);
}

TEST_F(PasswordEncryptor, Hashes_a_users_password) {
    auto [status, line] = run({"--hash"}, "pass word\n");
    EXPECT_EQ(status, 0);
    line.pop_back();
    EXPECT_TRUE(host::password_matches("pass word", line));
}

TEST_F(PasswordEncryptor, Says_what_is_missing) {
    EXPECT_EQ(run({}, "x").first, 1) << "no key";
    EXPECT_EQ(run({"--hash"}, "").first, 2);
    EXPECT_EQ(run({"--what"}, "x").first, 2);
}

} // namespace
