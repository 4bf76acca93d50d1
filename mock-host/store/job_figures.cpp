#include "store/job_figures.hpp"

namespace host::jobs {

using namespace Poco::Data::Keywords;

std::vector<MinuteOfJobs> by_minute(Session &session, const std::string &tenant, Micros from, Micros before) {
    std::vector<Micros> minutes;
    std::vector<std::int64_t> taken;
    std::vector<std::int64_t> succeeded;
    std::vector<std::int64_t> failed;
    std::vector<std::int64_t> interrupted;
    session
        << "SELECT created_at / 60000000 AS minute, COUNT(*), SUM(state = 'succeeded'), SUM(state = 'failed'),"
           " SUM(state = 'interrupted') FROM jobs WHERE tenant = ? AND created_at >= ? AND created_at < ?"
           " GROUP BY minute ORDER BY minute",
        bind(tenant), bind(from), bind(before), into(minutes), into(taken), into(succeeded), into(failed),
        into(interrupted), now;
    std::vector<Micros> started;
    std::vector<Micros> medians;
    // Servers' clocks differ: a mail may come after its job, by theirs.
    session << "WITH started AS (SELECT created_at / 60000000 AS minute,"
               "  MAX(0, started_at - COALESCE(received_at, created_at)) AS latency FROM jobs"
               "  WHERE tenant = ? AND created_at >= ? AND created_at < ? AND started_at IS NOT NULL),"
               " ranked AS (SELECT minute, latency,"
               "  ROW_NUMBER() OVER (PARTITION BY minute ORDER BY latency) AS place,"
               "  COUNT(*) OVER (PARTITION BY minute) AS jobs FROM started)"
               " SELECT minute, CAST(AVG(latency) AS INTEGER) FROM ranked"
               " WHERE place IN ((jobs + 1) / 2, (jobs + 2) / 2) GROUP BY minute ORDER BY minute",
        bind(tenant), bind(from), bind(before), into(started), into(medians), now;
    std::vector<MinuteOfJobs> rows;
    std::size_t next = 0;
    for (std::size_t index = 0; index < minutes.size(); ++index) {
        MinuteOfJobs row{minutes[index] * micros_per_minute,
                         taken[index],
                         succeeded[index],
                         failed[index],
                         interrupted[index],
                         {}};
        if (next < started.size() && started[next] == minutes[index]) row.latency = medians[next++];
        rows.push_back(row);
    }
    return rows;
}

std::map<std::string, JobCountsByState> backlogs(Session &session) {
    std::vector<std::string> tenants;
    std::vector<std::string> states;
    std::vector<std::int64_t> counts;
    session << "SELECT tenant, state, COUNT(*) FROM jobs WHERE ended_at IS NULL GROUP BY tenant, state",
        into(tenants), into(states), into(counts), now;
    std::map<std::string, JobCountsByState> all;
    for (std::size_t index = 0; index < tenants.size(); ++index)
        all[tenants[index]][states[index]] = counts[index];
    return all;
}

} // namespace host::jobs
