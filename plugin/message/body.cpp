#include "message/body.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/unicode.hpp"
#include "message/html_text.hpp"
#include "message/leaf_bytes.hpp"
#include "message/plain_text.hpp"

namespace roe::message {

namespace {

bool is_html(const Leaf &leaf) {
    return leaf.content.is("text/html");
}

// A text with a file name is an attachment that the sender's program did not mark as one, but for the first.
bool is_shown(const Leaf &leaf, bool first) {
    const bool text = leaf.content.is("text/plain") || is_html(leaf);
    return text && leaf.content.disposition != "attachment" && (leaf.content.name.empty() || first);
}

// Where bytes were cut there may be half a character; a whole one more or less is no loss there.
void drop_last_character(std::string &bytes) {
    constexpr std::size_t longest = 4;
    for (std::size_t i = 0; i < longest && !bytes.empty(); ++i) {
        const auto last = static_cast<unsigned char>(bytes.back());
        if (last < 0x80) return;
        bytes.pop_back();
        if (last >= 0xC0) return;
    }
}

class BodyReader {
  public:
    explicit BodyReader(std::int64_t limit) : limit_(limit) {}

    Result<void> add(const Leaf &leaf, bool has_plain_form) {
        auto beginning = read_beginning(leaf, limit_);
        if (!beginning) return beginning.error();
        if (beginning->cut) drop_last_character(beginning->bytes);
        Text part = read_text(beginning->bytes, leaf.content);
        const std::string kind = is_html(leaf) ? "HTML" : "text";
        if (beginning->cut) warn("The " + kind + " is too long and was cut; all of it is in the raw message.");
        if (part.guessed) warn("The charset of the " + kind + " is missing or wrong and was guessed.");
        if (part.damaged) warn("The " + kind + " has bytes that mean nothing in its charset.");
        if (is_html(leaf)) {
            if (!has_plain_form) append(body_.text, html_to_text(part.text), body_.has_text, "text");
            append(body_.html, std::move(part.text), body_.has_html, "HTML");
        } else {
            append(body_.text, std::move(part.text), body_.has_text, "text");
        }
        return {};
    }

    Body result() { return std::move(body_); }

  private:
    void warn(std::string words) {
        auto &warnings = body_.warnings;
        if (std::ranges::find(warnings, words) == warnings.end()) warnings.push_back(std::move(words));
    }

    void append(std::string &whole, std::string part, bool &present, const std::string &kind) {
        if (present && !whole.empty() && !whole.ends_with('\n')) whole += '\n';
        present = true;
        const auto most = static_cast<std::size_t>(std::max<std::int64_t>(limit_, 0));
        whole = whole.empty() ? std::move(part) : whole + part;
        if (whole.size() <= most) return;
        whole.resize(unicode::beginning(whole, most).size());
        warn("The " + kind + " is too long and was cut; all of it is in the raw message.");
    }

    std::int64_t limit_;
    Body body_;
};

} // namespace

BodyPlan plan_body(const std::vector<Leaf> &leaves) {
    BodyPlan plan;
    for (std::size_t i = 0; i < leaves.size(); ++i) {
        const bool shown = is_shown(leaves[i], plan.texts.empty() && i == 0);
        (shown ? plan.texts : plan.attachments).push_back(i);
    }
    return plan;
}

Result<Body> read_body(const std::vector<Leaf> &leaves, const BodyPlan &plan, std::int64_t limit) {
    std::set<std::size_t> with_plain_form; // multipart/alternatives
    for (const std::size_t i : plan.texts) {
        if (!is_html(leaves[i])) with_plain_form.insert(leaves[i].alternative);
    }
    with_plain_form.erase(0);
    BodyReader reader(limit);
    for (const std::size_t i : plan.texts) {
        if (auto added = reader.add(leaves[i], with_plain_form.contains(leaves[i].alternative)); !added) {
            return added.error();
        }
    }
    return reader.result();
}

} // namespace roe::message
