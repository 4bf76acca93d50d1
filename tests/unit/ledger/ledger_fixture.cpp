#include "ledger_fixture.hpp"

#include <cstdlib>
#include <map>

#include "ledger/sql/sqlite_session.hpp"
#include "shared_postgres.hpp"

namespace roe::ledger::testing {

void LedgerTest::SetUp() {
    if (GetParam() == Backend::sqlite) {
        std::string pattern = (std::filesystem::temp_directory_path() / "roe-ledger-XXXXXX").string();
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        address_ = {"sqlite", pattern};
    } else {
        auto *server = shared_postgres();
        if (!server) GTEST_SKIP() << "PostgreSQL is not installed: apt-get install postgresql";
        // Making a database takes far longer than emptying one.
        static const std::string database = server->fresh_database();
        address_ = {database, ""};
        database_name_ = database.substr(database.rfind('=') + 1);
        server->administrate("DROP SCHEMA IF EXISTS run_on_email CASCADE", database_name_);
    }
    ledger_ = open();
}

void LedgerTest::TearDown() {
    ledger_.reset();
    if (!address_.folder.empty()) std::filesystem::remove_all(address_.folder);
}

std::unique_ptr<Ledger> LedgerTest::open() {
    return must(open_ledger(address_.database, address_.folder));
}

void LedgerTest::tamper(const std::string &sql) {
    if (GetParam() == Backend::postgres) {
        shared_postgres()->administrate("SET search_path TO run_on_email; " + sql, database_name_);
        return;
    }
    sql::SqliteSession session(std::filesystem::path(address_.folder) / "ledger.db",
                               sql::SqliteSession::Role::writer);
    session.execute(sql);
}

RowId LedgerTest::given_folder(const std::vector<std::string> &triggers, const std::string &validity) {
    const auto folder = must(ledger_->folder("mailbox", "INBOX"));
    for (const auto &trigger : triggers)
        must(ledger_->set_baseline(folder.id, {trigger, 0, validity, at(0), 0}, {}));
    return folder.id;
}

Decision skipped(const std::string &trigger, std::int64_t order) {
    Decision decision;
    decision.trigger = trigger;
    decision.tenant = "tenant";
    decision.ref = {order, std::to_string(order)};
    decision.fingerprint = "print-" + std::to_string(order);
    decision.message_id = std::to_string(order) + "@example.com";
    decision.subject = "Счёт " + std::to_string(order);
    decision.from = "Ann <ann@example.com>";
    decision.received_at = at(order);
    decision.reason_code = "subject";
    decision.reason_text = "The subject has no \"invoice\"";
    return decision;
}

Decision matched(const std::string &trigger, std::int64_t order) {
    Decision decision = skipped(trigger, order);
    decision.matched = true;
    decision.reason_code = "matched";
    decision.reason_text = "All conditions hold";
    decision.key = trigger + "/" + decision.ref.uid;
    decision.payload = R"({"uid":")" + decision.ref.uid + R"("})";
    decision.spool = "spool-" + decision.key;
    return decision;
}

Pass pass_of(RowId folder, std::vector<Decision> decisions, const std::string &validity) {
    Pass pass;
    pass.folder = folder;
    pass.validity = validity;
    pass.node = "node";
    pass.epoch = 1;
    pass.decided_at = at(100);
    pass.disposal = Disposal{true};
    std::map<std::string, std::int64_t> highest;
    for (const auto &decision : decisions)
        highest[decision.trigger] = std::max(highest[decision.trigger], decision.ref.order);
    for (const auto &[trigger, order] : highest)
        pass.marks.push_back({trigger, order, validity, at(0), 0});
    pass.decisions = std::move(decisions);
    return pass;
}

Answer accepted(RowId outbox, const std::string &job) {
    Answer answer;
    answer.outbox = outbox;
    answer.accepted = true;
    answer.job = job;
    answer.at = at(200);
    return answer;
}

Answer busy(RowId outbox, WallTime not_before) {
    Answer answer;
    answer.outbox = outbox;
    answer.words = "the queue is full";
    answer.at = at(200);
    answer.not_before = not_before;
    return answer;
}

Answer refused(RowId outbox, const std::string &words) {
    Answer answer;
    answer.outbox = outbox;
    answer.park = true;
    answer.words = words;
    answer.at = at(200);
    return answer;
}

std::vector<std::string> fingerprints(const std::vector<FiredMail> &mails) {
    std::vector<std::string> names;
    for (const auto &mail : mails)
        names.push_back(mail.fingerprint);
    return names;
}

std::vector<std::string> keys(const std::vector<OutboxRow> &rows) {
    std::vector<std::string> keys;
    for (const auto &row : rows)
        keys.push_back(row.key);
    return keys;
}

std::vector<std::string> uids(const std::vector<DisposalRow> &rows) {
    std::vector<std::string> uids;
    for (const auto &row : rows)
        uids.push_back(row.ref.uid);
    return uids;
}

} // namespace roe::ledger::testing
