#include "net/http_unpacker.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gzip.hpp"

namespace roe::net {
namespace {

struct Unpacked {
    std::string text;
    bool finished = false;
    bool broken = false;
};

// `at_once` bytes come in at a time, and `room` are there for what they unpack to.
Unpacked unpacked(std::string_view packed, std::size_t at_once, std::size_t room) {
    HttpUnpacker unpacker;
    std::string piece(room, '\0');
    Unpacked all;
    const auto take = [&](std::string_view &some) {
        const std::size_t given = unpacker.take(some, piece.data(), piece.size());
        EXPECT_LE(given, room);
        all.text.append(piece, 0, given);
        return given;
    };
    while (!packed.empty() && !unpacker.broken()) {
        std::string_view some = packed.substr(0, at_once);
        packed.remove_prefix(some.size());
        while (!some.empty() && !unpacker.broken())
            take(some);
    }
    for (std::string_view none; take(none) > 0;) {
    }
    all.finished = unpacker.finished();
    all.broken = unpacker.broken();
    return all;
}

std::string a_text() {
    std::string text;
    for (int i = 0; i < 5000; ++i)
        text += "line " + std::to_string(i * i) + "\r\n";
    return text;
}

TEST(HttpUnpacker, A_text_is_the_same_whole_and_byte_for_byte) {
    const std::string packed = gzip(a_text());
    ASSERT_LT(packed.size(), a_text().size() / 2);
    for (const std::size_t at_once : {std::size_t{1}, std::size_t{7}, packed.size()})
        for (const std::size_t room : {1U, 100U, 1U << 20U}) {
            const auto all = unpacked(packed, at_once, room);
            EXPECT_TRUE(all.text == a_text()) << at_once << " at once, room for " << room;
            EXPECT_TRUE(all.finished);
            EXPECT_FALSE(all.broken);
        }
}

TEST(HttpUnpacker, Several_files_in_one_are_one_text) {
    const auto all = unpacked(gzip("one, ") + gzip("") + gzip("two"), 3, 2);
    EXPECT_EQ(all.text, "one, two");
    EXPECT_TRUE(all.finished);
}

TEST(HttpUnpacker, Nothing_is_a_whole_text_and_a_part_is_none) {
    EXPECT_TRUE(HttpUnpacker().finished());
    const std::string packed = gzip(a_text());
    for (const std::size_t size : {std::size_t{1}, std::size_t{10}, packed.size() / 2, packed.size() - 1}) {
        const auto all = unpacked(packed.substr(0, size), 64, 64);
        EXPECT_FALSE(all.finished) << size;
        EXPECT_FALSE(all.broken) << size;
    }
}

TEST(HttpUnpacker, What_is_no_gzip_or_was_damaged_is_broken) {
    EXPECT_TRUE(unpacked("<soap:Envelope>", 100, 100).broken);
    EXPECT_TRUE(unpacked(gzip("good") + "rubbish", 100, 100).broken);
    std::string damaged = gzip(a_text());
    damaged[damaged.size() - 6] ^= 1; // of the checksum
    EXPECT_TRUE(unpacked(damaged, 100, 100).broken);
}

TEST(HttpUnpacker, A_few_bytes_that_unpack_to_very_many_give_no_more_than_there_is_room_for) {
    const std::string bomb = gzip(std::string(64U << 20U, 'A'));
    ASSERT_LT(bomb.size(), 100'000U);
    HttpUnpacker unpacker;
    std::string_view packed = bomb;
    std::string piece(4096, '\0');
    EXPECT_EQ(unpacker.take(packed, piece.data(), piece.size()), piece.size());
    EXPECT_GT(packed.size(), bomb.size() / 2) << "what is not asked for yet waits packed";
}

} // namespace
} // namespace roe::net
