// Mails that are made to hurt: the decoder must come back, soon, and with little memory.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <malloc.h>
#include <pthread.h>

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

bool below_valgrind() {
    const char *preloaded = std::getenv("LD_PRELOAD");
    return preloaded != nullptr && std::string_view(preloaded).find("valgrind") != std::string_view::npos;
}

// How much resident memory what follows takes at its highest, beyond what is there now. getrusage(2) knows only
// the highest of the process, below which another test may have left room: Linux lets it be set back (proc(5),
// clear_refs).
class MemoryRise {
  public:
    MemoryRise() {
        malloc_trim(0);
        std::ofstream("/proc/self/clear_refs") << "5";
        before_ = highest();
    }
    void expect_below(long megabytes) const {
        if (!instrumented && !below_valgrind()) {
            EXPECT_LT(highest() - before_, megabytes << 10) << "KB of memory";
        }
    }

  private:
    static long highest() {
        std::ifstream status("/proc/self/status");
        for (std::string word; status >> word;) {
            long kilobytes = 0;
            if (word == "VmHWM:" && status >> kilobytes) return kilobytes;
        }
        ADD_FAILURE() << "no VmHWM in /proc/self/status";
        return 0;
    }

    long before_ = 0;
};

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

TEST(Hostile, Attachments_of_150_MB_cost_no_memory) {
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
        file << "\r\n--a--\r\n";
    }
    payload_of("Subject: warm up\n\nx"); // what is set up once does not count
    const MemoryRise memory;
    const json payload = payload_of_file(path.string(), spool);
    memory.expect_below(16);
    ASSERT_EQ(payload["attachments"].size(), 2U);
    EXPECT_EQ(payload["attachments"][0]["size"], 1'300'000 * 57);
    EXPECT_EQ(payload["attachments"][1]["size"], 1000 + (50 << 20));
}

TEST(Hostile, A_text_of_50_MB_costs_a_few_times_what_is_kept_of_it) {
    const Spool spool;
    const auto path = spool.folder() / "message.eml";
    {
        std::ofstream file(path, std::ios::binary);
        file << "Content-Type: multipart/mixed; boundary=never\r\n\r\n";
        const std::string block(1 << 20, 'y');
        for (int i = 0; i < 50; ++i)
            file << block;
    }
    payload_of("Subject: warm up\n\nx");
    const MemoryRise memory;
    const auto payload = make_payload(path.string(), spool.attachments(), some_origin());
    memory.expect_below(24);
    ASSERT_TRUE(payload.ok());
    EXPECT_EQ(json::parse(payload->json)["text"].get<std::string>().size(), 4U << 20);
}

TEST(Hostile, Ten_thousand_parts_cost_no_memory_and_the_first_thousand_are_kept) {
    const Spool spool;
    std::string mail = "From: a@example.org\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\nthe text\n";
    for (int i = 0; i < 10'000; ++i) {
        const std::string number = std::to_string(i);
        mail += "--a\nContent-Type: application/x; name=" + number + "\n\n" + number + "\n";
    }
    const std::string path = spool.write(mail + "--a--\n");
    payload_of("Subject: warm up\n\nx");
    const MemoryRise memory;
    const auto payload = make_payload(path, spool.attachments(), some_origin());
    memory.expect_below(16);
    ASSERT_TRUE(payload.ok());
    const json document = json::parse(payload->json);
    EXPECT_EQ(document["text"], "the text");
    ASSERT_EQ(document["attachments"].size(), 999U);
    EXPECT_EQ(document["attachments"][998]["name"], "998");
    EXPECT_EQ(file_bytes(document["attachments"][998]["path"]), "998");
    EXPECT_EQ(
        payload->warnings,
        std::vector<std::string>({"The mail has more than 1000 parts; the rest are only in the raw message."}));
}

TEST(Hostile, Headers_of_a_megabyte_are_read) {
    const auto megabyte_of = [](std::string_view piece) {
        std::string text;
        while (text.size() < 1'000'000)
            text += piece;
        return text;
    };
    struct Case {
        const char *what;
        std::string field;
    };
    const std::vector<Case> cases = {
        {"a subject in one line", "X-Long: " + std::string(1'000'000, 'x') + "\n"},
        {"encoded words", "X-Long: " + megabyte_of("=?utf-8?B?0J/RgNC40LLQtdGC?=\n ") + "x\n"},
        {"raw 8-bit text", "X-Long: " + megabyte_of("\xCF\xF0\xE8\xE2\xE5\xF2 ") + "\n"},
        {"addresses", "To: " + megabyte_of("Ann Example <ann@example.org>,\n ") + "z@example.org\n"},
        {"references", "References: " + megabyte_of("<a1@example.org>\n ") + "\n"},
        {"fields", megabyte_of("Received: from a by b\n")},
        {"parameters", "Content-Type: text/plain; " + megabyte_of("a=b; ") + "\n"},
    };
    for (const auto &[what, field] : cases) {
        const Spool spool;
        const std::string path =
            spool.write("From: ann@example.org\nSubject: before\n" + field + "Message-ID: <after@x>\n\ntext\n");
        const MemoryRise memory;
        const auto payload = make_payload(path, spool.attachments(), some_origin());
        memory.expect_below(16);
        ASSERT_TRUE(payload.ok()) << what;
        const json document = json::parse(payload->json);
        EXPECT_EQ(schema_faults(document), "") << what;
        EXPECT_EQ(document["subject"], "before") << what;
        EXPECT_EQ(document["messageId"], "after@x") << what;
        EXPECT_EQ(document["text"], "text\n") << what;
    }
    // Beyond a megabyte it is cut, and the mail still read.
    const json cut =
        payload_of("Subject: before\n" + megabyte_of("X: y\n") + megabyte_of("X: y\n") + "\ntext\n");
    EXPECT_EQ(cut["subject"], "before");
    EXPECT_EQ(cut["text"], "text\n");
    EXPECT_THAT(warnings_of(cut), testing::Contains("A header is too long and was cut."));
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
    const MemoryRise memory;
    const json payload = payload_of_file(path.string(), spool);
    memory.expect_below(16);
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
    const MemoryRise memory;
    decode(1000);
    memory.expect_below(2);
}

} // namespace
} // namespace roe::message
