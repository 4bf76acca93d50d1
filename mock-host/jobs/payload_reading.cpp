#include "jobs/payload_reading.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace host {
namespace {

using nlohmann::json;

class ReceivedAt final : public nlohmann::json_sax<json> {
  public:
    std::optional<Micros> newest;

    bool key(string_t &name) override {
        mails_next_ = depth_ == 1 && name == "mails";
        awaited_ = (depth_ == 1 || (depth_ == 3 && in_mails_)) && name == "receivedAt";
        return true;
    }
    bool string(string_t &text) override {
        if (!awaited_) return true;
        awaited_ = false;
        if (const auto at = from_rfc3339(text)) newest = std::max(newest.value_or(*at), *at);
        return true;
    }
    bool start_object(std::size_t) override { return open(false); }
    bool end_object() override { return close(); }
    bool start_array(std::size_t) override { return open(mails_next_); }
    bool end_array() override { return close(); }
    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t &) override { return true; }
    bool binary(binary_t &) override { return true; }
    bool parse_error(std::size_t, const std::string &, const json::exception &) override { return false; }

  private:
    bool open(bool mails) {
        if (depth_ == 1) in_mails_ = mails;
        ++depth_;
        awaited_ = false;
        mails_next_ = false;
        return true;
    }
    bool close() {
        --depth_;
        return true;
    }

    std::size_t depth_ = 0; // of the open objects and lists: the payload is 1, its mails are 2, each of them 3
    bool in_mails_ = false;
    bool mails_next_ = false;
    bool awaited_ = false; // the next text, if a text comes next
};

} // namespace

PayloadReading read_payload(const std::string &payload) {
    ReceivedAt reader;
    const bool whole = payload.starts_with('{') && json::sax_parse(payload, &reader);
    return {whole, whole ? reader.newest : std::nullopt};
}

} // namespace host
