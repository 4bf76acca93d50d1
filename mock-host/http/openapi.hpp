// The description of the calls (OpenAPI 3.1), which stands in openapi.json and is compiled in.
#pragma once

#include <string_view>

namespace host::http {

extern const std::string_view openapi_document;

} // namespace host::http
