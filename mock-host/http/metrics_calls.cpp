// GET /metrics: figures for Prometheus (text format 0.0.4). Everyone may read them, so they name no tenant,
// task or address.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "base/log.hpp"
#include "http/resources.hpp"
#include "store/jobs.hpp"

namespace host::http {
namespace {

class Figures {
  public:
    void head(const std::string &name, const char *type, const char *help) {
        text_ += "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
    }
    // `labels` as `a="b"`, values escaped.
    void value(const std::string &name, const std::string &labels, std::int64_t value) {
        line(name, labels, std::to_string(value));
    }
    void measure(const std::string &name, const std::string &labels, double value) {
        std::array<char, 32> digits{};
        auto *const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        line(name, labels, {digits.data(), end});
    }
    void one(const std::string &name, const char *type, const char *help, std::int64_t number) {
        head(name, type, help);
        value(name, "", number);
    }
    [[nodiscard]] const std::string &text() const { return text_; }

  private:
    void line(const std::string &name, const std::string &labels, const std::string &value) {
        text_ += name + (labels.empty() ? "" : "{" + labels + "}") + " " + value + "\n";
    }

    std::string text_;
};

std::string label(const char *name, std::string_view value) {
    std::string text = std::string(name) + "=\"";
    for (const char c : value) {
        if (c == '\\' || c == '"') text += '\\';
        text += c == '\n' ? ' ' : c;
    }
    return text + "\"";
}

void add_jobs(Figures &figures, Database &database) {
    const auto counts = database.read([](Session &session) { return jobs::unfinished_by_state(session); });
    figures.head("orch_jobs_unfinished", "gauge", "Jobs that have not ended, by state.");
    for (const auto *state : {job_state::queued, job_state::starting, job_state::running}) {
        const auto found = counts.find(state);
        figures.value("orch_jobs_unfinished", label("state", state), found == counts.end() ? 0 : found->second);
    }
}

void add_spool(Figures &figures, const JobQueue &queue) {
    const auto use = queue.use();
    const auto counts = queue.counts();
    figures.head("orch_jobs_ended_total", "counter", "Jobs that have ended since the host started, by state.");
    for (const auto &[state, count] : counts.ended)
        figures.value("orch_jobs_ended_total", label("state", state), count);
    figures.one("orch_jobs_accepted_total", "counter", "Jobs taken since the host started.", counts.accepted);
    figures.one("orch_spool_bytes", "gauge", "Bytes that jobs keep: payloads and spools.", use.bytes);
    figures.one("orch_spool_limit_bytes", "gauge", "Jobs.SpoolMaxBytes.", use.limit);
    figures.one("orch_intake_paused", "gauge", "1 while no job is taken, as the spool is full.",
                use.paused ? 1 : 0);
}

void add_plugins(Figures &figures, const PluginSet &plugins) {
    static constexpr std::array states{PluginState::refused, PluginState::loaded, PluginState::started,
                                       PluginState::failed, PluginState::stopped};
    figures.head("orch_plugin_state", "gauge", "1 for the state that the plugin is in.");
    for (const auto &plugin : plugins.statuses()) {
        const auto name = label("plugin", plugin.manifest ? plugin.manifest->id : plugin.folder);
        for (const auto state : states) {
            figures.value("orch_plugin_state", name + "," + label("state", state_name(state)),
                          plugin.state == state ? 1 : 0);
        }
    }
}

// Line breaks would end the help, and with it the meaning of what follows.
std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

void add_figures_of(Figures &figures, const std::string &plugin, orch::sdk::Metrics &metrics) {
    const auto read = metrics.read();
    if (!read) return log_line(Severity::warning, plugin, "its figures are left out: " + read.failure().words);
    for (const auto &metric : *read) {
        figures.head(metric.name, metric.type == orch::sdk::Metric::Type::counter ? "counter" : "gauge",
                     one_line(metric.help).c_str());
        for (const auto &[labels, value] : metric.values) {
            std::string text;
            for (const auto &[name, of] : labels)
                text += (text.empty() ? "" : ",") + label(name.c_str(), of);
            figures.measure(metric.name, text, value);
        }
    }
}

void add_mails(Figures &figures, const MailCounts &counts) {
    figures.one("orch_mails_waiting", "gauge", "Notifications that the mail server has not taken yet.",
                counts.waiting);
    figures.one("orch_mails_sent_total", "counter", "Notifications that the mail server has taken.",
                counts.sent);
    figures.one("orch_mails_given_up_total", "counter",
                "Notifications that were given up: refused for good, or too old.", counts.given_up);
}

void add_requests(Figures &figures, const RequestCounts &counts, const StreamSeats &seats) {
    figures.head("orch_http_requests_total", "counter", "Requests that were answered.");
    for (std::size_t method = 0; method < RequestCounts::methods.size(); ++method) {
        for (std::size_t status = 0; status < RequestCounts::classes.size(); ++status) {
            figures.value("orch_http_requests_total",
                          label("method", RequestCounts::methods.at(method)) + "," +
                              label("status", RequestCounts::classes.at(status)),
                          static_cast<std::int64_t>(counts.of(method, status)));
        }
    }
    figures.one("orch_event_streams", "gauge", "Open event streams.", static_cast<std::int64_t>(seats.taken()));
}

} // namespace

void add_metrics_calls(Router &router, Database &database, const JobQueue &queue, const PluginSet &plugins,
                       const RequestCounts &counts, const StreamSeats &seats, const Postman *postman) {
    router.add("GET", "/metrics", Access::everyone, [&, postman](const Request &) {
        Figures figures;
        add_jobs(figures, database);
        add_spool(figures, queue);
        add_plugins(figures, plugins);
        add_requests(figures, counts, seats);
        if (postman != nullptr) add_mails(figures, postman->counts());
        for (const auto &plugin : plugins.started()) {
            if (auto *metrics = plugins.metrics(plugin)) add_figures_of(figures, plugin, *metrics);
        }
        Response response;
        response.content_type = "text/plain; version=0.0.4; charset=utf-8";
        response.body = figures.text();
        return response;
    });
}

} // namespace host::http
