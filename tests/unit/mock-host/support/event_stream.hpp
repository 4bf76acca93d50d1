// A reader of server-sent events, as a browser's EventSource is one.
#pragma once

#include <istream>
#include <map>
#include <optional>
#include <string>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <nlohmann/json.hpp>

namespace host::testing {

struct StreamEvent {
    std::string id;
    std::string kind;
    nlohmann::json data;
};

class EventStream {
  public:
    EventStream(const std::string &address, const std::map<std::string, std::string> &headers,
                const std::string &query = "") {
        const auto colon = address.rfind(':');
        session_.setHost(address.substr(0, colon));
        session_.setPort(static_cast<Poco::UInt16>(std::stoi(address.substr(colon + 1))));
        session_.setTimeout(Poco::Timespan(60, 0));
        Poco::Net::HTTPRequest request("GET", "/api/events" + query, "HTTP/1.1");
        for (const auto &[name, value] : headers)
            request.set(name, value);
        session_.sendRequest(request);
        in_ = &session_.receiveResponse(response_);
    }

    [[nodiscard]] int status() const { return response_.getStatus(); }
    [[nodiscard]] std::string header(const std::string &name) const { return response_.get(name, ""); }

    // The next event, comments passed over; empty when the stream has ended.
    std::optional<StreamEvent> next() {
        StreamEvent event;
        std::string line;
        while (std::getline(*in_, line)) {
            if (line.empty() && !event.kind.empty()) return event;
            if (line.starts_with("id: ")) event.id = line.substr(4);
            if (line.starts_with("event: ")) event.kind = line.substr(7);
            if (line.starts_with("data: ")) event.data = nlohmann::json::parse(line.substr(6));
        }
        return std::nullopt;
    }

    // The next of one kind.
    std::optional<StreamEvent> next(const std::string &kind) {
        while (auto event = next()) {
            if (event->kind == kind) return event;
        }
        return std::nullopt;
    }

  private:
    Poco::Net::HTTPClientSession session_;
    Poco::Net::HTTPResponse response_;
    std::istream *in_ = nullptr;
};

} // namespace host::testing
