// Ends calls that wait for PostgreSQL longer than anybody should.
//
// libpq waits for ever for a server that neither answers nor closes: a network that
// swallows packets while the kernel still takes ours, a server process that is stopped.
// statement_timeout is the server's and does not help then. The watchdog shuts the
// socket down from outside; the call that waits sees a connection that broke.
//
// Threads  every function from any thread.
// Lifetime outlives the tickets; connections share it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace tlsrpt::store {

class Watchdog {
 public:
  Watchdog();
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // While it lives, `socket` is watched: shut down after `limit` (zero: never), or when
  // InterruptAll() says so. Null: nobody watches. The socket must stay open meanwhile and
  // be nobody else's: a duplicate, since libpq closes its own whenever it likes.
  class Ticket {
   public:
    Ticket(Watchdog* watchdog, int socket, std::chrono::milliseconds limit);
    ~Ticket();
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;

   private:
    Watchdog* watchdog_;
    std::uint64_t number_ = 0;
  };

  // Every call under way, and every later one, is ended after `grace`.
  void InterruptAll(std::chrono::milliseconds grace = {});

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Watched {
    int socket;
    Time until;
  };

  void Run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::uint64_t, Watched> watched_;
  std::uint64_t next_number_ = 1;
  std::optional<Time> all_until_;  // from InterruptAll()
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace tlsrpt::store
