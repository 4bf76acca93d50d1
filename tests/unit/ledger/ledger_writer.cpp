// A process that works with a ledger until it is killed: passes, starts, answers. It says on standard output
// what it knows to be done, a line each:
//   passed N      mails up to N are decided and committed
//   asked KEY     the host was asked for a start
//   answered KEY  the host's answer is recorded
// ROE_CRASH_AT=name:n kills it at the n-th passing of a crash point.
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>
#include <unistd.h>

#include "base/crash_point.hpp"
#include "ledger/ledger.hpp"

namespace roe {

void crash_point(std::string_view name) {
    static const std::string wanted = std::getenv("ROE_CRASH_AT") ? std::getenv("ROE_CRASH_AT") : "";
    static int left = std::atoi(wanted.substr(wanted.find(':') + 1).c_str());
    if (wanted.substr(0, wanted.find(':')) != name || --left > 0) return;
    kill(getpid(), SIGKILL);
}

} // namespace roe

namespace {

using namespace roe;
using namespace roe::ledger;

const std::vector<std::string> triggers{"t1", "t2"};
const WallTime now{std::chrono::seconds(1'700'000'000)};

void say(const std::string &what, const std::string &which) {
    const std::string line = what + " " + which + "\n";
    if (write(STDOUT_FILENO, line.data(), line.size()) < 0) _exit(3);
}

template <class T>
T must(Result<T> result) {
    if (result) return std::move(*result);
    std::cerr << result.error().text() << std::endl;
    _exit(2);
}

Decision decide(const std::string &trigger, std::int64_t order) {
    Decision decision;
    decision.trigger = trigger;
    decision.ref = {order, std::to_string(order)};
    decision.fingerprint = "print-" + std::to_string(order);
    decision.matched = trigger == "t1" || order % 2 == 0;
    decision.key = trigger + "/" + decision.ref.uid;
    decision.payload.assign(20'000, 'p');
    return decision;
}

void pass(Ledger &ledger, RowId folder, std::int64_t count) {
    Pass pass;
    pass.folder = folder;
    pass.validity = "v1";
    pass.decided_at = now;
    pass.disposal = Disposal{false};
    std::int64_t last = 0;
    for (const Mark &mark : must(ledger.marks(folder))) {
        Mark next = mark;
        next.order = last = mark.order + count;
        for (std::int64_t order = mark.order + 1; order <= next.order; ++order)
            pass.decisions.push_back(decide(mark.trigger, order));
        pass.marks.push_back(next);
    }
    must(ledger.commit_pass(pass));
    say("passed", std::to_string(last));
}

void start(Ledger &ledger) {
    std::vector<Answer> answers;
    const auto rows = must(ledger.due_outbox(triggers, now, 10));
    for (const OutboxRow &row : rows) {
        say("asked", row.key);
        Answer answer;
        answer.outbox = row.id;
        answer.accepted = true;
        answer.job = "job of " + row.key;
        answer.at = now;
        answers.push_back(std::move(answer));
    }
    if (!ledger.record_answers(answers)) _exit(2);
    for (const OutboxRow &row : rows)
        say("answered", row.key);
}

} // namespace

int main(int argc, char **argv) {
    if (argc != 3) return 1;
    const auto ledger = must(open_ledger(argv[1], argv[2]));
    const auto folder = must(ledger->folder("mailbox", "INBOX"));
    if (must(ledger->marks(folder.id)).empty())
        for (const std::string &trigger : triggers)
            if (!ledger->set_baseline(folder.id, {trigger, 0, "v1", now, 0}, {})) return 2;
    for (std::int64_t count = 1;; count = count % 7 + 1) {
        pass(*ledger, folder.id, count);
        start(*ledger);
    }
}
