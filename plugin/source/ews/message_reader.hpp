// One response message or SOAP fault, as the small tree that the parser keeps, into plain values. [pure]
#pragma once

#include <cstddef>
#include <string>

#include <pugixml.hpp>

#include "base/result.hpp"
#include "source/ews/answers.hpp"

namespace roe::ews {

// An attribute of ours: the element's text was too long and has been cut.
constexpr const char *cut_mark = " cut";

// The answer is none that can be gone by.
Error unreadable_answer(std::string what);

// `node` is the element whose name ends in ResponseMessage, or Fault. What is missing and has to be there is an
// error; the message's position is the caller's.
Result<Message> read_message(pugi::xml_node node, std::size_t header_bytes);

} // namespace roe::ews
