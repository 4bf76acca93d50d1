#include "base/files.hpp"

#include <atomic>
#include <csignal>
#include <optional>
#include <string>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/scratch.hpp"

namespace host {
namespace {

TEST(FolderLock, Keeps_a_second_one_out_of_this_process_too) {
    const testing::Scratch scratch;
    {
        const FolderLock lock(scratch / "lock");
        EXPECT_THROW(FolderLock(scratch / "lock"), std::runtime_error);
        EXPECT_THROW(FolderLock(scratch / "." / "lock"), std::runtime_error);
        const FolderLock other(scratch / "other");
    }
    const FolderLock again(scratch / "lock");
}

// A child that was just forked holds copies of all descriptors until it executes its program, and lives on when
// the host is killed at that moment.
TEST(FolderLock, Goes_with_its_process_while_a_child_of_it_holds_its_descriptors) {
    const testing::Scratch scratch;
    int told[2];
    ASSERT_EQ(::pipe(told), 0);
    const pid_t holder = ::fork();
    if (holder == 0) {
        const FolderLock lock(scratch / "lock");
        const pid_t child = ::fork();
        if (child == 0) {
            ::pause();
            ::_exit(0);
        }
        if (::write(told[1], &child, sizeof child) != sizeof child) ::_exit(1);
        ::pause();
        ::_exit(0);
    }
    pid_t child = 0;
    ASSERT_EQ(::read(told[0], &child, sizeof child), static_cast<ssize_t>(sizeof child));
    EXPECT_THROW(FolderLock(scratch / "lock"), std::runtime_error);
    ::kill(holder, SIGKILL);
    ::waitpid(holder, nullptr, 0);
    EXPECT_NO_THROW(FolderLock(scratch / "lock"));
    ::kill(child, SIGKILL);
    ::close(told[0]);
    ::close(told[1]);
}

// As the result of a job does, which its launcher renames into place.
TEST(ReadFile, Of_one_that_comes_and_goes_meanwhile_finds_it_whole_or_not_at_all) {
    const testing::Scratch scratch;
    testing::write(scratch / "away", "whole");
    std::atomic<bool> done = false;
    std::thread mover([&] {
        while (!done) {
            std::filesystem::rename(scratch / "away", scratch / "here");
            std::filesystem::rename(scratch / "here", scratch / "away");
        }
    });
    for (int time = 0; time < 20'000; ++time) {
        std::optional<std::string> text;
        EXPECT_NO_THROW(text = read_file(scratch / "here"));
        EXPECT_EQ(text.value_or("whole"), "whole");
        if (HasFailure()) break;
    }
    done = true;
    mover.join();
}

} // namespace
} // namespace host
