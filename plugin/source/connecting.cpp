#include "source/connecting.hpp"

#include <utility>

namespace roe {

Result<bool> Connecting::connect() {
    const Security security = account_.security;
    const bool required = security == Security::starttls || security == Security::tls_or_starttls;
    if (security == Security::tls || security == Security::tls_or_starttls) {
        auto opened = open(true);
        if (opened) return greet();
        // Only a server that talks plain text, and then greets in it, makes the first failure void.
        const bool plain_text = opened.error().server_text == net::plain_text_answer;
        if (security == Security::tls || !plain_text) return std::move(opened.error());
        if (auto again = open(false); !again) return std::move(opened.error());
        auto signed_in = greet();
        if (!signed_in) return std::move(opened.error());
        return upgrade(*signed_in, required);
    }
    if (auto opened = open(false); !opened) return std::move(opened.error());
    auto signed_in = greet();
    if (!signed_in || security == Security::plain) return signed_in;
    return upgrade(*signed_in, required);
}

Result<void> Connecting::open(bool encrypt) {
    auto stream = connector_.connect(account_.host, account_.port, clock_.steady() + limits_.connect,
                                     handle_.token(), observer_);
    if (!stream) return std::move(stream.error());
    std::shared_ptr<net::Stream> held = handle_.hold(std::move(*stream));
    if (encrypt) {
        auto facts = held->start_tls(account_.host, account_.trust, clock_.steady() + limits_.tls);
        observe_encryption(facts, *held);
        if (!facts) return std::move(facts.error());
    }
    begin(std::move(held));
    return {};
}

void Connecting::observe_encryption(const Result<net::TlsFacts> &facts, const net::Stream &stream) const {
    if (observer_ == nullptr) return;
    if (facts)
        observer_->encrypted(*facts);
    else if (facts.error().fault == Fault::untrusted)
        observer_->distrusted(stream.refused_certificate());
}

} // namespace roe
