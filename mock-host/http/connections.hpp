// The server's open connections, so that a client that drips its headers can't hold a thread for ever, and so
// that a stop can close them all. Poco's own time limit begins anew with every byte.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include <Poco/Net/StreamSocket.h>

namespace host::http {

class Connections {
  public:
    // `patience`: how long a connection may stay without a whole request.
    explicit Connections(std::chrono::milliseconds patience);
    ~Connections();

    // One connection, as long as it is served.
    class Open {
      public:
        Open(Connections &connections, const Poco::Net::StreamSocket &socket);
        ~Open();
        Open(const Open &) = delete;
        Open &operator=(const Open &) = delete;

      private:
        Connections &connections_;
        int descriptor_;
    };

    // [any thread] A request has come whole, or is answered.
    void set_busy(int descriptor, bool busy);

    // Nothing more is read from any of them. What is being sent still goes out: Poco keeps the end of an answer
    // until the request is gone.
    void close_all();

  private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        Poco::Net::StreamSocket socket;
        bool busy = false;
        Clock::time_point since;
    };
    void watch();

    const std::chrono::milliseconds patience_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;
    std::map<int, Entry> open_; // by descriptor
    std::thread thread_;        // last: it uses the others
};

} // namespace host::http
