// What authors are sent, by which key, and when it is tried again. On a real ledger.
#include "trigger/author_notices.hpp"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "on_a_ledger.hpp"
#include "trigger/notice_text.hpp"

namespace roe::trigger {
namespace {

using orch::sdk::Failure;
using orch::sdk::Status;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

orch::sdk::EndedJob a_job(const std::string &id, const std::string &state = "succeeded") {
    return {id, "t1/7", {}, "t1", {"task", "Счета"}, state, {}, {}, "2026-11-27T10:00:01Z"};
}

// A host that fails as it is told, by address.
class Mail final : public orch::sdk::NotificationsService {
  public:
    orch::sdk::Outcome<void> send(std::string_view tenant, std::string_view key,
                                  const orch::sdk::Notification &message) override {
        if (const auto found = fails.find(message.to.at(0)); found != fails.end()) return found->second;
        sent.push_back(std::string(tenant) + " " + std::string(key) + " " + message.to.at(0));
        last = message;
        return {};
    }
    std::map<std::string, Failure> fails;
    std::vector<std::string> sent;
    orch::sdk::Notification last;
};

class Notices : public OnALedger {
  protected:
    AuthorNotices notices(orch::sdk::NotificationsService *mail) {
        return AuthorNotices(
            {*ledger_, mail,
             [](const std::string &, const std::string &trigger) { return "task of " + trigger; },
             [this](const std::string &line) { warned_.push_back(line); }});
    }

    // A start by ann and bob; its row in the outbox.
    ledger::RowId given_start() {
        const auto folder = ledger_->folder("mailbox", "INBOX");
        EXPECT_TRUE(folder.ok());
        ledger::Decision decision;
        decision.trigger = "t1";
        decision.tenant = "acme";
        decision.ref = {7, "7"};
        decision.matched = true;
        decision.key = "t1/7";
        decision.payload = "{}";
        decision.authors = {{0, "ann@b.example", "Заказ", "1@b", {"0@b", "1@b"}},
                            {0, "bob@b.example", "", "", {}}};
        ledger::Pass pass;
        pass.folder = folder->id;
        pass.decisions = {decision};
        const auto made = ledger_->commit_pass(pass);
        EXPECT_TRUE(made.ok());
        return made->at(0).id;
    }
    void park(ledger::RowId row) {
        ledger::Answer answer;
        answer.outbox = row;
        answer.park = true;
        answer.words = "inner words of the host";
        EXPECT_TRUE(ledger_->record_answers(std::vector{answer}).ok());
    }

    Mail mail_;
    std::vector<std::string> warned_;
};

TEST_F(Notices, Each_author_gets_one_for_each_job_under_a_key_of_that_job) {
    given_start();
    EXPECT_TRUE(notices(&mail_).job_ended("acme", a_job("j1")));
    EXPECT_TRUE(notices(&mail_).job_ended("acme", a_job("j2")));
    EXPECT_THAT(mail_.sent, ElementsAre("acme j1/outcome/1 ann@b.example", "acme j1/outcome/2 bob@b.example",
                                        "acme j2/outcome/1 ann@b.example", "acme j2/outcome/2 bob@b.example"));
}

TEST_F(Notices, Nobody_is_told_of_a_job_that_nobody_is_to_be_told_of) {
    EXPECT_TRUE(notices(&mail_).job_ended("acme", a_job("j1")));
    EXPECT_THAT(mail_.sent, IsEmpty());
}

TEST_F(Notices, A_host_that_does_not_mail_is_answered_with_success) {
    park(given_start());
    auto without = notices(nullptr);
    EXPECT_FALSE(without.can_mail());
    EXPECT_TRUE(without.job_ended("acme", a_job("j1")));
    EXPECT_EQ(without.tell_of_parked(), std::nullopt);
}

TEST_F(Notices, A_busy_host_is_to_tell_the_end_again_and_one_that_refuses_is_not) {
    given_start();
    mail_.fails["ann@b.example"] = {Status::busy, "full", {}, {}, std::chrono::seconds(30)};
    const auto later = notices(&mail_).job_ended("acme", a_job("j1"));
    ASSERT_FALSE(later);
    EXPECT_EQ(later.failure().status, Status::busy);
    EXPECT_EQ(later.failure().retry_after, std::chrono::seconds(30));
    mail_.fails["ann@b.example"] = {Status::invalid, "no address"};
    EXPECT_TRUE(notices(&mail_).job_ended("acme", a_job("j1")));
    EXPECT_THAT(mail_.sent, ElementsAre(HasSubstr("bob@b.example"))) << "the others get theirs";
    EXPECT_THAT(warned_, ElementsAre(AllOf(HasSubstr("no address"), Not(HasSubstr("ann@")))));
}

TEST_F(Notices, Of_a_parked_start_they_are_told_once_whatever_the_host_does_meanwhile) {
    const auto row = given_start();
    EXPECT_EQ(notices(&mail_).tell_of_parked(), std::nullopt);
    EXPECT_THAT(mail_.sent, IsEmpty());
    park(row);
    mail_.fails["bob@b.example"] = {Status::busy, "full"};
    EXPECT_NE(notices(&mail_).tell_of_parked(), std::nullopt);
    mail_.fails.clear();
    EXPECT_EQ(notices(&mail_).tell_of_parked(), std::nullopt);
    EXPECT_THAT(mail_.sent,
                ElementsAre("acme t1/7/not-started/1 ann@b.example", "acme t1/7/not-started/1 ann@b.example",
                            "acme t1/7/not-started/2 bob@b.example"))
        << "the same key: the host sends it once";
    EXPECT_THAT(mail_.last.text, AllOf(HasSubstr("task of t1"), Not(HasSubstr("inner words"))));
    EXPECT_EQ(notices(&mail_).tell_of_parked(), std::nullopt);
    EXPECT_THAT(mail_.sent, SizeIs(3));
}

TEST(NoticeText, Says_the_outcome_in_both_languages_and_answers_the_mail) {
    const ledger::Author ann{1, "ann@b.example", "Заказ", "1@b", {"0@b", "1@b"}};
    const auto succeeded = message_to(ann, {MailOutcome::succeeded, "Счета", 0, "then"});
    EXPECT_THAT(succeeded.to, ElementsAre("ann@b.example"));
    EXPECT_EQ(succeeded.subject, "Auto: Заказ");
    EXPECT_EQ(succeeded.in_reply_to, "1@b");
    EXPECT_THAT(succeeded.references, ElementsAre("0@b", "1@b"));
    EXPECT_THAT(succeeded.text, AllOf(HasSubstr("has succeeded."), HasSubstr("задание выполнено."),
                                      HasSubstr("Task: Счета"), HasSubstr("Завершено: then")));
    EXPECT_THAT(
        message_to(ann, {MailOutcome::failed, "", 3, ""}).text,
        AllOf(HasSubstr("failed with exit code 3."), HasSubstr("ошибкой, код 3."), Not(HasSubstr("Task:"))));
    EXPECT_THAT(message_to(ann, {MailOutcome::failed, "", {}, ""}).text,
                AllOf(HasSubstr("has failed."), HasSubstr("ошибкой.")));
    EXPECT_THAT(message_to(ann, {MailOutcome::interrupted, "", {}, ""}).text,
                AllOf(HasSubstr("was interrupted"), HasSubstr("было прервано")));
    const auto bare = message_to({1, "bob@b.example", "", "", {}}, {MailOutcome::not_started, "Счета"});
    EXPECT_EQ(bare.subject, "Auto: Счета");
    EXPECT_FALSE(bare.in_reply_to);
    EXPECT_THAT(bare.text, AllOf(HasSubstr("could not be started"), HasSubstr("не удалось запустить")));
}

} // namespace
} // namespace roe::trigger
