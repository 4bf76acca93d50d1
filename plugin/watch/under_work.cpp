#include "watch/under_work.hpp"

#include "watch/work_note.hpp"

namespace roe::watch {

UnderWork::Note UnderWork::note(const ledger::InterruptedMail &mail, bool deadly) {
    return {*this, written_note(mail), deadly};
}

Result<std::unique_ptr<UnderWork>> begin_after_deaths(const std::filesystem::path &folder,
                                                      ledger::Ledger &ledger, WallTime now) {
    for (const auto &mail : UnderWork::left_behind(folder))
        if (auto counted = ledger.count_death(mail, now); !counted) return counted.error();
    return UnderWork::begin(folder);
}

} // namespace roe::watch
