// How fast the ledger is. Not a test: run it by hand on a machine at rest.
//   ledger_speed sqlite FOLDER
//   ledger_speed "host=... dbname=..." ""
#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <iostream>
#include <thread>

#include "ledger/ledger.hpp"

namespace {

using namespace roe;
using namespace roe::ledger;
using Stopwatch = std::chrono::steady_clock;

template <class T>
T must(Result<T> result) {
    if (result) return std::move(*result);
    std::cerr << result.error().text() << "\n";
    std::exit(1);
}

double seconds_since(Stopwatch::time_point start) {
    return std::chrono::duration<double>(Stopwatch::now() - start).count();
}

double cpu_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

// Time by the clock and of the processor, which tells more where other programs run too.
struct Spent {
    double clock = 0;
    double cpu = 0;

    template <class Work>
    void on(Work work) {
        const auto start = Stopwatch::now();
        const double before = cpu_seconds();
        work();
        cpu += cpu_seconds() - before;
        clock += seconds_since(start);
    }
    [[nodiscard]] std::string rate(std::int64_t count) const {
        const auto by = [&](double seconds) {
            return std::to_string(std::llround(static_cast<double>(count) / seconds));
        };
        return by(clock) + "/s (" + by(cpu) + " per CPU second)";
    }
};

Pass pass_of(RowId folder, const std::string &trigger, std::int64_t first, std::int64_t count,
             std::size_t payload) {
    Pass pass;
    pass.folder = folder;
    pass.validity = "v1";
    pass.disposal = Disposal{false};
    for (std::int64_t order = first; order < first + count; ++order) {
        Decision decision;
        decision.trigger = trigger;
        decision.ref = {order, std::to_string(order)};
        decision.fingerprint = std::string(56, 'f') + std::to_string(10'000'000 + order);
        decision.message_id = decision.ref.uid + "@mail.example.com";
        decision.subject = "Invoice number " + decision.ref.uid;
        decision.from = "Ann Example <ann@example.com>";
        decision.matched = true;
        decision.key = trigger + "/" + decision.ref.uid;
        decision.payload.assign(payload, 'p');
        pass.decisions.push_back(std::move(decision));
    }
    pass.marks.push_back({trigger, first + count - 1, "v1", {}, 0});
    return pass;
}

RowId folder_of(Ledger &ledger, const std::string &trigger) {
    const RowId folder = must(ledger.folder(trigger, "INBOX")).id;
    if (!ledger.set_baseline(folder, {trigger, 0, "v1", {}, 0}, {})) std::exit(1);
    return folder;
}

void large_passes(Ledger &ledger, std::int64_t count, std::size_t payload) {
    const std::string trigger = "large-" + std::to_string(count) + "-" + std::to_string(payload);
    const RowId folder = folder_of(ledger, trigger);
    constexpr int passes = 5;
    Spent writing;
    Spent reading;
    Spent answering;
    for (int i = 0; i < passes; ++i) {
        const Pass pass = pass_of(folder, trigger, 1 + i * count, count, payload);
        writing.on([&] { must(ledger.commit_pass(pass)); });
        std::vector<OutboxRow> due;
        reading.on([&] { due = must(ledger.due_outbox(std::vector{trigger}, {}, 10'000)); });
        std::vector<Answer> answers;
        for (const auto &row : due)
            answers.push_back({row.id, true, false, "job-" + row.key, {}, {}, {}});
        answering.on([&] {
            if (!ledger.record_answers(answers)) std::exit(1);
        });
    }
    std::cout << count << " decisions of " << payload << " bytes a pass: decided "
              << writing.rate(count * passes) << ", read " << reading.rate(count * passes) << ", answered "
              << answering.rate(count * passes) << "\n";
}

void small_passes(Ledger &ledger, int threads) {
    constexpr int passes = 200;
    std::vector<RowId> folders;
    std::vector<std::vector<double>> times(static_cast<std::size_t>(threads));
    for (int i = 0; i < threads; ++i)
        folders.push_back(folder_of(ledger, "small-" + std::to_string(threads) + "-" + std::to_string(i)));
    const auto start = Stopwatch::now();
    std::vector<std::thread> running;
    for (int i = 0; i < threads; ++i)
        running.emplace_back([&, i] {
            const auto place = static_cast<std::size_t>(i);
            const std::string trigger = "small-" + std::to_string(threads) + "-" + std::to_string(i);
            for (int pass = 1; pass <= passes; ++pass) {
                const auto begun = Stopwatch::now();
                must(ledger.commit_pass(pass_of(folders[place], trigger, pass, 1, 5'000)));
                times[place].push_back(seconds_since(begun));
            }
        });
    for (auto &thread : running)
        thread.join();
    const double all = seconds_since(start);
    std::vector<double> sorted;
    for (const auto &some : times)
        sorted.insert(sorted.end(), some.begin(), some.end());
    std::sort(sorted.begin(), sorted.end());
    std::cout << threads << " at a time, one mail a pass: " << static_cast<int>(threads * passes / all)
              << " passes/s, median " << sorted[sorted.size() / 2] * 1000 << " ms, 99% "
              << sorted[sorted.size() * 99 / 100] * 1000 << " ms\n";
}

} // namespace

int main(int argc, char **argv) {
    if (argc != 3) return 1;
    const auto ledger = must(open_ledger(argv[1], argv[2]));
    large_passes(*ledger, 1000, 50'000);
    large_passes(*ledger, 100, 50'000);
    large_passes(*ledger, 1000, 5'000);
    for (const int threads : {1, 8, 32})
        small_passes(*ledger, threads);
}
