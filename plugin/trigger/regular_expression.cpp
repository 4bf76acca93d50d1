#include "trigger/regular_expression.hpp"

#include <cstddef>
#include <cstdint>

#include <re2/re2.h>

#include "base/unicode.hpp"

namespace roe::trigger {

namespace {

// What it may hold in memory while it is searched for; when that is too little RE2 goes on, more slowly.
constexpr std::int64_t most_memory = 4 << 20;
// A text that RE2 has no quick way for costs it a step of some nanoseconds for each instruction and each byte:
// with these two a few seconds, for an expression and a text that were made for it.
constexpr int largest_program = 3000;
constexpr std::size_t longest_searched = 256 << 10;

re2::RE2::Options options() {
    re2::RE2::Options options;
    options.set_case_sensitive(false);
    options.set_never_capture(true);
    options.set_log_errors(false);
    options.set_max_mem(most_memory);
    return options;
}

} // namespace

RegularExpression::RegularExpression(std::string_view pattern)
    : expression_(
          std::make_shared<const re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options())) {
    if (!expression_->ok())
        fault_ = expression_->error();
    else if (expression_->ProgramSize() > largest_program)
        fault_ = "it is too large";
}

bool RegularExpression::found_in(std::string_view text) const {
    if (!fault_.empty()) return false;
    const std::string_view searched = unicode::beginning(text, longest_searched);
    return re2::RE2::PartialMatch(re2::StringPiece(searched.data(), searched.size()), *expression_);
}

} // namespace roe::trigger
