// orch.metrics/1: figures of a plugin's work. A plugin implements Metrics; a host gets one from
// `LoadedPlugin::metrics()`. [any thread], between start and stop of the plugin.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "orch/ext/metrics.h"
#include "orch/sdk/outcome.hpp"

namespace orch::sdk {

// One figure, with a value for each set of labels. orch/ext/metrics.h says what names and labels may be.
struct Metric {
    enum class Type { counter, gauge };
    struct Value {
        std::map<std::string, std::string> labels{};
        double value = 0;
    };

    std::string name;
    Type type = Type::gauge;
    std::string help;
    std::vector<Value> values{};
};

class Metrics {
  public:
    virtual ~Metrics() = default;

    // As they are now. Blocks for a database query.
    virtual Outcome<std::vector<Metric>> read() = 0;
};

} // namespace orch::sdk
