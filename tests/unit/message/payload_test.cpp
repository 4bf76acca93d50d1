#include "message/payload.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <set>
#include <string>

#include <gmock/gmock.h>

#include "base/digest.hpp"
#include "given_mail.hpp"

namespace roe::message {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

bool warns(const json &payload, std::string_view words) {
    return std::ranges::any_of(payload["warnings"], [&](const json &warning) {
        return warning.get<std::string>().find(words) != std::string::npos;
    });
}

TEST(Payload, Has_every_field_of_an_ordinary_mail) {
    const Spool spool;
    const std::string mail = with_crlf("Received: from a by b\nReceived: from c by a\n"
                                       "Message-ID: <m1@example.com>\n"
                                       "Date: Sun, 01 Mar 2026 12:30:00 +0300\n"
                                       "From: =?UTF-8?B?0JjQstCw0L0=?= <ivan@example.com>, ann@example.com\n"
                                       "Sender: Office <office@example.com>\n"
                                       "Reply-To: reply@example.com\n"
                                       "To: orders@example.org\n"
                                       "Cc: \"Doe, Jane\" <jane@example.org>\n"
                                       "Subject: =?UTF-8?Q?=D0=97=D0=B0=D0=BA=D0=B0=D0=B7?= 17\n"
                                       "In-Reply-To: <m0@example.com>\n"
                                       "References: <r1@example.com>\n <m0@example.com>\n"
                                       "Importance: High\n"
                                       "\n"
                                       "Hello\n");
    const json payload = payload_of(mail, spool);
    const auto address = [](const json &name, const char *at) { return json{{"name", name}, {"address", at}}; };
    EXPECT_EQ(payload["schema"], "run-on-email/mail/1");
    EXPECT_EQ(payload["mailbox"],
              (json{{"address", "orders@example.org"}, {"protocol", "IMAP"}, {"folder", "INBOX"}}));
    EXPECT_EQ(payload["trigger"], "trigger-1");
    EXPECT_EQ(payload["uid"], "17");
    EXPECT_EQ(payload["receivedAt"], "2026-02-02T02:40:00.000Z");
    EXPECT_EQ(payload["messageId"], "m1@example.com");
    EXPECT_EQ(payload["date"], "2026-03-01T09:30:00.000Z");
    EXPECT_EQ(payload["from"],
              json::array({address("Иван", "ivan@example.com"), address(nullptr, "ann@example.com")}));
    EXPECT_EQ(payload["sender"], address("Office", "office@example.com"));
    EXPECT_EQ(payload["replyTo"], json::array({address(nullptr, "reply@example.com")}));
    EXPECT_EQ(payload["cc"], json::array({address("Doe, Jane", "jane@example.org")}));
    EXPECT_EQ(payload["subject"], "Заказ 17");
    EXPECT_EQ(payload["inReplyTo"], "m0@example.com");
    EXPECT_EQ(payload["references"], json::array({"r1@example.com", "m0@example.com"}));
    EXPECT_EQ(payload["importance"], "high");
    EXPECT_EQ(payload["headers"].size(), 13U);
    EXPECT_EQ(payload["headers"][1], (json{{"name", "Received"}, {"value", "from c by a"}}));
    EXPECT_EQ(payload["text"], "Hello\n");
    EXPECT_EQ(payload["html"], nullptr);
    EXPECT_EQ(payload["attachments"], json::array());
    EXPECT_EQ(payload["raw"], (spool.folder() / "message.eml").string());
    EXPECT_EQ(payload["size"], mail.size());
    EXPECT_EQ(payload["warnings"], json::array());
}

TEST(Payload, Of_a_mail_that_says_nothing_has_null_and_empty_lists) {
    const json payload = payload_of("X: y\n\n");
    for (const char *scalar :
         {"messageId", "date", "sender", "subject", "inReplyTo", "importance", "html", "calendar"}) {
        EXPECT_TRUE(payload[scalar].is_null()) << scalar;
    }
    for (const char *list : {"from", "replyTo", "to", "cc", "references", "attachments", "protection"}) {
        EXPECT_EQ(payload[list], json::array()) << list;
    }
}

TEST(Payload, Of_no_mail_at_all_still_has_raw_and_warnings) {
    for (const std::string &bytes :
         {std::string(), std::string("\n"), std::string(1000, '\0'), std::string("\xFF\xFE\x00junk", 7)}) {
        const Spool spool;
        const json payload = payload_of(bytes, spool);
        EXPECT_EQ(payload["size"], bytes.size());
        EXPECT_FALSE(payload["warnings"].empty());
        EXPECT_TRUE(std::filesystem::exists(payload["raw"].get<std::string>()));
    }
}

TEST(Payload, Tells_which_dates_it_cannot_read) {
    EXPECT_EQ(payload_of("Date: 1 Mar 2026 09:30 GMT\n\n")["date"], "2026-03-01T09:30:00.000Z");
    EXPECT_EQ(payload_of("Date: Sun, 1 Mar 26 09:30:00 -0500 (EST)\n\n")["date"], "2026-03-01T14:30:00.000Z");
    EXPECT_EQ(payload_of("Date: 01 Jan 2001 00:01+0000\n\n")["date"], "2001-01-01T00:01:00.000Z");
    for (const char *date : {"", "yesterday", "99 Foo 2026", "Sun, 1 Mar 99999 00:00:00 +0000"}) {
        const json payload = payload_of("Date: " + std::string(date) + "\n\n");
        EXPECT_EQ(payload["date"], nullptr) << date;
        EXPECT_TRUE(warns(payload, "Date")) << date;
    }
}

TEST(Payload, Knows_how_important_a_mail_is_by_several_fields) {
    const std::vector<std::pair<const char *, json>> cases = {{"X-Priority: 1 (Highest)", "high"},
                                                              {"X-Priority: 3", "normal"},
                                                              {"X-Priority: 5", "low"},
                                                              {"Priority: urgent", "high"},
                                                              {"Priority: non-urgent", "low"},
                                                              {"X-MSMail-Priority: High", "high"},
                                                              {"Importance: low", "low"},
                                                              {"Importance: strange", nullptr},
                                                              {"X: y", nullptr}};
    for (const auto &[field, importance] : cases) {
        EXPECT_EQ(payload_of(std::string(field) + "\n\n")["importance"], importance) << field;
    }
}

TEST(Payload, Has_the_plain_and_the_HTML_form) {
    const json payload = payload_of("Content-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: "
                                    "text/plain; charset=utf-8\n\nplain\n--a\n"
                                    "Content-Type: text/html; charset=utf-8\n\n<p>rich</p>\n--a--\n");
    EXPECT_EQ(payload["text"], "plain");
    EXPECT_EQ(payload["html"], "<p>rich</p>");
    EXPECT_EQ(payload["attachments"], json::array());
}

TEST(Payload, Has_text_from_the_HTML_where_there_is_no_plain_form) {
    const json payload = payload_of("Content-Type: text/html; charset=windows-1251\nContent-Transfer-Encoding: "
                                    "quoted-printable\n\n<p>=CF=F0=E8</p><p>=C2=E5=F2</p>\n");
    EXPECT_EQ(payload["text"], "При\n\nВет");
    EXPECT_EQ(payload["html"], "<p>При</p><p>Вет</p>\n");
}

TEST(Payload, Joins_texts_that_stand_one_after_the_other) {
    const json payload = payload_of(
        "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nbefore\n--a\nContent-Type: image/png; name=p.png\n"
        "Content-Disposition: inline\n\npng\n--a\n\nafter\n--a--\n");
    EXPECT_EQ(payload["text"], "before\nafter");
    ASSERT_EQ(payload["attachments"].size(), 1U);
    EXPECT_EQ(payload["attachments"][0]["inline"], true);
}

TEST(Payload, Has_the_attachments_with_their_bytes) {
    const Spool spool;
    const json payload = payload_of(
        with_crlf(
            "Content-Type: multipart/mixed; boundary=a\n\n--a\n\ntext\n--a\nContent-Type: application/pdf\n"
            "Content-Disposition: attachment; "
            "filename*=UTF-8''%D0%A1%D1%87%D1%91%D1%82.pdf\nContent-Transfer-Encoding: base64\n\nSGVs\nbG8=\n"
            "--a\nContent-Type: text/plain; name=note.txt\nContent-Disposition: attachment\n\nnote\n--a--\n"),
        spool);
    ASSERT_EQ(payload["attachments"].size(), 2U);
    const json &pdf = payload["attachments"][0];
    EXPECT_EQ(pdf["name"], "Счёт.pdf");
    EXPECT_EQ(pdf["mediaType"], "application/pdf");
    EXPECT_EQ(pdf["size"], 5);
    EXPECT_EQ(pdf["contentId"], nullptr);
    EXPECT_EQ(pdf["inline"], false);
    Sha256 digest;
    digest.add("Hello");
    EXPECT_EQ(pdf["sha256"], digest.hex());
    EXPECT_EQ(pdf["path"], spool.attachments() + "/Счёт.pdf");
    EXPECT_EQ(file_bytes(pdf["path"]), "Hello");
    EXPECT_EQ(file_bytes(payload["attachments"][1]["path"]), "note");
    EXPECT_EQ(payload["text"], "text");
}

TEST(Payload, Marks_pictures_of_the_HTML_as_inline) {
    const json payload = payload_of("Content-Type: multipart/related; boundary=a\n\n--a\nContent-Type: "
                                    "text/html\n\n<img src=cid:logo@x>\n--a\n"
                                    "Content-Type: image/png\nContent-ID: <logo@x>\n\npng\n--a\nContent-Type: "
                                    "image/png\nContent-ID: <b@x>\n"
                                    "Content-Disposition: attachment\n\npng\n--a--\n");
    EXPECT_EQ(payload["attachments"][0]["contentId"], "logo@x");
    EXPECT_EQ(payload["attachments"][0]["inline"], true);
    EXPECT_EQ(payload["attachments"][0]["name"], nullptr);
    EXPECT_THAT(payload["attachments"][0]["path"].get<std::string>(), HasSubstr("attachment-1.png"));
    EXPECT_EQ(payload["attachments"][1]["inline"], false);
}

TEST(Payload, Has_attached_messages_under_their_subject) {
    const Spool spool;
    const json payload = payload_of(
        "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nsee\n--a\nContent-Type: message/rfc822\n\n"
        "Subject: =?UTF-8?B?0J/RgNC40LLQtdGC?=\nContent-Type: multipart/mixed; "
        "boundary=i\n\n--i\n\ninner\n--i--\n--a--\n",
        spool);
    ASSERT_EQ(payload["attachments"].size(), 1U);
    EXPECT_EQ(payload["attachments"][0]["name"], "Привет.eml");
    EXPECT_EQ(payload["attachments"][0]["mediaType"], "message/rfc822");
    EXPECT_TRUE(file_bytes(payload["attachments"][0]["path"]).ends_with("inner\n--i--"));
    EXPECT_EQ(payload["text"], "see");
}

TEST(Payload, Never_writes_outside_its_folder_or_over_a_file) {
    const Spool spool;
    std::string mail = "Content-Type: multipart/mixed; boundary=a\n\n";
    for (const char *name : {"../../evil.txt", "same.txt", "same.txt", "SAME.txt", "/etc/passwd", "..", "",
                             ".hidden", "a\\b.txt", "\xE2\x80\xAEtxt.exe", "same.txt"}) {
        mail += "--a\nContent-Type: application/x\nContent-Disposition: attachment; filename=\"" +
                std::string(name) + "\"\n\n" + name + "\n";
    }
    mail += "--a--\n";
    const json payload = payload_of(mail, spool);
    std::set<std::string> paths;
    for (const json &attachment : payload["attachments"]) {
        const std::filesystem::path path = attachment["path"].get<std::string>();
        EXPECT_EQ(path.parent_path(), spool.attachments());
        EXPECT_FALSE(path.filename().string().starts_with("."));
        EXPECT_TRUE(paths.insert(path.string()).second) << path;
        EXPECT_EQ(std::filesystem::file_size(path), attachment["size"].get<std::uintmax_t>());
    }
    EXPECT_EQ(paths.size(), 11U);
    EXPECT_TRUE(paths.contains(spool.attachments() + "/same (3).txt"));
    EXPECT_EQ(payload["attachments"][0]["name"], "../../evil.txt");
}

TEST(Payload, Follows_no_link_that_lies_in_the_folder) {
    const Spool spool;
    const auto target = spool.folder() / "target";
    std::filesystem::create_symlink(target, std::filesystem::path(spool.attachments()) / "a.txt");
    const json payload =
        payload_of("Content-Type: application/x; name=a.txt\nContent-Disposition: attachment\n\nbytes", spool);
    EXPECT_FALSE(std::filesystem::exists(target));
    EXPECT_EQ(payload["attachments"][0]["path"], spool.attachments() + "/a (2).txt");
}

TEST(Payload, Is_valid_UTF_8_without_NUL_whatever_the_mail_holds) {
    std::string mail =
        "Subject: \xFF\xFE =?utf-8?Q?=FF=00?=\nFrom: \xC0\x80 <\xFF@\xFE>\nX-\x01: y\n"
        "Content-Type: text/plain; charset=utf-8; name=\"\xFF\"\nMessage-ID: <\xFF@x>\nReferences: <\xFF>\n\n";
    for (int i = 0; i < 1024; ++i)
        mail += static_cast<char>(i);
    const Spool spool;
    const json payload = payload_of(mail, spool);
    EXPECT_EQ(payload.dump().find("\\u0000"), std::string::npos);
    EXPECT_TRUE(warns(payload, "charset"));
}

TEST(Payload, Cuts_long_text_with_a_warning_and_keeps_it_valid) {
    std::string body;
    while (body.size() < 10'000)
        body += "Жж";
    Limits limits;
    limits.inline_text_bytes = 1001;
    const json payload = payload_of("Content-Type: text/plain; charset=utf-8\n\n" + body, limits);
    EXPECT_EQ(payload["text"].get<std::string>().size(), 1000U);
    EXPECT_TRUE(warns(payload, "too long"));
    EXPECT_FALSE(warns(payload, "bytes that mean nothing"));
}

TEST(Payload, Fails_as_a_value_when_the_spool_does) {
    const Spool spool;
    const auto missing =
        make_payload((spool.folder() / "no such file").string(), spool.attachments(), some_origin());
    ASSERT_FALSE(missing.ok());
    EXPECT_EQ(missing.error().fault, Fault::storage);
    const std::string mail = spool.write("Content-Type: image/png\n\npng");
    const auto unwritable = make_payload(mail, (spool.folder() / "no such folder").string(), some_origin());
    ASSERT_FALSE(unwritable.ok());
    EXPECT_EQ(unwritable.error().fault, Fault::storage);
    EXPECT_THAT(unwritable.error().text(), HasSubstr("No such file"));
}

TEST(Payload, Tells_of_a_full_disk) {
    if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
    const Spool spool;
    const std::string mail = spool.write("Content-Type: image/png\n\npng");
    const auto payload = make_payload(mail, "/dev/full/..", some_origin());
    EXPECT_FALSE(payload.ok());
}

TEST(Payload, Leaves_the_hosts_signals_alone) {
    const auto before = std::signal(SIGPIPE, SIG_DFL);
    payload_of("From: a@example.org\n\n");
    EXPECT_EQ(std::signal(SIGPIPE, before), SIG_DFL);
}

} // namespace
} // namespace roe::message
