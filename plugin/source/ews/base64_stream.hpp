// Decodes base64 as it comes, in constant memory. [pure]
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace roe::ews {

class Base64Stream {
  public:
    Base64Stream();
    ~Base64Stream();
    Base64Stream(const Base64Stream &) = delete;
    Base64Stream &operator=(const Base64Stream &) = delete;

    // Appends what is known of the bytes by now. False: it is no base64. White space is nothing.
    bool decode(std::string_view text, std::string &to);

    // Whether all that came was whole groups.
    bool end();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace roe::ews
