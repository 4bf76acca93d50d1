// A plugin's Metrics and Erasure as the C structs that its host calls.
#pragma once

#include "orch/sdk/abi/incoming.hpp"
#include "orch/sdk/abi/metric_shape.hpp"
#include "orch/sdk/abi/shapes.hpp"
#include "orch/sdk/erasure.hpp"
#include "orch/sdk/metrics.hpp"

namespace orch::sdk::abi {

class MetricsShell {
  public:
    void open(Side &side, Metrics *metrics) {
        side_ = &side;
        metrics_ = metrics;
        c_ = {sizeof(orch_metrics_t), 0, this, &read};
    }

    // Null when the plugin has none.
    [[nodiscard]] const orch_metrics_t *c() const { return metrics_ == nullptr ? nullptr : &c_; }

  private:
    static orch_status_t read(void *self, const orch_sink_t *result, orch_error_t *error) noexcept {
        auto *shell = static_cast<MetricsShell *>(self);
        return Incoming(shell == nullptr ? nullptr : shell->side_, Into::plugin, ORCH_EXT_METRICS ".read",
                        error)
            .answer_to(result, Allowed::running, [&]() -> Outcome<Json> {
                const auto metrics = shell->metrics_->read();
                if (!metrics) {
                    return metrics.failure();
                }
                Json list = Json::array();
                for (const Metric &metric : *metrics) {
                    list.push_back(write_metric(metric));
                }
                return list;
            });
    }

    orch_metrics_t c_{};
    Side *side_ = nullptr;
    Metrics *metrics_ = nullptr;
};

class ErasureShell {
  public:
    void open(Side &side, Erasure *erasure) {
        side_ = &side;
        erasure_ = erasure;
        c_ = {sizeof(orch_erasure_t), 0, this, &erase};
    }

    // Null when the plugin has none.
    [[nodiscard]] const orch_erasure_t *c() const { return erasure_ == nullptr ? nullptr : &c_; }

  private:
    static orch_status_t erase(void *self, orch_str_t tenant, const orch_sink_t *result,
                               orch_error_t *error) noexcept {
        auto *shell = static_cast<ErasureShell *>(self);
        return Incoming(shell == nullptr ? nullptr : shell->side_, Into::plugin, ORCH_EXT_ERASURE ".erase",
                        error)
            .answer_to(result, Allowed::running, [&]() -> Outcome<Json> {
                const auto erased = shell->erasure_->erase(read_text(tenant, "tenant"));
                if (!erased) {
                    return erased.failure();
                }
                return Json{{"erased", *erased}};
            });
    }

    orch_erasure_t c_{};
    Side *side_ = nullptr;
    Erasure *erasure_ = nullptr;
};

} // namespace orch::sdk::abi
