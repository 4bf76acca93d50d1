// A trigger's Resource: the mail stands in the asset before its start is asked for, and an asset that can't be
// written loses none.
#include <algorithm>

#include <gmock/gmock.h>

#include "fixture.hpp"

namespace roe::watch::testing {
namespace {

using ledger::MessageState;
using orch::sdk::Failure;
using orch::sdk::Status;
using ::testing::ElementsAre;

class Resource : public MailroomTest {
  protected:
    void given_trigger_with_resource(const std::string &id,
                                     trigger::Launch launch = trigger::Launch::per_mail) {
        trigger::Parameters parameters;
        parameters.resource = "last-mail";
        parameters.launch = launch;
        parameters.start_from = trigger::StartFrom::all;
        given_trigger(id, parameters);
    }
    void deliver(const std::string &subject) {
        folder->add("bob@example.org", subject);
        look();
    }
    bool is_in_log(MessageState state) {
        const auto log = log_of("t1");
        return std::any_of(log.begin(), log.end(), [&](const auto &row) { return row.state == state; });
    }
    // Fails so often, then no more.
    static Host::Refusal times(int count, Failure failure) {
        return [count, failure](std::string_view) mutable -> std::optional<Failure> {
            return count-- > 0 ? std::optional(failure) : std::nullopt;
        };
    }
};

TEST_F(Resource, The_mail_is_in_the_asset_before_its_job_is_asked_for) {
    host.make_asset("last-mail");
    given_trigger_with_resource("t1");
    deliver("One");
    expect_jobs(1);
    deliver("Two");
    expect_jobs(2);
    EXPECT_THAT(host.story(), ElementsAre("put last-mail One", "start One", "put last-mail Two", "start Two"));
    EXPECT_TRUE(eventually([&] { return folder->seen().size() == 2; }));
}

TEST_F(Resource, Mails_of_one_pass_are_written_in_the_order_of_their_starts) {
    host.make_asset("last-mail");
    for (const char *subject : {"One", "Two", "Three"})
        folder->add("bob@example.org", subject);
    given_trigger_with_resource("t1");
    expect_jobs(3);
    EXPECT_THAT(host.story(), ElementsAre("put last-mail One", "put last-mail Two", "put last-mail Three",
                                          "start One", "start Two", "start Three"));
}

TEST_F(Resource, With_one_job_for_a_pass_the_document_of_the_pass_is_written) {
    host.make_asset("last-mail");
    folder->add("bob@example.org", "One");
    folder->add("bob@example.org", "Two");
    given_trigger_with_resource("t1", trigger::Launch::per_pass);
    expect_jobs(1);
    EXPECT_THAT(host.story(), ElementsAre("put last-mail One+Two", "start One+Two"));
}

TEST_F(Resource, A_start_that_is_asked_for_again_is_written_again) {
    host.make_asset("last-mail");
    given_trigger_with_resource("t1");
    host.lost_answers = 1;
    deliver("One");
    EXPECT_TRUE(eventually([&] { return folder->seen().size() == 1; }));
    expect_jobs(1);
    EXPECT_THAT(host.story(), ElementsAre("put last-mail One", "start One", "put last-mail One", "start One"));
}

TEST_F(Resource, An_asset_that_can_not_be_written_for_a_while_delays_the_start_and_loses_none) {
    host.make_asset("last-mail");
    given_trigger_with_resource("t1");
    std::size_t marked = 0;
    for (const auto status : {Status::failed, Status::busy}) {
        host.refuse_puts(times(2, {status, "the disk sleeps", {}, {}, 10ms}));
        deliver("Mail");
        ++marked;
        EXPECT_TRUE(eventually([&] { return folder->seen().size() == marked; }));
    }
    expect_jobs(2);
    EXPECT_THAT(host.story(),
                ElementsAre("put last-mail Mail", "start Mail", "put last-mail Mail", "start Mail"));
}

TEST_F(Resource, A_mail_too_large_for_its_asset_is_parked_with_the_hosts_words_and_holds_up_no_other) {
    host.make_asset("last-mail");
    host.refuse_puts([](std::string_view value) -> std::optional<Failure> {
        if (value.find("Large") == std::string_view::npos) return std::nullopt;
        return Failure{Status::invalid, "an asset may have 10 bytes"};
    });
    given_trigger_with_resource("t1");
    folder->add("bob@example.org", "Large");
    folder->add("bob@example.org", "Small");
    look();
    expect_jobs(1);
    EXPECT_THAT(host.story(), ElementsAre("put last-mail Small", "start Small"));
    ASSERT_TRUE(eventually([&] { return is_in_log(MessageState::parked); }));
    const auto log = log_of("t1");
    const auto parked =
        std::find_if(log.begin(), log.end(), [](const auto &row) { return row.subject == "Large"; });
    ASSERT_NE(parked, log.end());
    EXPECT_EQ(parked->reason_text,
              "the mail was not written into the asset last-mail: an asset may have 10 bytes");
    EXPECT_TRUE(eventually([&] { return folder->seen() == std::vector<std::int64_t>{2}; }))
        << "a mail whose start is parked is left alone";

    host.refuse_puts({});
    ASSERT_EQ(*ledger->retry("t1", parked->id), ledger::Wish::granted);
    room->sweep_outbox();
    expect_jobs(2);
    EXPECT_TRUE(eventually([&] { return folder->seen().size() == 2; }));
}

TEST_F(Resource, A_start_waits_for_an_asset_that_is_gone_and_goes_when_it_is_made_again) {
    given_trigger_with_resource("t1");
    deliver("One");
    ASSERT_TRUE(eventually([&] { return is_in_log(MessageState::queued); }));
    EXPECT_EQ(host.count(), 0U);
    host.make_asset("last-mail");
    expect_jobs(1);
    EXPECT_THAT(host.story(), ElementsAre("put last-mail One", "start One"));
}

TEST_F(Resource, What_waited_over_a_restart_is_written_and_started_then) {
    given_trigger_with_resource("t1");
    deliver("One");
    ASSERT_TRUE(eventually([&] { return is_in_log(MessageState::queued); }));
    close();
    host.make_asset("last-mail");
    reopen();
    expect_jobs(1);
    EXPECT_THAT(host.story(), ElementsAre("put last-mail One", "start One"));
}

TEST_F(Resource, An_edited_trigger_writes_what_waits_into_its_new_asset) {
    given_trigger_with_resource("t1");
    deliver("One");
    ASSERT_TRUE(eventually([&] { return is_in_log(MessageState::queued); }));
    host.make_asset("other");
    trigger::Parameters edited;
    edited.resource = "other";
    given_trigger("t1", edited);
    expect_jobs(1);
    EXPECT_THAT(host.story(), ElementsAre("put other One", "start One"));
}

TEST_F(Resource, Triggers_that_share_an_asset_write_it_in_the_order_of_their_starts) {
    host.make_asset("last-mail");
    for (int i = 0; i < 4; ++i)
        given_trigger_with_resource("t" + std::to_string(i));
    constexpr int mails = 20;
    for (int i = 0; i < mails; ++i)
        folder->add("bob@example.org", std::to_string(i));
    look();
    expect_jobs(4 * mails);
    // A start never finds the mail of an earlier one in its asset: what was put last before it is its own mail,
    // or that of a start that had not been asked for then.
    const auto story = host.story();
    std::vector<std::string> waiting;
    for (const auto &line : story) {
        const auto subject = line.substr(line.rfind(' ') + 1);
        if (line.starts_with("put")) {
            waiting.push_back(subject);
        } else {
            ASSERT_FALSE(waiting.empty()) << line;
            EXPECT_EQ(waiting.front(), subject);
            waiting.erase(waiting.begin());
        }
    }
}

} // namespace
} // namespace roe::watch::testing
