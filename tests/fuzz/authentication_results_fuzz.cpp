// Any bytes as Authentication-Results, and as a header that has some: no crash, no hang. What can't be read has
// no results, and a mail whose trusted server says nothing good is not authenticated.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/unicode.hpp"
#include "message/authentication_results.hpp"
#include "message/sender_authentication.hpp"

namespace {

using namespace roe;

void require(bool promise) {
    if (!promise) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string bytes(reinterpret_cast<const char *>(data), size);
    const auto read = message::parse_authentication_results(bytes);
    require(read.readable || read.results.empty());
    for (const auto &result : read.results)
        require(!result.method.empty() && !result.result.empty());

    require(unicode::is_utf8(message::authenticate_sender(bytes, "mx.shop.example").words));
    const std::string refused =
        "Authentication-Results: mx.shop.example; dmarc=fail\r\nFrom: a@bank.example\r\n";
    require(message::authenticate_sender(refused + bytes, "mx.shop.example").authenticated == false);
    return 0;
}
