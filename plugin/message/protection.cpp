#include "message/protection.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "message/leaf_bytes.hpp"

namespace roe::message {

namespace {

constexpr std::string_view smime = "S/MIME";
constexpr std::string_view pgp = "PGP";

enum class Pkcs7 { unknown, signed_data, encrypted_data };

bool is_pkcs7(const Leaf &leaf) {
    if (leaf.content.is("application/pkcs7-mime") || leaf.content.is("application/x-pkcs7-mime")) return true;
    return leaf.content.is("application/octet-stream") && lower(leaf.content.name).ends_with(".p7m");
}

bool is_pkcs7_signature(std::string_view type) {
    return type == "application/pkcs7-signature" || type == "application/x-pkcs7-signature";
}

// By the object identifier that the bytes begin with (RFC 5652 3), for those whose sender does not say.
Pkcs7 kind_by_bytes(std::string_view bytes) {
    using namespace std::string_view_literals;
    constexpr auto signed_data = "\x2A\x86\x48\x86\xF7\x0D\x01\x07\x02"sv;
    constexpr auto enveloped_data = "\x2A\x86\x48\x86\xF7\x0D\x01\x07\x03"sv;
    constexpr auto auth_enveloped_data = "\x2A\x86\x48\x86\xF7\x0D\x01\x09\x10\x01\x17"sv; // RFC 5083
    const auto has = [&](std::string_view identifier) {
        return bytes.find(identifier) != std::string_view::npos;
    };
    if (has(signed_data)) return Pkcs7::signed_data;
    return has(enveloped_data) || has(auth_enveloped_data) ? Pkcs7::encrypted_data : Pkcs7::unknown;
}

Result<Pkcs7> kind_of_pkcs7(const Leaf &leaf) {
    constexpr std::int64_t beginning_of_der = 32;
    const std::string type = lower(leaf.content.smime_type);
    if (type == "signed-data") return Pkcs7::signed_data;
    if (type == "enveloped-data" || type == "authenveloped-data") return Pkcs7::encrypted_data;
    if (!type.empty()) return Pkcs7::unknown; // "certs-only", "compressed-data"
    const auto beginning = read_beginning(leaf, beginning_of_der);
    if (!beginning) return beginning.error();
    return kind_by_bytes(beginning->bytes);
}

bool has_line(std::string_view text, std::string_view line) {
    for (std::size_t at = text.find(line); at != std::string_view::npos; at = text.find(line, at + 1)) {
        if (at == 0 || text[at - 1] == '\n') return true;
    }
    return false;
}

class ProtectionSearch {
  public:
    void look_at_multipart(const ContentFields &multipart, const std::vector<Leaf> &leaves);
    Result<void> look_at_part(const Leaf &leaf);
    void look_at_text(std::string_view text);
    ProtectionFindings result();

  private:
    Protection &of(std::string_view kind);

    ProtectionFindings findings_;
    bool text_in_signature_ = false;
};

Protection &ProtectionSearch::of(std::string_view kind) {
    auto &all = findings_.protections;
    const auto found = std::ranges::find(all, kind, &Protection::kind);
    return found != all.end() ? *found : all.emplace_back(Protection{std::string(kind)});
}

// multipart/signed and multipart/encrypted, by the protocol that they name or by the parts that are there.
void ProtectionSearch::look_at_multipart(const ContentFields &multipart, const std::vector<Leaf> &leaves) {
    const std::string protocol = lower(multipart.protocol);
    if (multipart.is("multipart/encrypted")) {
        of(pgp).is_encrypted = true; // the only one that there is: S/MIME has a part of its own
        return;
    }
    const auto has = [&](auto is) {
        return std::ranges::any_of(leaves, [&](const Leaf &leaf) { return is(leaf.content.type); });
    };
    const auto is_pgp = [](std::string_view type) { return type == "application/pgp-signature"; };
    if (is_pkcs7_signature(protocol) || (protocol.empty() && has(is_pkcs7_signature)))
        of(smime).has_signature = true;
    else if (is_pgp(protocol) || (protocol.empty() && has(is_pgp)))
        of(pgp).has_signature = true;
}

Result<void> ProtectionSearch::look_at_part(const Leaf &leaf) {
    // Servers that rewrite mails make a multipart/mixed of PGP's multipart/encrypted.
    if (leaf.content.is("application/pgp-encrypted")) of(pgp).is_encrypted = true;
    if (!is_pkcs7(leaf)) return {};
    const auto kind = kind_of_pkcs7(leaf);
    if (!kind) return kind.error();
    Protection &protection = of(smime);
    protection.is_encrypted = protection.is_encrypted || *kind == Pkcs7::encrypted_data;
    protection.has_signature = protection.has_signature || *kind == Pkcs7::signed_data;
    text_in_signature_ = text_in_signature_ || *kind == Pkcs7::signed_data;
    return {};
}

void ProtectionSearch::look_at_text(std::string_view text) {
    if (has_line(text, "-----BEGIN PGP MESSAGE-----")) of(pgp).is_encrypted = true;
    if (has_line(text, "-----BEGIN PGP SIGNED MESSAGE-----")) of(pgp).has_signature = true;
}

ProtectionFindings ProtectionSearch::result() {
    for (const Protection &protection : findings_.protections) {
        if (protection.is_encrypted)
            findings_.warnings.push_back("What is encrypted by " + protection.kind + " can't be read.");
    }
    if (text_in_signature_)
        findings_.warnings.emplace_back(
            "What stands within the S/MIME signature was not read; it is in the attachment.");
    return std::move(findings_);
}

} // namespace

Result<ProtectionFindings> find_protection(const Outline &outline, std::string_view text) {
    ProtectionSearch search;
    for (const ContentFields &multipart : outline.sealed)
        search.look_at_multipart(multipart, outline.leaves);
    for (const Leaf &leaf : outline.leaves) {
        if (auto looked = search.look_at_part(leaf); !looked) return looked.error();
    }
    search.look_at_text(text);
    return search.result();
}

} // namespace roe::message
