// A plugin for the host's own tests: it uses every service, and fires when it is told to.
//
//   trigger type `probe`     Text (required), Count (default 1): starting it asks for Count jobs, by the same
//   keys
//                            each time; Attachment: text that is laid out as a file in the job's spool;
//                            Picture: that file is an image/png of this content id; Payload: more members of
//                            the payload; after a restore it notes so and asks for none, or fails if
//                            Unrestorable is there
//   settings page `probe`    items in memory; a secret that is sealed; actions `echo`, `wait`, `change`, which
//                            notes a change of the item, and `put-asset`: Value into the asset Name
//                            its list does not come back while there is a file `hang-in-list`
//                            `notify`: Text to Address under Key
//   figures                  probe_items
//   outcomes                 a line in the file `ended` for each time it is told; `busy` while there is such a
//                            file
//   erasure                  notes the tenant in the file `erased`; of the tenant `Unerasable` it fails
//   each call                throws while the file `throw` is in the data folder: a std::exception with the
//   call's
//                            name, or what is none when the file says "other"
#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "orch/sdk/plugin.hpp"

namespace {

using namespace orch::sdk;
using nlohmann::json;

class Probe final : public Plugin,
                    public TriggerProvider,
                    public SettingsPage,
                    public Metrics,
                    public Erasure,
                    public JobOutcomes,
                    public Translations {
  public:
    Outcome<void> start(Host &host) override {
        host_ = &host;
        const auto &told = host.configuration()["plugin"];
        if (told.value("Fail", false)) return failed("told to fail");
        if (told.value("Throw", false)) throw std::runtime_error("told to throw");
        if (told.value("HangInStart", false)) hang();
        return {};
    }
    void stop() override {
        throw_if_told("stop");
        if (host_->configuration()["plugin"].value("HangInStop", false)) hang();
        std::ofstream(host_->data_folder() / "stopped") << "yes";
    }
    TriggerProvider *trigger_provider() override { return this; }
    SettingsPage *settings_page() override { return this; }
    Metrics *metrics() override { return this; }
    Erasure *erasure() override { return this; }
    JobOutcomes *job_outcomes() override { return this; }
    Translations *translations() override { return this; }

    Outcome<json> describe(std::string_view tenant, std::string_view locale) override {
        throw_if_told("describe types");
        return json::array({{{"id", "probe"},
                             {"title", {{"en", "Probe"}, {"ru", "Проба"}}},
                             {"schema", {{"tenant", tenant}, {"locale", locale}}},
                             {"uiSchema", json::object()}}});
    }

    Outcome<json> validate(const TriggerDraft &draft) override {
        throw_if_told("validate");
        auto parameters = draft.parameters;
        if (!parameters.contains("Text")) return invalid({{"Text", "is required"}});
        if (!parameters.contains("Count")) parameters["Count"] = 1;
        return parameters;
    }

    Outcome<void> start(const Trigger &trigger) override {
        throw_if_told("start a trigger");
        {
            const std::lock_guard lock(mutex_);
            started_[trigger.id] = trigger.parameters;
        }
        if (trigger.restored) {
            if (trigger.parameters.contains("Unrestorable")) return failed("told to fail after a restore");
            std::ofstream(host_->data_folder() / "restored", std::ios::app)
                << trigger.id << ' ' << trigger.restored->from << ' ' << trigger.restored->until << '\n';
            return {};
        }
        std::vector<JobRequest> requests;
        for (int number = 0; number < trigger.parameters["Count"].get<int>(); ++number) {
            requests.push_back(request(trigger.id, std::to_string(number), trigger.parameters));
        }
        return ask(requests);
    }

    Outcome<void> stop(std::string_view trigger) override {
        throw_if_told("stop a trigger");
        const std::lock_guard lock(mutex_);
        started_.erase(std::string(trigger));
        return {};
    }
    Outcome<void> forget(std::string_view trigger) override {
        throw_if_told("forget");
        std::ofstream(host_->data_folder() / "forgotten", std::ios::app) << trigger << '\n';
        return stop(trigger);
    }

    Outcome<json> state(std::string_view trigger) override {
        throw_if_told("state");
        const std::lock_guard lock(mutex_);
        const auto found = started_.find(std::string(trigger));
        if (found == started_.end()) return not_found("never heard of it");
        return json{{"id", trigger},        {"state", "started"},  {"since", nullptr},
                    {"lastFired", nullptr}, {"lastMail", nullptr}, {"error", nullptr}};
    }

    Outcome<json> messages(std::string_view, const PageQuery &query) override {
        throw_if_told("messages");
        return json{{"items", json::array({{{"id", "1"}, {"limit", query.limit}}})}, {"next", nullptr}};
    }

    Outcome<json> message_action(std::string_view trigger, const MessageAction &action) override {
        throw_if_told("message_action");
        if (const auto asked =
                ask({request(std::string(trigger), "row-" + action.row, {{"Text", action.user}})});
            !asked) {
            return asked.failure();
        }
        return json{{"id", action.row}, {"action", action.action}};
    }

    Outcome<json> preview(const TriggerDraft &draft, std::uint32_t limit, const Cancellation &) override {
        throw_if_told("preview");
        return json{
            {"items", json::array({{{"subject", draft.parameters.value("Text", "")}, {"limit", limit}}})}};
    }

    Outcome<json> describe() override {
        throw_if_told("describe pages");
        return json::array({{{"id", "probe"},
                             {"title", {{"en", "Probe"}}},
                             {"schema", json::object()},
                             {"uiSchema", json::object()},
                             {"columns", json::array()},
                             {"actions", {"echo", "wait"}}}});
    }
    Outcome<json> list(std::string_view, const Caller &caller, const PageQuery &) override {
        throw_if_told("list");
        while (std::filesystem::exists(host_->data_folder() / "hang-in-list"))
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        const std::lock_guard lock(mutex_);
        auto items = json::array();
        for (const auto &[id, item] : items_) {
            if (item["tenant"] == caller.tenant) items.push_back(item);
        }
        return json{{"items", items}, {"next", nullptr}};
    }
    Outcome<json> get(std::string_view, const Caller &caller, std::string_view item) override {
        throw_if_told("get");
        const std::lock_guard lock(mutex_);
        const auto found = items_.find(std::string(item));
        if (found == items_.end() || found->second["tenant"] != caller.tenant) return not_found("no such item");
        return found->second;
    }
    Outcome<json> create(std::string_view, const Caller &caller, const json &values) override {
        throw_if_told("create");
        if (!values.contains("Name")) return invalid({{"Name", "is required"}});
        auto secrets = host_->secrets();
        if (!secrets) return secrets.failure();
        auto sealed = secrets->seal("probe", values.value("Secret", ""));
        if (!sealed) return sealed.failure();
        auto opened = secrets->open("probe", *sealed);
        if (!opened) return opened.failure();
        JournalEvent event{70001, "IncomingEmailCreated", caller.tenant, caller.user, {"probe", "1", "x"}};
        auto journal = host_->journal();
        if (const auto written = journal->write(std::span(&event, 1)); !written) return written.failure();
        const std::lock_guard lock(mutex_);
        const auto id = std::to_string(++last_);
        items_[id] = {
            {"id", id}, {"Name", values["Name"]}, {"tenant", caller.tenant}, {"secretLength", opened->size()}};
        return items_[id];
    }
    Outcome<json> update(std::string_view page, const Caller &caller, std::string_view item,
                         const json &values) override {
        throw_if_told("update");
        if (item == "base")
            return Failure{Status::read_only, "the base item may only be read", "base-read-only"};
        auto found = get(page, caller, item);
        if (!found) return found;
        const std::lock_guard lock(mutex_);
        items_[std::string(item)].update(values);
        return items_[std::string(item)];
    }
    Outcome<void> remove(std::string_view page, const Caller &caller, std::string_view item) override {
        throw_if_told("remove");
        if (item == "used") return Failure{Status::conflict, "the task X uses it"};
        if (const auto found = get(page, caller, item); !found) return found.failure();
        const std::lock_guard lock(mutex_);
        items_.erase(std::string(item));
        return {};
    }
    Outcome<json> action(std::string_view, const Caller &caller, const PageAction &action,
                         const Cancellation &cancellation, const Progress &progress) override {
        throw_if_told("action");
        if (action.name == "put-asset") return put_asset(caller.tenant, action.values);
        if (action.name == "notify") return notify(caller.tenant, action.values);
        if (action.name == "wait") {
            std::ofstream(host_->data_folder() / "waiting") << "yes";
            progress({{"name", "waiting"}});
            while (!cancellation.requested())
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
            std::ofstream(host_->data_folder() / "cancelled") << "yes";
            return cancelled();
        }
        if (action.name == "change") {
            if (const auto noted =
                    host_->page_changes()->note("probe", caller.tenant, action.item.value_or(""));
                !noted) {
                return noted.failure();
            }
            return json::object();
        }
        if (action.name == "refuse") return invalid({{"Name", "is odd"}});
        progress({{"name", "one"}});
        if (action.name == "refuse-late") return invalid({{"Name", "is odd"}});
        progress({{"name", "two"}});
        return json{{"ok", true}, {"values", action.values}, {"id", action.item.value_or("")}};
    }

    // Its words are few: "… is odd", and "told …" of what throws.
    Outcome<json> translate(std::string_view locale, const json &said) override {
        throw_if_told("translate");
        auto text = said.dump();
        for (const auto &[english, russian] :
             {std::pair{R"("is odd")", R"("странно")"},
              {R"("is required")", R"("нужно")"},
              {R"("one")", R"("один")"},
              {R"("the base item may only be read")", R"("только для чтения")"}})
            for (auto at = text.find(english); locale == "ru" && at != std::string::npos;
                 at = text.find(english))
                text.replace(at, std::string_view(english).size(), russian);
        return json::parse(text);
    }

    Outcome<std::vector<Metric>> read() override {
        throw_if_told("read figures");
        const std::lock_guard lock(mutex_);
        return std::vector<Metric>{{"probe_items",
                                    Metric::Type::gauge,
                                    "Items\nof the probe.",
                                    {{{{"of", "a \"tenant\""}}, static_cast<double>(items_.size())}}},
                                   {"probe_seconds_total", Metric::Type::counter, "Seconds.", {{{}, 0.25}}}};
    }

    Outcome<std::int64_t> erase(std::string_view tenant) override {
        throw_if_told("erase");
        if (tenant == host_->configuration()["plugin"].value("Unerasable", "none"))
            return failed("told to fail");
        std::ofstream(host_->data_folder() / "erased", std::ios::app) << '[' << tenant << "]\n";
        return 3;
    }

    Outcome<void> job_ended(std::string_view tenant, const EndedJob &job) override {
        const std::lock_guard lock(mutex_);
        std::ofstream(host_->data_folder() / "ended", std::ios::app)
            << json{{"tenant", tenant},
                    {"id", job.id},
                    {"key", job.key},
                    {"retryOf", job.retry_of.value_or("")},
                    {"trigger", job.trigger},
                    {"task", job.task.name},
                    {"state", job.state},
                    {"exitCode", job.exit_code.value_or(-1)},
                    {"startedAt", job.started_at.value_or("")},
                    {"endedAt", job.ended_at}}
                   .dump()
            << '\n';
        if (std::filesystem::exists(host_->data_folder() / "busy"))
            return Failure{Status::busy, "told to be busy"};
        return {};
    }

  private:
    void throw_if_told(const std::string &call) const {
        std::ifstream told(host_ == nullptr ? "" : host_->data_folder() / "throw");
        std::string what;
        if (!(told >> what)) return;
        if (what == "other") throw 42;
        throw std::runtime_error("told to throw in " + call);
    }

    Outcome<json> put_asset(const std::string &tenant, const json &values) {
        const auto name = values["Name"].get<std::string>();
        const auto assets = host_->assets();
        const auto there = assets->exists(tenant, name);
        if (const auto put = assets->put(tenant, name, values["Value"].dump()); !put) return put.failure();
        return json{{"wasThere", *there}};
    }

    Outcome<json> notify(const std::string &tenant, const json &values) {
        auto notifications = host_->notifications();
        if (!notifications) return notifications.failure();
        const auto text = values["Text"].get<std::string>();
        const auto sent = notifications->send(tenant, values["Key"].get<std::string>(),
                                              {{values["Address"].get<std::string>()}, text, text, {}, {}});
        if (!sent) return sent.failure();
        return json::object();
    }

    // Until a test lets it go.
    void hang() const {
        while (!std::filesystem::exists(host_->data_folder() / "go-on"))
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }

    JobRequest request(const std::string &trigger, const std::string &number, const json &parameters) {
        JobRequest request{trigger + "-" + number, trigger, {}, {}};
        json payload{{"text", parameters["Text"]}, {"number", number}};
        if (parameters.contains("Attachment")) {
            request.spool = request.key;
            const auto folder = *host_->jobs()->spool_folder() / request.spool;
            std::filesystem::create_directories(folder);
            std::ofstream(folder / "a.txt") << parameters["Attachment"].get<std::string>();
            std::ofstream(folder / "raw.eml") << "Subject: x\r\n\r\n";
            payload["raw"] = (folder / "raw.eml").string();
            payload["attachments"] =
                json::array({{{"name", "Счёт \"1\".txt"},
                              {"mediaType", "text/plain"},
                              {"path", (folder / "a.txt").string()}},
                             {{"name", "stolen"}, {"mediaType", "text/plain"}, {"path", "/etc/hostname"}}});
        }
        if (parameters.contains("Picture")) {
            payload["attachments"][0]["contentId"] = parameters["Picture"];
            payload["attachments"][0]["mediaType"] = "image/png";
        }
        if (parameters.contains("Payload")) payload.update(parameters["Payload"]);
        request.payload = payload.dump();
        return request;
    }

    Outcome<void> ask(const std::vector<JobRequest> &requests) {
        for (const auto &reply : host_->jobs()->start(requests)) {
            if (!reply.taken()) return failed("not taken: " + reply.words);
        }
        return {};
    }

    Host *host_ = nullptr;
    std::mutex mutex_;
    std::map<std::string, json> started_;
    std::map<std::string, json> items_;
    int last_ = 0;
};

} // namespace

ORCH_SDK_PLUGIN("probe", "1.0.0", std::make_unique<Probe>)
