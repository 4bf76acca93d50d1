#include "source/pop3/reader.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace roe::pop3 {

namespace {

// Answers wait in the server meanwhile, so that there must not be too many.
constexpr std::size_t most_ahead = 50;

std::string top(std::uint32_t number) {
    return "TOP " + std::to_string(number) + " 0";
}

std::string retr(std::uint32_t number) {
    return "RETR " + std::to_string(number);
}

// Keeps the header of what comes, as far as it is wanted.
class HeadBuffer {
  public:
    explicit HeadBuffer(std::size_t most) : most_(most) {}

    void add(std::string_view piece) {
        if (complete_) return;
        const std::size_t before = header_.size();
        header_ += piece.substr(0, most_ + 1 - std::min(most_, before));
        find_end(before);
        if (!complete_ && header_.size() > most_) {
            header_.resize(most_);
            complete_ = truncated_ = true;
        }
    }

    Head finish() { return {std::move(header_), truncated_}; }

  private:
    void find_end(std::size_t from) {
        if (header_.starts_with("\r\n") || header_.starts_with('\n')) {
            header_.clear();
            complete_ = true;
            return;
        }
        // The empty line may have begun in the piece before.
        for (std::size_t at = header_.find('\n', from < 3 ? 0 : from - 3); at != std::string::npos;
             at = header_.find('\n', at + 1)) {
            const auto rest = std::string_view(header_).substr(at + 1);
            if (!rest.starts_with('\n') && !rest.starts_with("\r\n")) continue;
            header_.resize(at + 1);
            complete_ = true;
            return;
        }
    }

    std::size_t most_;
    std::string header_;
    bool complete_ = false;
    bool truncated_ = false;
};

} // namespace

Result<void> Reader::heads(std::span<const std::uint32_t> numbers, const Take &take) {
    // CAPA leaves TOP out where it is switched off (RFC 2449 §6.1); servers with a broken CAPA have it anyway.
    std::vector<std::size_t> refused;
    const auto read = [&](std::size_t index, const Status &status, bool last_resort) -> Result<void> {
        if (!status.ok) {
            if (last_resort)
                take(index, std::nullopt);
            else
                refused.push_back(index);
            return {};
        }
        auto head = read_head();
        if (!head) return std::move(head.error());
        take(index, std::move(*head));
        return {};
    };
    if (knows_top_) {
        auto done = in_turn(
            numbers.size(), [&](std::size_t index) { return top(numbers[index]); },
            [&](std::size_t index, const Status &status) {
                if (is_unknown_command(status)) knows_top_ = false;
                return read(index, status, false);
            });
        if (!done) return done;
        if (!numbers.empty() && refused.size() == numbers.size() && numbers.size() > 1) knows_top_ = false;
    } else {
        for (std::size_t index = 0; index < numbers.size(); ++index)
            refused.push_back(index);
    }
    const auto by_body = std::exchange(refused, {});
    return in_turn(
        by_body.size(), [&](std::size_t i) { return retr(numbers[by_body[i]]); },
        [&](std::size_t i, const Status &status) { return read(by_body[i], status, true); });
}

Result<void> Reader::bodies(std::span<const std::uint32_t> numbers, const Place &place, RawSink &sink) {
    return in_turn(
        numbers.size(), [&](std::size_t index) { return retr(numbers[index]); },
        [&](std::size_t index, const Status &status) -> Result<void> {
            const auto [ref, size] = place(index);
            if (!status.ok) {
                sink.withheld(ref, session_.refusal(status, Fault::refused));
                return {};
            }
            if (auto begun = sink.begin(ref, size); !begun) return begun;
            auto written = session_.read_content([&sink](std::string_view piece) { return sink.write(piece); });
            if (!written) return written;
            return sink.end(ref);
        });
}

Result<std::optional<Status>> Reader::remove(std::span<const std::uint32_t> numbers) {
    std::optional<Status> refusal;
    auto done = in_turn(
        numbers.size(), [&](std::size_t index) { return "DELE " + std::to_string(numbers[index]); },
        [&](std::size_t, Status status) -> Result<void> {
            if (!status.ok) refusal = std::move(status);
            return {};
        });
    if (!done) return std::move(done.error());
    return refusal;
}

Result<void> Reader::in_turn(std::size_t count, const std::function<std::string(std::size_t)> &command,
                             const std::function<Result<void>(std::size_t, Status)> &answer) {
    const std::size_t ahead = session_.has("PIPELINING") ? most_ahead : 1;
    std::size_t sent = 0;
    for (std::size_t done = 0; done < count; ++done) {
        // A new handful goes out in one write when the last is half done.
        if (sent - done <= ahead / 2)
            for (; sent < std::min(count, done + ahead); ++sent)
                session_.queue(command(sent));
        auto status = session_.await(Session::Patience::patient);
        if (!status) return std::move(status.error());
        if (auto taken = answer(done, std::move(*status)); !taken) return taken;
    }
    return {};
}

Result<Head> Reader::read_head() {
    HeadBuffer head(limits_.header_bytes);
    auto read = session_.read_content([&head](std::string_view piece) -> Result<void> {
        head.add(piece);
        return {};
    });
    if (!read) return std::move(read.error());
    return head.finish();
}

} // namespace roe::pop3
