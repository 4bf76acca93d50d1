// HTML as readable text: paragraphs, lists and table rows as lines, nothing that is not shown. [any thread]
#pragma once

#include <string>
#include <string_view>

namespace roe::message {

// `html` is valid UTF-8. Never fails: a page that would cost too much to build a tree of is read by leaving out
// its tags.
std::string html_to_text(std::string_view html);

} // namespace roe::message
