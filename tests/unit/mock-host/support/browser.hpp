// A real HTTP client.
#pragma once

#include <istream>
#include <map>
#include <sstream>
#include <string>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <nlohmann/json.hpp>

namespace host::testing {

struct Answer {
    int status = 0;
    std::string body;
    std::map<std::string, std::string> headers;

    [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(body); }
};

class Browser {
  public:
    Browser(const std::string &address, std::string token) : token_(std::move(token)) {
        const auto colon = address.rfind(':');
        session_.setHost(address.substr(0, colon));
        session_.setPort(static_cast<Poco::UInt16>(std::stoi(address.substr(colon + 1))));
        session_.setKeepAlive(true);
        session_.setTimeout(Poco::Timespan(60, 0));
    }

    Answer call(const std::string &method, const std::string &path, const std::string &body = "",
                const std::map<std::string, std::string> &headers = {}) {
        Poco::Net::HTTPResponse response;
        auto &in = ask(method, path, body, headers, response);
        Answer answer{response.getStatus(), {}, {}};
        Poco::StreamCopier::copyToString(in, answer.body);
        for (const auto &[name, value] : response)
            answer.headers[name] = value;
        return answer;
    }
    // Of an answer that may have no end; the last call of this browser.
    int status_of(const std::string &method, const std::string &path, const std::string &body,
                  const std::map<std::string, std::string> &headers) {
        Poco::Net::HTTPResponse response;
        ask(method, path, body, headers, response);
        return response.getStatus();
    }
    Answer get(const std::string &path) { return call("GET", path); }
    Answer post(const std::string &path, const nlohmann::json &body = nlohmann::json::object()) {
        return call("POST", path, body.dump());
    }
    Answer put(const std::string &path, const nlohmann::json &body) { return call("PUT", path, body.dump()); }

  private:
    std::istream &ask(const std::string &method, const std::string &path, const std::string &body,
                      const std::map<std::string, std::string> &headers, Poco::Net::HTTPResponse &response) {
        Poco::Net::HTTPRequest request(method, path, "HTTP/1.1");
        if (!token_.empty()) request.set("Authorization", "Bearer " + token_);
        for (const auto &[name, value] : headers)
            request.set(name, value);
        if (!body.empty()) request.setContentLength64(static_cast<Poco::Int64>(body.size()));
        session_.sendRequest(request) << body;
        return session_.receiveResponse(response);
    }

    Poco::Net::HTTPClientSession session_;
    std::string token_;
};

} // namespace host::testing
