#include "ledger/sql/session.hpp"

namespace roe::ledger::sql {

std::string placeholders(const Dialect &dialect, std::size_t rows, const std::vector<std::string_view> &types,
                         std::size_t first) {
    std::string text;
    std::size_t number = first;
    for (std::size_t row = 0; row < rows; ++row) {
        text += row == 0 ? "(" : ",(";
        for (std::size_t column = 0; column < types.size(); ++column, ++number) {
            if (column > 0) text += ',';
            // SQLite looks up a named parameter by comparing it with all before it; "?" it just counts.
            const std::string mark = dialect.server ? "$" + std::to_string(number) : "?";
            text += types[column].empty() ? mark : "CAST(" + mark + " AS " + std::string(types[column]) + ")";
        }
        text += ')';
    }
    return text;
}

std::size_t batch_size(std::size_t left) {
    if (left >= 64) return 64;
    if (left >= 8) return 8;
    return 1;
}

} // namespace roe::ledger::sql
