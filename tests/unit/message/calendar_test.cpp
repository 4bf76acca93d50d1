#include "message/calendar.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "given_mail.hpp"

namespace roe::message {
namespace {

using nlohmann::json;

constexpr auto invitation =
    "BEGIN:VCALENDAR\n"
    "PRODID:-//Example//Mail//EN\n"
    "VERSION:2.0\n"
    "METHOD:REQUEST\n"
    "BEGIN:VTIMEZONE\n"
    "TZID:Europe/Moscow\n"
    "BEGIN:STANDARD\n"
    "DTSTART:19700101T000000\n"
    "END:STANDARD\n"
    "END:VTIMEZONE\n"
    "BEGIN:VEVENT\n"
    "UID:4f1c@example.com\n"
    "DTSTAMP:20260301T090000Z\n"
    "DTSTART;TZID=Europe/Moscow:20260305T100000\n"
    "DTEND;TZID=Europe/Moscow:20260305T110000\n"
    "ORGANIZER;CN=\"Ким, Анна: отдел\";SENT-BY=\"mailto:x@example.com\":MAILTO:ann@exam\n"
    " ple.com\n"
    "ATTENDEE;CN=Robot:mailto:robot@example.com\n"
    "SUMMARY:Обсуждение\\, часть 1\\nи 2\n"
    "BEGIN:VALARM\n"
    "SUMMARY:not this\n"
    "UID:nor this\n"
    "END:VALARM\n"
    "END:VEVENT\n"
    "BEGIN:VEVENT\n"
    "UID:an exception of the recurrence\n"
    "END:VEVENT\n"
    "END:VCALENDAR\n";

Calendar calendar_of(const std::string &text) {
    const auto calendar = parse_calendar(text, "utf-8");
    EXPECT_TRUE(calendar) << text;
    return calendar.value_or(Calendar());
}

std::string an_event(const std::string &lines) {
    return "BEGIN:VCALENDAR\nBEGIN:VEVENT\n" + lines + "\nEND:VEVENT\nEND:VCALENDAR\n";
}

TEST(Calendar, Is_read_with_any_line_ends) {
    for (const std::string &text : {std::string(invitation), with_crlf(invitation)}) {
        const Calendar calendar = calendar_of(text);
        EXPECT_EQ(calendar.method, "REQUEST");
        EXPECT_EQ(calendar.uid, "4f1c@example.com");
        EXPECT_EQ(calendar.summary, "Обсуждение, часть 1\nи 2");
        EXPECT_EQ(calendar.start, "2026-03-05T10:00:00");
        EXPECT_EQ(calendar.end, "2026-03-05T11:00:00");
        EXPECT_EQ(calendar.time_zone, "Europe/Moscow");
        ASSERT_TRUE(calendar.organizer);
        EXPECT_EQ(calendar.organizer->name, "Ким, Анна: отдел");
        EXPECT_EQ(calendar.organizer->address, "ann@example.com");
    }
}

TEST(Calendar, Has_times_as_they_are_meant) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"DTSTART:20260301T093000Z", "2026-03-01T09:30:00Z"},
        {"DTSTART:20260301T093000", "2026-03-01T09:30:00"},
        {"DTSTART;VALUE=DATE:20260301", "2026-03-01"},
        {"dtstart;value=date:20260301", "2026-03-01"},
        {"DTSTART:20261301T093000Z", ""},
        {"DTSTART:20260301T993000Z", ""},
        {"DTSTART:20260301T0930", ""},
        {"DTSTART:20260301X093000", ""},
        {"DTSTART:20260301T093000Zulu", ""},
        {"DTSTART:2026-03-01", ""},
        {"DTSTART:-0260301", ""},
        {"DTSTART:", ""},
        {"DTSTART", ""},
        {"DTSTART;TZID=:", ""},
        {"DTSTART;:::;;\"", ""},
    };
    for (const auto &[line, start] : cases)
        EXPECT_EQ(calendar_of(an_event(line)).start, start) << line;
    EXPECT_EQ(calendar_of(an_event("DTSTART;TZID=x:20260301T093000Z")).time_zone, "") << "UTC needs no zone";
}

TEST(Calendar, Folded_within_a_character_is_put_together) {
    const std::string text = an_event("SUMMARY:\xD0\n \x9F\xD1\r\n\t\x80ивет");
    EXPECT_EQ(calendar_of(text).summary, "Привет");
}

TEST(Calendar, Of_a_to_do_or_of_nothing_is_one_and_other_text_is_none) {
    const Calendar to_do =
        calendar_of("BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:t\nDUE:20260301\nEND:VTODO\nEND:VCALENDAR");
    EXPECT_EQ(to_do.uid, "t");
    EXPECT_EQ(to_do.end, "2026-03-01");
    EXPECT_EQ(calendar_of("\uFEFFbegin:vcalendar\nmethod:publish\n").method, "PUBLISH");
    EXPECT_EQ(calendar_of(an_event("")).organizer, std::nullopt);
    for (const char *text : {"", "Hello", "BEGIN:VCARD\nUID:x\nEND:VCARD\n", "END:VCALENDAR\nMETHOD:REQUEST\n"})
        EXPECT_FALSE(parse_calendar(text, "")) << text;
}

TEST(Calendar, Of_any_size_and_depth_is_bounded) {
    std::string deep = "BEGIN:VCALENDAR\n";
    for (int i = 0; i < 100'000; ++i)
        deep += "BEGIN:VEVENT\n";
    EXPECT_TRUE(parse_calendar(deep, ""));
    EXPECT_LE(calendar_of(an_event("SUMMARY:" + std::string(1'000'000, 'x'))).summary.size(), 4096U);
    EXPECT_EQ(calendar_of(an_event("SUMMARY" + std::string(100'000, ';') + ":x")).summary, "x");
}

TEST(Calendar, Stands_in_the_payload_beside_its_file) {
    const Spool spool;
    const json payload =
        payload_of(with_crlf("From: ann@example.com\nContent-Type: multipart/alternative; boundary=a\n\n"
                             "--a\n\nYou are invited.\n"
                             "--a\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\n\n" +
                             std::string(invitation) + "--a--\n"),
                   spool);
    EXPECT_EQ(payload["text"], "You are invited.");
    EXPECT_EQ(payload["calendar"],
              (json{{"method", "REQUEST"},
                    {"uid", "4f1c@example.com"},
                    {"summary", "Обсуждение, часть 1\nи 2"},
                    {"start", "2026-03-05T10:00:00"},
                    {"end", "2026-03-05T11:00:00"},
                    {"timeZone", "Europe/Moscow"},
                    {"organizer", {{"name", "Ким, Анна: отдел"}, {"address", "ann@example.com"}}}}));
    ASSERT_EQ(payload["attachments"].size(), 1U);
    EXPECT_EQ(payload["attachments"][0]["mediaType"], "text/calendar");
    EXPECT_EQ(payload["attachments"][0]["path"], spool.attachments() + "/attachment-1.ics");
}

TEST(Calendar, That_is_the_whole_mail_is_an_attachment_of_it) {
    const json payload = payload_of(
        "From: ann@example.com\nContent-Type: text/calendar; charset=windows-1251\n"
        "Content-Transfer-Encoding: base64\n\n"
        "QkVHSU46VkNBTEVOREFSCk1FVEhPRDpDQU5DRUwKQkVHSU46VkVWRU5UClNVTU1BUlk6z/Do4uXyCkVORDpWRVZFTlQK\n");
    EXPECT_EQ(payload["text"], nullptr);
    EXPECT_EQ(payload["calendar"]["method"], "CANCEL");
    EXPECT_EQ(payload["calendar"]["summary"], "Привет");
    EXPECT_EQ(payload["calendar"]["organizer"], nullptr);
    EXPECT_EQ(payload["attachments"].size(), 1U);
    const json nonsense = payload_of("Content-Type: text/calendar\n\nno calendar\n");
    EXPECT_EQ(nonsense["calendar"], nullptr);
    EXPECT_EQ(nonsense["attachments"].size(), 1U);
}

} // namespace
} // namespace roe::message
