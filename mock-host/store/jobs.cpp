#include "store/jobs.hpp"

#include <limits>

#include <Poco/Data/TypeHandler.h>
#include <Poco/Nullable.h>

namespace host::jobs {
namespace {

template <class T>
void extract_optional(std::size_t at, std::optional<T> &value, Poco::Data::AbstractExtractor::Ptr from) {
    if (from->isNull(at)) {
        value.reset();
        return;
    }
    T found{};
    Poco::Data::TypeHandler<T>::extract(at, found, T{}, from);
    value = std::move(found);
}

template <class T>
Poco::Nullable<T> nullable(const std::optional<T> &value) {
    return value ? Poco::Nullable<T>(*value) : Poco::Nullable<T>();
}

} // namespace
} // namespace host::jobs

namespace Poco::Data {

// The signatures are Poco's.
// NOLINTBEGIN(performance-unnecessary-value-param)
template <>
class TypeHandler<host::JobRow> {
  public:
    static std::size_t size() { return 21; }
    static void extract(std::size_t at, host::JobRow &row, const host::JobRow &, AbstractExtractor::Ptr from) {
        using host::jobs::extract_optional;
        TypeHandler<Int64>::extract(at++, row.seq, 0, from);
        TypeHandler<std::string>::extract(at++, row.id, {}, from);
        TypeHandler<std::string>::extract(at++, row.plugin, {}, from);
        extract_optional(at++, row.idempotency_key, from);
        for (auto *field : {&row.task, &row.task_name, &row.trigger, &row.tenant, &row.project}) {
            TypeHandler<std::string>::extract(at++, *field, {}, from);
        }
        extract_optional(at++, row.payload, from);
        TypeHandler<std::string>::extract(at++, row.spool, {}, from);
        TypeHandler<Int64>::extract(at++, row.bytes, 0, from);
        TypeHandler<std::string>::extract(at++, row.state, {}, from);
        TypeHandler<Int64>::extract(at++, row.created_at, 0, from);
        extract_optional(at++, row.started_at, from);
        extract_optional(at++, row.ended_at, from);
        extract_optional(at++, row.exit_code, from);
        extract_optional(at++, row.output, from);
        extract_optional(at++, row.error, from);
        extract_optional(at++, row.retry_of, from);
        extract_optional(at++, row.received_at, from);
        extract_optional(at++, row.mails, from);
        extract_optional(at++, row.subject, from);
    }
    static void prepare(std::size_t, const host::JobRow &, AbstractPreparator::Ptr) {}
};
// NOLINTEND(performance-unnecessary-value-param)

} // namespace Poco::Data

namespace host::jobs {
namespace {

using namespace Poco::Data::Keywords;

std::string select(bool whole) {
    const std::string payload = whole ? "payload" : "NULL";
    const std::string output = whole ? "output" : "NULL";
    return "SELECT seq, id, plugin, idempotency_key, task, task_name, trigger_id, tenant, project, " + payload +
           ", spool, spool_bytes, state, created_at, started_at, ended_at, exit_code, " + output +
           ", error, retry_of, received_at, mails, subject FROM jobs ";
}

// For a condition IN (...): ids of plugins, which hold no quote (host-api/manifest.schema.json).
std::string list_of_texts(const std::vector<std::string> &texts) {
    std::string list;
    for (const auto &text : texts)
        list.append(list.empty() ? "'" : ",'").append(text).append("'");
    return list;
}

// Of the job that this one repeats, or that one in turn.
std::optional<std::string> first_key(Session &session, const std::string &job) {
    std::vector<std::string> keys;
    session
        << "WITH RECURSIVE line (id, key, retry_of) AS ("
           " SELECT id, idempotency_key, retry_of FROM jobs WHERE id = ?"
           " UNION SELECT j.id, j.idempotency_key, j.retry_of FROM jobs j JOIN line ON j.id = line.retry_of)"
           " SELECT key FROM line WHERE key IS NOT NULL",
        bind(job), into(keys), now;
    if (keys.empty()) return std::nullopt;
    return keys.front();
}

} // namespace

void insert(Session &session, const JobRow &job) {
    session << "INSERT INTO jobs (id, plugin, idempotency_key, task, task_name, trigger_id, tenant, project, "
               "payload,"
               " spool, spool_bytes, state, created_at, retry_of, received_at, mails, subject) VALUES (?, ?, "
               "?, ?, ?, ?, ?, "
               "?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        bind(job.id), bind(job.plugin), bind(nullable(job.idempotency_key)), bind(job.task),
        bind(job.task_name), bind(job.trigger), bind(job.tenant), bind(job.project),
        bind(nullable(job.payload)), bind(job.spool), bind(job.bytes), bind(job.state), bind(job.created_at),
        bind(nullable(job.retry_of)), bind(nullable(job.received_at)), bind(nullable(job.mails)),
        bind(nullable(job.subject)), now;
}

std::optional<std::string> find_by_key(Session &session, const std::string &plugin, const std::string &key) {
    std::vector<std::string> ids;
    session << "SELECT id FROM jobs WHERE plugin = ? AND idempotency_key = ?", bind(plugin), bind(key),
        into(ids), now;
    if (ids.empty()) return std::nullopt;
    return ids.front();
}

bool spool_in_use(Session &session, const std::string &plugin, const std::string &spool) {
    int used = 0;
    session << "SELECT EXISTS (SELECT 1 FROM jobs WHERE plugin = ? AND spool = ? AND spool <> '')",
        bind(plugin), bind(spool), into(used), now;
    return used != 0;
}

std::optional<JobRow> find(Session &session, const std::string &job) {
    std::vector<JobRow> rows;
    session << select(true) + "WHERE id = ?", bind(job), into(rows), now;
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
}

std::optional<JobRow> find(Session &session, const std::string &tenant, const std::string &job) {
    auto row = find(session, job);
    if (row && row->tenant != tenant) return std::nullopt;
    return row;
}

std::vector<JobRow> list(Session &session, const JobFilter &filter, const PageOf &page) {
    std::string where = "WHERE tenant = ?";
    Poco::Data::Statement statement(session);
    const std::int64_t start =
        page.before.value_or(page.oldest_first ? 0 : std::numeric_limits<std::int64_t>::max());
    if (filter.task) where += " AND task = ?";
    if (filter.trigger) where += " AND trigger_id = ?";
    if (filter.state) where += " AND state = ?";
    where += page.oldest_first ? " AND seq > ? ORDER BY seq LIMIT ?" : " AND seq < ? ORDER BY seq DESC LIMIT ?";
    statement << select(false) + where, bind(filter.tenant);
    if (filter.task) statement, bind(*filter.task);
    if (filter.trigger) statement, bind(*filter.trigger);
    if (filter.state) statement, bind(*filter.state);
    std::vector<JobRow> rows;
    statement, bind(start), bind(page.limit), into(rows), now;
    return rows;
}

std::vector<JobRow> of_rows(Session &session, const std::vector<std::int64_t> &rows) {
    std::vector<JobRow> found;
    if (rows.empty()) return found;
    session << select(false) + "WHERE seq IN (" + list_of_numbers(rows) + ") ORDER BY seq", into(found), now;
    return found;
}

std::vector<JobRow> unfinished(Session &session) {
    std::vector<JobRow> rows;
    session << select(false) + "WHERE ended_at IS NULL ORDER BY seq", into(rows), now;
    return rows;
}

std::map<std::string, std::int64_t> unfinished_by_state(Session &session) {
    return counts_of(session, "SELECT state, COUNT(*) FROM jobs WHERE ended_at IS NULL GROUP BY state");
}

std::map<std::string, std::int64_t> interrupt_unfinished(Session &session, Micros at,
                                                         const std::string &error) {
    auto by_tenant =
        counts_of(session, "SELECT tenant, COUNT(*) FROM jobs WHERE ended_at IS NULL GROUP BY tenant");
    session << "UPDATE jobs SET state = 'interrupted', ended_at = ?, error = ? WHERE ended_at IS NULL",
        bind(at), bind(error), now;
    return by_tenant;
}

void mark_starting(Session &session, const std::string &job) {
    session << "UPDATE jobs SET state = 'starting' WHERE id = ? AND state = 'queued'", bind(job), now;
}

void mark_running(Session &session, const std::string &job, Micros at) {
    session << "UPDATE jobs SET state = 'running', started_at = COALESCE(started_at, ?) WHERE id = ? AND "
               "ended_at IS NULL",
        bind(at), bind(job), now;
}

void mark_ended(Session &session, const std::string &job, const JobEnd &end) {
    session << "UPDATE jobs SET state = ?, ended_at = ?, exit_code = ?, output = ?, error = ?, tell_at = ?"
               " WHERE id = ? AND ended_at IS NULL",
        bind(end.state), bind(end.at), bind(nullable(end.exit_code)), bind(end.output),
        bind(nullable(end.error)), bind(end.at), bind(job), now;
}

std::vector<JobRow> to_tell(Session &session, const std::vector<std::string> &plugins, Micros at,
                            std::int64_t limit) {
    std::vector<JobRow> rows;
    session << select(false) + "WHERE tell_at <= ? AND plugin IN (" + list_of_texts(plugins) +
                   ") ORDER BY tell_at LIMIT ?",
        bind(at), bind(limit), into(rows), now;
    for (auto &row : rows)
        if (!row.idempotency_key) row.idempotency_key = first_key(session, row.id);
    return rows;
}

std::optional<Micros> next_to_tell(Session &session, const std::vector<std::string> &plugins) {
    std::vector<Micros> times;
    session << "SELECT tell_at FROM jobs WHERE tell_at IS NOT NULL AND plugin IN (" + list_of_texts(plugins) +
                   ") ORDER BY tell_at LIMIT 1",
        into(times), now;
    if (times.empty()) return std::nullopt;
    return times.front();
}

void note_told(Session &session, const std::string &job, std::optional<Micros> again_at) {
    session << "UPDATE jobs SET tell_at = ? WHERE id = ?", bind(nullable(again_at)), bind(job), now;
}

void tell_nobody(Session &session, const std::string &plugin) {
    session << "UPDATE jobs SET tell_at = NULL WHERE tell_at IS NOT NULL AND plugin = ?", bind(plugin), now;
}

void tell_nobody(Session &session) {
    session << "UPDATE jobs SET tell_at = NULL WHERE tell_at IS NOT NULL", now;
}

std::vector<ExpiredJob> expired(Session &session, Micros ended_before, std::int64_t limit) {
    std::vector<std::string> ids;
    std::vector<std::string> plugins;
    std::vector<std::string> spools;
    std::vector<std::int64_t> bytes;
    // A retry reads the same spool.
    session << "SELECT id, plugin, CASE WHEN EXISTS (SELECT 1 FROM jobs o WHERE o.plugin = j.plugin"
               " AND o.spool = j.spool AND o.payload IS NOT NULL AND (o.ended_at IS NULL OR (o.ended_at >= ? "
               "AND o.erase = 0)))"
               " THEN '' ELSE spool END, spool_bytes"
               " FROM jobs j WHERE payload IS NOT NULL AND ended_at IS NOT NULL AND (ended_at < ? OR erase = 1)"
               " ORDER BY ended_at LIMIT ?",
        bind(ended_before), bind(ended_before), bind(limit), into(ids), into(plugins), into(spools),
        into(bytes), now;
    std::vector<ExpiredJob> rows;
    for (std::size_t index = 0; index < ids.size(); ++index) {
        rows.push_back({ids[index], plugins[index], spools[index], bytes[index]});
    }
    return rows;
}

void drop_payload(Session &session, const std::string &job) {
    session << "UPDATE jobs SET payload = NULL, mails = NULL, subject = NULL, spool_bytes = 0,"
               " output = CASE WHEN erase = 1 THEN NULL ELSE output END WHERE id = ?",
        bind(job), now;
}

std::int64_t mark_for_erasure(Session &session, const std::string &tenant) {
    std::int64_t count = 0;
    session << "SELECT COUNT(*) FROM jobs WHERE tenant = ? AND payload IS NOT NULL", bind(tenant), into(count),
        now;
    session << "UPDATE jobs SET erase = 1 WHERE tenant = ? AND payload IS NOT NULL", bind(tenant), now;
    // What expired before kept the tail of its output.
    session << "UPDATE jobs SET output = NULL WHERE tenant = ? AND payload IS NULL AND output IS NOT NULL",
        bind(tenant), now;
    return count;
}

std::int64_t bytes_kept(Session &session) {
    std::int64_t bytes = 0;
    session << "SELECT COALESCE(SUM(spool_bytes), 0) FROM jobs", into(bytes), now;
    return bytes;
}

} // namespace host::jobs
