#include "store/audit.hpp"

#include "base/times.hpp"
#include "store/journal.hpp"

namespace host::audit {

void note(Session &session, const Kind &kind, const Actor &by, const Subject &subject,
          const nlohmann::json &details) {
    const auto text = [](const nlohmann::json &document) {
        // A name that came with a request may be no UTF-8.
        return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    };
    const nlohmann::json about{{"kind", subject.kind}, {"id", subject.id}, {"name", subject.name}};
    journal::insert(session,
                    {0, wall_now(), by.plugin, kind.code, kind.name, by.tenant,
                     by.user.empty() ? std::nullopt : std::optional(by.user), text(about), text(details)});
}

} // namespace host::audit
