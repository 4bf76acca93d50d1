// What the shells of all extensions have in common: a C struct, and the class behind it.
#pragma once

#include "orch/sdk/abi/incoming.hpp"

namespace orch::sdk::abi {

// `C` is the struct, `Offered` the class, `into` whose it is.
template <class C, class Offered, Into into>
class Shell {
  public:
    // Null when it is not offered.
    [[nodiscard]] const C *c() const { return offered_ == nullptr ? nullptr : &c_; }

  protected:
    template <class... Functions>
    void fill(Side &side, Offered *offered, Functions... functions) {
        side_ = &side;
        offered_ = offered;
        c_ = {sizeof(C), 0, this, functions...};
    }

    // A null `self` is answered by Incoming before `offered` is asked.
    static Incoming incoming(void *self, const char *call, orch_error_t *error) {
        return {self == nullptr ? nullptr : static_cast<Shell *>(self)->side_, into, call, error};
    }
    static Side &side(void *self) { return *static_cast<Shell *>(self)->side_; }
    static Offered &offered(void *self) { return *static_cast<Shell *>(self)->offered_; }

  private:
    C c_{};
    Side *side_ = nullptr;
    Offered *offered_ = nullptr;
};

} // namespace orch::sdk::abi
