#include "message/protection.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "given_mail.hpp"

namespace roe::message {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

json entry(const char *kind, bool is_signed, bool is_encrypted) {
    return {{"kind", kind}, {"signed", is_signed}, {"encrypted", is_encrypted}};
}

const json nothing = json::array();
const json smime_signed = json::array({entry("S/MIME", true, false)});
const json smime_encrypted = json::array({entry("S/MIME", false, true)});
const json pgp_signed = json::array({entry("PGP", true, false)});
const json pgp_encrypted = json::array({entry("PGP", false, true)});

// How OpenSSL begins a message of each kind, and the last one without its length.
constexpr auto signed_data = "MIIF+AYJKoZIhvcNAQcCoIIF6TCCBeUCAQExDTALBglghkgBZQMEAgEwMgYJKoZI\n";
constexpr auto enveloped_data = "MIIByQYJKoZIhvcNAQcDoIIBujCCAbYCAQAxggFiMIIBXgIBADBGMC4xDDAKBgNV\n";
constexpr auto auth_enveloped_data = "MIIB4gYLKoZIhvcNAQkQARegggHRMIIBzQIBADGCAWIwggFeAgEAMEYwLjEMMAoG\n";
constexpr auto streamed_signed_data = "MIAGCSqGSIb3DQEHAqCAMIACAQExDTALBglghkgBZQMEAgEwgAYJKoZIhvcNAQcB\n";

json payload_of_part(const std::string &type, const std::string &body) {
    return payload_of("From: ann@example.com\nContent-Type: " + type +
                      "\nContent-Transfer-Encoding: base64\n\n" + body);
}

json payload_of_multipart(const std::string &type, const std::string &parts) {
    return payload_of("From: ann@example.com\nContent-Type: multipart/" + type + "; boundary=a\n\n" + parts +
                      "--a--\n");
}

TEST(Protection, Of_an_ordinary_mail_is_none) {
    EXPECT_EQ(
        payload_of(
            "Subject: x\n\n> -----BEGIN PGP MESSAGE-----\nsee -----BEGIN PGP MESSAGE-----\n")["protection"],
        nothing);
    EXPECT_EQ(payload_of_multipart("mixed", "--a\n\nt\n--a\nContent-Type: application/pgp-signature; "
                                            "name=offer.pdf.asc\n\nx\n")["protection"],
              nothing)
        << "the signature of a file that is attached";
}

TEST(Protection, By_SMIME_is_named_by_its_type_or_its_bytes) {
    const std::vector<std::tuple<std::string, std::string, json>> cases = {
        {"application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", signed_data, smime_signed},
        {"application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", enveloped_data, smime_encrypted},
        {"application/x-pkcs7-mime; smime-type=Enveloped-Data", enveloped_data, smime_encrypted},
        {"application/pkcs7-mime; smime-type=authEnveloped-data", auth_enveloped_data, smime_encrypted},
        {"application/pkcs7-mime", signed_data, smime_signed},
        {"application/pkcs7-mime", streamed_signed_data, smime_signed},
        {"application/x-pkcs7-mime", enveloped_data, smime_encrypted},
        {"application/pkcs7-mime", auth_enveloped_data, smime_encrypted},
        {"application/octet-stream; name=smime.p7m", enveloped_data, smime_encrypted},
        {"application/octet-stream; name=\"SMIME.P7M\"", signed_data, smime_signed},
        {"application/pkcs7-mime; smime-type=certs-only", signed_data,
         json::array({entry("S/MIME", false, false)})},
        {"application/pkcs7-mime", "AAAA", json::array({entry("S/MIME", false, false)})},
        {"application/octet-stream; name=smime.zip", enveloped_data, nothing},
    };
    for (const auto &[type, body, protection] : cases) {
        const json payload = payload_of_part(type, body);
        EXPECT_EQ(payload["protection"], protection) << type;
        EXPECT_EQ(payload["text"], nullptr);
        EXPECT_EQ(payload["attachments"].size(), 1U) << "it is passed through";
    }
}

TEST(Protection, By_SMIME_tells_what_it_keeps_from_being_read) {
    EXPECT_THAT(warnings_of(payload_of_part("application/pkcs7-mime", enveloped_data)),
                Contains(HasSubstr("encrypted by S/MIME")));
    EXPECT_THAT(warnings_of(payload_of_part("application/pkcs7-mime", signed_data)),
                Contains(HasSubstr("within the S/MIME signature")));
}

TEST(Protection, By_multipart_signed_leaves_the_text_and_the_signature) {
    const std::vector<std::tuple<std::string, std::string, json>> cases = {
        {"signed; protocol=\"application/pkcs7-signature\"; micalg=sha-256", "application/pkcs7-signature",
         smime_signed},
        {"signed; protocol=\"application/x-pkcs7-signature\"", "application/x-pkcs7-signature", smime_signed},
        {"signed; protocol=\"application/pgp-signature\"", "application/pgp-signature", pgp_signed},
        {"signed", "application/pkcs7-signature", smime_signed},
        {"signed", "application/pgp-signature", pgp_signed},
        {"signed; protocol=\"application/unheard-of\"", "application/pgp-signature", nothing},
    };
    for (const auto &[type, signature, protection] : cases) {
        const json payload =
            payload_of_multipart(type, "--a\n\nHello\n--a\nContent-Type: " + signature + "\n\nx\n");
        EXPECT_EQ(payload["protection"], protection) << type;
        EXPECT_EQ(payload["text"], "Hello");
        EXPECT_EQ(payload["attachments"].size(), 1U);
        EXPECT_EQ(payload["attachments"][0]["mediaType"], signature);
        EXPECT_EQ(payload["warnings"], json::array());
    }
}

TEST(Protection, By_PGP_that_encrypts_is_named_and_told) {
    const std::string parts = "--a\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
                              "--a\nContent-Type: application/octet-stream; name=encrypted.asc\n\n"
                              "-----BEGIN PGP MESSAGE-----\n";
    for (const char *type : {"encrypted; protocol=\"application/pgp-encrypted\"", "encrypted", "mixed"}) {
        const json payload = payload_of_multipart(type, parts);
        EXPECT_EQ(payload["protection"], pgp_encrypted) << type;
        EXPECT_EQ(payload["attachments"].size(), 2U);
        EXPECT_THAT(warnings_of(payload), Contains(HasSubstr("encrypted by PGP"))) << type;
    }
}

TEST(Protection, By_PGP_within_the_text_is_named) {
    const json encrypted =
        payload_of("From: a@b\n\nHello,\n-----BEGIN PGP MESSAGE-----\n\nhQ\n-----END PGP MESSAGE-----\n");
    EXPECT_EQ(encrypted["protection"], pgp_encrypted);
    EXPECT_THAT(warnings_of(encrypted), Contains(HasSubstr("encrypted by PGP")));
    const json is_signed = payload_of("From: a@b\n\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n"
                                      "-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n");
    EXPECT_EQ(is_signed["protection"], pgp_signed);
    EXPECT_THAT(is_signed["text"].get<std::string>(), HasSubstr("\nHello\n"));
    EXPECT_EQ(is_signed["warnings"], json::array());
}

TEST(Protection, Of_several_kinds_is_one_entry_each) {
    const json payload =
        payload_of_multipart("signed; protocol=\"application/pgp-signature\"",
                             "--a\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx\n"
                             "--a\nContent-Type: application/pkcs7-mime; smime-type=signed-data\n\nx\n"
                             "--a\nContent-Type: application/pgp-signature\n\nx\n");
    EXPECT_EQ(payload["protection"], json::array({entry("PGP", true, false), entry("S/MIME", true, true)}));
}

TEST(Protection, By_multiparts_without_end_is_bounded) {
    std::string mail;
    for (int i = 0; i < 1000; ++i) {
        const std::string boundary = "b" + std::to_string(i);
        mail += "Content-Type: multipart/encrypted; boundary=" + boundary + "\n\n--" + boundary + "\n";
    }
    EXPECT_EQ(payload_of(mail + "\nx\n")["protection"], pgp_encrypted);
}

} // namespace
} // namespace roe::message
