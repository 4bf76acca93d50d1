#include "source/imap/parser.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace roe::imap {
namespace {

using testing::ElementsAre;

class Bodies final : public BodySink {
  public:
    bool begin(const Fetch &so_far, std::uint64_t size) override {
        all.push_back(std::to_string(so_far.uid) + "/" + std::to_string(size) + ":");
        return !refuse;
    }
    bool write(std::string_view bytes) override {
        all.back() += bytes;
        return true;
    }
    bool end() override {
        all.back() += "|";
        return true;
    }
    std::vector<std::string> all;
    bool refuse = false;
};

struct Parsed {
    std::vector<Response> responses;
    std::vector<std::string> bodies;
    std::string failure;
};

enum class BodiesAre { waited_for, not_waited_for };

Parsed parse_in(std::string_view input, std::size_t piece, const ParserLimits &limits = {},
                BodiesAre wanted = BodiesAre::waited_for) {
    Parsed parsed;
    Parser parser(limits);
    Bodies bodies;
    if (wanted == BodiesAre::waited_for) parser.set_body_sink(&bodies);
    for (std::size_t at = 0; at < input.size() && parsed.failure.empty(); at += piece) {
        const std::string bytes(input.substr(at, piece));
        parser.feed(bytes);
        for (;;) {
            const auto outcome = parser.next();
            if (outcome == Parser::Outcome::response) {
                parsed.responses.push_back(std::move(parser.response()));
                continue;
            }
            if (outcome == Parser::Outcome::failed) parsed.failure = parser.failure();
            break;
        }
    }
    parsed.bodies = bodies.all;
    return parsed;
}

template <class T>
std::vector<T> all_of(std::string_view input, std::size_t piece) {
    std::vector<T> found;
    for (Response &response : parse_in(input, piece).responses) {
        if (auto *one = std::get_if<T>(&response)) found.push_back(std::move(*one));
    }
    return found;
}

// The one response of that kind, the same whole and byte by byte.
template <class T>
T only(std::string_view input) {
    const auto whole = all_of<T>(input, input.size());
    const auto bytes = all_of<T>(input, 1);
    EXPECT_EQ(whole.size(), 1U) << input;
    EXPECT_EQ(bytes.size(), 1U) << input;
    return bytes.empty() ? T{} : bytes.front();
}

TEST(Parser, Tagged_and_untagged_statuses) {
    const Status tagged = only<Status>("A12 No [AuthenticationFailed] wrong\r\n");
    EXPECT_EQ(tagged.tag, "A12");
    EXPECT_EQ(tagged.condition, Condition::no);
    EXPECT_EQ(tagged.code.name, "AUTHENTICATIONFAILED");
    EXPECT_EQ(tagged.text, "wrong");
    EXPECT_EQ(only<Status>("* BYE\r\n").condition, Condition::bye);
    EXPECT_EQ(only<Status>("* preauth hi\n").condition, Condition::preauth);
    EXPECT_EQ(only<Status>("A1 BAD x\r\n").condition, Condition::bad);
}

TEST(Parser, Response_codes) {
    EXPECT_EQ(only<Status>("* OK [UIDVALIDITY 3857529045] UIDs\r\n").code.number, 3857529045U);
    EXPECT_EQ(only<Status>("* OK [HIGHESTMODSEQ 9223372036854775807]\r\n").code.number, 9223372036854775807U);
    EXPECT_THAT(only<Status>("* OK [PERMANENTFLAGS (\\Seen \\*)] ok\r\n").code.words,
                ElementsAre("\\Seen", "\\*"));
    EXPECT_THAT(only<Status>("A1 OK [COPYUID 38505 304,319:320 3956:3958] Done\r\n").code.words,
                ElementsAre("38505", "304,319:320", "3956:3958"));
    EXPECT_THAT(only<Status>("A1 OK [APPENDUID 1 2] Done\r\n").code.words, ElementsAre("1", "2"));
    EXPECT_EQ(only<Status>("* NO [ALERT] System shutdown in 10 minutes\r\n").text,
              "System shutdown in 10 minutes");
    EXPECT_EQ(only<Status>("* OK [UNSEEN\r\n").code.name, "UNSEEN");
    EXPECT_EQ(only<Status>("* OK text [not a code]\r\n").code.name, "");
}

TEST(Parser, Capabilities_lists_and_counts) {
    EXPECT_THAT(only<CapabilityList>("* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n").words,
                ElementsAre("IMAP4rev1", "AUTH=PLAIN"));
    EXPECT_THAT(only<Enabled>("* ENABLED UTF8=ACCEPT\r\n").words, ElementsAre("UTF8=ACCEPT"));
    EXPECT_EQ(only<Exists>("* 23 EXISTS\r\n").count, 23U);
    EXPECT_EQ(only<Recent>("* 5 recent\r\n").count, 5U);
    EXPECT_EQ(only<Expunge>("* 44 EXPUNGE\r\n").sequence, 44U);
    EXPECT_EQ(only<Continuation>("+ idling\r\n").text, "idling");
    EXPECT_EQ(only<Continuation>("+\r\n").text, "");
}

TEST(Parser, Folders_named_in_any_way) {
    const auto listed =
        only<ListedFolder>("* LIST (\\Noselect \\HasChildren) \"/\" {3}\r\na b (\"CHILDINFO\" (\"S\"))\r\n");
    EXPECT_THAT(listed.attributes, ElementsAre("\\Noselect", "\\HasChildren"));
    EXPECT_EQ(listed.delimiter, "/");
    EXPECT_EQ(listed.name, "a b");
    EXPECT_EQ(only<ListedFolder>("* LIST () NIL [x]y%\r\n").name, "[x]y%");
    EXPECT_EQ(only<ListedFolder>("* LIST () \".\" \"q\\\"x\"\r\n").name, "q\"x");
    EXPECT_EQ(only<ListedFolder>("* LIST () \".\" 2024\r\n").name, "2024");
    const auto counts = only<FolderCounts>("* STATUS \"a b\" (MESSAGES 231 UIDNEXT 44292 UIDVALIDITY 7)\r\n");
    EXPECT_EQ(counts.name, "a b");
    EXPECT_EQ(counts.messages, 231U);
    EXPECT_EQ(counts.uid_next, 44292U);
    EXPECT_EQ(counts.uid_validity, 7U);
}

TEST(Parser, Searches_old_and_extended) {
    EXPECT_THAT(only<SearchResult>("* SEARCH 9 3 4 (MODSEQ 917162500)\r\n").uids.texts(100, 100),
                ElementsAre("3:4,9"));
    EXPECT_TRUE(only<SearchResult>("* SEARCH\r\n").uids.empty());
    EXPECT_TRUE(only<SearchResult>("* SEARCH 0 99999999999\r\n").uids.empty());
    EXPECT_THAT(
        only<SearchResult>("* ESEARCH (TAG \"A5\") UID MIN 2 COUNT 3 ALL 2,10:11\r\n").uids.texts(100, 100),
        ElementsAre("2,10:11"));
    EXPECT_TRUE(only<SearchResult>("* ESEARCH (TAG \"A5\") UID\r\n").uids.empty());
}

TEST(Parser, A_fetch_with_all_that_is_asked_for) {
    const auto fetch =
        only<Fetch>("* 12 FETCH (FLAGS (\\Answered \\seen) UID 9 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" "
                    "RFC822.SIZE 4286 BODY[HEADER] {14}\r\nSubject: a\r\n\r\n)\r\n");
    EXPECT_EQ(fetch.sequence, 12U);
    EXPECT_EQ(fetch.uid, 9U);
    EXPECT_EQ(fetch.seen, true);
    EXPECT_EQ(fetch.size, 4286);
    EXPECT_EQ(fetch.received_at->time_since_epoch().count(), 837596665000);
    EXPECT_EQ(fetch.header, "Subject: a\r\n\r\n");
    EXPECT_FALSE(fetch.header_truncated);
}

TEST(Parser, A_fetch_says_only_what_was_sent) {
    const auto fetch = only<Fetch>("* 1 FETCH (FLAGS ())\r\n");
    EXPECT_EQ(fetch.uid, 0U);
    EXPECT_EQ(fetch.seen, false);
    EXPECT_FALSE(fetch.header || fetch.size || fetch.received_at);
    EXPECT_FALSE(only<Fetch>("* 1 FETCH (UID 2 BODY[HEADER] NIL)\r\n").header);
}

TEST(Parser, Sizes_of_mail_ru) {
    EXPECT_EQ(only<Fetch>("* 1 FETCH (RFC822.SIZE 1.86931e+06 UID 3)\r\n").size, 1869310);
    EXPECT_FALSE(only<Fetch>("* 1 FETCH (RFC822.SIZE nonsense UID 3)\r\n").size);
    EXPECT_FALSE(only<Fetch>("* 1 FETCH (RFC822.SIZE 1e99 UID 3)\r\n").size);
    EXPECT_EQ(only<Fetch>("* 1 FETCH (RFC822.SIZE 1e99 UID 3)\r\n").uid, 3U);
}

TEST(Parser, What_is_not_ours_is_stepped_over) {
    const auto fetch = only<Fetch>("* 1 FETCH (ENVELOPE (\"d\" NIL ((NIL NIL {2}\r\n)) \"c\")) NIL) "
                                   "BODY[HEADER.FIELDS (FROM \"X Y\")] {1}\r\n) "
                                   "MODSEQ (624140003) X-GM-LABELS (\"\\\\Inbox\") BODY (\"text\" \"plain\" "
                                   "(\"charset\" \"x\")) UID 77)\r\n");
    EXPECT_EQ(fetch.uid, 77U);
    EXPECT_FALSE(fetch.header);
    EXPECT_EQ(only<Exists>("* XWHAT (a (b {3}\r\n)\r\n c)) \"q\" [\r\n* THREAD (2)(3 6 (4 23))\r\n* 4 "
                           "XEXISTS\r\n* 3 EXISTS\r\n")
                  .count,
              3U);
    EXPECT_EQ(
        only<Exists>("\r\n* ENVELOPE NIL\r\n* (x\r\n*\r\n* 99999999999 EXISTS\r\n* 3 EXISTS extra\r\n").count,
        3U);
}

TEST(Parser, A_garbled_fetch_costs_that_fetch_only) {
    const std::string garbled =
        "* 1 FETCH (UID 5 FLAGS)\r\n* 2 FETCH UID 6\r\n* 3 FETCH ((\r\n* 4 FETCH (UID 8)\r\n";
    for (const std::size_t piece : {garbled.size(), std::size_t{1}}) {
        const auto fetches = all_of<Fetch>(garbled, piece);
        ASSERT_EQ(fetches.size(), 4U);
        EXPECT_EQ(fetches[0].uid, 5U);
        EXPECT_EQ(fetches[1].uid, 0U);
        EXPECT_EQ(fetches[3].uid, 8U);
    }
}

TEST(Parser, Bodies_pass_through_and_are_not_kept) {
    const std::string input =
        "* 1 FETCH (UID 5 BODY[] {5}\r\na\r\nb) FLAGS ())\r\n* 2 FETCH (BODY[]<0> \"xy\" UID 6)\r\n"
        "* 3 FETCH (UID 7 RFC822 {0}\r\n)\r\n* 4 FETCH (UID 8 BODY[] NIL)\r\n";
    for (const std::size_t piece : {input.size(), std::size_t{1}}) {
        const Parsed parsed = parse_in(input, piece);
        EXPECT_EQ(parsed.failure, "");
        EXPECT_THAT(parsed.bodies, ElementsAre("5/5:a\r\nb)|", "0/2:xy|", "7/0:|"));
        ASSERT_EQ(parsed.responses.size(), 4U);
        EXPECT_TRUE(std::get<Fetch>(parsed.responses[0]).body_passed);
        EXPECT_FALSE(std::get<Fetch>(parsed.responses[3]).body_passed);
    }
}

TEST(Parser, The_first_bytes_of_a_message_are_kept_where_no_body_is_waited_for) {
    const std::string more(opening_bytes + 1, 'x');
    for (const std::string &text : {std::string("a\r\nb"), more}) {
        const std::string input = "* 1 FETCH (UID 5 BODY[]<0> {" + std::to_string(text.size()) + "}\r\n" +
                                  text + ")\r\n* 2 FETCH (UID 6 BODY[]<1> \"y\")\r\n";
        const Parsed parsed = parse_in(input, 1, {}, BodiesAre::not_waited_for);
        ASSERT_EQ(parsed.responses.size(), 2U);
        EXPECT_EQ(std::get<Fetch>(parsed.responses[0]).opening, text.substr(0, opening_bytes));
        EXPECT_EQ(std::get<Fetch>(parsed.responses[1]).opening, std::nullopt);
    }
}

TEST(Parser, A_long_header_is_cut_and_said_so) {
    const ParserLimits limits{.lexer = {}, .header_bytes = 8};
    const std::string input = "* 1 FETCH (UID 5 BODY[HEADER] {20}\r\n01234567890123456789 FLAGS (\\Seen))\r\n";
    for (const std::size_t piece : {input.size(), std::size_t{1}}) {
        Parsed parsed = parse_in(input, piece, limits);
        ASSERT_EQ(parsed.responses.size(), 1U);
        const Fetch &fetch = std::get<Fetch>(parsed.responses[0]);
        EXPECT_EQ(fetch.header, "01234567");
        EXPECT_TRUE(fetch.header_truncated);
        EXPECT_EQ(fetch.seen, true);
    }
}

TEST(Parser, What_is_no_answer_is_a_failure) {
    EXPECT_EQ(parse_in("A1 MAYBE\r\n", 1).failure, "an answer is neither OK, NO nor BAD");
    EXPECT_EQ(parse_in("A1\r\n", 1).failure, "an answer is neither OK, NO nor BAD");
    EXPECT_EQ(parse_in("(x\r\n", 1).failure, "a line begins with neither a tag nor *");
}

TEST(Parser, Parentheses_a_hundred_thousand_deep_end_at_the_limit) {
    const std::string deep = "* X " + std::string(100'000, '(') + "\r\n* 1 EXISTS\r\n";
    EXPECT_EQ(parse_in(deep, deep.size()).failure, "parentheses are nested too deep");
    const std::string fetch = "* 1 FETCH (X " + std::string(100'000, '(');
    EXPECT_EQ(parse_in(fetch, 4096).failure, "parentheses are nested too deep");
}

TEST(Parser, Long_lists_of_words_are_bounded) {
    std::string words = "* CAPABILITY";
    for (int i = 0; i < 100'000; ++i)
        words += " X";
    const Parsed parsed = parse_in(words + "\r\n", 65536);
    ASSERT_EQ(parsed.responses.size(), 1U);
    EXPECT_EQ(std::get<CapabilityList>(parsed.responses[0]).words.size(), ParserLimits{}.words);
}

TEST(Parser, It_knows_when_it_stands_between_responses) {
    Parser parser({});
    EXPECT_TRUE(parser.between_responses());
    parser.feed("* 3 EX");
    EXPECT_EQ(parser.next(), Parser::Outcome::need_more);
    EXPECT_FALSE(parser.between_responses());
    parser.feed("ISTS\r\n* O");
    EXPECT_EQ(parser.next(), Parser::Outcome::response);
    EXPECT_EQ(parser.unread(), 3U);
    EXPECT_EQ(parser.next(), Parser::Outcome::need_more);
    EXPECT_FALSE(parser.between_responses());
}

} // namespace
} // namespace roe::imap
