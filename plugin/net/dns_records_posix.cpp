#include "base/ascii.hpp"
#include "net/dns_records.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <tuple>
#include <utility>

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

namespace roe::net {
namespace {

constexpr std::size_t most_records = 64;
constexpr std::size_t longest_answer = 16384;

using Bytes = std::span<const std::uint8_t>;

// Anything else in a target is an escape of ns_name_uncompress, hence no host name.
bool is_host_name(std::string_view name) {
    return !name.empty() && name.size() <= 253 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    });
}

// The name at `at` within the message, in lower case; empty for the root.
std::optional<std::string> name_at(const ns_msg &message, const std::uint8_t *at) {
    std::array<char, NS_MAXDNAME> text{};
    if (ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), at, text.data(), text.size()) < 0)
        return std::nullopt;
    std::string name = lower(text.data());
    if (name == ".") name.clear();
    if (!name.empty() && !is_host_name(name)) return std::nullopt;
    return name;
}

std::uint16_t number_at(const std::uint8_t *at) {
    return static_cast<std::uint16_t>(at[0] << 8U | at[1]);
}

// Calls `take` with the data of each answer of the type. False when the message is none.
bool each_answer(Bytes answer, ns_type type,
                 const std::function<void(const ns_msg &, const std::uint8_t *data, std::size_t size)> &take) {
    ns_msg message{};
    if (answer.size() > std::numeric_limits<int>::max() ||
        ns_initparse(answer.data(), static_cast<int>(answer.size()), &message) != 0)
        return false;
    const auto count = std::min<std::size_t>(ns_msg_count(message, ns_s_an), most_records);
    for (std::size_t i = 0; i < count; ++i) {
        ns_rr record{};
        if (ns_parserr(&message, ns_s_an, static_cast<int>(i), &record) != 0) return i > 0;
        if (ns_rr_type(record) == type) take(message, ns_rr_rdata(record), ns_rr_rdlen(record));
    }
    return true;
}

struct ResolverState {
    ResolverState() : ready(res_ninit(&state) == 0) {}
    ~ResolverState() {
        if (ready) res_nclose(&state);
    }
    ResolverState(const ResolverState &) = delete;
    ResolverState &operator=(const ResolverState &) = delete;

    struct __res_state state {};
    const bool ready;
};

Error records_error(Fault fault, const std::string &name, std::string words, std::string advice) {
    return Error{.fault = fault,
                 .step = "dns",
                 .doing = "looking up the services of " + name,
                 .server_text = std::move(words),
                 .advice = std::move(advice)};
}

// The bytes of the answer; none when the name or the type does not exist.
Result<std::vector<std::uint8_t>> query(const std::string &name, ns_type type,
                                        const std::optional<NameServer> &server) {
    ResolverState resolver;
    auto &state = resolver.state;
    if (!resolver.ready)
        return records_error(Fault::name_lookup, name, "the resolver can't be set up",
                             "Check /etc/resolv.conf.");
    state.retrans = 2;
    state.retry = 2;
    state.nscount = std::min(state.nscount, 2);
    state.options &= ~static_cast<unsigned long>(RES_DNSRCH | RES_DEFNAMES);
    // A cut answer has records enough; its repetition by TCP would wait for as long as the kernel likes.
    state.options |= RES_IGNTC | RES_USE_EDNS0;
    if (server) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server->port);
        inet_pton(AF_INET, server->address.c_str(), &address.sin_addr);
        state.nsaddr_list[0] = address;
        state.nscount = 1;
    }
    std::vector<std::uint8_t> answer(longest_answer);
    const int size =
        res_nquery(&state, name.c_str(), ns_c_in, type, answer.data(), static_cast<int>(answer.size()));
    if (size >= 0) {
        answer.resize(std::min(answer.size(), static_cast<std::size_t>(size)));
        return answer;
    }
    if (state.res_h_errno == HOST_NOT_FOUND || state.res_h_errno == NO_DATA) return std::vector<std::uint8_t>();
    return records_error(state.res_h_errno == TRY_AGAIN ? Fault::timed_out : Fault::name_lookup, name,
                         hstrerror(state.res_h_errno), "Check this machine's DNS settings and its network.");
}

template <class Record, class Parse>
Result<std::vector<Record>> look_up(const std::string &name, ns_type type,
                                    const std::optional<NameServer> &server, Parse parse) {
    const auto answer = query(name, type, server);
    if (!answer) return answer.error();
    if (answer->empty()) return std::vector<Record>();
    auto records = parse(Bytes(*answer));
    if (!records) return records_error(Fault::protocol, name, "the name server's answer makes no sense", "");
    return std::move(*records);
}

} // namespace

std::optional<std::vector<ServiceRecord>> parse_services(Bytes answer) {
    std::vector<ServiceRecord> records;
    const bool sound = each_answer(
        answer, ns_t_srv, [&records](const ns_msg &message, const std::uint8_t *data, std::size_t size) {
            constexpr std::size_t numbers = 6;
            if (size <= numbers) return;
            auto host = name_at(message, data + numbers);
            if (!host) return;
            records.push_back({number_at(data), number_at(data + 2), number_at(data + 4), std::move(*host)});
            if (!records.back().host.empty() && records.back().port == 0) records.pop_back();
        });
    if (!sound) return std::nullopt;
    std::ranges::stable_sort(records, {}, [](const ServiceRecord &record) {
        return std::tuple(record.priority, -static_cast<int>(record.weight));
    });
    return records;
}

std::optional<std::vector<MailExchange>> parse_exchanges(Bytes answer) {
    std::vector<MailExchange> records;
    const bool sound = each_answer(
        answer, ns_t_mx, [&records](const ns_msg &message, const std::uint8_t *data, std::size_t size) {
            constexpr std::size_t numbers = 2;
            if (size <= numbers) return;
            auto host = name_at(message, data + numbers);
            // RFC 7505: the root means that the domain takes no mail.
            if (host && !host->empty()) records.push_back({number_at(data), std::move(*host)});
        });
    if (!sound) return std::nullopt;
    std::ranges::stable_sort(records, {}, &MailExchange::preference);
    return records;
}

Result<std::vector<ServiceRecord>> SystemDnsRecords::services(const std::string &name) {
    return look_up<ServiceRecord>(name, ns_t_srv, server_, parse_services);
}

Result<std::vector<MailExchange>> SystemDnsRecords::exchanges(const std::string &domain) {
    return look_up<MailExchange>(domain, ns_t_mx, server_, parse_exchanges);
}

} // namespace roe::net
