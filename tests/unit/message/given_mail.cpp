#include "given_mail.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <mutex>
#include <sstream>

#include <glib.h>
#include <gtest/gtest.h>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace roe::message {

namespace {

std::mutex complaints_mutex;
std::vector<std::string> complaints;

const valijson::Schema &payload_schema() {
    static const auto schema = [] {
        const auto document = nlohmann::json::parse(std::ifstream(ROE_PAYLOAD_SCHEMA));
        auto parsed = std::make_unique<valijson::Schema>();
        valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(document), *parsed);
        return parsed;
    }();
    return *schema;
}

[[maybe_unused]] const bool listening = [] {
    g_log_set_default_handler(
        [](const gchar *, GLogLevelFlags, const gchar *words, gpointer) {
            const std::lock_guard lock(complaints_mutex);
            complaints.emplace_back(words);
        },
        nullptr);
    return true;
}();

} // namespace

Spool::Spool() {
    std::string pattern = (std::filesystem::temp_directory_path() / "roe-message-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    std::filesystem::create_directory(attachments());
}

Spool::~Spool() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::string Spool::write(std::string_view mail) const {
    const auto path = folder_ / "message.eml";
    std::ofstream(path, std::ios::binary) << mail;
    return path.string();
}

Origin some_origin() {
    return {"orders@example.org", "IMAP", "INBOX",
            "trigger-1",          "17",   WallTime(std::chrono::seconds(1'770'000'000))};
}

std::vector<std::string> warnings_of(const nlohmann::json &payload) {
    return payload["warnings"].get<std::vector<std::string>>();
}

std::string with_crlf(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (c == '\n' && !result.ends_with('\r')) result += '\r';
        result += c;
    }
    return result;
}

std::string file_bytes(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string schema_faults(const nlohmann::json &document) {
    valijson::Validator validator;
    valijson::ValidationResults results;
    const valijson::adapters::NlohmannJsonAdapter adapter(document);
    if (validator.validate(payload_schema(), adapter, &results)) return {};
    std::ostringstream words;
    for (valijson::ValidationResults::Error error; results.popError(error);) {
        for (const auto &part : error.context)
            words << part;
        words << ": " << error.description << "\n";
    }
    return words.str();
}

std::vector<std::string> glib_complaints() {
    const std::lock_guard lock(complaints_mutex);
    return std::exchange(complaints, {});
}

nlohmann::json payload_of_file(const std::string &path, const Spool &spool, const Limits &limits) {
    const auto payload = make_payload(path, spool.attachments(), some_origin(), limits);
    if (!payload) {
        ADD_FAILURE() << payload.error().text();
        return {};
    }
    const auto document = nlohmann::json::parse(payload->json);
    EXPECT_EQ(schema_faults(document), "") << path;
    EXPECT_EQ(document["warnings"], nlohmann::json(payload->warnings));
    EXPECT_EQ(glib_complaints(), std::vector<std::string>());
    return document;
}

nlohmann::json payload_of(std::string_view mail, const Spool &spool, const Limits &limits) {
    return payload_of_file(spool.write(mail), spool, limits);
}

nlohmann::json payload_of(std::string_view mail, const Limits &limits) {
    const Spool spool;
    return payload_of(with_crlf(mail), spool, limits);
}

} // namespace roe::message
