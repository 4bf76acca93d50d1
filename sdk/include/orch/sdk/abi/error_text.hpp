// Failures on their way across: Failure <-> orch_error_t.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "orch/sdk/abi/side.hpp"
#include "orch/sdk/abi/text.hpp"
#include "orch/sdk/failure.hpp"

namespace orch::sdk::abi {

inline std::uint32_t advice_in_ms(std::chrono::milliseconds advice) {
    constexpr std::int64_t most = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(advice.count(), 0, most));
}

// Callee's side: fills what the caller gave, as far as it fits.
inline orch_status_t tell(orch_error_t *error, const Failure &failure) {
    const auto status = static_cast<orch_status_t>(failure.status);
    if (error == nullptr || error->struct_size < sizeof(orch_error_t)) {
        return status;
    }
    error->retry_after_ms = advice_in_ms(failure.retry_after);
    const auto put = [](std::string_view text, char *to, std::uint64_t &size) {
        if (!text.empty()) {
            std::memcpy(to, text.data(), text.size());
        }
        size = text.size();
    };
    if (error->words != nullptr) {
        put(cut(failure.words, error->words_capacity), error->words, error->words_size);
    }
    if (error->details != nullptr && (!failure.code.empty() || !failure.fields.empty())) {
        auto errors = nlohmann::json::array();
        for (const auto &[field, message] : failure.fields) {
            errors.push_back({{"field", field}, {"message", message}});
        }
        const std::string details = nlohmann::json{{"code", failure.code}, {"errors", std::move(errors)}}.dump(
            -1, ' ', false, nlohmann::json::error_handler_t::replace);
        if (details.size() <= error->details_capacity) {
            put(details, error->details, error->details_size);
        }
    }
    return status;
}

// Caller's side: the buffers, and what came back in them.
class ErrorText {
  public:
    ErrorText() {
        error_.struct_size = sizeof error_;
        error_.words = words_.data();
        error_.words_capacity = words_.size();
        error_.details = details_.data();
        error_.details_capacity = details_.size();
    }
    ErrorText(const ErrorText &) = delete;
    ErrorText &operator=(const ErrorText &) = delete;

    orch_error_t *c() { return &error_; }

    Failure failure(orch_status_t status, Side &side, std::string_view call) const {
        if (status < ORCH_E_CONTRACT || status > ORCH_E_FAILED) {
            return side.other_broke(call, "returned the unknown status " + std::to_string(status));
        }
        if (error_.words_size > words_.size() || error_.details_size > details_.size()) {
            return side.other_broke(call, "wrote more into the error than there is room");
        }
        Failure failure{static_cast<Status>(status), std::string(words_.data(), error_.words_size)};
        failure.retry_after = std::chrono::milliseconds(error_.retry_after_ms);
        if (!is_utf8(failure.words)) {
            side.other_broke(call, "failed with words that are not UTF-8");
            failure.words.clear();
        }
        if (failure.words.empty()) {
            failure.words =
                std::string(call) + " failed with status " + std::to_string(status) + " and no words";
        }
        read_details(failure, side, call);
        return failure;
    }

  private:
    void read_details(Failure &failure, Side &side, std::string_view call) const {
        if (error_.details_size == 0) {
            return;
        }
        const std::string_view text(details_.data(), error_.details_size);
        const auto details = nlohmann::json::parse(text, nullptr, false);
        if (!details.is_object()) {
            side.other_broke(call, "failed with details that are not a JSON object");
            return;
        }
        try {
            failure.code = details.value("code", "");
            for (const auto &error : details.value("errors", nlohmann::json::array())) {
                failure.fields.push_back(
                    {error.at("field").get<std::string>(), error.at("message").get<std::string>()});
            }
        } catch (const nlohmann::json::exception &fault) {
            side.other_broke(call, std::string("failed with details of another shape: ") + fault.what());
        }
    }

    orch_error_t error_{};
    std::array<char, 1024> words_{};
    std::array<char, 8192> details_{};
};

} // namespace orch::sdk::abi
