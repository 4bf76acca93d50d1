// Opening, upgrading, and what is said when the database is not as it should be.
#include "ledger_fixture.hpp"

#include <atomic>
#include <fstream>
#include <latch>
#include <sys/mount.h>
#include <thread>
#include <unistd.h>

#include <gmock/gmock.h>

#include "shared_postgres.hpp"

namespace roe::ledger::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class Opening : public LedgerTest {};

TEST_P(Opening, A_ledger_of_a_newer_plugin_is_refused_and_left_alone) {
    given_folder({"t1"});
    tamper("UPDATE schema_version SET version = version + 99");
    ledger_.reset();
    const auto refused = open_ledger(address_.database, address_.folder);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::storage);
    EXPECT_THAT(refused.error().server_text, HasSubstr("newer version"));
    EXPECT_THAT(refused.error().server_text, HasSubstr("its schema is number"));
    EXPECT_THAT(refused.error().advice, Not(IsEmpty()));
    tamper("UPDATE schema_version SET version = version - 99");
    EXPECT_TRUE(open_ledger(address_.database, address_.folder));
}

TEST_P(Opening, A_ledger_of_an_older_plugin_is_brought_up_to_date_and_keeps_what_it_knows) {
    const RowId folder = given_folder({"t1"});
    for (const char *table : {"pause", "arrival", "arrival_list", "arrival_shared", "mailbox_token", "restored",
                              "author", "brake", "task_start", "change_state"})
        tamper(std::string("DROP TABLE ") + table);
    tamper("ALTER TABLE mark DROP COLUMN restored_until");
    for (const char *column : {"quarantined", "asked_by", "asked_at", "deaths"})
        tamper(std::string("ALTER TABLE pending DROP COLUMN ") + column);
    tamper("DROP INDEX fired_moved");
    tamper("ALTER TABLE fired DROP COLUMN ord");
    tamper("DROP INDEX outbox_held");
    for (const char *column : {"braked", "released"})
        tamper(std::string("ALTER TABLE outbox DROP COLUMN ") + column);
    tamper("UPDATE schema_version SET version = 1");
    reopen();
    EXPECT_THAT(must(ledger_->marks(folder)), SizeIs(1));
    EXPECT_EQ(must(ledger_->marks(folder)).at(0).restored_until, WallTime{});
    EXPECT_FALSE(must(ledger_->restored("t1")));
    EXPECT_THAT(must(ledger_->pauses()), IsEmpty());
    EXPECT_EQ(must(ledger_->tokens("m1")), "");
    EXPECT_THAT(must(ledger_->authors("t1/7")), IsEmpty());
    EXPECT_EQ(must(ledger_->brake_reason("task")), "");
    EXPECT_FALSE(must(ledger_->held("t1")));
    EXPECT_EQ(must(ledger_->change_standing(folder, "inbox")).state, "");
}

TEST_P(Opening, Many_may_open_a_new_ledger_at_once) {
    const int rounds = GetParam() == Backend::sqlite ? 5 : 1;
    for (int round = 0; round < rounds; ++round) {
        Address fresh = address_;
        if (GetParam() == Backend::sqlite) {
            fresh.folder = (fs::path(address_.folder) / ("fresh " + std::to_string(round))).string();
            fs::create_directory(fresh.folder);
        } else {
            fresh.database = shared_postgres()->fresh_database();
        }
        std::latch together(8);
        std::atomic<int> opened = 0;
        {
            std::vector<std::jthread> threads;
            for (int i = 0; i < 8; ++i)
                threads.emplace_back([&] {
                    together.arrive_and_wait();
                    const auto ledger = open_ledger(fresh.database, fresh.folder);
                    if (ledger && (*ledger)->folder("m", "INBOX")) ++opened;
                    if (!ledger) ADD_FAILURE() << ledger.error().text();
                });
        }
        ASSERT_EQ(opened, 8);
    }
}

INSTANTIATE_TEST_SUITE_P(On, Opening, on_both, backend_name);

class SqliteFile : public LedgerTest {
  protected:
    [[nodiscard]] fs::path file() const { return fs::path(address_.folder) / "ledger.db"; }
};

TEST_P(SqliteFile, Nobody_else_may_read_it) {
    given_folder({"t1"});
    for (const auto &entry : fs::directory_iterator(address_.folder))
        EXPECT_EQ(entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all),
                  fs::perms::none)
            << entry.path();
}

TEST_P(SqliteFile, A_file_that_is_no_database_gives_words_and_advice) {
    ledger_.reset();
    std::ofstream(file(), std::ios::trunc) << std::string(8192, 'x');
    const auto refused = open_ledger("sqlite", address_.folder);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text(), HasSubstr("ledger.db"));
    EXPECT_THAT(refused.error().text(), HasSubstr("not a database"));
    EXPECT_THAT(refused.error().advice, HasSubstr("backup"));
}

TEST_P(SqliteFile, A_damaged_page_gives_words_and_harms_nobody) {
    const RowId folder = given_folder({"t1"});
    std::vector<Decision> decisions;
    for (int i = 1; i <= 500; ++i)
        decisions.push_back(matched("t1", i));
    must(ledger_->commit_pass(pass_of(folder, decisions)));
    ledger_.reset();
    {
        std::fstream bytes(file(), std::ios::in | std::ios::out | std::ios::binary);
        bytes.seekp(4096);
        bytes << std::string(static_cast<std::size_t>(fs::file_size(file())) - 8192, '\xA5');
    }
    const auto damaged = open_ledger("sqlite", address_.folder);
    const auto result = damaged ? (*damaged)->commit_pass(pass_of(folder, {matched("t1", 501)}))
                                : Result<std::vector<OutboxRow>>(damaged.error());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().fault, Fault::storage);
    EXPECT_THAT(result.error().text(), HasSubstr("malformed"));
}

TEST_P(SqliteFile, A_folder_that_is_not_there_gives_words) {
    const auto refused = open_ledger("sqlite", address_.folder + "/nowhere");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text(), HasSubstr("unable to open"));
    EXPECT_THAT(refused.error().advice, HasSubstr("folder"));
}

TEST_P(SqliteFile, A_full_disk_undoes_one_pass_and_it_goes_on_when_there_is_room) {
    const fs::path disk = fs::path(address_.folder) / "disk";
    fs::create_directory(disk);
    if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=6m") != 0)
        GTEST_SKIP() << "mounting a small disk needs root";
    {
        const auto ledger = must(open_ledger("sqlite", disk.string()));
        const auto folder = must(ledger->folder("mailbox", "INBOX")).id;
        must(ledger->commit_pass(pass_of(folder, {matched("t1", 1)})));
        {
            std::ofstream filler(disk / "filler");
            filler << std::string(std::size_t{4} << 20, 'f') << std::flush;
        }
        Decision large = matched("t1", 2);
        large.payload.assign(3'000'000, 'p');
        const auto full = ledger->commit_pass(pass_of(folder, {large}));
        ASSERT_FALSE(full);
        EXPECT_THAT(full.error().text(), HasSubstr("full"));
        EXPECT_THAT(full.error().advice, HasSubstr("Free some space"));
        EXPECT_EQ(must(ledger->marks(folder)).at(0).order, 1);
        fs::remove(disk / "filler");
        must(ledger->commit_pass(pass_of(folder, {matched("t1", 2)})));
        EXPECT_THAT(must(ledger->due_outbox(std::vector<std::string>{"t1"}, at(1000), 10)), SizeIs(2));
    }
    umount(disk.c_str());
}

INSTANTIATE_TEST_SUITE_P(On, SqliteFile, ::testing::Values(Backend::sqlite), backend_name);

class PostgresServer : public LedgerTest {};

TEST_P(PostgresServer, Its_loss_is_told_and_the_next_call_connects_again) {
    const RowId folder = given_folder({"t1"});
    shared_postgres()->crash();
    const auto lost = ledger_->commit_pass(pass_of(folder, {matched("t1", 1)}));
    const auto still_lost = ledger_->marks(folder);
    shared_postgres()->start();
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().fault, Fault::storage);
    EXPECT_THAT(lost.error().server_text, Not(IsEmpty()));
    ASSERT_FALSE(still_lost);
    EXPECT_THAT(must(ledger_->commit_pass(pass_of(folder, {matched("t1", 1)}))), SizeIs(1));
}

TEST_P(PostgresServer, A_restart_between_two_calls_is_not_even_noticed) {
    const RowId folder = given_folder({"t1"});
    shared_postgres()->crash();
    shared_postgres()->start();
    EXPECT_THAT(must(ledger_->commit_pass(pass_of(folder, {matched("t1", 1)}))), SizeIs(1));
}

TEST_P(PostgresServer, A_killed_session_costs_one_call_at_most) {
    const RowId folder = given_folder({"t1"});
    shared_postgres()->administrate("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                    "WHERE application_name = 'run-on-email'");
    EXPECT_THAT(must(ledger_->commit_pass(pass_of(folder, {matched("t1", 1)}))), SizeIs(1));
}

TEST_P(PostgresServer, A_connection_string_may_be_a_uri) {
    const std::string folder = address_.database.substr(5, address_.database.find(' ') - 5);
    std::string encoded;
    for (const char c : folder)
        encoded += c == '/' ? std::string("%2F") : std::string(1, c);
    EXPECT_TRUE(open_ledger("postgresql://roe@" + encoded + "/" + database_name_, ""));
}

TEST_P(PostgresServer, A_wrong_setting_gives_words_and_never_shows_the_password) {
    for (const std::string setting :
         {"host=127.0.0.1 port=1 user=roe password=s3cret dbname=x", "postgresql://roe:s3cret@127.0.0.1:1/x",
          "host=/nowhere password=s3cret dbname=x", "nonsense password=s3cret",
          "host=127.0.0.1 port=1 password='s3 cret'"}) {
        const auto refused = open_ledger(setting, "");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().fault, Fault::storage);
        EXPECT_THAT(refused.error().server_text, Not(IsEmpty()));
        EXPECT_THAT(refused.error().text() + refused.error().advice, Not(HasSubstr("s3"))) << setting;
    }
    const std::string other = address_.database.substr(0, address_.database.rfind('=')) + "=nowhere";
    const auto missing = open_ledger(other, "");
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().text(), HasSubstr("does not exist"));
}

TEST_P(PostgresServer, Many_failed_attempts_leave_no_connection_behind) {
    const auto sockets = [] {
        return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
    };
    const auto before = sockets();
    for (int i = 0; i < 50; ++i)
        EXPECT_FALSE(open_ledger("host=127.0.0.1 port=1 dbname=x", ""));
    EXPECT_EQ(sockets(), before);
}

INSTANTIATE_TEST_SUITE_P(On, PostgresServer, ::testing::Values(Backend::postgres), backend_name);

} // namespace
} // namespace roe::ledger::testing
