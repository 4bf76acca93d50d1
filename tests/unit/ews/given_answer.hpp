// What the tests of Exchange's answers share: envelopes in several dialects, and a parser's whole yield.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "source/ews/answer_parser.hpp"

namespace roe::ews {

// As Exchange 2016 writes it: `body` is what stands in its Body, with the prefixes m: and t:.
std::string enveloped(std::string_view body);

// A GetItem answer of one message with these properties of a t:Message.
std::string got_item(std::string_view properties);

struct Kept final : MimeSink {
    struct One {
        std::size_t position;
        std::string bytes;
        bool whole = false;
    };
    std::vector<One> all;

    Result<void> begin(std::size_t position) override;
    Result<void> write(std::string_view bytes) override;
    Result<void> end(std::size_t position) override;
};

struct Yield {
    std::vector<Message> messages;
    std::string error; // empty: none
    Error why{};
};

// Gives the answer to a parser in pieces of so many bytes.
Yield yield_of(AnswerParser &parser, std::string_view answer, std::size_t piece = 4096);
Yield yield_of(std::string_view answer, std::size_t piece = 4096, const AnswerLimits &limits = {});

} // namespace roe::ews
