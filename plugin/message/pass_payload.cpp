#include <nlohmann/json.hpp>

#include "base/unicode.hpp"
#include "message/payload.hpp"

namespace roe::message {

namespace {

constexpr auto pass_schema = "run-on-email/pass/1";

} // namespace

// The mails' documents are spliced in as text: they are JSON already, and may be many.
std::string pass_payload_head(const Origin &origin) {
    const nlohmann::ordered_json head = {{"schema", pass_schema},
                                         {"mailbox",
                                          {{"address", unicode::repaired(origin.mailbox_address)},
                                           {"protocol", origin.protocol},
                                           {"folder", unicode::repaired(origin.folder)}}},
                                         {"trigger", origin.trigger}};
    auto text = head.dump();
    text.pop_back();
    return text + ",\"mails\":[";
}

std::string pass_payload_tail() {
    return "]}";
}

} // namespace roe::message
