// A list of MAPI properties as TNEF has it (MS-OXTNEF 2.1.3.4), one after the other. [one thread]
#pragma once

#include <cstdint>
#include <cstdio>

#include "message/file_window.hpp"

namespace roe::message {

// MS-OXCDATA 2.11.1
enum class MapiType : std::uint16_t { object = 0x000D, string8 = 0x001E, unicode = 0x001F, binary = 0x0102 };

struct MapiProperty {
    std::uint16_t id = 0;
    MapiType type{}; // of one value, also of the others that MS-OXCDATA has
    bool many = false;
    std::int64_t begin = 0; // of its value, the first where there are many
    std::int64_t end = 0;
};

class MapiProperties {
  public:
    MapiProperties(std::FILE *file, std::int64_t begin, std::int64_t end);

    // False at the end, or where the list makes no sense (`broken`).
    bool next(MapiProperty &property);
    [[nodiscard]] bool broken() const { return broken_; }
    [[nodiscard]] bool failed() const { return bytes_.failed(); } // the file could not be read

  private:
    bool read(MapiProperty &property);
    bool skip_name();
    bool read_values(MapiProperty &property);
    bool skip(std::int64_t size);

    FileWindow bytes_;
    std::uint32_t left_ = 0;
    bool broken_ = false;
};

} // namespace roe::message
