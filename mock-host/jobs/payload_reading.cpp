#include "jobs/payload_reading.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/utf8.hpp"

namespace host {
namespace {

using nlohmann::json;

constexpr std::size_t longest_subject = 500; // bytes

std::string cut(const std::string &text) {
    if (text.size() <= longest_subject) return text;
    std::size_t end = longest_subject;
    while (end > 0 && continues_a_character(text[end]))
        --end;
    return text.substr(0, end) + "…";
}

class MailFacts final : public nlohmann::json_sax<json> {
  public:
    PayloadReading read;

    bool key(string_t &name) override {
        mails_next_ = depth_ == 1 && name == "mails";
        const bool of_mail = depth_ == 1 || (depth_ == 3 && in_mails_);
        const bool of_first = depth_ == 1 || read.mails == 1;
        awaited_ = !of_mail                        ? Awaited::nothing
                   : name == "receivedAt"          ? Awaited::time
                   : name == "subject" && of_first ? Awaited::subject
                                                   : Awaited::nothing;
        if (awaited_ == Awaited::subject) read.mails = 1;
        return true;
    }
    bool string(string_t &text) override {
        const auto awaited = std::exchange(awaited_, Awaited::nothing);
        if (awaited == Awaited::subject) read.subject = cut(text);
        const auto at = awaited == Awaited::time ? from_rfc3339(text) : std::nullopt;
        if (at) read.received_at = std::max(read.received_at.value_or(*at), *at);
        return true;
    }
    bool start_object(std::size_t) override {
        if (depth_ == 2 && in_mails_) read.mails = read.mails.value_or(0) + 1;
        return open(false);
    }
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
    enum class Awaited : std::uint8_t { nothing, time, subject };

    bool open(bool mails) {
        if (depth_ == 1) in_mails_ = mails;
        ++depth_;
        awaited_ = Awaited::nothing;
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
    Awaited awaited_ = Awaited::nothing; // what the next text is, if a text comes next
};

} // namespace

PayloadReading read_payload(const std::string &payload) {
    MailFacts reader;
    if (!payload.starts_with('{') || !json::sax_parse(payload, &reader)) return {};
    reader.read.is_object = true;
    return std::move(reader.read);
}

} // namespace host
