#include "message/tnef.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "given_mail.hpp"
#include "given_tnef.hpp"
#include "message/content.hpp"

namespace roe::message {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Unwrapped {
    std::string name;
    std::string bytes;
    friend bool operator==(const Unwrapped &, const Unwrapped &) = default;
};

void PrintTo(const Unwrapped &attachment, std::ostream *out) {
    *out << attachment.name << " [" << attachment.bytes << "]";
}

std::vector<Unwrapped> attachments_of(const json &payload) {
    std::vector<Unwrapped> attachments;
    for (const json &one : payload["attachments"])
        attachments.push_back({one["name"].is_null() ? "" : one["name"], file_bytes(one["path"])});
    return attachments;
}

json payload_of_tnef(const std::string &tnef, const Spool &spool, const std::string &text = "Hello",
                     const Limits &limits = {}) {
    return payload_of(mail_with_tnef(text, tnef), spool, limits);
}

TEST(Tnef, Gives_its_attachments_beside_those_of_the_mail) {
    const Spool spool;
    const json payload = payload_of_tnef(
        tnef_of(
            {attachment_begins(), attachment_title("a.txt"), attachment_data("one"), attachment_begins(),
             attachment_data("two"), attachment_title("B.PDF"),
             attachment_properties({property_number(0x3705, 1), property_unicode(0x3707, u"Счёт за март.pdf"),
                                    property8(0x370E, "application/pdf"), property8(0x3712, "logo@x"),
                                    property_number(0x3714, 4)})}),
        spool);
    EXPECT_THAT(attachments_of(payload),
                ElementsAre(Unwrapped{"a.txt", "one"}, Unwrapped{"Счёт за март.pdf", "two"}));
    EXPECT_THAT(warnings_of(payload), IsEmpty());
    EXPECT_EQ(payload["text"], "Hello") << "the text outside counts";
    const json &plain = payload["attachments"][0];
    EXPECT_EQ(plain["mediaType"], "application/octet-stream");
    EXPECT_EQ(plain["inline"], false);
    const json &shown = payload["attachments"][1];
    EXPECT_EQ(shown["mediaType"], "application/pdf");
    EXPECT_EQ(shown["contentId"], "logo@x");
    EXPECT_EQ(shown["inline"], true);
    EXPECT_EQ(shown["size"], 3);
}

TEST(Tnef, Is_known_by_any_of_its_types_and_by_its_name) {
    const std::string tnef = tnef_of({attachment_begins(), attachment_title("a.txt"), attachment_data("one")});
    for (const char *type : {"application/ms-tnef", "application/vnd.ms-tnef; name=other",
                             "application/octet-stream; name=\"WinMail.dat\""}) {
        const Spool spool;
        const json payload = payload_of("Content-Type: " + std::string(type) +
                                            "\r\nContent-Transfer-Encoding: binary\r\n\r\n" + tnef,
                                        spool);
        EXPECT_THAT(attachments_of(payload), ElementsAre(Unwrapped{"a.txt", "one"})) << type;
    }
}

TEST(Tnef, Has_names_in_its_code_page) {
    const std::vector<std::pair<std::uint32_t, std::string>> cases = {{1251, "\xCE\xF2\xF7\xB8\xF2.txt"},
                                                                      {866, "\x8E\xE2\xE7\xF1\xE2.txt"},
                                                                      {20866, "\xEF\xD4\xDE\xA3\xD4.txt"},
                                                                      {65001, "Отчёт.txt"},
                                                                      {28595, "\xBE\xE2\xE7\xF1\xE2.txt"}};
    for (const auto &[page, name] : cases) {
        const Spool spool;
        // The code page counts for what stands before it, too.
        const json payload = payload_of_tnef(
            tnef_of({attachment_begins(), attachment_title(name), attachment_data("x"), oem_code_page(page)}),
            spool);
        EXPECT_EQ(payload["attachments"][0]["name"], "Отчёт.txt") << page;
    }
    const Spool spool;
    const json japanese =
        payload_of_tnef(tnef_of({oem_code_page(932), attachment_begins(),
                                 attachment_title("\x93\xFA\x96\x7B.txt"), attachment_data("x")}),
                        spool);
    EXPECT_EQ(japanese["attachments"][0]["name"], "日本.txt");
}

TEST(Tnef, Has_names_and_bytes_by_property_alone) {
    const Spool spool;
    const json payload = payload_of_tnef(
        tnef_of(
            {attachment_begins(),
             attachment_properties({property8(0x3704, "SHORT~1.TXT"), property_binary(0x3701, "by property")}),
             attachment_begins(),
             attachment_properties({property8(0x3001, "shown"), property_binary(0x3701, "x")}),
             attachment_begins(), attachment_data("nameless")}),
        spool);
    EXPECT_THAT(attachments_of(payload), ElementsAre(Unwrapped{"SHORT~1.TXT", "by property"},
                                                     Unwrapped{"shown", "x"}, Unwrapped{"", "nameless"}));
}

TEST(Tnef, Skips_properties_of_every_kind) {
    const std::string guid(16, 'g');
    const Spool spool;
    const json payload = payload_of_tnef(
        tnef_of({attachment_begins(), attachment_data("x"),
                 attachment_properties(
                     {property_of(0x0002, 0x0001, little_endian(7, 4)),
                      property_of(0x0005, 0x0002, std::string(8, 'd')), property_of(0x0048, 0x0003, guid),
                      property_of(0x0040, 0x8001,
                                  guid + little_endian(0, 4) + little_endian(1, 4) + std::string(8, 't')),
                      // named by words, of which the last four bytes are padding
                      property_of(0x0003, 0x8002,
                                  guid + little_endian(1, 4) + little_endian(6, 4) +
                                      std::string("a\0b\0\0\0\0\0", 8) + little_endian(5, 4)),
                      property_of(0x101E, 0x0004,
                                  little_endian(2, 4) + little_endian(3, 4) + std::string("ab\0\0", 4) +
                                      little_endian(2, 4) + std::string("c\0\0\0", 4)),
                      property_of(0x1003, 0x0005, little_endian(2, 4) + std::string(8, 'n')),
                      property8(0x3707, "after all.txt")})}),
        spool);
    EXPECT_THAT(attachments_of(payload), ElementsAre(Unwrapped{"after all.txt", "x"}));
    EXPECT_THAT(warnings_of(payload), IsEmpty());
}

TEST(Tnef, Has_the_text_where_the_mail_has_none) {
    const std::string tnef = tnef_of(
        {oem_code_page(1251),
         message_properties({property8(0x1000, "\xCF\xF0\xE8\xE2\xE5\xF2"), property_number(0x3FDE, 20866),
                             property_binary(0x1013, "<p>\xF0\xD2\xC9\xD7\xC5\xD4</p>")}),
         attachment_begins(), attachment_title("a.txt"), attachment_data("one")});
    for (const char *text : {"", " \n"}) {
        const Spool spool;
        const json payload = payload_of_tnef(tnef, spool, text);
        EXPECT_THAT(payload["text"].get<std::string>(), HasSubstr("Привет"));
        EXPECT_EQ(payload["html"], "<p>Привет</p>");
        EXPECT_EQ(payload["attachments"].size(), 1U);
    }
    const Spool spool;
    const json unicode =
        payload_of_tnef(tnef_of({message_properties({property_unicode(0x1000, u"Счёт 17")})}), spool, "");
    EXPECT_EQ(unicode["text"], "Счёт 17");
    const json old =
        payload_of_tnef(tnef_of({attribute(Level::message, 0x0002800C, "by attribute")}), spool, "");
    EXPECT_EQ(old["text"], "by attribute");
    const json html =
        payload_of_tnef(tnef_of({message_properties({property8(0x1013, "<b>only</b>")})}), spool, "");
    EXPECT_EQ(html["text"], "only");
}

TEST(Tnef, Gives_RTF_as_an_attachment_where_there_is_no_other_text) {
    // MS-OXRTFCP 4.1.1 and 4.1.2.
    const std::string simple("\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\x00\x0a\x00"
                             "\x72\x63\x70\x67\x31\x32\x35\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77"
                             "\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0",
                             49);
    const std::string overlapping(
        "\x1a\x00\x00\x00\x1c\x00\x00\x00\x4c\x5a\x46\x75\xe2\xd4\x4b\x51\x41\x00\x04\x20"
        "\x57\x58\x59\x5a\x0d\x6e\x7d\x01\x0e\xb0",
        30);
    const std::string plain =
        little_endian(12 + 8, 4) + little_endian(8, 4) + "MELA" + little_endian(0, 4) + "{\\rtf1 }";
    const std::vector<std::pair<std::string, std::string>> cases = {
        {simple, "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"},
        {overlapping, "{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"},
        {plain, "{\\rtf1 }"}};
    for (const auto &[compressed, rtf] : cases) {
        const Spool spool;
        const std::string tnef = tnef_of({message_properties({property_binary(0x1009, compressed)})});
        const json payload = payload_of_tnef(tnef, spool, "");
        EXPECT_THAT(attachments_of(payload), ElementsAre(Unwrapped{"message.rtf", rtf}));
        EXPECT_EQ(payload["attachments"][0]["mediaType"], "application/rtf");
        EXPECT_THAT(warnings_of(payload), ElementsAre(HasSubstr("RTF only")));
        EXPECT_EQ(payload_of_tnef(tnef, spool, "There is a text.")["attachments"].size(), 0U);
        const json damaged = payload_of_tnef(
            tnef_of(
                {message_properties({property_binary(0x1009, compressed.substr(0, compressed.size() - 3))})}),
            spool, "");
        if (compressed != plain) {
            EXPECT_THAT(warnings_of(damaged), testing::Contains(HasSubstr("can't be read whole")));
        }
    }
}

TEST(Tnef, Keeps_an_embedded_message_as_an_attachment) {
    const std::string inner = tnef_of({message_properties({property8(0x1000, "inner")}), attachment_begins(),
                                       attachment_title("inner.txt"), attachment_data("i")});
    const Spool spool;
    const json payload = payload_of_tnef(
        tnef_of({attachment_begins(),
                 attachment_properties({property_number(0x3705, 5), property8(0x3001, "Re: offer"),
                                        property_of(0x000D, 0x3701, sized(std::string(16, 'i') + inner))})}),
        spool);
    EXPECT_THAT(attachments_of(payload), ElementsAre(Unwrapped{"Re: offer.dat", inner}));
    EXPECT_EQ(payload["attachments"][0]["mediaType"], "application/ms-tnef");
}

TEST(Tnef, Cut_short_at_any_place_gives_what_was_read_and_stays) {
    const std::string whole =
        tnef_of({oem_code_page(1251), message_properties({property8(0x1000, "text")}), attachment_begins(),
                 attachment_title("a.txt"), attachment_data("first"), attachment_begins(),
                 attachment_properties({property8(0x3707, "b.txt"), property_binary(0x3701, "second")})});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const Spool spool;
        const json payload = payload_of_tnef(whole.substr(0, size), spool);
        const auto attachments = attachments_of(payload);
        const Unwrapped kept{"winmail.dat", whole.substr(0, size)};
        // Between two attributes nobody can tell that some are missing.
        const bool warned = !payload["warnings"].empty();
        EXPECT_EQ(!attachments.empty() && attachments.front() == kept, warned) << size;
        EXPECT_LE(attachments.size(), warned ? 3U : 2U);
    }
    const Spool spool;
    const auto cut = attachments_of(payload_of_tnef(whole.substr(0, whole.find("second") + 3), spool));
    EXPECT_THAT(cut, ElementsAre(testing::_, Unwrapped{"a.txt", "first"}, Unwrapped{"b.txt", "sec"}));
}

TEST(Tnef, That_is_damaged_is_told_of) {
    const Spool spool;
    std::string flipped = tnef_of({attachment_begins(), attachment_title("a.txt"), attachment_data("one")});
    flipped[flipped.find("one")] = 'X';
    const json payload = payload_of_tnef(flipped, spool);
    EXPECT_THAT(attachments_of(payload), ElementsAre(Unwrapped{"a.txt", "Xne"}));
    EXPECT_THAT(warnings_of(payload), ElementsAre(HasSubstr("damaged")));

    const Spool another;
    const json none = payload_of_tnef("no TNEF at all", another);
    EXPECT_THAT(attachments_of(none), ElementsAre(Unwrapped{"winmail.dat", "no TNEF at all"}));
    EXPECT_THAT(warnings_of(none), ElementsAre(HasSubstr("can't be read whole")));
}

TEST(Tnef, May_end_with_a_line_end) {
    const Spool spool;
    const std::string tnef = tnef_of({attachment_begins(), attachment_title("a.txt"), attachment_data("one")});
    EXPECT_THAT(warnings_of(payload_of_tnef(tnef + "\r\n", spool)), IsEmpty());
    EXPECT_THAT(warnings_of(payload_of_tnef(tnef + "rubbish", spool)), ElementsAre(HasSubstr("whole")));
}

TEST(Tnef, Has_attachments_within_the_limit_of_parts) {
    std::string many = tnef_of({});
    for (int i = 0; i < 100; ++i)
        many += attachment_begins() + attachment_title(std::to_string(i)) + attachment_data(std::to_string(i));
    Limits limits;
    limits.parts = 10;
    const Spool spool;
    const auto attachments = attachments_of(payload_of_tnef(many, spool, "text", limits));
    EXPECT_LE(attachments.size(), 10U + 1) << "and winmail.dat";
    EXPECT_EQ(attachments.back(), (Unwrapped{"8", "8"})) << "one of the ten is the text";
}

TEST(Tnef, That_lies_about_its_sizes_and_counts_is_bounded) {
    const std::string huge = little_endian(0xFFFFFFFF, 4);
    for (const std::string &list :
         {huge, little_endian(9999, 4),
          little_endian(1, 4) + little_endian(0x101E, 2) + little_endian(1, 2) + huge,
          little_endian(1, 4) + little_endian(0x001E, 2) + little_endian(0x3707, 2) + little_endian(1, 4) +
              huge,
          little_endian(1, 4) + little_endian(0x0003, 2) + little_endian(0x8000, 2) + std::string(16, 'g') +
              little_endian(1, 4) + huge,
          little_endian(1, 4) + little_endian(0x0FFF, 2) + little_endian(1, 2) + huge}) {
        const Spool spool;
        const json payload = payload_of_tnef(
            tnef_of({attribute(Level::message, 0x00069003, list), attachment_begins(), attachment_title("a"),
                     attribute(Level::attachment, 0x00069005, list), attachment_data("x")}),
            spool);
        const auto attachments = attachments_of(payload);
        EXPECT_EQ(attachments.back(), (Unwrapped{"a", "x"}));
        EXPECT_THAT(warnings_of(payload), ElementsAre(HasSubstr("whole")));
    }
    const Spool spool;
    payload_of_tnef(tnef_of({}) + little_endian(1, 1) + little_endian(0x00069003, 4) + huge + "short", spool);
}

TEST(Tnef, Counts_for_conditions_on_text_and_attachments) {
    const Spool spool;
    const auto content = read_content(spool.write(
        mail_with_tnef("", tnef_of({message_properties({property8(0x1000, "invoice")}), attachment_begins(),
                                    attachment_title("a.txt"), attachment_data("one")}))));
    ASSERT_TRUE(content.ok());
    EXPECT_EQ(content->text, "invoice");
    EXPECT_THAT(content->attachment_names, ElementsAre("a.txt"));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(spool.folder()), {}), 2)
        << "the message and the folder of attachments";
}

TEST(Tnef, Leaves_no_file_of_its_own_in_the_spool) {
    const Spool spool;
    payload_of_tnef(tnef_of({attachment_begins(), attachment_title("a.txt"), attachment_data("one")}), spool);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(spool.attachments()), {}), 1);
}

} // namespace
} // namespace roe::message
