// orch.translations/1 over the boundary: what goes in comes out, and who breaks a rule is named.
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "orch/sdk/testing/host_in_a_box.hpp"
#include "scripted_plugin.hpp"

namespace {

using namespace sdk_test;
using orch::sdk::testing::HostInABox;
using ::testing::HasSubstr;

class TranslationsTest : public ::testing::Test {
  protected:
    TranslationsTest() { script() = {}; }
};

TEST_F(TranslationsTest, What_was_said_comes_back_in_the_language_asked_for_whether_started_or_not) {
    script().translate = [](std::string_view locale, const Json &said) -> Outcome<Json> {
        return Json{{"in", locale}, {"of", said}};
    };
    HostInABox box(scripted_entry, "scripted", "1.0.0");
    const Json said{{"words", "Счёт"}, {"errors", Json::array({1, nullptr})}};
    const auto translated = box.translations().translate("ru", said);
    ASSERT_TRUE(translated) << translated.failure().words;
    EXPECT_EQ(*translated, (Json{{"in", "ru"}, {"of", said}}));
    ASSERT_TRUE(box.start());
    EXPECT_EQ(box.translations().translate("ru", "text").value()["of"], "text") << "any JSON";
    EXPECT_THAT(box.breaches(), ::testing::IsEmpty());
}

TEST_F(TranslationsTest, One_that_throws_does_not_take_the_host_along) {
    script().translate = [](std::string_view, const Json &) -> Outcome<Json> {
        throw std::runtime_error("boom");
    };
    HostInABox box(scripted_entry, "scripted", "1.0.0");
    const auto translated = box.translations().translate("ru", Json::object());
    ASSERT_FALSE(translated);
    EXPECT_THAT(translated.failure().words, HasSubstr("boom"));
}

} // namespace
