// A plugin's Metrics and Erasure as the C structs that its host calls.
#pragma once

#include "orch/sdk/abi/incoming.hpp"
#include "orch/sdk/abi/metric_shape.hpp"
#include "orch/sdk/abi/shapes.hpp"
#include "orch/sdk/abi/shell.hpp"
#include "orch/sdk/erasure.hpp"
#include "orch/sdk/metrics.hpp"

namespace orch::sdk::abi {

class MetricsShell : public Shell<orch_metrics_t, Metrics, Into::plugin> {
  public:
    void open(Side &side, Metrics *metrics) { fill(side, metrics, &read); }

  private:
    static orch_status_t read(void *self, const orch_sink_t *result, orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_METRICS ".read", error)
            .answer_to(result, Allowed::running, [&]() -> Outcome<Json> {
                const auto metrics = offered(self).read();
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
};

class ErasureShell : public Shell<orch_erasure_t, Erasure, Into::plugin> {
  public:
    void open(Side &side, Erasure *erasure) { fill(side, erasure, &erase); }

  private:
    static orch_status_t erase(void *self, orch_str_t tenant, const orch_sink_t *result,
                               orch_error_t *error) noexcept {
        return incoming(self, ORCH_EXT_ERASURE ".erase", error)
            .answer_to(result, Allowed::running, [&]() -> Outcome<Json> {
                const auto erased = offered(self).erase(read_text(tenant, "tenant"));
                if (!erased) {
                    return erased.failure();
                }
                return Json{{"erased", *erased}};
            });
    }
};

} // namespace orch::sdk::abi
