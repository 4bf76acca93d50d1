#include "net/sasl.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <utility>

#include <gsasl.h>
#include <openssl/crypto.h>

#include "net/bearer.hpp"
#include "net/kerberos.hpp"

namespace roe::net {
namespace {

constexpr std::size_t longest_challenge = 16U << 10U;
// RFC 7677 §4 asks for 4,096 at least; servers go up to some hundred thousand. A million takes about a second.
constexpr std::uint64_t most_iterations = 1'000'000;

struct Facts {
    std::string_view name;
    int judged_after; // answers
    bool client_begins;
    bool hides;
};

constexpr std::array<Facts, 11> facts{{
    {"OAUTHBEARER", 1, true, false},
    {"XOAUTH2", 1, true, false},
    {"GSSAPI", 3, true, true},
    {"EXTERNAL", 1, true, true},
    {"SCRAM-SHA-256", 2, true, true},
    {"SCRAM-SHA-1", 2, true, true},
    {"DIGEST-MD5", 1, false, true},
    {"CRAM-MD5", 1, false, true},
    {"PLAIN", 1, true, false},
    {"LOGIN", 2, false, false},
    {"ANONYMOUS", 1, true, true},
}};

const Facts &facts_of(Mechanism mechanism) {
    return facts.at(static_cast<std::size_t>(mechanism));
}

bool is_scram(Mechanism mechanism) {
    return mechanism == Mechanism::scram_sha_256 || mechanism == Mechanism::scram_sha_1;
}

bool is_bearer(Mechanism mechanism) {
    return mechanism == Mechanism::oauthbearer || mechanism == Mechanism::xoauth2;
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

struct Freed {
    void operator()(char *text) const { gsasl_free(text); }
};
using Text = std::unique_ptr<char, Freed>;

std::optional<std::string> decoded(std::string_view base64) {
    char *bytes = nullptr;
    std::size_t size = 0;
    if (gsasl_base64_from(base64.data(), base64.size(), &bytes, &size) != GSASL_OK) return std::nullopt;
    const Text owned(bytes);
    return std::string(bytes, size);
}

std::string encoded(const char *bytes, std::size_t size) {
    char *text = nullptr;
    std::size_t length = 0;
    if (gsasl_base64_to(bytes, size, &text, &length) != GSASL_OK) return {};
    const Text owned(text);
    std::string result(text, length);
    OPENSSL_cleanse(text, length);
    return result;
}

// The value of "i=" in a SCRAM challenge (RFC 5802 §5.1).
std::optional<std::uint64_t> iterations_in(std::string_view challenge) {
    while (!challenge.empty()) {
        const std::string_view attribute = challenge.substr(0, challenge.find(','));
        challenge.remove_prefix(std::min(attribute.size() + 1, challenge.size()));
        if (!attribute.starts_with("i=")) continue;
        std::uint64_t count = 0;
        const char *end = attribute.data() + attribute.size();
        const auto parsed = std::from_chars(attribute.data() + 2, end, count);
        if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
        return count;
    }
    return std::nullopt;
}

} // namespace

std::string_view name_of(Mechanism mechanism) {
    return facts_of(mechanism).name;
}

bool hides_password(Mechanism mechanism) {
    return facts_of(mechanism).hides;
}

std::vector<Mechanism> mechanisms_for(const Credentials &credentials,
                                      const std::function<bool(std::string_view)> &offered, bool encrypted) {
    std::vector<Mechanism> chosen;
    const auto add = [&](std::initializer_list<Mechanism> these) {
        for (const Mechanism one : these)
            if (offered(name_of(one))) chosen.push_back(one);
    };
    if (!credentials.token.empty()) {
        add({Mechanism::oauthbearer, Mechanism::xoauth2});
        return chosen;
    }
    if (credentials.ticket) add({Mechanism::gssapi});
    if (credentials.certificate && encrypted) add({Mechanism::external});
    if (credentials.password.empty()) return chosen;

    add({Mechanism::scram_sha_256, Mechanism::scram_sha_1});
    if (encrypted) add({Mechanism::plain, Mechanism::login});
    // RFC 2831 wants Latin-1 hashed as such, and servers do as they like: where that matters CRAM-MD5 is surer.
    if (is_ascii(credentials.login) && is_ascii(credentials.password)) {
        add({Mechanism::digest_md5, Mechanism::cram_md5});
    } else {
        add({Mechanism::cram_md5, Mechanism::digest_md5});
    }
    if (!encrypted && chosen.empty()) add({Mechanism::plain, Mechanism::login});
    return chosen;
}

struct SaslExchange::Library {
    Gsasl *context = nullptr;
    Gsasl_session *session = nullptr;
    std::string realm; // instead of the first one that the server names; empty: that one

    // The library has taken the server's realm by now, and lets us have another.
    static int answer_library(Gsasl *, Gsasl_session *asking, Gsasl_property property) {
        const auto *self = static_cast<const Library *>(gsasl_session_hook_get(asking));
        if (property != GSASL_REALM || self->realm.empty()) return GSASL_NO_CALLBACK;
        self->set(GSASL_REALM, self->realm);
        return GSASL_OK;
    }

    void set(Gsasl_property property, std::string_view value) const {
        gsasl_property_set_raw(session, property, value.data(), value.size());
    }

    // The library keeps copies of its own; they are its memory, and writable.
    void wipe(Gsasl_property property) const {
        const char *kept = gsasl_property_fast(session, property);
        if (kept != nullptr) OPENSSL_cleanse(const_cast<char *>(kept), std::char_traits<char>::length(kept));
    }

    Library() = default;
    Library(const Library &) = delete;
    Library &operator=(const Library &) = delete;
    ~Library() {
        if (session != nullptr) {
            wipe(GSASL_PASSWORD);
            wipe(GSASL_SCRAM_SALTED_PASSWORD);
            gsasl_finish(session);
        }
        if (context != nullptr) gsasl_done(context);
    }
};

SaslExchange::SaslExchange(Mechanism mechanism, const Credentials &credentials)
    : mechanism_(mechanism), login_(credentials.login), library_(std::make_unique<Library>()) {
    if (is_bearer(mechanism)) {
        // Nothing in a login may end the words before their end.
        if (credentials.login.find_first_of(std::string_view("\0\x01", 2)) != std::string_view::npos)
            fail("the login holds a control character");
        bearer_ = mechanism == Mechanism::xoauth2 ? xoauth2_words(credentials.login, credentials.token)
                                                  : oauthbearer_words(credentials.login, credentials.server,
                                                                      credentials.port, credentials.token);
        return;
    }
    if (mechanism == Mechanism::gssapi) {
        kerberos_ = std::make_unique<KerberosExchange>(credentials.service, std::string(credentials.server),
                                                       credentials.login, credentials.stop);
        return;
    }
    const std::string name(name_of(mechanism));
    int done = gsasl_init(&library_->context);
    if (done == GSASL_OK) done = gsasl_client_start(library_->context, name.c_str(), &library_->session);
    if (done != GSASL_OK) {
        library_->session = nullptr;
        fail(gsasl_strerror(done));
        return;
    }
    gsasl_callback_set(library_->context, &Library::answer_library);
    gsasl_session_hook_set(library_->session, library_.get());
    // The library takes C strings: what stands behind a NUL would be left out.
    if (credentials.login.find('\0') != std::string_view::npos ||
        credentials.password.find('\0') != std::string_view::npos) {
        fail("login or password holds a NUL character");
        return;
    }
    // With a certificate the login names the mailbox that it is to be good for.
    library_->set(mechanism == Mechanism::external ? GSASL_AUTHZID : GSASL_AUTHID, credentials.login);
    if (mechanism == Mechanism::anonymous) library_->set(GSASL_ANONYMOUS_TOKEN, "");
    if (mechanism != Mechanism::external && mechanism != Mechanism::anonymous)
        library_->set(GSASL_PASSWORD, credentials.password);
    library_->set(GSASL_SERVICE, credentials.service);
    library_->set(GSASL_HOSTNAME, credentials.server);
}

SaslExchange::~SaslExchange() {
    OPENSSL_cleanse(bearer_.data(), bearer_.size());
}

bool SaslExchange::client_begins() const {
    return facts_of(mechanism_).client_begins;
}

bool SaslExchange::judged() const {
    return answers_ >= facts_of(mechanism_).judged_after;
}

std::optional<std::string> SaslExchange::answer(std::string_view challenge) {
    if (!failure_.empty()) return std::nullopt;
    if (is_bearer(mechanism_)) return answer_as_bearer(challenge);
    if (kerberos_) return answer_by_ticket(challenge);
    if (complete_) return fail("the server goes on although all has been said");
    if (challenge.size() > longest_challenge) return fail("the server's challenge is too long");
    // Whoever begins has nothing to answer to, and LOGIN's prompts are for people; some send them unencoded.
    if ((client_begins() && answers_ == 0) || mechanism_ == Mechanism::login) challenge = {};
    const auto bytes = decoded(challenge);
    if (!bytes) return fail("the server's challenge is no Base64");
    // "e=invalid-proof": the server says why it is going to refuse (RFC 5802 §5.1).
    if (is_scram(mechanism_) && bytes->starts_with("e=")) return std::string();
    if (!examine(*bytes)) return std::nullopt;

    char *output = nullptr;
    std::size_t size = 0;
    const int done = gsasl_step(library_->session, bytes->data(), bytes->size(), &output, &size);
    const Text owned(output);
    if (done != GSASL_OK && done != GSASL_NEEDS_MORE) {
        impostor_ = done == GSASL_AUTHENTICATION_ERROR && answers_ > 0;
        return fail(impostor_ ? "the server did not prove that it knows the password" : gsasl_strerror(done));
    }
    complete_ = done == GSASL_OK;
    if (output == nullptr) return std::string();
    ++answers_;
    std::string text = encoded(output, size);
    OPENSSL_cleanse(output, size);
    return text;
}

std::optional<std::string> SaslExchange::answer_as_bearer(std::string_view challenge) {
    ++answers_;
    if (answers_ == 1) {
        // Nobody proves anything to us: once this is sent, a yes is a yes.
        complete_ = true;
        return encoded(bearer_.data(), bearer_.size());
    }
    complete_ = false;
    if (answers_ > 2 || challenge.size() > longest_challenge)
        return fail("the server goes on although all has been said");
    refusal_ = bearer_refusal(decoded(challenge).value_or(std::string()));
    return mechanism_ == Mechanism::xoauth2 ? std::string() : encoded("\x01", 1);
}

std::optional<std::string> SaslExchange::answer_by_ticket(std::string_view challenge) {
    if (challenge.size() > longest_challenge) return fail("the server's challenge is too long");
    const auto bytes = decoded(answers_ == 0 ? std::string_view() : challenge);
    if (!bytes) return fail("the server's challenge is no Base64");
    const auto words = kerberos_->answer(*bytes);
    if (!words) {
        ticket_trouble_ = kerberos_->trouble();
        impostor_ = ticket_trouble_->fault == Fault::untrusted;
        return fail(ticket_trouble_->words);
    }
    ++answers_;
    complete_ = kerberos_->complete();
    return encoded(words->data(), words->size());
}

std::string SaslExchange::principal() const {
    return kerberos_ ? kerberos_->principal() : std::string();
}

bool SaslExchange::examine(std::string_view challenge) {
    if (is_scram(mechanism_) && answers_ == 1) {
        const auto iterations = iterations_in(challenge);
        if (!iterations || *iterations == 0 || *iterations > most_iterations) {
            fail("the server asks for an unreasonable number of iterations");
            return false;
        }
    }
    if (mechanism_ == Mechanism::digest_md5 && answers_ == 0) choose_realm(challenge);
    return true;
}

// RFC 2831 §2.1.2 has name and realm apart. A login that is an address names its realm itself, and Dovecot's
// hash is over the two parts; where the server names other realms only, they count and the login is taken
// whole.
void SaslExchange::choose_realm(std::string_view challenge) {
    const std::size_t at = login_.rfind('@');
    if (at == std::string::npos) return;
    const std::string domain = login_.substr(at + 1);
    const bool named = challenge.find("realm=\"" + domain + "\"") != std::string_view::npos;
    const bool none = challenge.find("realm=") == std::string_view::npos ||
                      challenge.find("realm=\"\"") != std::string_view::npos;
    if (!named && !none) return;
    library_->set(GSASL_AUTHID, std::string_view(login_).substr(0, at));
    library_->realm = domain;
}

std::optional<std::string> SaslExchange::fail(std::string why) {
    failure_ = std::move(why);
    return std::nullopt;
}

} // namespace roe::net
