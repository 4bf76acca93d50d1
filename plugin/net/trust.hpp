// Trust policies as Poco TLS contexts: whom a mailbox trusts, and who it says it is.
//
// One Context per policy and never Poco's SSLManager defaults, which belong to the whole process. A Context of
// ours lets nobody through by itself: certificates are judged by verification.hpp, for the one handshake that
// is under way in the thread.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include <Poco/Net/Context.h>

#include "base/result.hpp"
#include "net/stream.hpp"

namespace roe::net {

// [any thread]
class TrustContexts {
  public:
    explicit TrustContexts(std::size_t most_kept = 256) : most_kept_(most_kept) {}

    // The cached context, or a new one. An error when the administrator's PEM texts can't be used.
    Result<Poco::Net::Context::Ptr> context_for(const Trust &trust);

  private:
    void make_room();

    const std::size_t most_kept_;
    std::mutex mutex_;
    std::map<std::string, Poco::Net::Context::Ptr> contexts_; // by a hash, as a policy may hold a private key
};

// 64 lower-case hex digits from what people paste ("AB:CD:…", "sha256 Fingerprint=AB:CD:…"); empty if it is no
// SHA-256 fingerprint.
std::string normal_fingerprint(std::string_view pasted);

} // namespace roe::net
