#include <charconv>

#include "base/problem.hpp"
#include "http/resources.hpp"
#include "http/row_shapes.hpp"
#include "store/journal.hpp"

namespace host::http {
namespace {

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
        return Response::of(list_of(rows, page, [](const JournalRow &row) { return to_json(row); }));
    });
}

} // namespace host::http
