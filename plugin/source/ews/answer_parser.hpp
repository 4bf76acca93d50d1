// Reads an answer of an Exchange server as it comes, whatever its dialect: prefixes, messages and types
// namespace, a byte order mark, elements that nobody knows, several documents in one body. [pure]
//
// Everything is bounded: memory is that of one message without its MimeContent, which is decoded as it comes.
// A DTD, and with it every entity, is refused.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "source/ews/answers.hpp"
#include "source/ews/ids.hpp"

namespace roe::ews {

struct AnswerLimits {
    std::size_t depth = 64;               // elements inside of each other
    std::size_t markup_bytes = 64 << 10;  // one tag with its attributes
    std::size_t message_bytes = 32 << 20; // texts and attributes of one message, headers apart
    std::size_t header_bytes = 1 << 20;   // of one mail; the rest is cut and said so
    std::uint64_t mime_bytes = 2ULL << 30;
};

// Where the MimeContent of an answer goes, decoded. An error of it ends the parsing.
class MimeSink {
  public:
    virtual ~MimeSink() = default;
    // `position` is that of the item in the request. Its id follows after its content only.
    virtual Result<void> begin(std::size_t position) = 0;
    virtual Result<void> write(std::string_view bytes) = 0;
    // The item is complete, and it is the one of that position.
    virtual Result<void> end(std::size_t position) = 0;
};

// One for each exchange. [one thread]
class AnswerParser {
  public:
    explicit AnswerParser(const AnswerLimits &limits = {});
    // For get_item_mime: `asked` are the items of the request, held against the answer's. When several were
    // asked for and one answers with another id than its place has, its bytes are not to be trusted: an error.
    // Both outlive the parser.
    AnswerParser(MimeSink &sink, const std::vector<ItemId> &asked, const AnswerLimits &limits = {});
    ~AnswerParser();
    AnswerParser(const AnswerParser &) = delete;
    AnswerParser &operator=(const AnswerParser &) = delete;

    // The next bytes of the answer's body. After an error (Fault::protocol: it is no answer of Exchange, or
    // exceeds a limit; or the sink's own) it takes nothing more.
    Result<void> feed(std::string_view bytes);

    // The body is over. An error when it was cut off, or was empty.
    Result<void> end();

    // The next message that has come whole; nothing: feed more. Take them after each feed.
    std::optional<Message> next();

    // What the answer's header says of the server, once it has come.
    [[nodiscard]] std::optional<ServerVersion> server() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace roe::ews
