// The plugin's figures, and the erasure of what it keeps of mails.
#pragma once

#include "orch/sdk/erasure.hpp"
#include "orch/sdk/metrics.hpp"
#include "provider/running.hpp"

namespace roe::provider {

class Upkeep final : public orch::sdk::Metrics, public orch::sdk::Erasure {
  public:
    // Null between stop and the next start, when nobody calls.
    void set_running(Running *running) { running_ = running; }

    orch::sdk::Outcome<std::vector<orch::sdk::Metric>> read() override;
    orch::sdk::Outcome<std::int64_t> erase(std::string_view tenant) override;

  private:
    Running *running_ = nullptr;
};

} // namespace roe::provider
