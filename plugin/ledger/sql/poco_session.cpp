#include "ledger/sql/poco_session.hpp"

#include <Poco/Data/Statement.h>

#include "ledger/sql/storable.hpp"

namespace roe::ledger::sql {

// A statement with the places that its parameters and columns are bound to.
struct PocoSession::Prepared {
    explicit Prepared(Poco::Data::Session &session) : statement(session) {}

    Values values;
    TextColumns columns;
    Poco::Data::Statement statement;
};

PocoSession::PocoSession(Poco::Data::Session session, Reuse reuse)
    : session_(std::move(session)), reuse_(reuse) {}

PocoSession::~PocoSession() = default;

void PocoSession::drop_statements() {
    kept_.clear();
}

std::unique_ptr<PocoSession::Prepared> PocoSession::prepare(const std::string &sql, Values values,
                                                            std::size_t columns) {
    auto prepared = std::make_unique<Prepared>(session_);
    prepared->values = std::move(values);
    prepared->columns.resize(columns);
    prepared->statement << sql;
    for (Value &value : prepared->values) {
        if (auto *number = std::get_if<std::int64_t>(&value))
            prepared->statement.addBind(Poco::Data::Keywords::use(*number));
        else
            prepared->statement.addBind(Poco::Data::Keywords::use(std::get<std::string>(value)));
    }
    for (auto &column : prepared->columns)
        prepared->statement.addExtract(Poco::Data::Keywords::into(column));
    return prepared;
}

std::size_t PocoSession::run(const std::string &sql, Values values, TextColumns *columns) {
    for (Value &value : values)
        if (auto *text = std::get_if<std::string>(&value)) *text = storable(std::move(*text));

    try {
        const std::size_t column_count = columns ? columns->size() : 0;
        std::unique_ptr<Prepared> passing;
        Prepared *prepared = nullptr;
        if (const auto kept = kept_.find(sql); kept != kept_.end()) {
            prepared = kept->second.get();
            // Assigned place by place: the statement is bound to the places, each for one type.
            for (std::size_t place = 0; place < values.size(); ++place) {
                if (auto *number = std::get_if<std::int64_t>(&values[place]))
                    std::get<std::int64_t>(prepared->values.at(place)) = *number;
                else
                    std::get<std::string>(prepared->values.at(place)) =
                        std::move(std::get<std::string>(values[place]));
            }
            for (auto &column : prepared->columns)
                column.clear();
        } else {
            passing = prepare(sql, std::move(values), column_count);
            prepared = passing.get();
        }

        const std::size_t changed = prepared->statement.execute();
        if (columns)
            for (std::size_t column = 0; column < column_count; ++column)
                (*columns)[column].swap(prepared->columns[column]);
        if (passing && reuse_ == Reuse::keep) kept_.emplace(sql, std::move(passing));
        return changed;
    } catch (const Poco::Exception &failure) {
        throw meaning(failure);
    }
}

} // namespace roe::ledger::sql
