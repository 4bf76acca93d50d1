#include "http/openapi.hpp"
#include "http/resources.hpp"

namespace host::http {

void add_openapi_calls(Router &router) {
    router.add("GET", "/api/openapi.json", Access::everyone, [](const Request &) {
        Response response;
        response.body = std::string(openapi_document);
        return response;
    });
}

} // namespace host::http
