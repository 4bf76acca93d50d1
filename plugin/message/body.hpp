// What of a mail's parts is its text and what is attached to it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "message/outline.hpp"

namespace roe::message {

// Places in Outline::leaves. A leaf is in one of them.
struct BodyPlan {
    std::vector<std::size_t> texts; // text/plain and text/html that are shown, in order
    std::vector<std::size_t> attachments;
};
BodyPlan plan_body(const std::vector<Leaf> &leaves);

struct Body {
    bool has_text = false;
    bool has_html = false;
    std::string text; // from HTML where there is no plain form
    std::string html;
    std::vector<std::string> warnings;
};
Result<Body> read_body(const std::vector<Leaf> &leaves, const BodyPlan &plan, std::int64_t limit);

} // namespace roe::message
