// The HTML of a job's mail, as it is shown.
#include "http/mail_html.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "security/base64.hpp"
#include "support/running_host.hpp"

namespace {

using host::http::with_pictures;
using host::testing::write;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

class MailHtml : public ::testing::Test {
  protected:
    host::testing::Scratch scratch_;

    // An attachment whose file has these bytes, and the name that its content id is.
    json attachment(const std::string &id, const std::string &bytes, const std::string &type = "image/png") {
        write(scratch_ / id, bytes);
        return {{"contentId", id}, {"mediaType", type}, {"path", (scratch_ / id).string()}};
    }
    static std::string shown(const std::string &html, const json &attachments) {
        return with_pictures(html, attachments, [](const json &path) {
            return path.is_string() ? std::optional<std::filesystem::path>(path.get<std::string>())
                                    : std::nullopt;
        });
    }
};

TEST_F(MailHtml, References_wherever_a_URL_may_stand_become_the_pictures) {
    const auto list = json::array({attachment("a@b", "AAA")});
    const std::string url = "data:image/png;base64,QUFB";
    for (const auto &[before, after] : std::vector<std::pair<std::string, std::string>>{
             {"<img src=\"", "\">"},
             {"<img src='", "'>"},
             {"<img src=", " alt=x>"},
             {"<img src=", ">"},
             {"<td style='background:url(", ")'>"},
             {"<td style=\"background:url(&quot;", "&quot;)\">"},
         }) {
        EXPECT_EQ(shown(before + "cid:a@b" + after, list), before + url + after);
        EXPECT_EQ(shown(before + "CID:a%40b" + after, list), before + url + after);
    }
    EXPECT_EQ(shown("<img src='cid:a@b'><img src='cid:a@b'>", list),
              "<img src='" + url + "'><img src='" + url + "'>");
    EXPECT_EQ(shown("\"cid:a@b", list), "\"" + url) << "cut off";
}

TEST_F(MailHtml, What_is_no_reference_to_a_picture_of_the_mail_stays_as_it_is) {
    auto gone = attachment("gone", "G");
    gone["path"] = nullptr;
    const auto list = json::array({attachment("a", "A"), attachment("page", "P", "text/html"),
                                   attachment("odd", "O", "image/png\" onload=\""), gone, 7, json::object()});
    for (const std::string html :
         {"", "cid:a", "see cid:a", "xcid:a", "<img src='cid:none'>", "<img src='cid:page'>",
          "<img src='cid:odd'>", "<img src='cid:gone'>", "<img src='cid:'>", "='cid", "':':':", "='cid:%zz'"}) {
        EXPECT_EQ(shown(html, list), html);
    }
    EXPECT_EQ(shown("='cid:a'", json()), "='cid:a'");
}

TEST_F(MailHtml, Pictures_are_bounded_each_and_together_however_often_one_is_shown) {
    const std::string megabyte(1U << 20U, 'x');
    const auto list = json::array({attachment("most", megabyte), attachment("more", megabyte + "x")});
    EXPECT_EQ(shown("='cid:more'", list), "='cid:more'");
    std::string html;
    for (int number = 0; number < 7; ++number)
        html += "='cid:most'";
    const auto text = shown(html, list);
    EXPECT_EQ(text, [&] {
        std::string expected;
        for (int number = 0; number < 7; ++number)
            expected += number < 5 ? "='data:image/png;base64," + host::base64(megabyte) + "'" : "='cid:most'";
        return expected;
    }());
}

class ShownMail : public host::testing::RunningHost {
  protected:
    std::string job_with(const json &parameters) {
        auto root = as("root-token");
        const auto made = root.post("/api/tasks", task(parameters)).json();
        const std::string id = made["id"];
        root.post("/api/tasks/" + id + "/start");
        return "/api/jobs/" + root.get("/api/jobs?task=" + id).json()["items"][0]["id"].get<std::string>();
    }
};

TEST_F(ShownMail, It_comes_as_a_page_in_which_nothing_acts) {
    start();
    const auto job = job_with({{"Text", "x"},
                               {"Attachment", "AAA"},
                               {"Picture", "p"},
                               {"Payload", {{"html", "<p>Привет<img src=\"cid:p\"><script>x</script>"}}}});
    const auto page = as("joe-token").get(job + "/html");
    ASSERT_EQ(page.status, 200) << page.body;
    EXPECT_EQ(page.body, "<p>Привет<img src=\"data:image/png;base64,QUFB\"><script>x</script>");
    EXPECT_EQ(page.headers.at("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(page.headers.at("Content-Security-Policy"),
              "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'");
    EXPECT_EQ(page.headers.at("Cache-Control"), "no-store");
    EXPECT_FALSE(page.headers.contains("X-Frame-Options"));
    EXPECT_EQ(as("boss-token").get(job + "/html").status, 404) << "another tenant's";
}

TEST_F(ShownMail, A_file_outside_of_the_jobs_spool_is_shown_to_nobody) {
    start();
    write(scratch_ / "secret.png", "secret");
    const json stolen{
        {"contentId", "s"}, {"mediaType", "image/png"}, {"path", (scratch_ / "secret.png").string()}};
    const auto job =
        job_with({{"Text", "x"},
                  {"Attachment", "AAA"},
                  {"Payload", {{"html", "<img src='cid:s'>"}, {"attachments", json::array({stolen})}}}});
    EXPECT_EQ(as("joe-token").get(job + "/html").body, "<img src='cid:s'>");
}

TEST_F(ShownMail, Each_mail_of_a_pass_is_shown_and_one_without_HTML_is_not) {
    start();
    const auto job =
        job_with({{"Text", "x"},
                  {"Payload", {{"mails", {{{"html", "<p>0"}}, {{"html", "<p>1"}}, {{"html", nullptr}}, 7}}}}});
    auto joe = as("joe-token");
    EXPECT_EQ(joe.get(job + "/html").body, "<p>0");
    EXPECT_EQ(joe.get(job + "/html?mail=1").body, "<p>1");
    for (const char *none : {"2", "3", "4", "-1", "x"})
        EXPECT_EQ(joe.get(job + "/html?mail=" + none).status, 404) << none;
    EXPECT_EQ(joe.get(job_with({{"Text", "x"}}) + "/html").status, 404);
}

} // namespace
