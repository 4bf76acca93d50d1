// A fixture with a real ledger of its own, in SQLite.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "ledger/ledger.hpp"

namespace roe::trigger {

class OnALedger : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "roe-trigger-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
        auto opened = ledger::open_ledger("sqlite", name);
        ASSERT_TRUE(opened.ok()) << opened.error().text();
        ledger_ = std::move(*opened);
    }
    void TearDown() override {
        ledger_.reset();
        std::filesystem::remove_all(folder_);
    }

    std::filesystem::path folder_;
    std::unique_ptr<ledger::Ledger> ledger_;
};

} // namespace roe::trigger
