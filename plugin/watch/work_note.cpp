#include "watch/work_note.hpp"

#include <charconv>
#include <cstdint>
#include <cstring>
#include <vector>

namespace roe::watch {

namespace {

// The head, then fields, each after its length. Numbers are in the machine's own order: nobody else reads them.
struct NoteHead {
    char name[8];
    std::uint64_t length; // of the fields
    std::uint64_t sum;    // of the fields
};

constexpr std::string_view note_name = "UNDRWRK1";
constexpr std::size_t fields_before_triggers = 11;

// FNV-1a, 64 bits: tells a note that was cut short, no more.
std::uint64_t sum_of(std::string_view bytes) {
    std::uint64_t sum = 0xcbf29ce484222325U;
    for (const char c : bytes)
        sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return sum;
}

void add_field(std::string &bytes, std::string_view field) {
    const auto length = static_cast<std::uint32_t>(field.size());
    bytes.append(reinterpret_cast<const char *>(&length), sizeof length).append(field);
}

std::optional<std::vector<std::string>> fields_of(std::string_view bytes) {
    std::vector<std::string> fields;
    while (!bytes.empty()) {
        std::uint32_t length = 0;
        if (bytes.size() < sizeof length) return std::nullopt;
        std::memcpy(&length, bytes.data(), sizeof length);
        bytes.remove_prefix(sizeof length);
        if (bytes.size() < length) return std::nullopt;
        fields.emplace_back(bytes.substr(0, length));
        bytes.remove_prefix(length);
    }
    return fields;
}

std::optional<std::int64_t> number_in(const std::string &field) {
    std::int64_t number = 0;
    const auto *end = field.data() + field.size();
    const auto read = std::from_chars(field.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return number;
}

std::string note_of(const ledger::InterruptedMail &mail, const ledger::MailWords &words) {
    std::string bytes(sizeof(NoteHead), '\0');
    add_field(bytes, std::to_string(mail.folder));
    add_field(bytes, mail.validity);
    add_field(bytes, std::to_string(mail.ref.order));
    add_field(bytes, mail.ref.uid);
    add_field(bytes, mail.node);
    add_field(bytes, std::to_string(mail.epoch));
    add_field(bytes, mail.tenant);
    add_field(bytes, words.message_id);
    add_field(bytes, words.subject);
    add_field(bytes, words.from);
    add_field(bytes, std::to_string(words.received_at.time_since_epoch().count()));
    for (const auto &trigger : mail.triggers)
        add_field(bytes, trigger);

    const auto fields = std::string_view(bytes).substr(sizeof(NoteHead));
    NoteHead head{{}, fields.size(), sum_of(fields)};
    std::memcpy(head.name, note_name.data(), sizeof head.name);
    std::memcpy(bytes.data(), &head, sizeof head);
    return bytes;
}

} // namespace

std::string written_note(const ledger::InterruptedMail &mail) {
    auto bytes = note_of(mail, mail.words);
    if (bytes.size() > longest_work_note) bytes = note_of(mail, {{}, {}, {}, mail.words.received_at});
    if (bytes.size() > longest_work_note) bytes.clear();
    return bytes;
}

std::optional<ledger::InterruptedMail> read_note(std::string_view bytes) {
    NoteHead head{};
    if (bytes.size() < sizeof head) return std::nullopt;
    std::memcpy(&head, bytes.data(), sizeof head);
    bytes.remove_prefix(sizeof head);
    if (std::string_view(head.name, sizeof head.name) != note_name || head.length > bytes.size())
        return std::nullopt;
    bytes = bytes.substr(0, head.length);
    if (sum_of(bytes) != head.sum) return std::nullopt;
    auto fields = fields_of(bytes);
    if (!fields || fields->size() < fields_before_triggers) return std::nullopt;

    auto &field = *fields;
    const auto folder = number_in(field[0]);
    const auto order = number_in(field[2]);
    const auto epoch = number_in(field[5]);
    const auto received_at = number_in(field[10]);
    if (!folder || !order || !epoch || !received_at) return std::nullopt;
    ledger::InterruptedMail mail;
    mail.folder = *folder;
    mail.validity = std::move(field[1]);
    mail.ref = {*order, std::move(field[3])};
    mail.node = std::move(field[4]);
    mail.epoch = *epoch;
    mail.tenant = std::move(field[6]);
    mail.words = {std::move(field[7]), std::move(field[8]), std::move(field[9]),
                  WallTime(WallTime::duration(*received_at))};
    for (std::size_t i = fields_before_triggers; i < field.size(); ++i)
        mail.triggers.push_back(std::move(field[i]));
    return mail;
}

} // namespace roe::watch
