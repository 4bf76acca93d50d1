#include "watch/known_starts.hpp"

#include <algorithm>

namespace roe::watch {

namespace {

// A sender who repeats one mail for ever would have us ask for ever.
constexpr int most_asked_for = 200;

Result<bool> is_there(MailSource &source, const MailRef &ref) {
    if (ref.order == 0) return true;
    const auto next = source.list(ref.order - 1, 1);
    if (!next) return next.error();
    return !next->empty() && next->front().order == ref.order;
}

} // namespace

Result<KnownStarts> KnownStarts::of(std::span<const ledger::FiredMail> fired, ledger::RowId folder,
                                    const std::string &validity, MailSource &source) {
    KnownStarts known;
    std::map<std::string, int> copies;
    int asked = 0;
    for (const auto &mail : fired) {
        if (mail.folder != folder || mail.validity != validity) {
            if (mail.started) ++known.under_other_names[mail.fingerprint];
            continue;
        }
        if (!mail.started) ++copies[mail.fingerprint];
        if (mail.removed) continue;
        if (mail.started) ++known.vanished[mail.fingerprint];
        const auto there = ++asked > most_asked_for ? Result(true) : is_there(source, mail.ref);
        if (!there) return there.error();
        if (*there) --known.vanished[mail.fingerprint];
    }
    // A copy stands for a start that was counted under the name that the mail had before.
    for (const auto &[fingerprint, count] : copies) {
        auto &elsewhere = known.under_other_names[fingerprint];
        const auto stood_for = std::min(elsewhere, count);
        elsewhere -= stood_for;
        known.vanished[fingerprint] += stood_for;
    }
    return known;
}

} // namespace roe::watch
