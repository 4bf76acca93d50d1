// RFC 9457: how the host says that it did not do what was asked.
#pragma once

#include <nlohmann/json.hpp>

#include "base/problem.hpp"
#include "http/exchange.hpp"

namespace host::http {

nlohmann::json to_json(const Problem &problem);
Response as_response(const Problem &problem);

} // namespace host::http
