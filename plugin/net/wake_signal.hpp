#pragma once

namespace roe::net {

// A descriptor that any thread can make readable, to end a wait.
class WakeSignal {
  public:
    WakeSignal();
    ~WakeSignal();
    WakeSignal(const WakeSignal &) = delete;
    WakeSignal &operator=(const WakeSignal &) = delete;

    void raise() const noexcept; // [any thread]
    void clear() const noexcept;
    [[nodiscard]] int descriptor() const { return descriptor_; }

  private:
    int descriptor_ = -1;
};

} // namespace roe::net
