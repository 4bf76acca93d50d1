// The vocabulary of the decoder's tests: a mail as text, and the payload that it makes.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "message/payload.hpp"

namespace roe::message {

// A spool folder that goes away with its owner.
class Spool {
  public:
    Spool();
    Spool(const Spool &) = delete;
    Spool &operator=(const Spool &) = delete;
    ~Spool();

    [[nodiscard]] const std::filesystem::path &folder() const { return folder_; }
    // Writes the raw message outside the folder of attachments.
    std::string write(std::string_view mail) const;
    [[nodiscard]] std::string attachments() const { return (folder_ / "files").string(); }

  private:
    std::filesystem::path folder_;
};

Origin some_origin();

// The payload of a mail, held against the JSON Schema. With a spool the bytes are as given, without one the
// line ends become CRLF and the attachments are gone when it returns.
nlohmann::json payload_of(std::string_view mail, const Spool &spool, const Limits &limits = {});
nlohmann::json payload_of(std::string_view mail, const Limits &limits = {});
nlohmann::json payload_of_file(const std::string &path, const Spool &spool, const Limits &limits = {});

std::vector<std::string> warnings_of(const nlohmann::json &payload);

std::string with_crlf(std::string_view text);
std::string file_bytes(const std::string &path);

// What is wrong with a document by docs/payload.schema.json; empty when nothing is.
std::string schema_faults(const nlohmann::json &document);

// Lines that GLib or GMime wanted to print since the last call.
std::vector<std::string> glib_complaints();

} // namespace roe::message
