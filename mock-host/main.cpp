// mock-host: a small orchestrator. See --help.
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include "orchestrator.hpp"
#include "process_environment.hpp"
#include "restore.hpp"
#include "security/key_ring.hpp"

namespace {

constexpr std::string_view usage =
    "usage: mock-host --config FILE --plugins DIR --data DIR --listen HOST:PORT [--key-file FILE] [--web DIR]\n"
    "       mock-host --mark-restored --config FILE --data DIR\n"
    "  --config    JSON: Tenants, Users, Assignment, Jobs, Notifications, Plugins\n"
    "  --plugins   a folder with one sub-folder for each plugin\n"
    "  --data      where the host keeps what it must not lose; made if it is not there\n"
    "  --listen    port 0 means any free one; the address is printed once requests are answered\n"
    "  --key-file  the key for secrets; else ORCH_SECRET_KEY, else DATA/secret.key, made on the first run\n"
    "  --web       the web pages as built; else ../web beside the folder of this program\n"
    "--mark-restored: to be run once when a backup was restored to DIR, before the host is started on it: "
    "nothing\n"
    "that the backup does not know to be finished is started again.\n"
    "SIGTERM or SIGINT stops it; jobs that run go on without it. Status 0: stopped; 1: failed; 2: the\n"
    "configuration or the command line is refused; 3: a plugin did not stop, and was left behind.\n";

constexpr int exit_plugin_hangs = 3;

struct Arguments {
    std::string configuration;
    host::OrchestratorPlace place;
    bool mark_restored = false;
};

std::optional<Arguments> read_arguments(int count, char **texts) {
    Arguments arguments;
    for (int index = 1; index < count; ++index) {
        const std::string_view name = texts[index];
        if (name == "--mark-restored") {
            arguments.mark_restored = true;
            continue;
        }
        if (index + 1 == count) return std::nullopt;
        const std::string value = texts[++index];
        if (name == "--config") {
            arguments.configuration = value;
        } else if (name == "--plugins") {
            arguments.place.plugins = value;
        } else if (name == "--data") {
            arguments.place.data = value;
        } else if (name == "--listen") {
            arguments.place.listen = value;
        } else if (name == "--key-file") {
            arguments.place.key_file = value;
        } else if (name == "--web") {
            arguments.place.web = value;
        } else {
            return std::nullopt;
        }
    }
    const auto &place = arguments.place;
    const bool can_mark = !arguments.configuration.empty() && !place.data.empty();
    const bool can_run = can_mark && !place.plugins.empty() && !place.listen.empty();
    if (arguments.mark_restored ? !can_mark : !can_run) return std::nullopt;
    return arguments;
}

int run(Arguments arguments, host::StopSignal &stop_signal) {
    arguments.place.launcher = host::program_folder() / "job-launcher";
    if (arguments.place.web.empty()) arguments.place.web = host::program_folder().parent_path() / "web";
    host::Orchestrator orchestrator(host::read_configuration_file(arguments.configuration), arguments.place);
    orchestrator.start();
    std::cout << "listening on http://" << orchestrator.address() << std::endl;
    stop_signal.wait();
    if (!orchestrator.stop()) std::_Exit(exit_plugin_hangs); // nothing may be taken down that it still uses
    return 0;
}

int mark_restored(const Arguments &arguments) {
    const auto marked =
        host::mark_restored(host::read_configuration_file(arguments.configuration), arguments.place.data);
    if (marked.known_until > 0)
        std::cout << "restored: the backup knows nothing after " << host::rfc3339(marked.known_until) << '\n';
    std::cout << "restored: " << marked.triggers
              << " triggers begin anew, each taking what it finds at its first look as dealt with\n"
              << "restored: " << marked.jobs << " unfinished jobs are interrupted now, and not run again\n";
    if (marked.mails > 0)
        std::cout << "restored: " << marked.mails
                  << " notifications go unsent, as they may have been sent since\n";
    return 0;
}

} // namespace

int main(int count, char **texts) {
    if (count == 2 && std::string_view(texts[1]) == "--help") {
        std::cout << usage;
        return 0;
    }
    const auto arguments = read_arguments(count, texts);
    if (!arguments) {
        std::cerr << usage;
        return 2;
    }
    try {
        if (arguments->mark_restored) return mark_restored(*arguments);
        host::StopSignal stop_signal;
        return run(*arguments, stop_signal);
    } catch (const host::ConfigurationRefused &refused) {
        std::cerr << "mock-host: " << refused.what() << '\n';
        return 2;
    } catch (const host::SecretRefused &refused) {
        std::cerr << "mock-host: " << refused.what() << '\n';
        return 2;
    } catch (const std::exception &error) {
        std::cerr << "mock-host: " << error.what() << '\n';
        return 1;
    }
}
