// The JSON of orch.metrics/1, and what Prometheus takes for names (text format 0.0.4).
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "orch/sdk/abi/shapes.hpp"
#include "orch/sdk/metrics.hpp"

namespace orch::sdk::abi {

// Letters, digits and '_', no digit first.
inline bool is_metric_name(std::string_view name) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    return !name.empty() && name.size() <= 200 && letter(name.front()) &&
           std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

// How the names of a plugin's figures begin, so that no two plugins share one.
inline std::string metric_prefix(std::string_view plugin) {
    std::string prefix(plugin);
    std::replace(prefix.begin(), prefix.end(), '-', '_');
    return prefix + "_";
}

inline Json write_metric(const Metric &metric) {
    Json values = Json::array();
    for (const auto &value : metric.values) {
        values.push_back({{"labels", value.labels}, {"value", value.value}});
    }
    return {{"name", metric.name},
            {"type", metric.type == Metric::Type::counter ? "counter" : "gauge"},
            {"help", metric.help},
            {"values", std::move(values)}};
}

inline Metric::Value read_metric_value(const Json &json) {
    Metric::Value value{json.at("labels").get<std::map<std::string, std::string>>(),
                        json.at("value").get<double>()};
    for (const auto &[label, text] : value.labels) {
        if (!is_metric_name(label)) {
            throw BadArgument{"a label can't be called " + label};
        }
    }
    return value;
}

inline Metric read_metric(const Json &json) {
    Metric metric;
    metric.name = json.at("name").get<std::string>();
    metric.help = json.at("help").get<std::string>();
    const auto type = json.at("type").get<std::string>();
    if (type != "counter" && type != "gauge") {
        throw BadArgument{metric.name + " is neither a counter nor a gauge"};
    }
    metric.type = type == "counter" ? Metric::Type::counter : Metric::Type::gauge;
    for (const Json &value : json.at("values")) {
        metric.values.push_back(read_metric_value(value));
    }
    return metric;
}

// All figures of a plugin; throws BadArgument.
inline std::vector<Metric> read_metrics(std::string_view plugin, const Json &json) {
    std::vector<Metric> metrics;
    std::set<std::string> names;
    for (const Json &one : json) {
        Metric metric = read_members("a figure", [&] { return read_metric(one); });
        if (!is_metric_name(metric.name) || !metric.name.starts_with(metric_prefix(plugin))) {
            throw BadArgument{"a figure's name does not begin with " + metric_prefix(plugin)};
        }
        if (!names.insert(metric.name).second) {
            throw BadArgument{metric.name + " is there twice"};
        }
        metrics.push_back(std::move(metric));
    }
    return metrics;
}

} // namespace orch::sdk::abi
