#include "net/resolver.hpp"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "net/host_name.hpp"

namespace roe::net {
namespace {

Error lookup_error(Fault fault, const std::string &name, std::string words, std::string advice) {
    return Error{.fault = fault,
                 .step = "dns",
                 .doing = "looking up " + name,
                 .server_text = std::move(words),
                 .advice = std::move(advice)};
}

} // namespace

struct Resolver::Question {
    std::string name;
    std::shared_ptr<const Result<Addresses>> answer;
};

struct Resolver::Desk {
    explicit Desk(Lookup how) : lookup(std::move(how)) {}

    void answer_questions();

    const Lookup lookup;
    std::mutex mutex;
    std::condition_variable asked;
    std::condition_variable_any answered;
    std::condition_variable left;
    std::deque<std::shared_ptr<Question>> waiting;
    std::map<std::string, std::shared_ptr<Question>> open; // waiting or being looked up
    std::set<std::thread::id> gone;
    std::size_t idle = 0;
    bool stopping = false;
};

Resolver::Resolver(Lookup lookup, std::size_t most_threads, std::chrono::milliseconds parting)
    : most_threads_(most_threads), parting_(parting), desk_(std::make_shared<Desk>(std::move(lookup))) {}

Resolver::~Resolver() {
    std::unique_lock lock(desk_->mutex);
    desk_->stopping = true;
    desk_->waiting.clear();
    desk_->asked.notify_all();
    desk_->left.wait_for(lock, parting_, [this] { return desk_->gone.size() == threads_.size(); });
    const auto gone = desk_->gone;
    lock.unlock();
    for (std::thread &thread : threads_) {
        if (gone.contains(thread.get_id())) {
            thread.join();
        } else {
            thread.detach();
        }
    }
}

Result<Addresses> Resolver::resolve(const std::string &name, SteadyTime deadline, const std::stop_token &stop) {
    Poco::Net::IPAddress literal;
    if (Poco::Net::IPAddress::tryParse(name, literal)) return Addresses{literal};
    const auto host = ascii_host(name);
    if (!host) {
        return lookup_error(Fault::name_lookup, name, "not a host name", "Enter the name of the server.");
    }

    std::unique_lock lock(desk_->mutex);
    const std::shared_ptr<Question> question = ask(*host);
    const bool answered =
        desk_->answered.wait_until(lock, stop, deadline, [&] { return question->answer != nullptr; });
    if (answered) return *question->answer;
    if (stop.stop_requested()) return lookup_error(Fault::cancelled, name, "", "");
    return lookup_error(Fault::timed_out, name, "the name server did not answer in time",
                        "Check this machine's DNS settings and its network.");
}

// The caller holds the desk's mutex.
std::shared_ptr<Resolver::Question> Resolver::ask(const std::string &name) {
    if (const auto known = desk_->open.find(name); known != desk_->open.end()) return known->second;
    auto question = std::make_shared<Question>(Question{name, nullptr});
    if (desk_->idle <= desk_->waiting.size() && threads_.size() < most_threads_) {
        threads_.emplace_back([desk = desk_] { desk->answer_questions(); });
    }
    desk_->waiting.push_back(question);
    desk_->open.emplace(name, question);
    desk_->asked.notify_one();
    return question;
}

void Resolver::Desk::answer_questions() {
    std::unique_lock lock(mutex);
    for (;;) {
        ++idle;
        asked.wait(lock, [this] { return stopping || !waiting.empty(); });
        --idle;
        if (stopping) break;
        const std::shared_ptr<Question> question = std::move(waiting.front());
        waiting.pop_front();

        lock.unlock();
        auto answer = std::make_shared<const Result<Addresses>>(lookup(question->name));
        lock.lock();

        question->answer = std::move(answer);
        open.erase(question->name);
        answered.notify_all();
    }
    gone.insert(std::this_thread::get_id());
    left.notify_all();
}

} // namespace roe::net
