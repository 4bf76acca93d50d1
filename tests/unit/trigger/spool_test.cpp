#include "trigger/spool.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace roe::trigger {
namespace {

namespace fs = std::filesystem;

class Spools : public ::testing::Test {
  protected:
    Spools() : root_(fs::path(::testing::TempDir()) / ("roe-spool-" + std::to_string(::getpid()))) {
        fs::create_directories(root_);
    }
    ~Spools() override { fs::remove_all(root_); }

    void given_mail(const std::string &folder, std::size_t size) {
        ASSERT_TRUE(spool_.lay_out(folder));
        std::ofstream(spool_.path_of(folder) / raw_file_name) << std::string(size, 'x');
    }
    static bool is_done(const Spool::Flushed &flushed) {
        return flushed.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    }

    fs::path root_;
    Spool spool_{root_};
};

TEST_F(Spools, Flushing_nothing_is_done_at_once) {
    const auto flushed = spool_.flush({});

    EXPECT_TRUE(is_done(flushed));
    EXPECT_TRUE(flushed.get());
}

TEST_F(Spools, Flushed_files_keep_what_they_hold) {
    given_mail("a", 10);
    given_mail("b/1", 20);

    const auto flushed = spool_.flush({"a", "b"});

    EXPECT_TRUE(flushed.get());
    EXPECT_TRUE(flushed.get()); // a transaction that is run again asks again
    EXPECT_EQ(fs::file_size(root_ / "a" / raw_file_name), 10U);
    EXPECT_EQ(fs::file_size(root_ / "b" / "1" / raw_file_name), 20U);
}

TEST_F(Spools, Much_is_on_disk_before_anybody_could_wait_for_it_in_a_transaction) {
    given_mail("large", 2UL * 1024 * 1024);
    std::vector<std::string> many;
    for (int i = 0; i < 20; ++i) {
        many.push_back("many" + std::to_string(i));
        given_mail(many.back(), 10);
    }

    const auto large = spool_.flush({"large"});
    EXPECT_TRUE(is_done(large));
    EXPECT_TRUE(large.get());
    const auto all = spool_.flush(many);
    EXPECT_TRUE(is_done(all));
    EXPECT_TRUE(all.get());
}

TEST_F(Spools, A_folder_that_is_gone_is_an_error_that_names_it) {
    given_mail("a", 10);
    const auto flushed = spool_.flush({"a", "gone"});

    ASSERT_FALSE(flushed.get());
    EXPECT_EQ(flushed.get().error().fault, Fault::storage);
    EXPECT_NE(flushed.get().error().text().find("gone"), std::string::npos);
}

} // namespace
} // namespace roe::trigger
