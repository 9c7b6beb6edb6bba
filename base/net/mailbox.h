// The way from other threads to the one that runs an io_context, for as long as there is
// one: an answer that comes after the server is gone falls on the floor.
//
// Include it in coroutine files only, as stream.h.
//
// Threads  any.
// Lifetime shared with whoever posts; the io_context lives until Close().
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <mutex>
#include <utility>

namespace tlsrpt::net {

class Mailbox {
 public:
  explicit Mailbox(boost::asio::io_context& io) : io_(&io) {}

  void Post(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    if (io_ != nullptr) boost::asio::post(*io_, std::move(work));
  }

  void Close() {
    const std::lock_guard lock(mutex_);
    io_ = nullptr;
  }

 private:
  std::mutex mutex_;
  boost::asio::io_context* io_;
};

}  // namespace tlsrpt::net
