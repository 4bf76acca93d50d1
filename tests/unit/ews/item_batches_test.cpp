// Reading and changing items on a server that does not deal with all of a request at once.
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source/ews/item_reader.hpp"
#include "source/ews/item_writer.hpp"
#include "unit/net/web.hpp"

namespace roe::ews {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> ids_in(const std::string &request) {
    const std::string begin = "<t:ItemId Id=\"";
    std::vector<std::string> ids;
    for (auto at = request.find(begin); at != std::string::npos; at = request.find(begin, at + 1)) {
        const auto from = at + begin.size();
        ids.push_back(request.substr(from, request.find('"', from) - from));
    }
    return ids;
}

// Answers GetItem, UpdateItem and DeleteItem; `refuse` gives a ResponseCode for the item of that place, if any.
class Server {
  public:
    using Refuse = std::function<std::string(std::size_t place, const std::string &id)>;

    // `unknown`: a word of a request for which every item is refused.
    explicit Server(Refuse refuse, std::vector<std::string> unknown = {})
        : refuse_(std::move(refuse)), unknown_(std::move(unknown)),
          web_([this](const net::WebRequest &request) { return answer(request.body); }),
          session_(account(), net::make_connector({}), std::make_shared<SystemClock>(), Limits(), nullptr),
          folders_(session_, {}), reader(session_, size_), writer(session_, folders_, folder_, size_) {}

    std::vector<std::string> requests() const {
        std::vector<std::string> bodies;
        for (const auto &request : web_.requests())
            bodies.push_back(request.body);
        return bodies;
    }

    // How many items each request asked for.
    std::vector<std::size_t> sizes() const {
        std::vector<std::size_t> sizes;
        for (const auto &request : web_.requests())
            sizes.push_back(ids_in(request.body).size());
        return sizes;
    }

  private:
    Account account() const {
        Account account;
        account.host = "127.0.0.1";
        account.port = web_.port();
        account.security = Security::plain;
        account.authenticate = false;
        account.exchange.path = "/EWS/Exchange.asmx";
        return account;
    }

    std::string answer(const std::string &request) const {
        const bool with_mime = request.find("IncludeMimeContent") != std::string::npos;
        const auto begin = request.find("<soap:Body><m:") + 14;
        const auto operation = request.substr(begin, request.find_first_of(" >", begin) - begin);
        std::string messages;
        std::size_t place = 0;
        for (const auto &id : ids_in(request)) {
            auto code = refuse_(place++, id);
            for (const auto &word : unknown_)
                if (request.find(word) != std::string::npos) code = "ErrorInvalidPropertyRequest";
            const std::string kind = id.starts_with("contact") ? "t:Contact" : "t:Message";
            // As Exchange: what only mails have is not valid for it.
            if (kind == "t:Contact" && request.find("message:") != std::string::npos)
                code = "ErrorInvalidPropertyRequest";
            const auto name = "m:" + operation + "ResponseMessage";
            messages += "<" + name + " ResponseClass=\"" + (code.empty() ? "Success" : "Error") +
                        "\"><m:ResponseCode>" + (code.empty() ? "NoError" : code) +
                        "</m:ResponseCode><m:Items>";
            if (code.empty())
                messages += "<" + kind + ">" + (with_mime ? "<t:MimeContent>SGVsbG8=</t:MimeContent>" : "") +
                            "<t:ItemId Id=\"" + id + "\"/><t:Subject>About " + id + "</t:Subject></" + kind +
                            ">";
            messages += "</m:Items></" + name + ">";
        }
        return net::web_answer("200 OK", "Content-Type: text/xml\r\n",
                               "<s:Envelope><s:Body><m:" + operation + "Response><m:ResponseMessages>" +
                                   messages + "</m:ResponseMessages></m:" + operation +
                                   "Response></s:Body></s:Envelope>");
    }

    const Refuse refuse_;
    const std::vector<std::string> unknown_;
    net::WebServer web_;
    Session session_;
    Folders folders_;
    const FolderId folder_{.id = "inbox"};
    BatchSize size_;

  public:
    ItemReader reader;
    ItemWriter writer;
};

Server::Refuse beyond(std::size_t most) {
    return [most](std::size_t place, const std::string &) {
        return place < most ? std::string() : std::string("ErrorServerBusy");
    };
}

Server::Refuse always(std::string refused, std::string code) {
    return [=](std::size_t, const std::string &id) { return id == refused ? code : std::string(); };
}

std::vector<MailRef> refs(int count) {
    std::vector<MailRef> refs;
    for (int n = 1; n <= count; ++n)
        refs.push_back({n, "m" + std::to_string(n)});
    return refs;
}

std::vector<std::string> uids(const std::vector<MailHead> &heads) {
    std::vector<std::string> uids;
    for (const auto &head : heads)
        uids.push_back(head.ref.uid + (head.header_withheld ? " withheld" : ""));
    return uids;
}

struct Mails final : RawSink {
    std::map<std::string, std::string> all;
    std::vector<std::string> not_given;

    Result<void> begin(const MailRef &ref, std::int64_t) override {
        EXPECT_TRUE(all.emplace(ref.uid, "").second) << ref.uid << " came twice";
        at_ = ref.uid;
        return {};
    }
    Result<void> write(std::string_view bytes) override {
        all[at_] += bytes;
        return {};
    }
    Result<void> end(const MailRef &) override { return {}; }
    void withheld(const MailRef &ref, const Error &) override { not_given.push_back(ref.uid); }

  private:
    std::string at_;
};

TEST(ItemBatches, Heads_beyond_the_servers_limit_are_asked_for_again_and_then_never_so_many_at_once) {
    Server server(beyond(3));
    const auto seven = refs(7);
    const auto read = server.reader.heads(seven, 1 << 20);
    ASSERT_TRUE(read.ok());
    EXPECT_THAT(uids(read->heads), ElementsAre("m1", "m2", "m3", "m4", "m5", "m6", "m7"));
    EXPECT_EQ(read->read_to, 7U);
    ASSERT_THAT(server.sizes(), testing::Not(IsEmpty()));
    EXPECT_EQ(server.sizes().front(), 7U);
    const auto before = server.sizes().size();
    ASSERT_TRUE(server.reader.heads(seven, 1 << 20).ok());
    const auto sizes = server.sizes();
    EXPECT_THAT(std::vector(sizes.begin() + static_cast<std::ptrdiff_t>(before), sizes.end()),
                testing::Each(testing::Le(3U)));
}

TEST(ItemBatches, Mails_beyond_the_servers_limit_are_fetched_once_each) {
    Server server(beyond(3));
    Mails mails;
    ASSERT_TRUE(server.reader.fetch(refs(8), mails).ok());
    EXPECT_THAT(mails.all, SizeIs(8));
    EXPECT_EQ(mails.all["m8"], "Hello");
    EXPECT_THAT(mails.not_given, IsEmpty());
    EXPECT_THAT(server.sizes(), ElementsAre(8, 3, 2));
}

TEST(ItemBatches, Mails_beyond_the_servers_limit_are_marked_given_their_category_and_deleted) {
    Server server(beyond(2));
    ASSERT_TRUE(server.writer.dispose(refs(5), {.keyword = "Done"}).ok());
    EXPECT_THAT(server.sizes(), ElementsAre(5, 2, 1, 2, 2, 1));
    ASSERT_TRUE(server.writer.dispose(refs(3), {.remove = true}).ok());
    EXPECT_THAT(server.sizes(), ElementsAre(5, 2, 1, 2, 2, 1, 2, 1));
}

TEST(ItemBatches, A_server_that_gives_none_is_left_alone) {
    Server server(beyond(0));
    const auto read = server.reader.heads(refs(3), 1 << 20);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().fault, Fault::throttled);
    Mails mails;
    EXPECT_EQ(server.reader.fetch(refs(3), mails).error().fault, Fault::throttled);
    EXPECT_EQ(server.writer.dispose(refs(3), {}).error().fault, Fault::throttled);
    EXPECT_THAT(server.sizes(), ElementsAre(3, 3, 3));
}

TEST(ItemBatches, A_mail_that_the_server_fails_at_while_others_come_holds_up_none) {
    Server server(always("m2", "ErrorInternalServerError"));
    const auto read = server.reader.heads(refs(3), 1 << 20);
    ASSERT_TRUE(read.ok());
    EXPECT_THAT(uids(read->heads), ElementsAre("m1", "m2 withheld", "m3"));
    Mails mails;
    ASSERT_TRUE(server.reader.fetch(refs(3), mails).ok());
    EXPECT_THAT(mails.all, SizeIs(2));
    EXPECT_THAT(mails.not_given, ElementsAre("m2"));
    EXPECT_THAT(server.sizes(), ElementsAre(3, 1, 2, 3, 1)) << "that is no limit of the server";
}

TEST(ItemBatches, A_server_that_fails_at_every_mail_has_failed_itself) {
    Server server([](std::size_t, const std::string &) { return "ErrorInternalServerError"; });
    EXPECT_EQ(server.reader.heads(refs(3), 1 << 20).error().fault, Fault::unreachable);
    Mails mails;
    EXPECT_EQ(server.reader.fetch(refs(3), mails).error().fault, Fault::unreachable);
    EXPECT_THAT(mails.not_given, IsEmpty());
}

TEST(ItemBatches, A_server_that_has_not_all_properties_is_asked_for_fewer_from_then_on) {
    for (const auto &unknown :
         {std::vector<std::string>{"ExtendedFieldURI"}, {"ExtendedFieldURI", "InternetMessageHeaders"}}) {
        Server server(beyond(9), unknown);
        for (int again = 0; again < 2; ++again) {
            const auto read = server.reader.heads(refs(2), 1 << 20);
            ASSERT_TRUE(read.ok());
            EXPECT_THAT(uids(read->heads), ElementsAre("m1", "m2"));
            EXPECT_THAT(read->heads.front().header, testing::HasSubstr("Subject: About m1"));
        }
        EXPECT_THAT(server.sizes(), SizeIs(unknown.size() + 2));
        EXPECT_THAT(server.requests().back(), testing::HasSubstr("message:From"));
    }
}

TEST(ItemBatches, An_item_that_is_no_mail_is_asked_for_fewer_properties_alone) {
    Server picky(always("m2", "ErrorInvalidPropertyRequest"));
    const auto read = picky.reader.heads(refs(2), 1 << 20);
    ASSERT_TRUE(read.ok());
    EXPECT_THAT(uids(read->heads), ElementsAre("m1", "m2 withheld"));
    EXPECT_THAT(picky.requests().front(), testing::HasSubstr("ExtendedFieldURI"));
    EXPECT_THAT(picky.requests()[1], testing::Not(testing::HasSubstr("ExtendedFieldURI")));
    ASSERT_TRUE(picky.reader.heads(refs(1), 1 << 20).ok());
    EXPECT_THAT(picky.requests().back(), testing::HasSubstr("ExtendedFieldURI"));
}

TEST(ItemBatches, A_contact_that_lies_alone_among_the_new_mails_takes_no_properties_from_those_that_follow) {
    Server server(beyond(9));
    const auto read = server.reader.heads(std::vector<MailRef>{{1, "contact"}}, 1 << 20);
    ASSERT_TRUE(read.ok());
    EXPECT_THAT(uids(read->heads), ElementsAre("contact"));
    ASSERT_TRUE(server.reader.heads(refs(1), 1 << 20).ok());
    EXPECT_THAT(server.requests().back(), testing::HasSubstr("message:From"));
    EXPECT_THAT(server.requests().back(), testing::HasSubstr("0x5D02"));
}

TEST(ItemBatches, What_the_server_asks_for_of_one_mail_counts_more_than_how_another_failed) {
    const auto busy = [](std::size_t, const std::string &id) {
        return id == "m2" ? "ErrorInternalServerError" : id == "m3" ? "ErrorServerBusy" : "";
    };
    const auto read = Server(busy).reader.heads(refs(3), 1 << 20);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().fault, Fault::throttled);
    Mails mails;
    EXPECT_EQ(Server(busy).reader.fetch(refs(3), mails).error().fault, Fault::throttled);
}

TEST(ItemBatches, Of_mails_that_are_disposed_of_those_that_were_refused_are_told) {
    Server server(always("m2", "ErrorAccessDenied"));
    EXPECT_EQ(server.writer.dispose(refs(3), {.keyword = "Done"}).error().fault, Fault::refused);
    EXPECT_EQ(server.writer.refused(), std::vector<std::string>{"m2"});
    EXPECT_EQ(server.writer.dispose(refs(3), {.remove = true}).error().fault, Fault::refused);
    EXPECT_EQ(server.writer.refused(), std::vector<std::string>{"m2"});
}

TEST(ItemBatches, A_mail_that_is_gone_is_left_out_and_one_that_is_refused_is_withheld) {
    Server server([](std::size_t, const std::string &id) {
        return id == "m1" ? "ErrorItemNotFound" : id == "m3" ? "ErrorItemCorrupt" : "";
    });
    const auto read = server.reader.heads(refs(3), 1 << 20);
    ASSERT_TRUE(read.ok());
    EXPECT_THAT(uids(read->heads), ElementsAre("m2", "m3 withheld"));
}

} // namespace
} // namespace roe::ews
