#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "message/payload.hpp"

namespace roe::message {
namespace {

constexpr std::string_view header = "Received: from a by b\r\n"
                                    "Message-ID: <m1@example.org>\r\n"
                                    "Date: Sun, 01 Mar 2026 12:30:00 +0300\r\n"
                                    "From: =?UTF-8?B?0JjQstCw0L0=?= <ivan@example.org>\r\n"
                                    "To: Ann <ann@example.org>, bob@example.org\r\n"
                                    "Cc: carl@example.org\r\n"
                                    "Subject: =?koi8-r?B?9MXTzw==?=\r\n test\r\n";

std::string fingerprint(std::string_view block, std::int64_t size) {
    return read_envelope(block, size).fingerprint;
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
    std::string result(text);
    return result.replace(result.find(from), from.size(), to);
}

WallTime seconds(std::int64_t since_epoch) {
    return WallTime(std::chrono::seconds(since_epoch));
}

TEST(ArrivalTime, Is_what_the_last_server_wrote_else_the_senders_date_and_never_in_the_future) {
    const auto now = seconds(1'800'000'000);
    const std::string date = "Date: Sun, 01 Mar 2026 12:30:00 +0300\r\n";
    const std::string received = "Received: from a by b; Sun, 01 Mar 2026 10:00:00 +0000\r\n"
                                 "Received: from c by a;\r\n Sun, 01 Mar 2026 08:00:00 +0000\r\n";
    EXPECT_EQ(arrival_time(received + date, now), seconds(1'772'359'200));
    EXPECT_EQ(arrival_time("Received: from a by b\r\n" + date, now), seconds(1'772'357'400));
    EXPECT_EQ(arrival_time("Received: from a by b; soon\r\nSubject: x\r\n", now), now);
    EXPECT_EQ(arrival_time("Date: Sun, 01 Mar 2099 12:30:00 +0300\r\n", now), now);
    EXPECT_EQ(arrival_time("", now), now);
}

TEST(Envelope, Has_the_decoded_headers) {
    const Envelope envelope = read_envelope(header, 1000);
    ASSERT_EQ(envelope.from.size(), 1U);
    EXPECT_EQ(envelope.from[0].name, "Иван");
    EXPECT_EQ(envelope.from[0].address, "ivan@example.org");
    ASSERT_EQ(envelope.to.size(), 2U);
    EXPECT_EQ(envelope.to[1].address, "bob@example.org");
    ASSERT_EQ(envelope.cc.size(), 1U);
    EXPECT_EQ(envelope.subject, "Тесо test");
    EXPECT_EQ(envelope.message_id, "m1@example.org");
    EXPECT_EQ(envelope.fingerprint.size(), 64U);
}

TEST(Envelope, With_raw_text_of_no_named_charset_is_guessed_from_all_its_fields_together) {
    const std::string subject =
        "Subject: \xD0\xD2\xC5\xC4\xD5\xD0\xD2\xC5\xD6\xC4\xC5\xCE\xC9\xC5\r\n"; // KOI8-R
    EXPECT_EQ(read_envelope(subject, 0).subject, "РТЕДХРТЕЦДЕОЙЕ") << "alone it might as well be Windows-1251";
    const std::string from = "From: \xE1\xCE\xCE\xC1 \xEB\xC9\xCD <ann@example.org>\r\n";
    for (const std::string type : {"", "Content-Type: text/plain; charset=utf-8\r\n",
                                   "Content-Type: text/plain; charset=US-ASCII\r\n"}) {
        const Envelope envelope = read_envelope(from + type + subject, 0);
        EXPECT_EQ(envelope.subject, "предупреждение");
        EXPECT_EQ(envelope.from.at(0).name, "Анна Ким");
    }
}

TEST(Envelope, With_raw_UTF_8_is_read_so_whatever_the_other_fields_and_the_body_are_in) {
    const std::string mixed =
        "From: \xC0\xED\xED\xE0 \xCA\xE8\xEC <ann@example.org>\r\nSubject: № 5\r\n"; // Windows-1251, UTF-8
    for (const std::string type : {"", "Content-Type: text/plain; charset=windows-1251\r\n"}) {
        const Envelope envelope = read_envelope(mixed + type, 0);
        EXPECT_EQ(envelope.subject, "№ 5");
        EXPECT_EQ(envelope.from.at(0).name, "Анна Ким");
    }
    EXPECT_EQ(read_envelope("Subject: café\r\nContent-Type: text/plain; charset=iso-8859-1\r\n", 0).subject,
              "café");
    EXPECT_EQ(read_envelope("Subject: Отчёт за март\xD0\r\n", 0).subject, "Отчёт за март\uFFFD")
        << "cut in a character";
}

TEST(Envelope, Of_nothing_is_empty) {
    const Envelope envelope = read_envelope("", 0);
    EXPECT_TRUE(envelope.from.empty());
    EXPECT_TRUE(envelope.subject.empty());
    EXPECT_TRUE(envelope.message_id.empty());
    EXPECT_EQ(envelope.fingerprint.size(), 64U);
}

TEST(Envelope, Takes_both_of_two_From_fields) {
    const Envelope envelope = read_envelope("From: a@example.org\r\nFrom: b@example.org\r\n", 0);
    ASSERT_EQ(envelope.from.size(), 2U);
    EXPECT_EQ(envelope.from[1].address, "b@example.org");
}

TEST(Envelope, Reads_raw_8_bit_headers_by_the_bodys_charset) {
    const Envelope envelope =
        read_envelope("Subject: \xE1\xE2\xE3\r\nContent-Type: text/plain; charset=iso-8859-7\r\n", 0);
    EXPECT_EQ(envelope.subject, "αβγ");
}

TEST(Envelope, Has_a_message_id_however_it_is_written) {
    const std::vector<std::pair<const char *, const char *>> cases = {{"<a@b>", "a@b"},
                                                                      {"a@b", "a@b"},
                                                                      {"<a@b> (comment)", "a@b"},
                                                                      {"< a@b >", "a@b"},
                                                                      {"<no-at>", "no-at"},
                                                                      {"some words", "some words"},
                                                                      {"<a@b", "a@b"},
                                                                      {"", ""}};
    for (const auto &[raw, id] : cases) {
        EXPECT_EQ(read_envelope("Message-ID: " + std::string(raw) + "\r\n", 0).message_id, id) << raw;
    }
}

TEST(Fingerprint, Is_the_same_when_a_server_adds_fields_or_changes_line_ends_and_folding) {
    const std::string own = fingerprint(header, 1000);
    const std::string added = "X-Spam-Score: 1\r\nReceived: from b by c\r\n";
    EXPECT_EQ(fingerprint(added + std::string(header), 1000 + static_cast<std::int64_t>(added.size())), own);
    EXPECT_EQ(fingerprint(replaced(header, "\r\n test", " test"), 1000 - 2), own);
    std::string bare(header);
    std::erase(bare, '\r');
    EXPECT_EQ(fingerprint(bare, 1000), own);
}

TEST(Fingerprint, Differs_when_sender_date_id_subject_or_body_differ) {
    const std::string own = fingerprint(header, 1000);
    EXPECT_NE(fingerprint(replaced(header, "ivan@", "petr@"), 1000), own);
    EXPECT_NE(fingerprint(replaced(header, "12:30", "12:31"), 1000), own);
    EXPECT_NE(fingerprint(replaced(header, "m1@", "m2@"), 1000), own);
    EXPECT_NE(fingerprint(replaced(header, " test", " best"), 1000), own);
    EXPECT_NE(fingerprint(header, 1001), own);
}

TEST(Envelope, Is_read_by_many_threads_at_once) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([] {
            for (int round = 0; round < 200; ++round)
                ASSERT_EQ(read_envelope(header, 1).from[0].name, "Иван");
        });
    }
    for (std::thread &thread : threads)
        thread.join();
}

} // namespace
} // namespace roe::message
