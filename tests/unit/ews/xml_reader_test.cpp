#include "source/ews/xml_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace roe::ews {
namespace {

struct Written final : XmlEvents {
    std::string all;
    bool open(std::string_view name, std::span<const XmlAttribute> attributes) override {
        all.append("<").append(name);
        for (const auto &attribute : attributes)
            all.append(" ").append(attribute.name).append("=").append(attribute.value);
        all += '>';
        return name != "stop";
    }
    bool close() override {
        all += "</>";
        return true;
    }
    bool text(std::string_view piece) override {
        all += piece;
        return true;
    }
};

struct Reading {
    std::string events;
    XmlEnd end = XmlEnd::none;
    bool within = false;
};

Reading read_in_pieces(std::string_view bytes, std::size_t piece) {
    Written written;
    XmlReader reader(written, 1000);
    Reading reading;
    for (; !bytes.empty() && reading.end == XmlEnd::none; bytes.remove_prefix(std::min(piece, bytes.size())))
        reading.end = reader.feed(bytes.substr(0, piece));
    reading.events = written.all;
    reading.within = reader.within();
    return reading;
}

// Whatever the pieces, the events are the same.
Reading read_xml(std::string_view bytes) {
    const Reading whole = read_in_pieces(bytes, bytes.size());
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}}) {
        const Reading other = read_in_pieces(bytes, piece);
        EXPECT_EQ(other.events, whole.events) << piece;
        EXPECT_EQ(other.end, whole.end) << piece;
        EXPECT_EQ(other.within, whole.within) << piece;
    }
    return whole;
}

TEST(EwsXml, Names_come_without_prefixes) {
    EXPECT_EQ(read_xml("<a:b xmlns:a='u' a:c='d'><e/>t</a:b>").events, "<b c=d><e></>t</>");
    EXPECT_EQ(read_xml("<x:b/>").events, "<b></>") << "a prefix that nothing declares";
}

TEST(EwsXml, Several_documents_stand_in_one_body) {
    const std::string one = "<?xml version=\"1.0\" encoding=\"utf-8\"?><a>1</a>";
    EXPECT_EQ(read_xml(one + one).events, "<a>1</><a>1</>");
    EXPECT_EQ(read_xml("\xef\xbb\xbf" + one + "\r\n\r\n\xef\xbb\xbf" + one + "  ").events, "<a>1</><a>1</>");
    EXPECT_EQ(read_xml("<a/><b/>\n<c></c>").events, "<a></><b></><c></>");
    EXPECT_FALSE(read_xml(one + one + "\n").within);
    EXPECT_TRUE(read_xml(one + "<a>").within);
}

TEST(EwsXml, A_document_is_told_of_as_soon_as_its_last_byte_has_come) {
    Written written;
    XmlReader reader(written, 1000);
    const std::string document = "<?xml version=\"1.0\"?><a><b>text</b></a>";
    for (const char c : document)
        ASSERT_EQ(reader.feed({&c, 1}), XmlEnd::none);
    EXPECT_EQ(written.all, "<a><b>text</></>");
    EXPECT_FALSE(reader.within());
}

TEST(EwsXml, Characters_that_xml_has_not_are_replaced) {
    EXPECT_EQ(read_xml("<a>x&#x1F;y&#0;z&#xD83D;&#xDE00;&#65;&#x42;&amp;</a>").events,
              "<a>x\xef\xbf\xbdy\xef\xbf\xbdz\xef\xbf\xbd\xef\xbf\xbd"
              "AB&</>");
    EXPECT_EQ(read_xml("<a b='&#x1f;'>\x01\x1f\t</a>").events, "<a b=\xef\xbf\xbd>  \t</>");
    EXPECT_EQ(read_xml("<a>&#xFFFFFFFFFFFFFFFFFFFFFF;</a>").end, XmlEnd::no_xml);
    EXPECT_EQ(read_xml("<a>&#;</a>").end, XmlEnd::no_xml);
}

TEST(EwsXml, Bytes_that_are_no_utf8_are_replaced) {
    const std::string mended = "\xef\xbf\xbd";
    for (const std::string broken :
         {"\xff", "\x80", "\xc0", "\xd0", "\xe2\x82", "\xf0\x9f\x98", "\xef\xbf\xbf"})
        EXPECT_EQ(read_xml("<a b='" + broken + "'>x" + broken + "y</a>").events,
                  "<a b=" + mended + ">x" + mended + "y</>");
    EXPECT_EQ(read_xml("<a>caf\xe9 \xd1\xf7\xb8\xf2</a>").events,
              "<a>caf" + mended + " " + mended + mended + mended + mended + "</>");
    EXPECT_EQ(read_xml("<a>\xed\xa0\x80&amp;\xe0\x80\x80</a>").events,
              "<a>" + mended + mended + mended + "&" + mended + mended + mended + "</>");
    const std::string whole = "<a>Счёт € 😀 \xef\xbf\xbd</>";
    EXPECT_EQ(read_xml("<a>Счёт € 😀 \xef\xbf\xbd</a>").events, whole);
}

TEST(EwsXml, A_dtd_and_every_entity_end_the_reading) {
    EXPECT_EQ(read_xml("<!DOCTYPE a><a/>").end, XmlEnd::no_xml);
    const Reading bomb = read_xml("<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><a>&c;</a>");
    EXPECT_EQ(bomb.end, XmlEnd::no_xml);
    EXPECT_EQ(bomb.events, "");
    EXPECT_EQ(read_xml("<a>&c;</a>").end, XmlEnd::no_xml);
    EXPECT_EQ(read_xml("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>").end, XmlEnd::no_xml);
}

TEST(EwsXml, What_is_kept_until_it_is_complete_is_bounded) {
    const std::string many(2'000, 'x');
    EXPECT_EQ(read_in_pieces("<a b='" + many + many + "'", 100).end, XmlEnd::too_large);
    EXPECT_EQ(read_in_pieces("<a><!--" + many + "--></a>", 100).end, XmlEnd::too_large);
    EXPECT_EQ(read_in_pieces("<a><?p " + many + "?></a>", 100).end, XmlEnd::too_large);
    EXPECT_EQ(read_in_pieces("<!--" + many + "--><a/>", 100).end, XmlEnd::too_large);
    EXPECT_EQ(read_in_pieces("<a></" + many + "></a>", 100).end, XmlEnd::too_large);
    EXPECT_EQ(read_in_pieces("<a>" + many + "</a>", 100).end, XmlEnd::none) << "text is handed on";
    EXPECT_EQ(read_in_pieces("<a><![CDATA[" + many + "]]></a>", 100).end, XmlEnd::none);
}

TEST(EwsXml, What_is_broken_ends_the_reading) {
    for (const char *broken : {"<a></b>", "<a><b></a>", "no xml", "<a b=c/>", "<a/>the rest", "{}"})
        EXPECT_EQ(read_xml(broken).end, XmlEnd::no_xml) << broken;
    EXPECT_TRUE(read_xml("<a/>rest").within) << "the beginning of something that never came";
    EXPECT_EQ(read_xml("<a><stop/><b/></a>").end, XmlEnd::stopped);
}

} // namespace
} // namespace roe::ews
