// GET /api/events: what changes, as it changes (server-sent events, HTML standard §9.2).
//
// A stream begins with `open`, which names the point to go on from; who comes back with Last-Event-ID gets what
// came meanwhile, or `reset` when that is no longer known: then the page loads anew.
#include <chrono>

#include "base/problem.hpp"
#include "http/event_log.hpp"
#include "http/resources.hpp"
#include "http/stream_seats.hpp"

namespace host::http {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds keep_alive{15}; // proxies drop what is silent for longer
constexpr std::chrono::seconds look_around{1}; // whether the client is still there, and still may
constexpr std::chrono::hours longest_stream{1};
constexpr std::size_t records_at_once = 256;

std::string frame(const std::string &kind, const std::string &id, const std::string &data) {
    return "id: " + id + "\nevent: " + kind + "\ndata: " + data + "\n\n";
}

bool may_see(const Request &request, const Event &event) {
    return event.tenant == request.tenant && (!event.administrators_only || request.user.administrates());
}

void follow(EventLog &log, const Request &request, const SendText &send) {
    const EventLog::Listener listener(log); // first: it may move the point that all else starts from
    std::string text = "retry: 2000\n\n";
    std::uint64_t cursor = 0;
    if (const auto last = request.header("last-event-id")) {
        cursor = log.cursor_of(*last);
    } else {
        cursor = log.now();
        text += frame("open", log.name_of(cursor), "{}");
    }
    const auto end = Clock::now() + longest_stream;
    auto sent_at = Clock::now();
    while (true) {
        const auto piece = log.read(cursor, records_at_once);
        if (piece.lost) text += frame("reset", log.name_of(piece.cursor), "{}");
        for (const auto &event : piece.events) {
            if (may_see(request, *event)) text += frame(event->kind, log.name_of(event->number), event->data);
        }
        cursor = piece.cursor;
        if (text.empty() && Clock::now() - sent_at >= keep_alive) text = ": keep-alive\n\n";
        if (!text.empty()) {
            if (!send(text)) return;
            sent_at = Clock::now();
            text.clear();
        }
        if (log.closed() || request.given_up() || !request.still_signed_in() || Clock::now() > end) return;
        log.wait(cursor, look_around);
    }
}

} // namespace

void add_event_calls(Router &router, EventLog &log, StreamSeats &seats) {
    router.add("GET", "/api/events", Access::signed_in, [&](const Request &request) {
        const auto seat = seats.take(request.user.name);
        if (!seat) {
            Problem problem(503, "too-many-streams",
                            "too many event streams are open; close some, or come later");
            problem.retry_after = std::chrono::seconds(5);
            throw problem;
        }
        Response response;
        response.content_type = "text/event-stream";
        response.text = [&log, request, seat](const SendText &send) { follow(log, request, send); };
        return response;
    });
}

} // namespace host::http
