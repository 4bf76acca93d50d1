#include "message/uuencode.hpp"

#include <memory>
#include <string>
#include <vector>

#include <glib.h>
#include <gmock/gmock.h>

#include "given_mail.hpp"
#include "message/content.hpp"

namespace roe::message {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// By the definition of POSIX, with "`" for zero.
std::string uuencoded(const std::string &name, const std::string &bytes) {
    const auto digit = [](unsigned value) {
        return static_cast<char>(value % 64 == 0 ? '`' : ' ' + value % 64);
    };
    std::string text = "begin 644 " + name + "\n";
    for (std::size_t at = 0; at < bytes.size(); at += 45) {
        const std::string line = bytes.substr(at, 45);
        text += digit(static_cast<unsigned>(line.size()));
        for (std::size_t i = 0; i < line.size(); i += 3) {
            const auto byte = [&](std::size_t k) {
                return k < line.size() ? static_cast<unsigned char>(line[k]) : 0U;
            };
            const unsigned group = byte(i) << 16U | byte(i + 1) << 8U | byte(i + 2);
            for (int shift = 18; shift >= 0; shift -= 6)
                text += digit(group >> static_cast<unsigned>(shift));
        }
        text += "\n";
    }
    return text + "`\nend\n";
}

std::string all_bytes() {
    std::string bytes;
    for (int i = 0; i < 1000; ++i)
        bytes += static_cast<char>(i * 7 + i / 256);
    return bytes;
}

TEST(Uuencode, In_a_text_is_an_attachment) {
    const Spool spool;
    const json payload =
        payload_of(with_crlf("Subject: x\n\nbefore\n" + uuencoded("a b.bin", all_bytes()) + "after\n"), spool);
    EXPECT_EQ(payload["text"], "before\nafter\n");
    ASSERT_EQ(payload["attachments"].size(), 1U);
    const json &file = payload["attachments"][0];
    EXPECT_EQ(file["name"], "a b.bin");
    EXPECT_EQ(file["mediaType"], "application/octet-stream");
    EXPECT_EQ(file["inline"], false);
    EXPECT_EQ(file["size"], 1000);
    EXPECT_EQ(file_bytes(file["path"]), all_bytes());
}

TEST(Uuencode, Is_found_with_any_line_ends_and_wherever_it_stands) {
    const std::string file = uuencoded("f", all_bytes());
    const std::vector<std::pair<std::string, std::string>> cases = {
        {file, ""},
        {"text\n" + file, "text\n"},
        {file + "text", "text"},
        {"a\n" + file + "b\n" + file + "c\n", "a\nb\nc\n"},
        {"begin 644 never ended\n" + file, "begin 644 never ended\n"},
        {"begin the day\nend\n" + file, "begin the day\nend\n"},
    };
    for (const auto &[body, text] : cases) {
        for (const std::string &mail : {"Subject: x\n\n" + body, with_crlf("Subject: x\n\n" + body)}) {
            const Spool spool;
            const json payload = payload_of(mail, spool);
            EXPECT_EQ(payload["text"], text) << mail;
            ASSERT_GE(payload["attachments"].size(), 1U) << mail;
            for (const json &one : payload["attachments"])
                EXPECT_EQ(file_bytes(one["path"]), all_bytes());
        }
    }
}

TEST(Uuencode, Is_found_below_a_transfer_encoding) {
    const std::string body = "Привет\n" + uuencoded("Отчёт.txt", "Hello") + "Пока\n";
    const std::unique_ptr<gchar, void (*)(gpointer)> encoded(
        g_base64_encode(reinterpret_cast<const guchar *>(body.data()), body.size()), g_free);
    std::string quoted;
    for (const char c : body)
        quoted += c == '=' ? "=3D" : std::string(1, c);
    for (const std::string &mail : {"Content-Transfer-Encoding: base64\n\n" + std::string(encoded.get()) + "\n",
                                    "Content-Transfer-Encoding: quoted-printable\n\n" + quoted}) {
        const Spool spool;
        const json payload = payload_of("Content-Type: text/plain; charset=utf-8\n" + mail, spool);
        EXPECT_EQ(payload["text"], "Привет\nПока\n");
        ASSERT_EQ(payload["attachments"].size(), 1U);
        EXPECT_EQ(payload["attachments"][0]["name"], "Отчёт.txt");
        EXPECT_EQ(file_bytes(payload["attachments"][0]["path"]), "Hello");
    }
}

TEST(Uuencode, Has_lines_as_various_programs_write_them) {
    const std::vector<std::string> files = {
        "begin 644 f\n%2&5L;&\\`\n`\nend\n",  // "`" for zero
        "begin 0644 f\n%2&5L;&\\ \n \nend\n", // a blank
        "begin 644 f\n%2&5L;&\\ \n\nend\n",   // of which the one at the line's end was lost
        "begin 644 f\n%2&5L;&\\`X\n`\nend\n", // a checksum
        "begin 644 f\n%2&5L;&\\`\nend\n",     // no empty line
        "begin 644 f\n#2&5L\n\";&\\`\n`\nend\n"};
    for (const std::string &file : files) {
        for (const std::string &mail : {"Subject: x\n\n" + file, with_crlf("Subject: x\n\n" + file)}) {
            const Spool spool;
            const json payload = payload_of(mail, spool);
            ASSERT_EQ(payload["attachments"].size(), 1U) << file;
            EXPECT_EQ(file_bytes(payload["attachments"][0]["path"]), "Hello") << file;
        }
    }
    const json empty = payload_of("Subject: x\n\nbegin 644 empty\n`\nend\n");
    EXPECT_EQ(empty["attachments"][0]["size"], 0);
}

TEST(Uuencode, That_is_broken_stays_text) {
    const std::string whole = uuencoded("f", all_bytes());
    for (const std::string &body :
         {whole.substr(0, whole.size() - 4), whole.substr(0, 300), "> " + whole,
          std::string("begin 644\n`\nend\n"), std::string("begin 64 f\n`\nend\n"),
          std::string("begin 999 f\n`\nend\n"), std::string("begin 644 f\nend\n"),
          std::string("begin 644 f\nwords in lower case\nend\n"),
          std::string("begin 644 f\n%2&5L;&\\\n`\nend\n"), std::string("begin 644 f\n`\n%2&5L;&\\`\nend\n"),
          "begin 644 f\n%2&5L;&\\" + std::string(100'000, 'A') + "\nend\n",
          "begin 644 " + std::string(2000, 'n') + "\n`\nend\n"}) {
        const json payload = payload_of("Subject: x\n\n" + body);
        EXPECT_EQ(payload["text"], body);
        EXPECT_EQ(payload["attachments"], json::array()) << body;
    }
}

TEST(Uuencode, In_a_file_that_is_attached_is_left_alone) {
    const json payload =
        payload_of("Content-Type: multipart/mixed; boundary=a\n\n--a\n\ntext\n--a\nContent-Type: "
                   "text/plain; name=f.uue\nContent-Disposition: attachment\n\n" +
                   uuencoded("f", "Hello") + "--a--\n");
    ASSERT_EQ(payload["attachments"].size(), 1U);
    EXPECT_EQ(payload["attachments"][0]["name"], "f.uue");
}

TEST(Uuencode, Ends_where_its_part_ends) {
    const json payload = payload_of(
        "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nbegin 644 f\n%2&5L;&\\`\n`\n--a\n\nend\n--a--\n");
    EXPECT_EQ(payload["attachments"], json::array());
    const Spool spool;
    const json whole = payload_of(
        "Content-Type: multipart/mixed; boundary=a\n\n--a\n\nbegin 644 f\n%2&5L;&\\`\n`\nend\n--a--\n", spool);
    ASSERT_EQ(whole["attachments"].size(), 1U) << "the line end before a boundary belongs to that";
    EXPECT_EQ(file_bytes(whole["attachments"][0]["path"]), "Hello");
}

TEST(Uuencode, By_the_thousand_keeps_within_the_limit_of_parts) {
    std::string body;
    for (int i = 0; i < 3000; ++i)
        body += "text\n" + uuencoded("f", "Hello");
    const json payload = payload_of("Subject: x\n\n" + body);
    EXPECT_EQ(payload["attachments"].size(), 499U);
    EXPECT_THAT(payload["text"].get<std::string>(), HasSubstr("begin 644 f\n")) << "the rest stays text";
}

TEST(Uuencode, Is_found_at_any_place_of_what_is_read_at_once) {
    for (std::size_t before = (64 << 10) - 12; before < (64 << 10) + 4; ++before) {
        const std::string body = std::string(before - 1, 'x') + "\n" + uuencoded("f", "Hello");
        const json payload = payload_of("Subject: x\n\n" + body, Spool());
        EXPECT_EQ(payload["attachments"].size(), 1U) << before;
    }
}

TEST(Uuencode, Counts_for_conditions_on_attachments) {
    const Spool spool;
    const auto content =
        read_content(spool.write(with_crlf("Subject: x\n\nsee\n" + uuencoded("offer.pdf", "Hello") + "bye\n")));
    ASSERT_TRUE(content.ok());
    EXPECT_EQ(content->text, "see\nbye\n");
    EXPECT_THAT(content->attachment_names, ElementsAre("offer.pdf"));
}

} // namespace
} // namespace roe::message
