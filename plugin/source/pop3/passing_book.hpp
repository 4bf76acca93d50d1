// The order of one session's mails, for who looks but once: their places in the list.
#pragma once

#include <algorithm>

#include "source/arrival_book.hpp"

namespace roe::pop3 {

class PassingBook final : public ArrivalBook {
  public:
    Result<Shared> shared() override { return Shared(); }

    Result<Standing> note(std::span<const Mail> there, const Shared &) override {
        refs_.clear();
        for (const auto &mail : there)
            refs_.push_back({static_cast<std::int64_t>(refs_.size()) + 1, std::string(mail.name)});
        return Standing{"passing", static_cast<std::int64_t>(refs_.size())};
    }

    Result<std::vector<MailRef>> after(std::int64_t order, std::size_t most) override {
        const auto begin = std::min(static_cast<std::size_t>(std::max<std::int64_t>(order, 0)), refs_.size());
        const auto end = begin + std::min(most, refs_.size() - begin);
        return std::vector<MailRef>(refs_.begin() + static_cast<std::ptrdiff_t>(begin),
                                    refs_.begin() + static_cast<std::ptrdiff_t>(end));
    }

    Result<void> remove(std::span<const MailRef>) override { return {}; }

  private:
    std::vector<MailRef> refs_;
};

} // namespace roe::pop3
