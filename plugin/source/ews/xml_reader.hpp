// Documents of XML, one after the other in one stream of bytes, as events. [pure]
//
// Names come without their prefixes, and what declares prefixes is left out. A DTD ends the reading: no entity
// is ever declared. Characters that XML has not, which Exchange sends all the same where a mail has them, are
// replaced.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace roe::ews {

struct XmlAttribute {
    std::string_view name;
    std::string_view value;
};

class XmlEvents {
  public:
    virtual ~XmlEvents() = default;
    // false from any of them ends the reading: XmlEnd::stopped.
    virtual bool open(std::string_view name, std::span<const XmlAttribute> attributes) = 0;
    virtual bool close() = 0;
    virtual bool text(std::string_view piece) = 0;
};

enum class XmlEnd : std::uint8_t {
    none,     // the reading goes on
    stopped,  // by the events
    no_xml,   // not well-formed, or it has a DTD
    too_large // a tag, a comment or what stands before the first tag
};

// [one thread]
class XmlReader {
  public:
    // `markup_bytes`: the most that is kept of what is not text before it is complete.
    XmlReader(XmlEvents &events, std::size_t markup_bytes);
    ~XmlReader();
    XmlReader(const XmlReader &) = delete;
    XmlReader &operator=(const XmlReader &) = delete;

    // After an end other than `none` nothing more is taken.
    XmlEnd feed(std::string_view bytes);

    // Whether a document has begun and not ended.
    [[nodiscard]] bool within() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace roe::ews
