#include "mail/smtp_session.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>

#include <Poco/Crypto/X509Certificate.h>
#include <Poco/Environment.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HostEntry.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SMTPClientSession.h>

#include "base/utf8.hpp"
#include "mail/guarded_socket.hpp"

namespace host {
namespace {

using namespace std::chrono_literals;
using Kind = SmtpVerdict::Kind;

constexpr auto connect_patience = 15s;
constexpr GuardedSocket::Limits limits{3min, 1 << 20};
constexpr std::size_t longest_words = 500;

// The server's, on one line.
std::string shown(std::string_view response) {
    auto words = valid_utf8(response.substr(0, longest_words));
    std::ranges::replace_if(
        words, [](char c) { return c >= 0 && c < ' '; }, ' ');
    return words;
}

Poco::Net::StreamSocket connected(const SmtpSettings &settings) {
    const auto addresses = Poco::Net::DNS::hostByName(settings.host).addresses();
    std::string last = "it has no address";
    for (const auto &address : addresses) {
        try {
            Poco::Net::StreamSocket socket;
            socket.connect(Poco::Net::SocketAddress(address, settings.port),
                           Poco::Timespan(std::chrono::microseconds(connect_patience).count()));
            return socket;
        } catch (const Poco::Exception &fault) {
            last = fault.displayText();
        }
    }
    throw SmtpTrouble("connecting to " + settings.host + ":" + std::to_string(settings.port) + ": " + last);
}

// RFC 4954 §3: "AUTH" and its mechanisms on a line of the answer to EHLO; "AUTH=" is how old servers say it,
// too.
bool offers(const std::string &answer, std::string_view extension, std::string_view mechanism = {}) {
    std::istringstream lines(answer);
    for (std::string line; std::getline(lines, line);) {
        std::ranges::transform(line, line.begin(),
                               [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
        if (line.size() < 4 || line.compare(4, extension.size(), extension) != 0) continue;
        std::ranges::replace(line, '=', ' ');
        std::istringstream words(line.substr(4));
        std::string word;
        words >> word;
        if (word != extension) continue;
        if (mechanism.empty()) return true;
        while (words >> word)
            if (word == mechanism) return true;
    }
    return false;
}

// A StreamSocket of an implementation of our own.
class Guarded final : public Poco::Net::StreamSocket {
  public:
    explicit Guarded(GuardedSocket *socket) : StreamSocket(socket) {}
};

} // namespace

Poco::Net::Context::Ptr smtp_trust(const SmtpSettings &settings) {
    if (settings.security == SmtpSecurity::none) return nullptr;
    using Poco::Net::Context;
    const bool of_the_system = settings.ca_certificate.empty();
    Context::Ptr trust(new Context(Context::TLS_CLIENT_USE, "", Context::VERIFY_STRICT, 9, of_the_system));
    trust->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    if (of_the_system) return trust;
    try {
        std::istringstream pem(settings.ca_certificate);
        trust->addCertificateAuthority(Poco::Crypto::X509Certificate(pem));
    } catch (const Poco::Exception &) {
        throw ConfigurationRefused("Notifications.Smtp.CaCertificate: must be a certificate as PEM");
    }
    return trust;
}

void SmtpCut::cut() {
    const std::lock_guard lock(mutex_);
    cut_ = true;
    try {
        if (socket_) socket_->shutdown();
    } catch (const Poco::Exception &) { // it was gone already
    }
}

void SmtpCut::watch(const Poco::Net::StreamSocket &socket) {
    const std::lock_guard lock(mutex_);
    if (cut_) throw SmtpTrouble("the host is stopping");
    socket_ = socket;
}

void SmtpCut::forget() {
    const std::lock_guard lock(mutex_);
    socket_.reset();
}

class SmtpSession::Dialog final : public Poco::Net::SMTPClientSession {
  public:
    Dialog(const Poco::Net::StreamSocket &socket, GuardedSocket &guard)
        : SMTPClientSession(socket), guard_(guard) {}

    void begin(const SmtpSettings &settings, const Poco::Net::Context::Ptr &trust,
               const std::string &password) {
        if (settings.security == SmtpSecurity::tls) guard_.secure(settings.host, trust);
        open();
        auto offered = greet();
        if (settings.security == SmtpSecurity::starttls) {
            if (!offers(offered, "STARTTLS"))
                throw SmtpTrouble("the mail server does not offer STARTTLS, and nothing is sent without");
            expect("STARTTLS", 2);
            guard_.secure(settings.host, trust);
            offered = greet(); // what was said before is forgotten (RFC 3207 §4.2)
        }
        if (settings.user_name.empty()) return;
        if (offers(offered, "AUTH", "PLAIN")) return loginUsingPlain(settings.user_name, password);
        if (offers(offered, "AUTH", "LOGIN")) return loginUsingLogin(settings.user_name, password);
        throw SmtpTrouble("the mail server offers no login by PLAIN or LOGIN");
    }

    void give_up() { guard_.give_up(); }

    SmtpVerdict send(const std::string &recipient, const std::string &content) {
        expect("MAIL FROM:<>", 2);
        if (auto verdict = ask("RCPT TO:<" + recipient + ">", 2); verdict.kind != Kind::taken) {
            expect("RSET", 2);
            return verdict;
        }
        if (auto verdict = ask("DATA", 3); verdict.kind != Kind::taken) {
            expect("RSET", 2);
            return verdict;
        }
        try {
            std::istringstream text(content);
            sendMessage(text);
            return {};
        } catch (const Poco::Net::SMTPException &refused) {
            return verdict_of(refused.code(), refused.message());
        }
    }

  private:
    std::string greet() {
        std::string answer;
        const int status = sendCommand("EHLO " + Poco::Environment::nodeName(), answer);
        if (status / 100 == 2) return answer;
        expect("HELO " + Poco::Environment::nodeName(), 2);
        return {};
    }

    static SmtpVerdict verdict_of(int status, const std::string &answer) {
        // 421: the server ends the session, and means no mail by it (RFC 5321 §3.8).
        if (status == 421) throw SmtpTrouble("the mail server says: " + shown(answer));
        if (status / 100 == 5) return {Kind::refused, shown(answer)};
        return {Kind::later, shown(answer)};
    }

    SmtpVerdict ask(const std::string &command, int wanted) {
        std::string answer;
        const int status = sendCommand(command, answer);
        return status / 100 == wanted ? SmtpVerdict{} : verdict_of(status, answer);
    }

    void expect(const std::string &command, int wanted) {
        if (const auto verdict = ask(command, wanted); verdict.kind != Kind::taken)
            throw SmtpTrouble("the mail server says to " + command.substr(0, command.find_first_of(" :")) +
                              ": " + verdict.words);
    }

    GuardedSocket &guard_;
};

// What fails ends the session, without a goodbye, which would wait for an answer.
template <class Work>
auto SmtpSession::or_abandon(Work work) {
    const auto abandon = [this] {
        if (dialog_) dialog_->give_up();
        cut_.forget();
    };
    try {
        return work();
    } catch (const Poco::Exception &fault) {
        abandon();
        throw SmtpTrouble(shown(fault.displayText()));
    } catch (const SmtpTrouble &) {
        abandon();
        throw;
    }
}

SmtpSession::SmtpSession(const SmtpSettings &settings, const Poco::Net::Context::Ptr &trust,
                         const std::string &password, SmtpCut &cut)
    : cut_(cut) {
    or_abandon([&] {
        const auto socket = connected(settings);
        cut_.watch(socket);
        auto made = std::make_unique<GuardedSocket>(socket, limits);
        auto &guard = *made;
        const Guarded guarded(made.release()); // counted from here on, and with the dialog's copy
        dialog_ = std::make_unique<Dialog>(guarded, guard);
        dialog_->begin(settings, trust, password);
    });
}

SmtpSession::~SmtpSession() {
    dialog_.reset(); // says goodbye, if it can
    cut_.forget();
}

SmtpVerdict SmtpSession::send(const std::string &recipient, const std::string &content) {
    return or_abandon([&] { return dialog_->send(recipient, content); });
}

} // namespace host
