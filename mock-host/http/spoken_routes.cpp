#include "http/spoken_routes.hpp"

#include "base/problem.hpp"

namespace host::http {
namespace {

// The language that plugins speak.
constexpr std::string_view spoken = "en";

Problem translated(const Problem &problem, const PluginSet &plugins, const std::string &locale) {
    nlohmann::json said{{"words", problem.what()}, {"errors", nlohmann::json::array()}};
    for (const auto &fault : problem.errors)
        said["errors"].push_back({{"field", fault.field}, {"message", fault.message}});
    plugins.translate(locale, said);
    Problem result(problem.status, problem.code, said.at("words").get<std::string>());
    result.errors = problem.errors;
    for (std::size_t i = 0; i < result.errors.size(); ++i)
        result.errors[i].message = said.at("errors").at(i).at("message").get<std::string>();
    result.retry_after = problem.retry_after;
    result.allowed_methods = problem.allowed_methods;
    return result;
}

Response translated(Response response, const PluginSet &plugins, const std::string &locale) {
    if (!response.body.empty()) {
        auto said = nlohmann::json::parse(response.body);
        plugins.translate(locale, said);
        response.body = said.dump();
    }
    if (response.lines) {
        response.lines = [lines = std::move(response.lines), &plugins, locale](const SendLine &send) {
            try {
                lines([&](nlohmann::json line) {
                    plugins.translate(locale, line);
                    return send(line);
                });
            } catch (const Problem &problem) {
                throw translated(problem, plugins, locale);
            }
        };
    }
    return response;
}

} // namespace

void SpokenRoutes::add(std::string method, const std::string &pattern, Access access, Handler handler) {
    router_.add(std::move(method), pattern, access,
                [&plugins = plugins_, handler = std::move(handler)](const Request &request) {
                    const auto locale = request.locale();
                    if (locale == spoken) return handler(request);
                    try {
                        return translated(handler(request), plugins, locale);
                    } catch (const Problem &problem) {
                        throw translated(problem, plugins, locale);
                    }
                });
}

} // namespace host::http
