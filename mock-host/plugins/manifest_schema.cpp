#include "plugins/manifest_schema.hpp"

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace host {

std::optional<std::string> schema_objection(const nlohmann::json &document) {
    const auto schema_document = nlohmann::json::parse(manifest_schema);
    valijson::Schema schema;
    valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_document), schema);
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(document), &results))
        return std::nullopt;
    std::string line;
    for (valijson::ValidationResults::Error error; results.popError(error);) {
        if (!line.empty()) line += ' ';
        for (const auto &part : error.context)
            line += part;
        line += ": " + error.description;
    }
    return line;
}

} // namespace host
