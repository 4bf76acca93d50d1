#include "message/html_text.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/unicode.hpp"

namespace roe::message {
namespace {

TEST(HtmlText, Reads_as_a_browser_shows_it) {
    const std::vector<std::pair<const char *, const char *>> cases = {
        {"<p>One</p><p>Two</p>", "One\n\nTwo"},
        {"Hello,<br>world", "Hello,\nworld"},
        {"a  b\n c", "a b c"},
        {"a<b>b</b>c <i> d</i>", "abc d"},
        {"<html><head><title>T</title><style>x{}</style></head><body>B<script>s()</script></body></html>", "B"},
        {"<ul><li>one<li>two</ul>", "- one\n- two"},
        {"<table><tr><td>a</td><td>1</td></tr><tr><td>b</td><td>2</td></tr></table>", "a\t1\nb\t2"},
        {"<div>a</div><div>b</div>", "a\nb"},
        {"<pre>a\n  b\n</pre>c", "a\n  b\nc"},
        {"&lt;a&gt; &amp; &eacute;&nbsp;&#8364; &#x41;", "<a> & é € A"},
        {"<!-- hidden -->shown", "shown"},
        {"1 < 2 and 3 > 2", "1 < 2 and 3 > 2"},
        {"", ""},
        {"   ", ""},
        {"<p>Привет, <b>мир</b>!", "Привет, мир!"},
        {"a<br><br>b", "a\n\nb"},
        {"<blockquote>q</blockquote>a", "q\n\na"},
        {"<h1>Title</h1>text<hr>end", "Title\n\ntext\nend"},
    };
    for (const auto &[html, text] : cases)
        EXPECT_EQ(html_to_text(html), text) << html;
}

std::string repeated(std::string_view piece, std::size_t size) {
    std::string text;
    while (text.size() < size)
        text += piece;
    return text;
}

TEST(HtmlText, Of_hostile_pages_takes_bounded_time_and_no_stack) {
    const auto start = std::chrono::steady_clock::now();
    for (const std::string_view piece : {"<div>",
                                         "<b>",
                                         "<font size=1>",
                                         "<table>",
                                         "<table><td>",
                                         "<a>",
                                         "<p>",
                                         "<li>",
                                         "<!--",
                                         "<",
                                         "</",
                                         "<a<a",
                                         "&",
                                         "&#",
                                         "<svg>",
                                         "<math>",
                                         "<div><marquee></div></marquee>",
                                         "<b><p></b>",
                                         "<template>",
                                         "<select>",
                                         "<form><div></form>",
                                         "<script>",
                                         "<![CDATA[",
                                         "<i><table>",
                                         "<nobr><p>"}) {
        const std::string text = html_to_text(repeated(piece, 1 << 20) + "the end");
        EXPECT_TRUE(unicode::is_utf8(text)) << piece;
    }
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
}

TEST(HtmlText, Of_foreign_elements_that_never_close_takes_bounded_time) {
    const auto start = std::chrono::steady_clock::now();
    html_to_text("<svg>" + repeated("<link>", 1 << 20));
    html_to_text("<math>" + repeated("<td>", 1 << 20));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST(HtmlText, Of_unclosed_formatting_does_not_multiply) {
    std::string html;
    for (int i = 0; i < 300; ++i)
        html += "<font size=" + std::to_string(i) + ">";
    html += repeated("<p>x", 400'000) + "the end";
    EXPECT_TRUE(html_to_text(html).ends_with("the end"));
}

TEST(HtmlText, Of_pages_too_deep_or_too_long_still_has_the_words) {
    EXPECT_EQ(html_to_text(repeated("<div>", 100'000) + "the <b>e&amp;nd</b>&#33;"), "the e&nd!");
    EXPECT_TRUE(
        html_to_text(repeated("<p>word</p>", 3 << 20) + "<style>x{}</style>the end").ends_with("the end"));
}

} // namespace
} // namespace roe::message
