// A source of a scripted server, with a clock that the test moves and a book in memory.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "scripted_exchange.hpp"
#include "source/ews/ews_source.hpp"

namespace roe::ews {

using namespace std::chrono_literals;

class SteppedClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime steady() const override { return SteadyTime(1h) + past; }
    [[nodiscard]] WallTime wall() const override { return WallTime(1h); }
    std::chrono::milliseconds past{};
};

struct KeptMails final : RawSink {
    std::map<std::string, std::string> mails;
    std::map<std::string, std::string> refused;

    Result<void> begin(const MailRef &ref, std::int64_t) override {
        mails[ref.uid];
        return {};
    }
    Result<void> write(std::string_view bytes) override {
        open += bytes;
        return {};
    }
    Result<void> end(const MailRef &ref) override {
        mails[ref.uid] = std::exchange(open, {});
        return {};
    }
    void withheld(const MailRef &ref, const Error &why) override { refused[ref.uid] = why.server_text; }

    std::string open;
};

class Source : public testing::Test {
  protected:
    void SetUp() override {
        server->answer("GetFolder", {folder_body("GetFolder", "inbox-id", 3)});
        server->answer("SyncFolderItems", {sync_body("s1", true, {})});
        server->answer("GetItem", {messages_body("GetItem", {})});
        account.host = "mail.example.com";
        account.port = 80;
        account.security = Security::plain;
        account.authenticate = false;
        account.exchange = {"/EWS/Exchange.asmx", "ann@example.com", false, false};
    }

    void make() { source = make_source(account, server, clock, book, limits); }

    FolderStatus open() {
        make();
        auto opened = source->open();
        EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().text());
        clock->past += 5s;
        return opened ? *opened : FolderStatus();
    }

    static std::vector<MailRef> refs_of(const std::vector<std::string> &names) {
        std::vector<MailRef> refs;
        refs.reserve(names.size());
        for (const auto &name : names)
            refs.push_back({static_cast<std::int64_t>(refs.size()) + 1, name});
        return refs;
    }

    Account account;
    Limits limits;
    std::shared_ptr<ScriptedExchange> server = std::make_shared<ScriptedExchange>();
    std::shared_ptr<SteppedClock> clock = std::make_shared<SteppedClock>();
    std::shared_ptr<KeptBook> book = std::make_shared<KeptBook>();
    std::unique_ptr<MailSource> source;
};

} // namespace roe::ews
