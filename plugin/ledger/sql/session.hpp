// A session with a database, as the statements see it: text in, rows out, nothing of the library below.
//
// One set of statements serves both databases: placeholders are $1, $2, ... each used once and in order,
// which PostgreSQL takes as they are and SQLite as named parameters numbered by their first appearance. No
// column is ever NULL. What differs stands in Dialect.
//
// Belongs to one thread at a time. Throws SqlError.
#pragma once

#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace roe::ledger::sql {

class SqlError : public std::runtime_error {
  public:
    enum class Kind {
        failed, // the statement was refused
        again,  // two transactions collided: the same unit may succeed now
        lost,   // the session is of no more use
    };

    SqlError(Kind kind, const std::string &words) : std::runtime_error(words), kind_(kind) {}
    [[nodiscard]] Kind kind() const { return kind_; }

  private:
    Kind kind_;
};

struct Dialect {
    std::string_view row_id;     // definition of a column of ids that are never used again
    std::string_view for_update; // ends a SELECT whose rows the transaction will change
    std::string_view for_share;  // ends a SELECT whose rows must stay until the transaction ends
    bool server = false;         // several processes share it: PostgreSQL, else SQLite
};

using Value = std::variant<std::int64_t, std::string>;
using Values = std::vector<Value>;

class Session {
  public:
    virtual ~Session() = default;

    [[nodiscard]] virtual const Dialect &dialect() const = 0;
    virtual void begin() = 0;
    virtual void commit() = 0;
    virtual void rollback() = 0;

    // Returns the number of rows changed.
    std::size_t execute(const std::string &sql, Values values = {}) {
        return run(sql, std::move(values), nullptr);
    }

    // Rows as tuples of std::int64_t and std::string.
    template <class... Columns>
    std::vector<std::tuple<Columns...>> query(const std::string &sql, Values values = {}) {
        TextColumns columns(sizeof...(Columns));
        run(sql, std::move(values), &columns);
        std::vector<std::tuple<Columns...>> rows;
        rows.reserve(columns.front().size());
        for (std::size_t row = 0; row < columns.front().size(); ++row)
            rows.push_back(row_of<Columns...>(columns, row, std::index_sequence_for<Columns...>{}));
        return rows;
    }

    template <class... Columns>
    std::optional<std::tuple<Columns...>> query_one(const std::string &sql, Values values = {}) {
        auto rows = query<Columns...>(sql, std::move(values));
        if (rows.empty()) return std::nullopt;
        return std::move(rows.front());
    }

  protected:
    using TextColumns = std::vector<std::vector<std::string>>;

    virtual std::size_t run(const std::string &sql, Values values, TextColumns *columns) = 0;

  private:
    template <class Column>
    static Column cell(std::string &text) {
        if constexpr (std::is_same_v<Column, std::string>) {
            return std::move(text);
        } else {
            static_assert(std::is_same_v<Column, std::int64_t>);
            std::int64_t number = 0;
            const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
            if (parsed.ec != std::errc{})
                throw SqlError(SqlError::Kind::failed, "not a number where one is expected: " + text);
            return number;
        }
    }

    template <class... Columns, std::size_t... Index>
    static std::tuple<Columns...> row_of(TextColumns &columns, std::size_t row, std::index_sequence<Index...>) {
        return {cell<Columns>(columns[Index][row])...};
    }
};

// Rows of placeholders, "(CAST($3 AS BIGINT),CAST($4 AS TEXT)),(...)", of which the first is number `first`.
// `types` are SQL types, one for each column; an empty one leaves the type to the place where it stands.
std::string placeholders(const Dialect &dialect, std::size_t rows, const std::vector<std::string_view> &types,
                         std::size_t first = 1);

// How many of `left` rows the next statement should take. Few different sizes, so that a session that keeps
// its statements has few of them.
std::size_t batch_size(std::size_t left);

// Runs `head (placeholders) tail` over all rows, many in a statement. `leading` are the values of the
// placeholders that stand in `head`.
template <class... Columns>
std::vector<std::tuple<Columns...>>
query_rows(Session &session, const std::string &head, const std::string &tail,
           const std::vector<std::string_view> &types, std::vector<Values> rows, const Values &leading = {}) {
    std::vector<std::tuple<Columns...>> found;
    for (std::size_t done = 0; done < rows.size();) {
        const std::size_t batch = batch_size(rows.size() - done);
        Values values = leading;
        values.reserve(leading.size() + batch * types.size());
        for (std::size_t row = done; row < done + batch; ++row)
            std::move(rows[row].begin(), rows[row].end(), std::back_inserter(values));
        std::string sql = head;
        sql.append(placeholders(session.dialect(), batch, types, leading.size() + 1)).append(tail);
        if constexpr (sizeof...(Columns) == 0) {
            session.execute(sql, std::move(values));
        } else {
            auto some = session.query<Columns...>(sql, std::move(values));
            std::move(some.begin(), some.end(), std::back_inserter(found));
        }
        done += batch;
    }
    return found;
}

inline void execute_rows(Session &session, const std::string &head, const std::string &tail,
                         const std::vector<std::string_view> &types, std::vector<Values> rows,
                         const Values &leading = {}) {
    query_rows<>(session, head, tail, types, std::move(rows), leading);
}

} // namespace roe::ledger::sql
