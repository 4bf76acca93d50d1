#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "base/unicode.hpp"
#include "trigger/filter.hpp"

namespace roe::trigger {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Field = Condition::Field;
using Op = Condition::Op;

Condition text(Field field, Op op, const std::string &value, const std::string &name = {}) {
    Condition condition;
    condition.field = field;
    condition.op = op;
    condition.text = value;
    condition.name = name;
    return condition;
}

Condition size(Op op, std::int64_t bytes) {
    Condition condition;
    condition.field = Field::size;
    condition.op = op;
    condition.number = bytes;
    return condition;
}

Condition flag(Field field, bool wanted) {
    Condition condition;
    condition.field = field;
    condition.op = Op::is;
    condition.flag = wanted;
    return condition;
}

Condition negated(Condition condition) {
    condition.negated = true;
    return condition;
}

const std::string header = "From: Ann <ann@bank.example>\r\n"
                           "To: =?utf-8?B?0J7RgtC00LXQuw==?= <Orders@shop.example>, bob@shop.example\r\n"
                           "Cc: boss@shop.example\r\n"
                           "Subject: Hello\r\n"
                           "List-Id: =?utf-8?Q?Stra=C3=9Fe?= <street.example>\r\n"
                           "X-Level: 1\r\n"
                           "X-Level: 22\r\n";

Verdict by_head(const Condition &condition, const std::string &block = header, std::int64_t bytes = 5000,
                const std::string &authserv = {}) {
    return decide(parse_filter({}, {}, {condition}), message::read_envelope(block, bytes),
                  {block, bytes, authserv});
}

struct HeadCase {
    Condition condition;
    bool matched;
};

TEST(Condition, On_the_header_is_met_as_its_operator_says) {
    const std::vector<HeadCase> cases = {
        {text(Field::to, Op::contains, "orders@"), true},
        {text(Field::to, Op::contains, "ОТДЕЛ"), true}, // the decoded name
        {text(Field::to, Op::contains, "boss"), false},
        {text(Field::to, Op::equals, "orders@SHOP.example"), true},
        {text(Field::to, Op::equals, "bob@shop.example"), true},
        {text(Field::to, Op::equals, "bob@shop"), false},
        {text(Field::to, Op::equals, "Отдел"), false}, // a name is no address
        {text(Field::to, Op::regex, "^(orders|sales)@"), true},
        {text(Field::to, Op::regex, "^отдел$"), true},
        {text(Field::to, Op::regex, "^sales@"), false},
        {text(Field::cc, Op::contains, "BOSS"), true},
        {text(Field::cc, Op::equals, "boss@shop.example"), true},
        {text(Field::cc, Op::regex, "^bob"), false},
        {text(Field::header, Op::contains, "STRASSE", "list-id"), true},
        {text(Field::header, Op::equals, "straße <street.example>", "List-Id"), true},
        {text(Field::header, Op::equals, "straße", "List-Id"), false},
        {text(Field::header, Op::regex, "^2+$", "X-Level"), true}, // any of several
        {text(Field::header, Op::regex, "^3", "X-Level"), false},
        {text(Field::header, Op::regex, ".", "X-Absent"), false},
        {size(Op::gt, 4999), true},
        {size(Op::gt, 5000), false},
        {size(Op::lt, 5001), true},
        {size(Op::lt, 5000), false},
        {size(Op::equals, 5000), true},
        {size(Op::equals, 5001), false},
        {flag(Field::auto_reply, false), true},
        {flag(Field::auto_reply, true), false},
    };
    for (const auto &[condition, matched] : cases) {
        EXPECT_EQ(by_head(condition).matched, matched) << in_words(condition);
        EXPECT_EQ(by_head(negated(condition)).matched, !matched) << "not: " << in_words(condition);
        EXPECT_EQ(by_head(condition).code, matched ? "matched" : name_of(condition.field));
        EXPECT_FALSE(parse_filter({}, {}, {condition}).needs_content());
    }
}

TEST(Condition, That_the_server_leaves_open_is_met_neither_way) {
    EXPECT_FALSE(by_head(size(Op::lt, 100), header, 0).matched);
    EXPECT_FALSE(by_head(negated(size(Op::lt, 100)), header, 0).matched);
    EXPECT_THAT(by_head(size(Op::lt, 100), header, 0).text, HasSubstr("does not say how large"));
}

TEST(Condition, On_an_automatic_reply_sees_its_signs) {
    const std::string vacation = header + "Auto-Submitted: auto-replied\r\n";
    EXPECT_TRUE(by_head(flag(Field::auto_reply, true), vacation).matched);
    const auto refused = by_head(flag(Field::auto_reply, false), vacation);
    EXPECT_EQ(refused.code, "autoReply");
    EXPECT_EQ(refused.text, "Condition 1 is not met (autoReply is false): Auto-Submitted: auto-replied.");
}

TEST(Condition, On_the_sender_takes_the_word_of_the_mailboxs_server_only) {
    const std::string passed =
        "Authentication-Results: mx.shop.example; dmarc=pass header.from=bank.example\r\n" + header;
    const auto wanted = flag(Field::sender_authenticated, true);
    EXPECT_TRUE(by_head(wanted, passed, 5000, "mx.shop.example").matched);
    EXPECT_FALSE(by_head(wanted, passed, 5000, "mx.other.example").matched);
    EXPECT_FALSE(by_head(wanted, header, 5000, "mx.shop.example").matched);
    EXPECT_TRUE(by_head(flag(Field::sender_authenticated, false), header, 5000, "mx.shop.example").matched);
    // Without a server whose word counts nobody is known to be authenticated, or not to be.
    const auto refused = by_head(wanted, passed);
    EXPECT_EQ(refused.code, "senderAuthenticated");
    EXPECT_THAT(refused.text, HasSubstr("no trusted authserv-id"));
    EXPECT_FALSE(by_head(negated(wanted), passed).matched);
    EXPECT_FALSE(by_head(flag(Field::sender_authenticated, false), passed).matched);
}

struct ContentCase {
    Condition condition;
    bool matched;
};

TEST(Condition, On_the_content_is_met_as_its_operator_says) {
    message::Content content;
    content.text = "Заказ № 17\nPlease deliver to the Straße.\n";
    content.attachment_names = {"Счёт-17.PDF", ""};
    const std::vector<ContentCase> cases = {
        {text(Field::body, Op::contains, "заказ №  17 please"), true}, // lines do not count
        {text(Field::body, Op::contains, "STRASSE"), true},
        {text(Field::body, Op::contains, "order"), false},
        {text(Field::body, Op::equals, "заказ № 17 please deliver to the strasse."), true},
        {text(Field::body, Op::equals, "заказ № 17"), false},
        {text(Field::body, Op::regex, "ЗАКАЗ\\s+№\\s+\\d+"), true},
        {text(Field::body, Op::regex, "^please"), false},
        {text(Field::body, Op::regex, "(?m)^please"), true},
        {text(Field::attachment_name, Op::contains, "счёт"), true},
        {text(Field::attachment_name, Op::equals, "счёт-17.pdf"), true},
        {text(Field::attachment_name, Op::equals, "счёт-17"), false},
        {text(Field::attachment_name, Op::regex, "\\.pdf$"), true},
        {text(Field::attachment_name, Op::regex, "\\.xlsx?$"), false},
        {flag(Field::has_attachment, true), true},
        {flag(Field::has_attachment, false), false},
    };
    for (const auto &[condition, matched] : cases) {
        const auto filter = parse_filter({}, {}, {condition});
        EXPECT_TRUE(filter.needs_content());
        const auto refused = refusal_by_content(filter, content);
        EXPECT_EQ(!refused, matched) << in_words(condition);
        EXPECT_EQ(!refusal_by_content(parse_filter({}, {}, {negated(condition)}), content), !matched)
            << "not: " << in_words(condition);
        if (refused) {
            EXPECT_EQ(refused->code, name_of(condition.field));
        }
    }
    const message::Content bare{"text", {}};
    EXPECT_TRUE(refusal_by_content(parse_filter({}, {}, {flag(Field::has_attachment, true)}), bare));
    EXPECT_FALSE(refusal_by_content(parse_filter({}, {}, {flag(Field::has_attachment, false)}), bare));
}

TEST(Conditions, Must_all_be_met_beside_From_and_Subject) {
    const auto envelope = message::read_envelope(header, 5000);
    const Head head{header, 5000, {}};
    const Conditions both = {text(Field::to, Op::contains, "orders"), size(Op::lt, 10)};
    const auto refused = decide(parse_filter({}, {}, both), envelope, head);
    EXPECT_EQ(refused.code, "size");
    EXPECT_EQ(refused.text, "Condition 2 is not met (size lt 10): the mail has 5000 bytes.");
    EXPECT_EQ(decide(parse_filter("bob@x.example", {}, both), envelope, head).code, "from");
    const auto met = decide(parse_filter("@bank.example", "hello", {both[0]}), envelope, head);
    EXPECT_TRUE(met.matched);
    EXPECT_THAT(met.text, HasSubstr("The other conditions are met."));
}

TEST(Conditions, On_the_content_are_left_open_by_the_header) {
    const auto filter =
        parse_filter({}, {}, {text(Field::body, Op::contains, "x"), text(Field::to, Op::contains, "orders")});
    EXPECT_TRUE(filter.needs_content());
    EXPECT_FALSE(filter.takes_all()) << "or every mail would be fetched with its header";
    EXPECT_TRUE(decide(filter, message::read_envelope(header, 1), {header, 1, {}}).matched);
}

TEST(Refusal, Shows_what_was_wanted_and_what_is_there) {
    EXPECT_EQ(by_head(text(Field::cc, Op::contains, "ann")).text,
              "Condition 1 is not met (cc contains \"ann\"): Cc is boss@shop.example.");
    EXPECT_EQ(by_head(negated(text(Field::header, Op::regex, "^2", "X-Level"))).text,
              "Condition 1 is not met (not: header X-Level regex \"^2\"): X-Level is \"22\".");
    EXPECT_EQ(by_head(text(Field::header, Op::contains, "a", "X-Absent")).text,
              "Condition 1 is not met (header X-Absent contains \"a\"): there is no X-Absent.");
}

TEST(Refusal, Of_endless_words_is_short_and_tells_nothing_of_the_text) {
    const std::string block = "X-Long: " + std::string(50'000, 'x') + "\r\n";
    EXPECT_LT(by_head(text(Field::header, Op::contains, "y", "X-Long"), block).text.size(), 500U);
    message::Content content;
    content.text = "the code is 4711";
    content.attachment_names.assign(1000, std::string(1000, 'n'));
    const auto body =
        refusal_by_content(parse_filter({}, {}, {text(Field::body, Op::contains, "order")}), content);
    ASSERT_TRUE(body);
    EXPECT_EQ(body->text, "Condition 1 is not met (body contains \"order\").");
    const auto names = refusal_by_content(
        parse_filter({}, {}, {text(Field::attachment_name, Op::contains, "order")}), content);
    ASSERT_TRUE(names);
    EXPECT_LT(names->text.size(), 500U);
    EXPECT_THAT(names->text, StartsWith("Condition 1"));
}

TEST(Refusal, Of_hostile_bytes_is_valid_text) {
    const std::string block = "To: \xff\xfe <a@\xff>\r\nX: \xff\x80\r\n";
    for (const auto &condition :
         {text(Field::to, Op::contains, "b@b"), text(Field::header, Op::regex, "q", "X")})
        EXPECT_TRUE(unicode::is_utf8(by_head(condition, block).text));
}

} // namespace
} // namespace roe::trigger
