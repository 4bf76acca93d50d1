#include <charconv>

#include "base/problem.hpp"
#include "http/resources.hpp"
#include "store/journal.hpp"

namespace host::http {
namespace {

nlohmann::json to_json(const JournalRow &row) {
    return {{"id", std::to_string(row.seq)},
            {"at", rfc3339(row.at)},
            {"code", row.code},
            {"name", row.name},
            {"plugin", row.plugin},
            {"tenant", row.tenant},
            {"user", or_null(row.user)},
            {"subject", nlohmann::json::parse(row.subject)},
            {"details", nlohmann::json::parse(row.details)}};
}

std::optional<std::int64_t> code_of(const Request &request) {
    const auto text = request.parameter("code");
    if (!text) return std::nullopt;
    std::int64_t code = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), code);
    if (error != std::errc{} || end != text->data() + text->size()) {
        throw Problem(400, "bad-code", "`code` must be a number");
    }
    return code;
}

} // namespace

void add_journal_calls(Router &router, Database &database) {
    router.add("GET", "/api/journal", Access::administrators, [&](const Request &request) {
        const auto page = request.page();
        const auto code = code_of(request);
        const auto rows =
            database.read([&](Session &session) { return journal::list(session, request.tenant, code, page); });
        return Response::of(list_of(rows, page, to_json));
    });
}

} // namespace host::http
