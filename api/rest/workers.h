// The threads that answer: libpqxx waits for PostgreSQL, and the server's thread must
// not. Each has a connection of its own, opened when it is first needed and again after
// it broke.
//
// Errors   a job gets no connection while the database is away; why is logged once.
// Threads  Post() from any thread. A job runs on one of the pool's.
// Lifetime Stop() returns when the jobs in hand are done; what still waits is dropped.
//          The destructor calls it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "store/pg/connection.h"

namespace tlsrpt::api {

// The connection of the thread that runs a job.
class Lane {
 public:
  virtual ~Lane() = default;
  // Null: the database is away, and was asked moments ago.
  virtual store::Connection* Database() = 0;
};

struct WorkersOptions {
  std::size_t threads = 4;
  // More requests than this wait for nobody: the client is told to come again.
  std::size_t max_waiting = 256;
  // After a connection failed, so long passes before the next try; jobs meanwhile know
  // at once that the database is away.
  std::chrono::milliseconds retry_after{1000};
  store::ConnectOptions connect;
};

class Workers {
 public:
  using Job = std::function<void(Lane&)>;

  using Tell = std::function<void(const std::string&)>;

  // From a thread of the pool: `on_away` is told why, when a connection first fails and
  // whenever it does again after one stood; `on_error`, what a job has thrown.
  Workers(WorkersOptions options, Tell on_away, Tell on_error);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // False: too many wait.
  bool Post(Job job);
  void Stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tlsrpt::api
