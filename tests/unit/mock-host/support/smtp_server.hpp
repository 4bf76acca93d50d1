// A mail server that says what a test wants, and writes down what it heard.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <Poco/Net/DialogSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>

namespace host::testing {

// One session at a time, in plain text. [any thread]
class SmtpServer {
  public:
    // The answer to a command, with its line end; "" closes the connection without one, "wait" says nothing.
    // "DATA" is a command, the mail's end is ".", the connection is "connect".
    using Answers = std::function<std::string(const std::string &command)>;

    static std::string friendly(const std::string &command) {
        if (command == "connect") return "220 ready\r\n";
        if (command.starts_with("EHLO")) return "250-here\r\n250 8BITMIME\r\n";
        if (command == "DATA") return "354 go on\r\n";
        return command == "QUIT" ? "221 bye\r\n" : "250 ok\r\n";
    }

    explicit SmtpServer(Answers answers = friendly)
        : answers_(std::move(answers)), listener_(Poco::Net::SocketAddress("127.0.0.1", 0)),
          thread_([this] { serve(); }) {}
    ~SmtpServer() {
        ending_ = true;
        thread_.join();
    }
    SmtpServer(const SmtpServer &) = delete;
    SmtpServer &operator=(const SmtpServer &) = delete;

    [[nodiscard]] std::uint16_t port() const { return listener_.address().port(); }
    void answer(Answers answers) {
        const std::lock_guard lock(mutex_);
        answers_ = std::move(answers);
    }
    // What was heard: commands, and each mail as its text.
    [[nodiscard]] std::vector<std::string> heard() const {
        const std::lock_guard lock(mutex_);
        return heard_;
    }
    [[nodiscard]] std::vector<std::string> mails() const {
        const std::lock_guard lock(mutex_);
        return mails_;
    }

  private:
    void serve() {
        while (!ending_) {
            if (!listener_.poll(Poco::Timespan(0, 10'000), Poco::Net::Socket::SELECT_READ)) continue;
            Poco::Net::DialogSocket peer(listener_.acceptConnection());
            peer.setReceiveTimeout(Poco::Timespan(0, 50'000));
            try {
                if (say(peer, "connect")) hear(peer);
            } catch (const Poco::Exception &) { // the other side has closed
            }
        }
    }

    void hear(Poco::Net::DialogSocket &peer) {
        std::string mail;
        bool in_mail = false;
        for (std::string line; next(peer, line);) {
            if (in_mail && line != ".") {
                mail += line + "\n";
                continue;
            }
            if (in_mail) {
                const std::lock_guard lock(mutex_);
                mails_.push_back(std::exchange(mail, {}));
            } else {
                const std::lock_guard lock(mutex_);
                heard_.push_back(line);
            }
            if (!say(peer, line)) return;
            in_mail = line == "DATA";
        }
    }

    bool next(Poco::Net::DialogSocket &peer, std::string &line) {
        while (!ending_) {
            try {
                return peer.receiveMessage(line);
            } catch (const Poco::TimeoutException &) { // nothing yet
            }
        }
        return false;
    }

    // False: the connection is to be closed.
    bool say(Poco::Net::DialogSocket &peer, const std::string &command) {
        Answers answers;
        {
            const std::lock_guard lock(mutex_);
            answers = answers_;
        }
        const auto answer = answers(command);
        if (answer == "wait") return true;
        if (!answer.empty()) peer.sendBytes(answer.data(), static_cast<int>(answer.size()));
        // An answer that is not at its end is the last.
        return answer.ends_with("\r\n") && answer.find("250-") != answer.rfind('\n', answer.size() - 2) + 1;
    }

    Answers answers_;
    Poco::Net::ServerSocket listener_;
    std::atomic<bool> ending_ = false;
    mutable std::mutex mutex_;
    std::vector<std::string> heard_;
    std::vector<std::string> mails_;
    std::thread thread_; // last: it uses all of the above
};

} // namespace host::testing
