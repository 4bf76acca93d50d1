// The web pages, as Vite builds them: index.html, and beside it assets whose names change with their content.
#include <algorithm>
#include <array>
#include <string_view>

#include "base/files.hpp"
#include "base/problem.hpp"
#include "base/random_id.hpp"
#include "http/resources.hpp"

namespace host::http {
namespace {

using std::filesystem::path;

constexpr std::size_t longest_asset_file = 200;

// By the end of the name; null: no file of that kind is served.
const char *media_type_of(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, const char *>, 7> types{{
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".woff2", "font/woff2"},
        {".json", "application/json"},
        {".ico", "image/x-icon"},
    }};
    for (const auto &[end, type] : types) {
        if (name.ends_with(end)) return type;
    }
    return nullptr;
}

bool is_plain_name(std::string_view name) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
    };
    return name.size() <= longest_asset_file && !name.starts_with('.') &&
           std::all_of(name.begin(), name.end(), plain);
}

std::string_view trimmed(std::string_view text) {
    const auto start = text.find_first_not_of(" \t");
    if (start == std::string_view::npos) return {};
    return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

// The value of `q` in "gzip;q=0.5" (RFC 9110 §12.4.2): whether it is more than nothing.
bool is_wanted(std::string_view parameters) {
    const auto weight = trimmed(parameters);
    if (!weight.starts_with("q=") && !weight.starts_with("Q=")) return true;
    return weight.substr(2).find_first_of("123456789") != std::string_view::npos;
}

// RFC 9110 §12.5.3: a coding that is named counts before `*`.
bool takes_gzip(std::string_view codings) {
    bool any = false;
    while (!codings.empty()) {
        const auto end = std::min(codings.find(','), codings.size());
        const auto one = codings.substr(0, end);
        codings.remove_prefix(std::min(end + 1, codings.size()));
        const auto semicolon = std::min(one.find(';'), one.size());
        const auto name = trimmed(one.substr(0, semicolon));
        const bool wanted = is_wanted(one.substr(std::min(semicolon + 1, one.size())));
        if (name == "gzip" || name == "x-gzip") return wanted;
        if (name == "*") any = wanted;
    }
    return any;
}

// A file as it lies there, or packed beforehand when that lies beside it and the client takes it.
Response static_file(const path &web, const path &file, const char *cache, const Request &request) {
    const auto *type = media_type_of(file.filename().native());
    auto found = file_below(web, file);
    if (type == nullptr || !found) throw not_found("there is no such file");
    Response response;
    response.content_type = type;
    response.headers.emplace_back("Cache-Control", cache);
    if (auto packed = file_below(web, file.native() + ".gz")) {
        response.headers.emplace_back("Vary", "Accept-Encoding");
        if (takes_gzip(request.header("accept-encoding").value_or(""))) {
            response.headers.emplace_back("Content-Encoding", "gzip");
            found = std::move(packed);
        }
    }
    response.file = std::move(found);
    return response;
}

std::string with_nonce(std::string_view page, const std::string &nonce) {
    static constexpr std::string_view mark = "{{nonce}}";
    std::string text;
    while (true) {
        const auto at = page.find(mark);
        text += page.substr(0, at);
        if (at == std::string_view::npos) return text;
        text += nonce;
        page.remove_prefix(at + mark.size());
    }
}

Response index_page(const path &web) {
    const auto file = file_below(web, web / "index.html");
    const auto page = file ? read_file(*file) : std::nullopt;
    if (!page) throw Problem(404, "not-built", "the pages are not built");
    // Styles that scripts add carry it; a page that is kept would carry an old one.
    const auto nonce = random_id();
    Response response;
    response.content_type = "text/html; charset=utf-8";
    response.headers = {
        {"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce +
                                        "'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
                                        "frame-src 'self'; form-action 'none'; base-uri 'none'; "
                                        "frame-ancestors 'none'"},
        {"Referrer-Policy", "no-referrer"},
        {"X-Frame-Options", "DENY"},
        {"Cross-Origin-Opener-Policy", "same-origin"},
        {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
    };
    response.body = with_nonce(*page, nonce);
    return response;
}

} // namespace

void add_page_calls(Router &router, const path &web) {
    router.add("GET", "/", Access::everyone, [web](const Request &) { return index_page(web); });
    router.add("GET", "/assets/{file}", Access::everyone, [web](const Request &request) {
        const auto &name = request.name("file");
        if (!is_plain_name(name)) throw not_found("there is no such file");
        return static_file(web, web / "assets" / name, "public, max-age=31536000, immutable", request);
    });
    router.add("GET", "/favicon.svg", Access::everyone, [web](const Request &request) {
        return static_file(web, web / "favicon.svg", "public, max-age=86400", request);
    });
}

} // namespace host::http
