#include "message/outline.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "given_mail.hpp"

namespace roe::message {
namespace {

struct Part {
    std::string type;
    std::string bytes;
    friend bool operator==(const Part &, const Part &) = default;
};

void PrintTo(const Part &part, std::ostream *out) {
    *out << part.type << " [" << part.bytes << "]";
}

Outline outline_of(const std::string &mail, const Limits &limits = {}) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE *)> file(std::tmpfile(), std::fclose);
    std::fwrite(mail.data(), 1, mail.size(), file.get());
    std::rewind(file.get());
    auto outline = read_outline(file.get(), limits);
    EXPECT_TRUE(outline.ok());
    return std::move(*outline);
}

std::vector<Part> parts_of(const std::string &mail) {
    std::vector<Part> parts;
    for (const Leaf &leaf : outline_of(mail).leaves) {
        EXPECT_LE(leaf.begin, leaf.end);
        EXPECT_LE(leaf.end, static_cast<std::int64_t>(mail.size()));
        parts.push_back({leaf.content.type, mail.substr(static_cast<std::size_t>(leaf.begin),
                                                        static_cast<std::size_t>(leaf.end - leaf.begin))});
    }
    return parts;
}

// The same parts with LF and with CRLF line ends.
void expect_parts(const std::string &mail, const std::vector<Part> &parts) {
    EXPECT_EQ(parts_of(mail), parts) << mail;
    std::vector<Part> wire = parts;
    for (Part &part : wire)
        part.bytes = with_crlf(part.bytes);
    EXPECT_EQ(parts_of(with_crlf(mail)), wire) << "with CRLF: " << mail;
}

TEST(Outline, Of_a_plain_mail_is_one_part) {
    expect_parts("Subject: x\n\nHello\n", {{"text/plain", "Hello\n"}});
    expect_parts("Subject: x\n\n", {{"text/plain", ""}});
    expect_parts("Subject: x", {{"text/plain", ""}});
    expect_parts("", {{"text/plain", ""}});
}

TEST(Outline, Of_a_multipart_is_its_parts) {
    expect_parts("Content-Type: multipart/mixed; boundary=b\n\npreamble\n--b\n\none\n\n--b \nContent-Type: "
                 "image/png\n\ntwo\n--b--\nepilogue\n",
                 {{"text/plain", "one\n"}, {"image/png", "two"}});
}

TEST(Outline, Of_nested_multiparts_is_flat) {
    expect_parts("Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; "
                 "boundary=\"a-b\"\n\n"
                 "--a-b\n\nplain\n--a-b\nContent-Type: text/html\n\n<p>\n--a-b--\n\n--a\nContent-Type: "
                 "image/png\n\npng\n--a--\n",
                 {{"text/plain", "plain"}, {"text/html", "<p>"}, {"image/png", "png"}});
}

TEST(Outline, Does_not_look_into_attached_messages) {
    expect_parts("Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: "
                 "message/rfc822\n\nContent-Type: multipart/mixed; boundary=c\n\n"
                 "--c\n\ninner\n--c--\n\n--a--\n",
                 {{"message/rfc822", "Content-Type: multipart/mixed; boundary=c\n\n--c\n\ninner\n--c--\n"}});
    expect_parts("Content-Type: multipart/digest; boundary=a\n\n--a\n\nSubject: x\n\nbody\n--a--\n",
                 {{"message/rfc822", "Subject: x\n\nbody"}});
}

TEST(Outline, Of_a_multipart_that_is_never_closed_has_its_parts) {
    expect_parts("Content-Type: multipart/mixed; boundary=a\n\n--a\n\none\n--a\n\ntwo\n",
                 {{"text/plain", "one"}, {"text/plain", "two\n"}});
    expect_parts("Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; "
                 "boundary=b\n\n--b\n\none\n--a\n\ntwo\n--a--\n",
                 {{"text/plain", "one"}, {"text/plain", "two"}});
    EXPECT_FALSE(outline_of("Content-Type: multipart/mixed; boundary=a\n\n--a\n\none\n").warnings.empty());
}

TEST(Outline, Of_a_multipart_without_parts_or_boundary_is_its_text) {
    expect_parts("Content-Type: multipart/mixed; boundary=a\n\nno such line\n",
                 {{"text/plain", "no such line\n"}});
    expect_parts("Content-Type: multipart/mixed\n\n--a\ntext\n", {{"text/plain", "--a\ntext\n"}});
    expect_parts("Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; "
                 "boundary=b\n\ntext\n--a--\n",
                 {{"text/plain", "text"}});
    expect_parts("Content-Type: multipart/mixed; boundary=a\n\n--a--\n", {});
}

TEST(Outline, Of_a_part_without_text_is_empty) {
    expect_parts(
        "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: image/png\n--a\n\n--a\n--a--\n",
        {{"image/png", ""}, {"text/plain", ""}, {"text/plain", ""}});
}

TEST(Outline, Finds_the_text_where_the_empty_line_before_it_is_missing) {
    expect_parts("Subject: x\nThe text begins\nat once\n", {{"text/plain", "The text begins\nat once\n"}});
    expect_parts("no header at all\n", {{"text/plain", "no header at all\n"}});
    expect_parts("Subject: x\nrubbish\nTo: y\n\ntext\n", {{"text/plain", "text\n"}});
    EXPECT_NE(outline_of("Subject: x\nrubbish\nTo: y\n\ntext\n").header.find("To: y"), std::string::npos);
    expect_parts("From ann Mon Mar 1 2026\nSubject: x\n\ntext\n", {{"text/plain", "text\n"}});
}

TEST(Outline, Takes_lines_of_any_length) {
    const std::string line(300'000, 'x');
    expect_parts("Subject: x\n\n" + line + "\n" + line, {{"text/plain", line + "\n" + line}});
    expect_parts("Content-Type: multipart/mixed; boundary=a\n\n--a\n\n" + line + "\n--a--\n",
                 {{"text/plain", line}});
    // A line end at the very end of the buffer.
    for (std::size_t size = 65530; size < 65540; ++size) {
        const std::string body(size, 'y');
        expect_parts("Content-Type: multipart/mixed; boundary=a\n\n--a\n\n" + body + "\n--a--\n",
                     {{"text/plain", body}});
    }
}

TEST(Outline, Keeps_within_its_limits) {
    std::string many = "Content-Type: multipart/mixed; boundary=a\n\n";
    for (int i = 0; i < 5000; ++i)
        many += "--a\n\npart\n";
    const Outline wide = outline_of(many);
    EXPECT_EQ(wide.leaves.size(), 1000U);
    EXPECT_EQ(wide.warnings.size(), 2U); // too many, and not closed

    const Outline long_header = outline_of("X-Long: " + std::string(5 << 20, 'x') + "\nSubject: x\n\ntext");
    EXPECT_LE(long_header.header.size(), 1U << 20);
    EXPECT_FALSE(long_header.warnings.empty());
    EXPECT_EQ(long_header.leaves.size(), 1U);
}

TEST(Outline, Says_which_parts_are_forms_of_the_same_text) {
    const Outline outline = outline_of("Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: "
                                       "multipart/alternative; boundary=a\n\n--a\n\nt\n--a\n"
                                       "Content-Type: multipart/related; boundary=r\n\n--r\nContent-Type: "
                                       "text/html\n\nh\n--r\nContent-Type: image/png\n\n"
                                       "p\n--r--\n--a--\n--m\n\nother\n--m--\n");
    ASSERT_EQ(outline.leaves.size(), 4U);
    EXPECT_NE(outline.leaves[0].alternative, 0U);
    EXPECT_EQ(outline.leaves[0].alternative, outline.leaves[1].alternative);
    EXPECT_FALSE(outline.leaves[0].related);
    EXPECT_TRUE(outline.leaves[2].related);
    EXPECT_EQ(outline.leaves[3].alternative, 0U);
}

} // namespace
} // namespace roe::message
