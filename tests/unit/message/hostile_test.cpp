// Mails that are made to hurt: the decoder must come back, soon, and with little memory.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>

#include "given_mail.hpp"
#include "given_tnef.hpp"

namespace roe::message {
namespace {

using nlohmann::json;

// Sanitizers keep freed memory and enlarge stack frames.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool instrumented = true;
#else
constexpr bool instrumented = false;
#endif

// Runs on a thread with as little stack as a host may give.
template <class Work>
void on_a_small_stack(Work work) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, instrumented ? 2 << 20 : 256 << 10);
    pthread_t thread = 0;
    ASSERT_EQ(pthread_create(
                  &thread, &attributes,
                  [](void *w) -> void * {
                      (*static_cast<Work *>(w))();
                      return nullptr;
                  },
                  &work),
              0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

long peak_kilobytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

TEST(Hostile, Ten_thousand_nested_multiparts_need_no_stack) {
    std::string mail = "Subject: deep\n";
    for (int i = 0; i < 10'000; ++i) {
        const std::string boundary = "b" + std::to_string(i);
        mail += "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" + boundary + "\n";
    }
    mail += "\nthe core\n";
    on_a_small_stack([&] {
        const json payload = payload_of(mail);
        EXPECT_EQ(payload["subject"], "deep");
        EXPECT_FALSE(payload["warnings"].empty());
        EXPECT_EQ(payload["attachments"].size(), 1U) << "what is too deep is kept as one";
    });
}

TEST(Hostile, Ten_thousand_nested_messages_need_no_stack) {
    std::string mail;
    for (int i = 0; i < 10'000; ++i)
        mail += "Content-Type: message/rfc822\n\n";
    mail += "Subject: core\n\ntext\n";
    on_a_small_stack([&] { EXPECT_EQ(payload_of(mail)["attachments"].size(), 1U); });
}

TEST(Hostile, Nested_groups_comments_and_tags_need_no_stack) {
    const auto repeated = [](std::string_view piece) {
        std::string text;
        while (text.size() < 900'000)
            text += piece;
        return text;
    };
    on_a_small_stack([&] {
        payload_of("From: " + repeated("a:") + "\n\n");
        payload_of("To: " + repeated("(") + "\n\n");
        payload_of("Content-Type: text/html " + repeated("(") + "\n\n");
        payload_of("Content-Type: text/html\n\n" + repeated("<div>"));
    });
}

TEST(Hostile, Parameters_by_the_thousand_take_no_time) {
    std::string mail = "Content-Type: text/plain";
    for (int i = 0; i < 100'000; ++i)
        mail += "; name*" + std::to_string(i) + "*=a";
    const auto start = std::chrono::steady_clock::now();
    payload_of(mail + "\n\nx");
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(Hostile, A_mail_of_delimiters_only_takes_no_time) {
    std::string mail;
    for (int i = 0; i < 50; ++i) {
        const std::string boundary = std::string(60, 'b') + std::to_string(i);
        mail += "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" + boundary + "\n";
    }
    const std::string line = "--" + std::string(60, 'b') + "x\n";
    while (mail.size() < 30'000'000)
        mail += line;
    const auto start = std::chrono::steady_clock::now();
    payload_of(mail);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(Hostile, A_mail_of_200_MB_costs_no_memory) {
    const Spool spool;
    const auto path = spool.folder() / "message.eml";
    {
        std::ofstream file(path, std::ios::binary);
        file << "Subject: large\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n";
        const std::string line = std::string(76, 'Q') + "\r\n";
        file << "--a\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n";
        for (int i = 0; i < 1'300'000; ++i)
            file << line;
        file << "--a\r\nContent-Type: application/x; name=oneline\r\n\r\n" << std::string(1000, 'x');
        const std::string block(1 << 20, 'y');
        for (int i = 0; i < 50; ++i)
            file << block;
        file << "\r\n--a\r\nContent-Type: multipart/mixed; boundary=never\r\n\r\n";
        for (int i = 0; i < 50; ++i)
            file << block;
        file << "\r\n--a--\r\n";
    }
    payload_of("Subject: warm up\n\nx"); // what is set up once does not count
    const long before = peak_kilobytes();
    const json payload = payload_of_file(path.string(), spool);
    if (!instrumented) {
        EXPECT_LT(peak_kilobytes() - before, 40 << 10);
    }
    EXPECT_EQ(payload["attachments"].size(), 2U);
    EXPECT_EQ(payload["attachments"][0]["size"], 1'300'000 * 57);
    EXPECT_EQ(payload["attachments"][1]["size"], 1000 + (50 << 20));
}

TEST(Hostile, A_winmail_dat_of_100_MB_costs_no_memory) {
    const Spool spool;
    const auto path = spool.folder() / "message.eml";
    constexpr std::uint32_t megabytes = 100;
    {
        std::ofstream file(path, std::ios::binary);
        file << "From: a@example.org\r\nContent-Type: application/ms-tnef\r\nContent-Transfer-Encoding: "
                "binary\r\n\r\n"
             << tnef_of({attachment_begins(), attachment_title("large.bin")}) << little_endian(2, 1)
             << little_endian(0x0006800F, 4) << little_endian(megabytes << 20, 4);
        const std::string block(1 << 20, '\x01');
        for (std::uint32_t i = 0; i < megabytes; ++i)
            file << block;
        file << little_endian(megabytes << 20, 2);
    }
    payload_of("Subject: warm up\n\nx");
    const long before = peak_kilobytes();
    const json payload = payload_of_file(path.string(), spool);
    if (!instrumented) {
        EXPECT_LT(peak_kilobytes() - before, 16 << 10);
    }
    ASSERT_EQ(payload["attachments"].size(), 1U);
    EXPECT_EQ(payload["attachments"][0]["size"], megabytes << 20);
    EXPECT_EQ(payload["warnings"], json::array());
}

TEST(Hostile, A_thousand_decodings_leak_nothing) {
    const Spool spool;
    const std::string path = spool.write(
        "From: =?koi8-r?B?6dfBzg==?= <i@example.org>\nSubject: x\nDate: Sun, 1 Mar 2026 10:00:00 +0000\n"
        "Content-Type: text/html; charset=no-such\n\n<p>\xCF\xF0\xE8");
    const auto decode = [&](int times) {
        for (int i = 0; i < times; ++i)
            ASSERT_TRUE(make_payload(path, spool.attachments(), some_origin()).ok());
    };
    decode(100);
    const long before = peak_kilobytes();
    decode(1000);
    if (!instrumented) {
        EXPECT_LT(peak_kilobytes() - before, 2 << 10);
    }
}

} // namespace
} // namespace roe::message
