#include "source/ews/xml_reader.hpp"

#include <algorithm>
#include <new>
#include <string>
#include <type_traits>
#include <vector>

#include <expat.h>

#include "source/ews/xml_mender.hpp"

namespace roe::ews {

namespace {

constexpr std::size_t slice_bytes = 16 << 10;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

std::string_view local(std::string_view name) {
    const auto colon = name.rfind(':');
    return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

} // namespace

struct XmlReader::State {
    struct ParserFree {
        void operator()(XML_Parser to_free) const { XML_ParserFree(to_free); }
    };

    XmlEvents &events;
    std::size_t markup_bytes;
    std::unique_ptr<std::remove_pointer_t<XML_Parser>, ParserFree> parser;
    XmlMender mender;
    std::string mended;    // of one slice
    bool ended = false;    // the document's last tag has come
    bool begun = false;    // its first one has
    bool open = false;     // bytes of a document have been given to the parser
    std::size_t given = 0; // so many of them
    std::size_t until = 0; // where in them the last tag ended
    XmlEnd end = XmlEnd::none;
    std::vector<XmlAttribute> attributes;
    std::size_t depth = 0;

    State(XmlEvents &to, std::size_t most) : events(to), markup_bytes(most), parser(XML_ParserCreate(nullptr)) {
        if (!parser) throw std::bad_alloc();
        attach();
    }

    void attach() {
        XML_SetUserData(parser.get(), this);
        XML_SetElementHandler(parser.get(), on_open, on_close);
        XML_SetCharacterDataHandler(parser.get(), on_text);
        XML_SetStartDoctypeDeclHandler(parser.get(), on_doctype);
#if XML_MAJOR_VERSION > 2 || XML_MINOR_VERSION >= 6
        // Or the last tag of a streaming answer may be held back until the next answer comes.
        XML_SetReparseDeferralEnabled(parser.get(), XML_FALSE);
#endif
    }

    void stop(XmlEnd why) {
        end = why;
        XML_StopParser(parser.get(), XML_FALSE);
    }

    static void XMLCALL on_open(void *self, const XML_Char *name, const XML_Char **attributes) {
        auto &state = *static_cast<State *>(self);
        if (state.end != XmlEnd::none) return;
        state.begun = true;
        ++state.depth;
        state.attributes.clear();
        for (; *attributes != nullptr; attributes += 2) {
            const std::string_view attribute = attributes[0];
            if (!attribute.starts_with("xmlns")) state.attributes.push_back({local(attribute), attributes[1]});
        }
        if (!state.events.open(local(name), state.attributes)) state.stop(XmlEnd::stopped);
    }

    static void XMLCALL on_close(void *self, const XML_Char *) {
        auto &state = *static_cast<State *>(self);
        if (state.end != XmlEnd::none) return;
        if (!state.events.close()) {
            state.stop(XmlEnd::stopped);
            return;
        }
        if (--state.depth > 0) return;
        state.ended = true;
        const auto begin = XML_GetCurrentByteIndex(state.parser.get());
        const auto size = XML_GetCurrentByteCount(state.parser.get());
        state.until = static_cast<std::size_t>(begin) + static_cast<std::size_t>(size);
        XML_StopParser(state.parser.get(), XML_TRUE); // what follows is another document
    }

    static void XMLCALL on_text(void *self, const XML_Char *text, int size) {
        auto &state = *static_cast<State *>(self);
        if (state.end != XmlEnd::none) return;
        if (!state.events.text({text, static_cast<std::size_t>(size)})) state.stop(XmlEnd::stopped);
    }

    static void XMLCALL on_doctype(void *self, const XML_Char *, const XML_Char *, const XML_Char *, int) {
        static_cast<State *>(self)->stop(XmlEnd::no_xml);
    }

    // The parser may be anywhere in the document: how much of it waits there unfinished?
    [[nodiscard]] std::size_t waiting() const {
        const auto at = begun ? XML_GetCurrentByteIndex(parser.get()) : 0;
        return at < 0 ? 0 : given - std::min(given, static_cast<std::size_t>(at));
    }

    // Gives bytes to the parser, at most up to a document's end, and takes them off.
    void parse(std::string_view &bytes) {
        const std::size_t before = given;
        given += bytes.size();
        const auto status = XML_Parse(parser.get(), bytes.data(), static_cast<int>(bytes.size()), XML_FALSE);
        if (end != XmlEnd::none) return;
        if (ended) {
            bytes.remove_prefix(std::min(bytes.size(), until - std::min(until, before)));
            XML_ParserReset(parser.get(), nullptr);
            attach();
            ended = begun = open = false;
            given = until = depth = 0;
            return;
        }
        bytes = {};
        if (status == XML_STATUS_ERROR) {
            end = XmlEnd::no_xml;
        } else if (waiting() > markup_bytes) {
            end = XmlEnd::too_large;
        }
    }

    // White space and byte order marks between documents; both may come in pieces.
    static void skip_gap(std::string_view &bytes) {
        while (!bytes.empty()) {
            const bool blank =
                bytes.front() == ' ' || bytes.front() == '\t' || bytes.front() == '\r' || bytes.front() == '\n';
            if (!blank && byte_order_mark.find(bytes.front()) == std::string_view::npos) return;
            bytes.remove_prefix(1);
        }
    }
};

XmlReader::XmlReader(XmlEvents &events, std::size_t markup_bytes)
    : state_(std::make_unique<State>(events, markup_bytes)) {}

XmlReader::~XmlReader() = default;

XmlEnd XmlReader::feed(std::string_view bytes) {
    State &state = *state_;
    while (!bytes.empty() && state.end == XmlEnd::none) {
        state.mended.clear();
        state.mender.mend(bytes.substr(0, slice_bytes), state.mended);
        bytes.remove_prefix(std::min(bytes.size(), slice_bytes));
        std::string_view slice = state.mended;
        while (!slice.empty() && state.end == XmlEnd::none) {
            if (!state.open) State::skip_gap(slice);
            if (slice.empty()) break;
            state.open = true;
            state.parse(slice);
        }
    }
    return state.end;
}

bool XmlReader::within() const {
    return state_->open;
}

} // namespace roe::ews
