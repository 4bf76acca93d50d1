#include "source/ews/answer_parser.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <span>
#include <string>
#include <utility>

#include <pugixml.hpp>

#include "base/ascii.hpp"
#include "source/ews/base64_stream.hpp"
#include "source/ews/message_reader.hpp"
#include "source/ews/xml_reader.hpp"
#include "source/words.hpp"

namespace roe::ews {

namespace {

constexpr std::size_t page_bytes = 4096;       // of what is no answer, to find words in it
constexpr std::size_t handed_bytes = 16 << 10; // of a mail at once: some servers break its base64 into lines
constexpr std::size_t element_cost = 128;      // what an element takes beside its texts, about

struct Title {
    std::size_t begin = std::string::npos;
    std::size_t end = std::string::npos;
};

// Where the first "<title>Sign in to Outlook</title>" of a page lies, as far as it has come.
Title title_of(std::string_view page) {
    const std::string folded = lower(page);
    const auto tag = folded.find("<title");
    if (tag == std::string::npos) return {};
    return {folded.find('>', tag), folded.find("</title", tag)};
}

// The title; else the page's first words, if it is no markup.
std::string words_of_page(std::string_view page) {
    if (page.find('<') == std::string_view::npos) return clean_words(page);
    const Title title = title_of(page);
    if (title.end == std::string::npos || title.end < title.begin) return {};
    return clean_words(page.substr(title.begin + 1, title.end - title.begin - 1));
}

Error no_answer(std::string_view page) {
    const std::string words = words_of_page(page);
    Error error = unreadable_answer("the answer is no answer of Exchange Web Services" +
                                    (words.empty() ? std::string() : ", but \"" + words + '"'));
    error.advice =
        "Check EWSUrl: it usually is https://SERVER/EWS/Exchange.asmx. An address that ends in /owa or /ecp, "
        "or a sign-in page or proxy in between, answers people, not programs.";
    return error;
}

int to_int(std::string_view text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

} // namespace

struct AnswerParser::State final : XmlEvents {
    AnswerLimits limits;
    MimeSink *sink;
    const std::vector<ItemId> *asked;

    XmlReader reader;
    std::string page;       // the body's beginning, until it has shown itself to be an answer
    bool is_answer = false; // an Envelope has begun
    bool is_page = false;   // it is something else
    std::optional<Error> error;

    std::size_t depth = 0;
    std::size_t messages = 0;
    std::deque<Message> ready;
    std::optional<ServerVersion> server;

    // The message under way.
    pugi::xml_document tree;
    pugi::xml_node at; // the element under way; null outside of messages
    std::size_t message_depth = 0;
    std::size_t spent = 0;                             // of message_bytes
    std::size_t transport_spent = 0, listed_spent = 0; // of header_bytes
    std::string value;                                 // its text so far

    std::optional<Base64Stream> mime;
    std::size_t mime_depth = 0;
    std::uint64_t mime_size = 0;
    bool mime_begun = false;
    std::string decoded;

    State(MimeSink *to, const std::vector<ItemId> *items, const AnswerLimits &bounds)
        : limits(bounds), sink(to), asked(items), reader(*this, bounds.markup_bytes) {}

    bool fail(Error why) {
        error = std::move(why);
        return false;
    }

    bool open(std::string_view name, std::span<const XmlAttribute> attributes) override {
        if (++depth > limits.depth) return fail(unreadable_answer("the answer's elements are nested too deep"));
        if (depth == 1) return begin_document(name);
        if (mime) return fail(unreadable_answer("the answer has elements inside of a mail"));
        if (!at) {
            if (name == "ServerVersionInfo") take_server(attributes);
            const bool begins = name.ends_with("ResponseMessage") || (name == "Fault" && depth == 3);
            if (!begins) return true;
            begin_message();
        }
        if (name == "MimeContent") return begin_mime();
        return add(name, attributes);
    }

    bool begin_document(std::string_view name) {
        if (name == "Envelope") {
            is_answer = true;
            page.clear();
            return true;
        }
        if (is_answer) return fail(unreadable_answer("the answer has a document that is no SOAP"));
        is_page = true;
        return false;
    }

    void take_server(std::span<const XmlAttribute> attributes) {
        ServerVersion version;
        for (const XmlAttribute &attribute : attributes) {
            if (attribute.name == "MajorVersion") version.major = to_int(attribute.value);
            if (attribute.name == "MinorVersion") version.minor = to_int(attribute.value);
            if (attribute.name == "MajorBuildNumber") version.build = to_int(attribute.value);
        }
        server = version;
    }

    void begin_message() {
        tree.reset();
        at = tree;
        message_depth = depth;
        spent = transport_spent = listed_spent = 0;
        mime_begun = false;
    }

    bool add(std::string_view name, std::span<const XmlAttribute> attributes) {
        if (!spend(element_cost + name.size())) return false;
        at = at.append_child(std::string(name).c_str());
        for (const XmlAttribute &attribute : attributes) {
            if (!spend(element_cost + attribute.name.size() + attribute.value.size())) return false;
            at.append_attribute(std::string(attribute.name).c_str())
                .set_value(std::string(attribute.value).c_str());
        }
        value.clear();
        return true;
    }

    bool spend(std::size_t bytes) {
        spent += bytes;
        return spent <= limits.message_bytes ||
               fail(unreadable_answer("one message of the answer is too large"));
    }

    bool text(std::string_view piece) override {
        if (mime) return take_mime(piece);
        if (!at) return true;
        const std::string_view name = at.name();
        if (name == "Value") return take_header(piece, transport_spent);
        if (name == "InternetMessageHeader") return take_header(piece, listed_spent);
        if (!spend(piece.size())) return false;
        value += piece;
        return true;
    }

    bool take_header(std::string_view piece, std::size_t &spent_on_it) {
        const std::string_view fits = piece.substr(0, limits.header_bytes - spent_on_it);
        spent_on_it += fits.size();
        value += fits;
        if (fits.size() < piece.size() && !at.attribute(cut_mark)) at.append_attribute(cut_mark);
        return true;
    }

    bool begin_mime() {
        mime.emplace();
        mime_depth = depth;
        mime_size = 0;
        decoded.clear();
        if (std::exchange(mime_begun, true))
            return fail(unreadable_answer("the answer has two contents of one mail"));
        if (sink == nullptr) return true;
        if (messages >= asked->size())
            return fail(unreadable_answer("the answer has more mails than were asked for"));
        if (auto begun = sink->begin(messages); !begun) return fail(std::move(begun.error()));
        return true;
    }

    bool take_mime(std::string_view piece) {
        if (sink == nullptr) return true;
        const std::size_t before = decoded.size();
        if (!mime->decode(piece, decoded))
            return fail(unreadable_answer("a mail in the answer is not in base64"));
        mime_size += decoded.size() - before;
        if (mime_size > limits.mime_bytes) return fail(unreadable_answer("a mail in the answer is too large"));
        return decoded.size() < handed_bytes || hand_on_mime();
    }

    bool hand_on_mime() {
        if (decoded.empty()) return true;
        auto written = sink->write(decoded);
        decoded.clear();
        return written.ok() || fail(std::move(written.error()));
    }

    bool end_mime() {
        const bool whole = sink == nullptr || mime->end();
        mime.reset();
        if (!whole) return fail(unreadable_answer("a mail in the answer ends in the middle of its base64"));
        return sink == nullptr || hand_on_mime();
    }

    bool close() override {
        const std::size_t closed = depth--;
        if (mime && closed == mime_depth) return end_mime();
        if (!at) return true;
        if (!value.empty() && !at.first_child()) at.text().set(value.c_str());
        value.clear();
        if (closed > message_depth) {
            at = at.parent();
            return true;
        }
        return end_message();
    }

    bool end_message() {
        auto message = read_message(at, limits.header_bytes);
        at = {};
        if (!message) return fail(std::move(message.error()));
        message->position = messages;
        if (sink != nullptr && mime_begun && !end_item(*message)) return false;
        ++messages;
        ready.push_back(std::move(*message));
        return true;
    }

    bool end_item(const Message &message) {
        const auto *items = std::get_if<ItemPage>(&message.content);
        if (items == nullptr) return fail(unreadable_answer("the answer has a mail and says that it has none"));
        const std::string &id = items->items.front().item.id;
        if (asked->size() > 1 && !id.empty() && id != (*asked)[messages].id)
            return fail(
                unreadable_answer("the answer has another mail in the place of one that was asked for"));
        if (auto ended = sink->end(messages); !ended) return fail(std::move(ended.error()));
        return true;
    }

    Result<void> feed(std::string_view bytes) {
        if (error) return *error;
        if (!is_answer) page.append(bytes.substr(0, page_bytes - page.size()));
        if (!is_page) read(bytes);
        // The title of a page may come later than what tells it from an answer.
        const bool enough = page.size() == page_bytes || title_of(page).end != std::string::npos;
        if (is_page && enough) error = no_answer(page);
        if (error) return *error;
        return {};
    }

    void read(std::string_view bytes) {
        const XmlEnd end = reader.feed(bytes);
        if (end == XmlEnd::none || error) return;
        if (!is_answer && end != XmlEnd::too_large) {
            is_page = true;
        } else {
            error = unreadable_answer(end == XmlEnd::too_large ? "a tag of the answer is too large"
                                                               : "the answer's XML is broken");
        }
    }

    Result<void> end() {
        const bool is_text = !page.empty() && page.find('<') == std::string::npos;
        if (!error && (is_page || is_text)) error = no_answer(page);
        if (!error && reader.within()) error = unreadable_answer("the answer was cut off");
        if (!error && messages == 0) error = unreadable_answer("the answer is empty");
        if (error) return *error;
        return {};
    }
};

AnswerParser::AnswerParser(const AnswerLimits &limits)
    : state_(std::make_unique<State>(nullptr, nullptr, limits)) {}

AnswerParser::AnswerParser(MimeSink &sink, const std::vector<ItemId> &asked, const AnswerLimits &limits)
    : state_(std::make_unique<State>(&sink, &asked, limits)) {}

AnswerParser::~AnswerParser() = default;

Result<void> AnswerParser::feed(std::string_view bytes) {
    return state_->feed(bytes);
}

Result<void> AnswerParser::end() {
    return state_->end();
}

std::optional<Message> AnswerParser::next() {
    if (state_->ready.empty()) return std::nullopt;
    Message message = std::move(state_->ready.front());
    state_->ready.pop_front();
    return message;
}

std::optional<ServerVersion> AnswerParser::server() const {
    return state_->server;
}

} // namespace roe::ews
