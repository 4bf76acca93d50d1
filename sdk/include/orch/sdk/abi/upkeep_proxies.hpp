// A plugin's C structs for its upkeep as the Metrics and the Erasure that its host calls.
#pragma once

#include <string>
#include <utility>

#include "orch/sdk/abi/metric_shape.hpp"
#include "orch/sdk/abi/outgoing.hpp"
#include "orch/sdk/abi/shapes.hpp"
#include "orch/sdk/abi/text.hpp"
#include "orch/sdk/erasure.hpp"
#include "orch/sdk/metrics.hpp"

namespace orch::sdk::abi {

class MetricsProxy final : public Metrics {
  public:
    // `c` was checked by `missing_function`.
    MetricsProxy(Side &side, const orch_metrics_t &c, std::string plugin)
        : plugin_(side, Into::plugin), c_(c), id_(std::move(plugin)) {}

    // The name of a function that a plugin left out; null: none.
    static const char *missing_function(const orch_metrics_t &c) {
        return c.read == nullptr ? "read" : nullptr;
    }

    Outcome<std::vector<Metric>> read() override {
        constexpr const char *call = ORCH_EXT_METRICS ".read";
        const auto json = plugin_.json(
            call, Allowed::running, Shape::array,
            [&](const orch_sink_t *result, orch_error_t *error) { return c_.read(c_.self, result, error); });
        if (!json) {
            return json.failure();
        }
        try {
            return read_metrics(id_, *json);
        } catch (const BadArgument &bad) {
            return plugin_.side().other_broke(call, bad.what);
        }
    }

  private:
    Outgoing plugin_;
    const orch_metrics_t &c_;
    const std::string id_;
};

class ErasureProxy final : public Erasure {
  public:
    // `c` was checked by `missing_function`.
    ErasureProxy(Side &side, const orch_erasure_t &c) : plugin_(side, Into::plugin), c_(c) {}

    // The name of a function that a plugin left out; null: none.
    static const char *missing_function(const orch_erasure_t &c) {
        return c.erase == nullptr ? "erase" : nullptr;
    }

    Outcome<std::int64_t> erase(std::string_view tenant) override {
        constexpr const char *call = ORCH_EXT_ERASURE ".erase";
        const auto json = plugin_.json(call, Allowed::running, Shape::object,
                                       [&](const orch_sink_t *result, orch_error_t *error) {
                                           return c_.erase(c_.self, str(tenant), result, error);
                                       });
        if (!json) {
            return json.failure();
        }
        const auto erased = json->find("erased");
        if (erased == json->end() || !erased->is_number_integer()) {
            return plugin_.side().other_broke(call, "its result does not say how many rows were emptied");
        }
        return erased->get<std::int64_t>();
    }

  private:
    Outgoing plugin_;
    const orch_erasure_t &c_;
};

} // namespace orch::sdk::abi
