// The web pages: what of the folder is handed out, and how.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/running_host.hpp"

namespace {

using host::testing::Answer;
using host::testing::write;
using ::testing::HasSubstr;
using ::testing::Not;

class Pages : public host::testing::RunningHost {
  protected:
    void given_pages() {
        write(scratch_ / "web" / "index.html", R"(<style nonce="{{nonce}}"></style><link nonce="{{nonce}}">)");
        write(scratch_ / "web" / "favicon.svg", "<svg/>");
        write(asset("app-1a.js"), "let whole;");
        write(asset("app-1a.js.gz"), "packed");
        write(asset("app-1a.css"), "a{}");
    }
    std::filesystem::path asset(const std::string &name) { return scratch_ / "web" / "assets" / name; }
    Answer ask(const std::string &path, const std::string &codings = "", const std::string &method = "GET") {
        return as("").call(method, path, "", {{"Accept-Encoding", codings}});
    }
};

TEST_F(Pages, The_page_comes_to_everyone_with_a_nonce_of_its_own_and_is_not_kept) {
    given_pages();
    start();
    std::set<std::string> nonces;
    for (int number = 0; number < 3; ++number) {
        const auto page = ask("/");
        ASSERT_EQ(page.status, 200);
        EXPECT_EQ(page.headers.at("Content-Type"), "text/html; charset=utf-8");
        EXPECT_EQ(page.headers.at("Cache-Control"), "no-store");
        const auto nonce = page.body.substr(14, 32);
        EXPECT_EQ(page.body, "<style nonce=\"" + nonce + "\"></style><link nonce=\"" + nonce + "\">");
        EXPECT_EQ(page.headers.at("Content-Security-Policy"),
                  "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce +
                      "'; img-src 'self' data:; font-src 'self'; connect-src 'self'; frame-src 'self'; "
                      "form-action 'none'; base-uri 'none'; frame-ancestors 'none'");
        EXPECT_EQ(page.headers.at("Referrer-Policy"), "no-referrer");
        EXPECT_EQ(page.headers.at("X-Frame-Options"), "DENY");
        EXPECT_EQ(page.headers.at("Cross-Origin-Opener-Policy"), "same-origin");
        EXPECT_EQ(page.headers.at("Permissions-Policy"), "camera=(), geolocation=(), microphone=()");
        nonces.insert(nonce);
    }
    EXPECT_EQ(nonces.size(), 3U);
}

TEST_F(Pages, Without_pages_that_is_said_and_the_calls_are_answered) {
    start();
    const auto page = ask("/");
    EXPECT_EQ(page.status, 404);
    EXPECT_EQ(page.json()["detail"], "the pages are not built");
    EXPECT_EQ(ask("/assets/app-1a.js").status, 404);
    EXPECT_EQ(ask("/favicon.svg").status, 404);
    EXPECT_EQ(ask("/healthz").status, 200);
}

TEST_F(Pages, Assets_are_kept_for_ever_and_the_icon_for_a_day) {
    given_pages();
    start();
    const auto script = ask("/assets/app-1a.js");
    EXPECT_EQ(script.body, "let whole;");
    EXPECT_EQ(script.headers.at("Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(script.headers.at("Cache-Control"), "public, max-age=31536000, immutable");
    EXPECT_EQ(script.headers.at("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(ask("/assets/app-1a.css").headers.at("Content-Type"), "text/css; charset=utf-8");
    const auto icon = ask("/favicon.svg");
    EXPECT_EQ(icon.body, "<svg/>");
    EXPECT_EQ(icon.headers.at("Content-Type"), "image/svg+xml");
    EXPECT_EQ(icon.headers.at("Cache-Control"), "public, max-age=86400");
}

TEST_F(Pages, An_asset_comes_packed_to_those_who_take_it) {
    given_pages();
    start();
    for (const char *codings : {"gzip", "deflate, gzip;q=0.5, br", "*", "identity;q=0, GZIP;q=0, gzip"}) {
        const auto script = ask("/assets/app-1a.js", codings);
        EXPECT_EQ(script.body, "packed") << codings;
        EXPECT_EQ(script.headers.at("Content-Encoding"), "gzip") << codings;
        EXPECT_EQ(script.headers.at("Content-Type"), "text/javascript; charset=utf-8");
        EXPECT_EQ(script.headers.at("Vary"), "Accept-Encoding");
    }
    for (const char *codings : {"", "br", "gzip;q=0", "*, gzip; q=0.000", "*;q=0", "gzipped"}) {
        const auto script = ask("/assets/app-1a.js", codings);
        EXPECT_EQ(script.body, "let whole;") << codings;
        EXPECT_FALSE(script.headers.contains("Content-Encoding")) << codings;
        EXPECT_EQ(script.headers.at("Vary"), "Accept-Encoding") << "a cache must not give it to the others";
    }
    EXPECT_EQ(ask("/assets/app-1a.css", "gzip").body, "a{}") << "which is there unpacked only";
    EXPECT_FALSE(ask("/assets/app-1a.css", "gzip").headers.contains("Vary"));
}

TEST_F(Pages, Nothing_leads_out_of_the_folder_and_only_what_pages_are_made_of_is_handed_out) {
    given_pages();
    write(scratch_ / "secret.js", "secret");
    write(scratch_ / "web" / "inside.js", "inside");
    write(asset("notes.txt"), "notes");
    write(asset(".hidden.js"), "hidden");
    write(asset("folder.js") / "x", "x");
    std::filesystem::create_symlink(scratch_ / "secret.js", asset("out.js"));
    std::filesystem::create_symlink(scratch_ / "secret.js", asset("app-1a.css.gz"));
    std::filesystem::create_symlink(scratch_ / "nothing.js", asset("dangling.js"));
    start();
    for (const std::string name :
         {"..%2Finside.js", "..%2F..%2Fsecret.js", "../inside.js", "%2e%2e/inside.js", "..", ".", "", "out.js",
          "dangling.js", "notes.txt", "app-1a.js.gz", ".hidden.js", "folder.js", "app-1a.js%00.js",
          "app-1a.js%00", "..%5Cinside.js", "folder.js%2Fx", "none.js"}) {
        const auto answer = ask("/assets/" + name);
        EXPECT_EQ(answer.status, 404) << name;
        EXPECT_THAT(answer.body, Not(HasSubstr("secret"))) << name;
    }
    EXPECT_EQ(ask("/assets/" + std::string(250, 'a') + ".js").status, 404);
    EXPECT_EQ(ask("/assets/app-1a.css", "gzip").body, "a{}") << "the packed one leads out";
    std::filesystem::remove(scratch_ / "web" / "index.html");
    std::filesystem::create_symlink(scratch_ / "secret.js", scratch_ / "web" / "index.html");
    EXPECT_EQ(ask("/").status, 404);
}

TEST_F(Pages, HEAD_is_answered_as_GET_without_the_body) {
    given_pages();
    start();
    auto browser = as("root-token");
    for (const char *path : {"/", "/assets/app-1a.js", "/healthz", "/api/tasks", "/api/nothing"}) {
        const auto whole = browser.get(path);
        const auto head = browser.call("HEAD", path);
        EXPECT_EQ(head.status, whole.status) << path;
        EXPECT_EQ(head.headers.at("Content-Type"), whole.headers.at("Content-Type")) << path;
        EXPECT_EQ(head.headers.at("Content-Length"), whole.headers.at("Content-Length")) << path;
        EXPECT_TRUE(head.body.empty()) << path;
    }
    EXPECT_EQ(browser.call("HEAD", "/api/events").headers.at("Content-Type"), "text/event-stream");
    EXPECT_EQ(browser.get("/healthz").status, 200) << "the connection goes on";
    EXPECT_EQ(browser.call("HEAD", "/api/login").status, 405);
    EXPECT_EQ(as("").call("HEAD", "/api/tasks").status, 401);
}

} // namespace
