#include "scripted_exchange.hpp"

#include <algorithm>
#include <unordered_map>

#include "given_answer.hpp"

namespace roe::ews {

namespace {

constexpr std::string_view both_namespaces =
    R"( xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages")"
    R"( xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types")";

std::string base64_of(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        unsigned group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = (group << 8U) | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            text += at + i > bytes.size() ? '=' : digits[(group >> (18 - 6 * i)) & 63U];
    }
    return text;
}

class ScriptedConnection final : public net::Stream {
  public:
    ScriptedConnection(std::shared_ptr<ScriptedExchange> server, std::shared_ptr<std::string> unread)
        : server_(std::move(server)), unread_(std::move(unread)) {}

    Result<std::size_t> read(char *to, std::size_t size, SteadyTime deadline) override {
        server_->wait_until(deadline);
        if (cancelled_) return Error{Fault::cancelled, "connect", "reading", "", ""};
        if (unread_->empty()) {
            if (hung_up_) return std::size_t{0};
            return Error{Fault::timed_out, "connect", "reading", "", ""};
        }
        const auto some = std::min(size, unread_->size() - taken_);
        std::copy_n(unread_->begin() + static_cast<std::ptrdiff_t>(taken_), some, to);
        taken_ += some;
        if (taken_ == unread_->size()) {
            unread_->clear();
            taken_ = 0;
        }
        return some;
    }
    Result<void> write(std::string_view bytes, SteadyTime) override {
        written_ += bytes;
        const auto end = written_.find("\r\n\r\n");
        if (end == std::string::npos) return {};
        constexpr std::string_view field = "Content-Length: ";
        const auto at = written_.find(field);
        const auto length = std::stoul(written_.substr(at + field.size()));
        if (written_.size() < end + 4 + length) return {};
        const auto said = server_->reply(written_.substr(0, end), written_.substr(end + 4, length));
        written_.clear();
        hung_up_ = said.empty();
        if (said != ScriptedExchange::silence) *unread_ += said;
        return {};
    }
    Result<net::TlsFacts> start_tls(const std::string &, const net::Trust &, SteadyTime) override {
        return net::TlsFacts();
    }
    [[nodiscard]] bool encrypted() const override { return false; }
    [[nodiscard]] bool pending() const override { return false; }
    [[nodiscard]] int descriptor() const override { return 7; }
    void cancel() override { cancelled_ = true; }
    void close() override { hung_up_ = true; }

  private:
    const std::shared_ptr<ScriptedExchange> server_;
    const std::shared_ptr<std::string> unread_;
    std::size_t taken_ = 0; // of the unread
    std::string written_;
    bool hung_up_ = false;
    bool cancelled_ = false;
};

} // namespace

void ScriptedExchange::answer(const std::string &operation, std::vector<std::string> bodies) {
    answers_[operation] = {bodies.begin(), bodies.end()};
}

void ScriptedExchange::say(const std::string &bytes) {
    if (const auto unread = hanging_.lock()) *unread += bytes;
}

Result<std::unique_ptr<net::Stream>> ScriptedExchange::connect(const std::string &, std::uint16_t, SteadyTime) {
    auto unread = std::make_shared<std::string>();
    hanging_ = unread;
    return std::unique_ptr<net::Stream>(std::make_unique<ScriptedConnection>(shared_from_this(), unread));
}

std::string ScriptedExchange::reply(const std::string &head, const std::string &body) {
    ++requests_;
    heads_.push_back(head);
    paths_.push_back(head.substr(5, head.find(' ', 5) - 5));
    const auto begin = body.find("<soap:Body><m:") + 14;
    const auto operation = body.substr(begin, body.find_first_of("> /", begin) - begin);
    asked_[operation].push_back(body);
    auto &answers = answers_[operation];
    if (answers.empty()) return {};
    auto answer = answers.front();
    if (answers.size() > 1) answers.pop_front();
    if (answer.starts_with("HTTP/") || answer == silence) return answer;
    const bool fault = answer.find("Fault>") != std::string::npos;
    const auto text = enveloped(answer);
    return "HTTP/1.1 " + std::string(fault ? "500 Internal Server Error" : "200 OK") +
           "\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: " + std::to_string(text.size()) +
           "\r\n\r\n" + text;
}

std::string messages_body(const std::string &operation, const std::vector<Piece> &pieces) {
    std::string body = "<m:" + operation + "Response" + std::string(both_namespaces) + "><m:ResponseMessages>";
    for (const auto &[code, inner] : pieces) {
        const bool ok = code == "NoError";
        body.append("<m:").append(operation).append("ResponseMessage ResponseClass=\"");
        body.append(ok ? "Success\">" : "Error\"><m:MessageText>It went wrong.</m:MessageText>");
        body.append("<m:ResponseCode>").append(code).append("</m:ResponseCode>").append(inner);
        body.append("</m:").append(operation).append("ResponseMessage>");
    }
    return body + "</m:ResponseMessages></m:" + operation + "Response>";
}

std::string folder_body(const std::string &operation, const std::string &id, int count) {
    const auto folder = "<m:Folders><t:Folder><t:FolderId Id=\"" + id + "\"/><t:DisplayName>" + id +
                        "</t:DisplayName><t:TotalCount>" + std::to_string(count) +
                        "</t:TotalCount></t:Folder>" + "</m:Folders>";
    return messages_body(operation, {{"NoError", folder}});
}

std::string sync_body(const std::string &state, bool last, const std::vector<Told> &created,
                      const std::vector<std::string> &deleted) {
    std::string inner = "<m:SyncState>" + state + "</m:SyncState><m:IncludesLastItemInRange>" +
                        (last ? "true" : "false") + "</m:IncludesLastItemInRange><m:Changes>";
    for (const auto &[id, received, size] : created)
        inner.append("<t:Create><t:Message><t:ItemId Id=\"")
            .append(id)
            .append("\"/><t:DateTimeReceived>")
            .append(received)
            .append("</t:DateTimeReceived><t:Size>")
            .append(std::to_string(size))
            .append("</t:Size></t:Message></t:Create>");
    for (const auto &id : deleted)
        inner.append("<t:Delete><t:ItemId Id=\"").append(id).append("\"/></t:Delete>");
    return messages_body("SyncFolderItems", {{"NoError", inner + "</m:Changes>"}});
}

Piece mail_piece(const std::string &id, const std::string &subject, const std::string &mime) {
    std::string mail = "<m:Items><t:Message>";
    if (!mime.empty()) mail += "<t:MimeContent>" + base64_of(mime) + "</t:MimeContent>";
    mail += "<t:ItemId Id=\"" + id +
            "\"/><t:Size>100</t:Size><t:ExtendedProperty>"
            "<t:ExtendedFieldURI PropertyTag=\"0x7d\" PropertyType=\"String\"/><t:Value>Subject: " +
            subject + "\r\n</t:Value></t:ExtendedProperty></t:Message></m:Items>";
    return {"NoError", mail};
}

std::string fault_body(const std::string &code, const std::string &details) {
    return "<s:Fault xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><faultcode>s:Client</faultcode>"
           "<faultstring>It went wrong.</faultstring><detail>"
           "<e:ResponseCode xmlns:e=\"http://schemas.microsoft.com/exchange/services/2006/errors\">" +
           code + "</e:ResponseCode>" + details + "</detail></s:Fault>";
}

Result<ChangeBook::Standing> KeptBook::take(const Changes &changes) {
    ++taken;
    noted.push_back(changes.there.size());
    whole_ = changes.last || (whole_ && !changes.from_nothing);
    const auto known_before = names.size() - static_cast<std::size_t>(std::ranges::count(names, ""));
    if (changes.from_nothing)
        for (auto &name : names)
            name += '?';
    std::unordered_map<std::string, std::size_t> places;
    for (std::size_t place = 0; place < names.size(); ++place)
        places.emplace(names[place], place);
    for (const auto name : changes.there) {
        const auto known = places.find(std::string(name) + '?');
        if (known != places.end())
            names[known->second] = name;
        else if (places.emplace(name, names.size()).second)
            names.emplace_back(name);
    }
    for (const auto gone : changes.gone)
        if (const auto at = std::ranges::find(names, gone); at != names.end()) at->clear();
    std::size_t unlisted = 0;
    if (changes.last)
        for (auto &name : names)
            if (name.ends_with('?')) {
                if (name != "?") ++unlisted;
                name.clear();
            }
    if (known_before > 0 && unlisted == known_before && !changes.there.empty()) ++generation;
    state = changes.state;
    return standing();
}

Result<std::vector<MailRef>> KeptBook::after(std::int64_t order, std::size_t most) {
    std::vector<MailRef> refs;
    for (auto at = static_cast<std::size_t>(order); at < names.size() && refs.size() < most; ++at)
        if (!names[at].empty()) refs.push_back({static_cast<std::int64_t>(at) + 1, names[at]});
    return refs;
}

Result<std::vector<MailRef>> KeptBook::named(std::span<const std::string_view> wanted) {
    std::vector<MailRef> refs;
    for (std::size_t at = 0; at < names.size(); ++at)
        if (std::ranges::find(wanted, names[at]) != wanted.end())
            refs.push_back({static_cast<std::int64_t>(at) + 1, names[at]});
    return refs;
}

} // namespace roe::ews
