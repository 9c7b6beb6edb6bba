// The way from other threads to the one that runs an io_context, for as long as there is
// one: an answer that comes after the server is gone falls on the floor.
//
// What is posted while that thread is busy is one event for it, and wakes it once: the
// spool answers a dozen sessions at a time.
//
// Include it in coroutine files only, as stream.h.
//
// Threads  any.
// Lifetime shared with whoever posts; the io_context lives until Close().
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace tlsrpt::net {

class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  explicit Mailbox(boost::asio::io_context& io) : io_(&io) {}

  // `work` does not throw.
  void Post(std::function<void()> work) {
    const std::lock_guard lock(mutex_);
    if (io_ == nullptr) return;
    waiting_.push_back(std::move(work));
    if (posted_) return;
    // Where memory is short this throws; the next to come then takes `work` along.
    boost::asio::post(*io_, [self = shared_from_this()] { self->Deliver(); });
    posted_ = true;
  }

  void Close() {
    const std::lock_guard lock(mutex_);
    io_ = nullptr;
  }

 private:
  void Deliver() {
    std::vector<std::function<void()>> delivered;
    {
      const std::lock_guard lock(mutex_);
      delivered.swap(waiting_);
      posted_ = false;
    }
    for (const auto& work : delivered) work();
  }

  std::mutex mutex_;
  boost::asio::io_context* io_;
  std::vector<std::function<void()>> waiting_;
  bool posted_ = false;  // Deliver() is on its way
};

}  // namespace tlsrpt::net
