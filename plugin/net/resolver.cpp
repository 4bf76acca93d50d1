#include "net/resolver.hpp"

#include <utility>

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

Resolver::Resolver(Lookup lookup, std::size_t most_threads)
    : lookup_(std::move(lookup)), most_threads_(most_threads) {}

Resolver::~Resolver() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        waiting_.clear();
    }
    asked_.notify_all();
    for (std::thread &thread : threads_)
        thread.join();
}

Result<Addresses> Resolver::resolve(const std::string &name, SteadyTime deadline, const std::stop_token &stop) {
    if (name.empty() || name.find('\0') != std::string::npos) {
        return lookup_error(Fault::name_lookup, name, "not a host name", "Enter the name of the server.");
    }
    Poco::Net::IPAddress literal;
    if (Poco::Net::IPAddress::tryParse(name, literal)) return Addresses{literal};

    std::unique_lock lock(mutex_);
    const std::shared_ptr<Question> question = ask(name);
    const bool answered =
        answered_.wait_until(lock, stop, deadline, [&] { return question->answer != nullptr; });
    if (answered) return *question->answer;
    if (stop.stop_requested()) return lookup_error(Fault::cancelled, name, "", "");
    return lookup_error(Fault::timed_out, name, "the name server did not answer in time",
                        "Check this machine's DNS settings and its network.");
}

// The caller holds the mutex.
std::shared_ptr<Resolver::Question> Resolver::ask(const std::string &name) {
    if (const auto known = open_.find(name); known != open_.end()) return known->second;
    auto question = std::make_shared<Question>(Question{name, nullptr});
    if (idle_ <= waiting_.size() && threads_.size() < most_threads_) {
        threads_.emplace_back([this] { answer_questions(); });
    }
    waiting_.push_back(question);
    open_.emplace(name, question);
    asked_.notify_one();
    return question;
}

void Resolver::answer_questions() {
    std::unique_lock lock(mutex_);
    for (;;) {
        ++idle_;
        asked_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        --idle_;
        if (stopping_) return;
        const std::shared_ptr<Question> question = std::move(waiting_.front());
        waiting_.pop_front();

        lock.unlock();
        auto answer = std::make_shared<const Result<Addresses>>(lookup_(question->name));
        lock.lock();

        question->answer = std::move(answer);
        open_.erase(question->name);
        answered_.notify_all();
    }
}

} // namespace roe::net
