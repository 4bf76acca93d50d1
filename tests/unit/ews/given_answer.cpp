#include "given_answer.hpp"

#include <algorithm>
#include <utility>

namespace roe::ews {

std::string enveloped(std::string_view body) {
    return R"(<?xml version="1.0" encoding="utf-8"?>)"
           R"(<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>)"
           R"(<h:ServerVersionInfo MajorVersion="15" MinorVersion="1" MajorBuildNumber="2507" MinorBuildNumber="39" )"
           R"(Version="V2017_07_11" xmlns:h="http://schemas.microsoft.com/exchange/services/2006/types" )"
           R"(xmlns="http://schemas.microsoft.com/exchange/services/2006/types" )"
           R"(xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/>)"
           R"(</s:Header><s:Body xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" )"
           R"(xmlns:xsd="http://www.w3.org/2001/XMLSchema">)" +
           std::string(body) + "</s:Body></s:Envelope>";
}

std::string got_item(std::string_view properties) {
    return enveloped(
        R"(<m:GetItemResponse xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages" )"
        R"(xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"><m:ResponseMessages>)"
        R"(<m:GetItemResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode><m:Items>)"
        "<t:Message>" +
        std::string(properties) +
        "</t:Message></m:Items></m:GetItemResponseMessage></m:ResponseMessages></m:GetItemResponse>");
}

Result<void> Kept::begin(std::size_t position) {
    all.push_back({position, {}});
    return {};
}

Result<void> Kept::write(std::string_view bytes) {
    all.back().bytes += bytes;
    return {};
}

Result<void> Kept::end(std::size_t position) {
    all.back().whole = all.back().position == position;
    return {};
}

Yield yield_of(AnswerParser &parser, std::string_view answer, std::size_t piece) {
    Yield yield;
    Result<void> state;
    while (!answer.empty() && state.ok()) {
        state = parser.feed(answer.substr(0, piece));
        answer.remove_prefix(std::min(piece, answer.size()));
        while (auto message = parser.next())
            yield.messages.push_back(std::move(*message));
    }
    if (state.ok()) state = parser.end();
    if (!state.ok()) {
        yield.why = state.error();
        yield.error = state.error().text();
    }
    return yield;
}

Yield yield_of(std::string_view answer, std::size_t piece, const AnswerLimits &limits) {
    AnswerParser parser(limits);
    return yield_of(parser, answer, piece);
}

} // namespace roe::ews
