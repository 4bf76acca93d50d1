// What a server can do, by its answer to CAPA (RFC 2449). [pure]
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace roe::pop3 {

class Capabilities {
  public:
    // A line of the answer. One that makes no sense is passed over.
    void add(std::string_view line);

    [[nodiscard]] bool has(std::string_view name) const { return lines_.find(name) != lines_.end(); }
    // Of the capability SASL.
    [[nodiscard]] bool has_mechanism(std::string_view name) const;
    [[nodiscard]] std::string mechanisms() const; // for people: "PLAIN, SCRAM-SHA-256"
    // How long to wait between two logins.
    [[nodiscard]] std::chrono::seconds login_delay() const;

  private:
    std::map<std::string, std::vector<std::string>, std::less<>> lines_; // upper case
};

} // namespace roe::pop3
