#include "message/html_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gumbo.h>

#include "base/unicode.hpp"
#include "message/text_layout.hpp"

namespace roe::message {

namespace {

// Gumbo frees its tree by recursion and never gives up on memory, and a page of nested or unclosed tags costs
// it the square of its size. Hence an arena that is freed whole and has an end and a deadline, and a look at
// the depth beforehand.
constexpr std::size_t most_memory = 96 << 20;
constexpr std::size_t most_html = 2 << 20;
constexpr std::chrono::seconds longest_time{3};
constexpr std::size_t deepest = 400;

class Arena {
  public:
    std::jmp_buf full; // where to go when memory or time is used up

    static void *allocate(void *self, std::size_t size) { return static_cast<Arena *>(self)->take(size); }
    static void release(void *, void *) {}

  private:
    static constexpr std::size_t block_size = 256 << 10;

    void *take(std::size_t size) {
        size = (size + alignof(std::max_align_t) - 1) & ~(alignof(std::max_align_t) - 1);
        if (size > left_) grow(size);
        left_ -= size;
        return blocks_.back().get() + left_;
    }

    void grow(std::size_t size) {
        const std::size_t wanted = std::max(size, block_size);
        used_ += wanted;
        const bool late = std::chrono::steady_clock::now() > deadline_;
        // Only frames of Gumbo, which is C, lie between here and the setjmp.
        if (used_ > most_memory || late) std::longjmp(full, 1); // NOLINT(modernize-avoid-setjmp-longjmp)
        blocks_.push_back(std::make_unique<char[]>(wanted));
        left_ = wanted;
    }

    std::vector<std::unique_ptr<char[]>> blocks_;
    std::size_t left_ = 0;
    std::size_t used_ = 0;
    std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::now() + longest_time;
};

// Null when the tree takes too much.
GumboOutput *parse(Arena &arena, const char *html, std::size_t size) {
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = &Arena::allocate;
    options.deallocator = &Arena::release;
    options.userdata = &arena;
    options.max_errors = 0;
    if (setjmp(arena.full) != 0) return nullptr; // NOLINT(modernize-avoid-setjmp-longjmp)
    return gumbo_parse_with_options(&options, html, size);
}

enum class Shape { inlined, hidden, line, paragraph, cell, item, preformatted };

Shape shape_of(GumboTag tag) {
    switch (tag) {
    case GUMBO_TAG_HEAD:
    case GUMBO_TAG_SCRIPT:
    case GUMBO_TAG_STYLE:
    case GUMBO_TAG_TITLE:
    case GUMBO_TAG_TEMPLATE:
    case GUMBO_TAG_NOSCRIPT:
    case GUMBO_TAG_IFRAME:
    case GUMBO_TAG_OBJECT:
    case GUMBO_TAG_SELECT:
        return Shape::hidden;
    case GUMBO_TAG_P:
    case GUMBO_TAG_H1:
    case GUMBO_TAG_H2:
    case GUMBO_TAG_H3:
    case GUMBO_TAG_H4:
    case GUMBO_TAG_H5:
    case GUMBO_TAG_H6:
    case GUMBO_TAG_BLOCKQUOTE:
    case GUMBO_TAG_UL:
    case GUMBO_TAG_OL:
    case GUMBO_TAG_DL:
        return Shape::paragraph;
    case GUMBO_TAG_ADDRESS:
    case GUMBO_TAG_ARTICLE:
    case GUMBO_TAG_ASIDE:
    case GUMBO_TAG_BODY:
    case GUMBO_TAG_CAPTION:
    case GUMBO_TAG_CENTER:
    case GUMBO_TAG_DD:
    case GUMBO_TAG_DIV:
    case GUMBO_TAG_DT:
    case GUMBO_TAG_FIELDSET:
    case GUMBO_TAG_FIGURE:
    case GUMBO_TAG_FOOTER:
    case GUMBO_TAG_FORM:
    case GUMBO_TAG_HEADER:
    case GUMBO_TAG_MAIN:
    case GUMBO_TAG_NAV:
    case GUMBO_TAG_SECTION:
    case GUMBO_TAG_TABLE:
    case GUMBO_TAG_TR:
        return Shape::line;
    case GUMBO_TAG_TD:
    case GUMBO_TAG_TH:
        return Shape::cell;
    case GUMBO_TAG_LI:
        return Shape::item;
    case GUMBO_TAG_PRE:
    case GUMBO_TAG_TEXTAREA:
        return Shape::preformatted;
    default:
        return Shape::inlined;
    }
}

void enter(TextLayout &layout, const GumboElement &element) {
    switch (shape_of(element.tag)) {
    case Shape::line:
        layout.break_line();
        break;
    case Shape::paragraph:
        layout.break_paragraph();
        break;
    case Shape::preformatted:
        layout.break_line();
        layout.begin_preformatted();
        break;
    case Shape::cell:
        layout.next_cell();
        break;
    case Shape::item:
        layout.break_line();
        layout.add("- ");
        break;
    case Shape::inlined:
    case Shape::hidden:
        break;
    }
    if (element.tag == GUMBO_TAG_BR) layout.new_line();
    if (element.tag == GUMBO_TAG_HR) layout.break_line();
}

void leave(TextLayout &layout, const GumboElement &element) {
    switch (shape_of(element.tag)) {
    case Shape::line:
    case Shape::item:
        layout.break_line();
        break;
    case Shape::paragraph:
        layout.break_paragraph();
        break;
    case Shape::preformatted:
        layout.end_preformatted();
        layout.break_line();
        break;
    case Shape::cell:
    case Shape::inlined:
    case Shape::hidden:
        break;
    }
}

std::string rendered(const GumboNode *root) {
    struct Place {
        const GumboNode *node;
        unsigned next_child;
    };
    TextLayout layout;
    std::vector<Place> way = {{root, 0}};
    while (!way.empty()) {
        Place &place = way.back();
        const GumboElement &element = place.node->v.element;
        if (place.next_child == element.children.length) {
            leave(layout, element);
            way.pop_back();
            continue;
        }
        const auto *child = static_cast<const GumboNode *>(element.children.data[place.next_child++]);
        if (child->type == GUMBO_NODE_TEXT || child->type == GUMBO_NODE_WHITESPACE ||
            child->type == GUMBO_NODE_CDATA) {
            layout.add(child->v.text.text);
        } else if (child->type == GUMBO_NODE_ELEMENT && shape_of(child->v.element.tag) != Shape::hidden) {
            enter(layout, child->v.element);
            way.push_back({child, 0});
        }
    }
    return layout.text();
}

struct Tag {
    std::string name; // in lower case
    bool closing = false;
    std::size_t end = 0; // after its ">"
};

// The tag at `at`, where "<" stands. A name is cut at 16 letters, which no tag has.
Tag tag_at(std::string_view html, std::size_t at) {
    constexpr std::size_t longest_name = 16;
    Tag tag;
    if (html.substr(at).starts_with("<!--")) {
        const std::size_t end = html.find("-->", at);
        tag.end = end == std::string_view::npos ? html.size() : end + 3;
        return tag;
    }
    std::size_t name = at + 1;
    if (name < html.size() && html[name] == '/') {
        tag.closing = true;
        ++name;
    }
    for (; name < html.size() && tag.name.size() < longest_name; ++name) {
        const char c = static_cast<char>(html[name] | 0x20);
        if ((c < 'a' || c > 'z') && (html[name] < '0' || html[name] > '9')) break;
        tag.name += c;
    }
    // "<" alone is text.
    tag.end = tag.name.empty() ? at + 1 : std::min(html.find('>', at), html.size() - 1) + 1;
    return tag;
}

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size> &names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

bool closes_by_itself(std::string_view name) {
    static constexpr std::array<std::string_view, 26> names = {
        "area", "base",   "br",    "col",   "embed", "hr",     "img",   "input",   "link",
        "meta", "param",  "p",     "li",    "td",    "tr",     "th",    "dt",      "dd",
        "wbr",  "option", "tbody", "thead", "tfoot", "source", "track", "colgroup"};
    return is_one_of(names, name);
}

// How deep Gumbo's tree would be, or more: the open elements as WHATWG HTML 13.2.4.2 and 13.2.4.3 have them.
class Nesting {
  public:
    void open(const std::string &name) {
        if (is_formatting(name))
            ++formatting_[name];
        else
            open_.push_back(name);
        formatting_depth_ += is_formatting(name) ? 1 : 0;
    }

    // What was opened within stays open, as it may (WHATWG HTML 13.2.6.4.7, "form"): rather too deep than too
    // late.
    void close(const std::string &name) {
        if (is_formatting(name)) {
            if (int &count = formatting_[name]; count > 0) {
                --count;
                --formatting_depth_;
            }
            return;
        }
        for (std::size_t at = open_.size(); at-- > 0;) {
            if (open_[at] == name) {
                open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(at));
                return;
            }
            if (bounds_scope(open_[at])) return; // a closing tag reaches no further
        }
    }

    [[nodiscard]] std::size_t depth() const { return open_.size() + formatting_depth_; }

  private:
    // Left open they come back in every block that follows.
    static bool is_formatting(std::string_view name) {
        static constexpr std::array<std::string_view, 14> names = {
            "a", "b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u", "nobr"};
        return is_one_of(names, name);
    }
    static bool bounds_scope(std::string_view name) {
        static constexpr std::array<std::string_view, 12> names = {
            "applet", "caption",  "html", "table", "marquee", "object",
            "button", "template", "svg",  "math",  "select",  "foreignobject"};
        return is_one_of(names, name);
    }

    std::vector<std::string> open_;
    std::map<std::string, int, std::less<>> formatting_;
    std::size_t formatting_depth_ = 0;
};

bool is_too_deep(std::string_view html) {
    Nesting nesting;
    bool foreign = false; // within SVG and MathML every element nests
    for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at)) {
        const Tag tag = tag_at(html, at);
        at = tag.end;
        foreign = foreign || tag.name == "svg" || tag.name == "math";
        if (tag.name.empty() || (!foreign && closes_by_itself(tag.name))) continue;
        if (tag.closing)
            nesting.close(tag.name);
        else
            nesting.open(tag.name);
        if (nesting.depth() > deepest) return true;
    }
    return false;
}

// The references that senders write for characters that HTML itself uses, and those by number.
std::string with_characters(std::string_view text) {
    constexpr std::size_t longest = 10;
    static const std::map<std::string_view, char32_t> named = {{"amp", U'&'},  {"lt", U'<'},    {"gt", U'>'},
                                                               {"quot", U'"'}, {"apos", U'\''}, {"nbsp", 0xA0}};
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::size_t end =
            text[at] == '&' ? text.substr(0, at + longest).find(';', at) : std::string_view::npos;
        std::string_view name =
            end == std::string_view::npos ? std::string_view() : text.substr(at + 1, end - at - 1);
        char32_t value = 0;
        if (const auto found = named.find(name); found != named.end()) {
            value = found->second;
        } else if (name.starts_with('#')) {
            const bool hex = name.size() > 1 && (name[1] | 0x20) == 'x';
            name.remove_prefix(hex ? 2 : 1);
            std::uint32_t number = 0;
            std::from_chars(name.data(), name.data() + name.size(), number, hex ? 16 : 10);
            if (number < 0xD800 || (number > 0xDFFF && number <= 0x10FFFF)) value = number;
        }
        if (value == 0) {
            result += text[at];
        } else {
            unicode::append(result, value);
            at = end;
        }
    }
    return result;
}

std::string without_tags(std::string_view html) {
    TextLayout layout;
    std::size_t at = 0;
    while (at < html.size()) {
        const std::size_t tag_begin = std::min(html.find('<', at), html.size());
        layout.add(with_characters(html.substr(at, tag_begin - at)));
        if (tag_begin == html.size()) break;
        const Tag tag = tag_at(html, tag_begin);
        at = tag.end;
        if (!tag.closing && (tag.name == "script" || tag.name == "style")) {
            at = std::min(html.find("</", at), html.size());
        } else if (tag.name == "br" || tag.name == "p" || tag.name == "div" || tag.name == "tr") {
            layout.break_line();
        }
    }
    return layout.text();
}

} // namespace

std::string html_to_text(std::string_view html) {
    if (html.size() > most_html || is_too_deep(html)) return without_tags(html);
    Arena arena;
    const GumboOutput *page = parse(arena, html.data(), html.size());
    return page == nullptr ? without_tags(html) : rendered(page->root);
}

} // namespace roe::message
