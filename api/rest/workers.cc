#include "api/rest/workers.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "base/thread.h"

namespace tlsrpt::api {

class Workers::Impl {
 public:
  Impl(WorkersOptions options, Tell on_away, Tell on_error)
      : options_(std::move(options)),
        on_away_(std::move(on_away)),
        on_error_(std::move(on_error)) {
    for (std::size_t i = 0; i < options_.threads; ++i) {
      threads_.emplace_back([this] {
        NameThread("api");
        Run();
      });
    }
  }

  bool Post(Job job) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || waiting_.size() >= options_.max_waiting) return false;
      waiting_.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
  }

  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      waiting_.clear();
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  using steady_clock = std::chrono::steady_clock;

  class OwnLane final : public Lane {
   public:
    explicit OwnLane(Impl& pool) : pool_(pool) {}

    store::Connection* Database() override {
      if (connection_ != nullptr && !connection_->IsBroken()) return connection_.get();
      connection_.reset();
      if (tried_at_ && steady_clock::now() - *tried_at_ < pool_.options_.retry_after) {
        return nullptr;
      }
      auto opened = store::Connection::Open(pool_.options_.connect);
      if (!opened) {
        // From here, not from before: opening may itself have taken its time.
        tried_at_ = steady_clock::now();
        pool_.Away(opened.error().error.message);
        return nullptr;
      }
      tried_at_.reset();
      pool_.away_ = false;
      connection_ = *std::move(opened);
      return connection_.get();
    }

   private:
    Impl& pool_;
    std::unique_ptr<store::Connection> connection_;
    std::optional<steady_clock::time_point> tried_at_;
  };

  void Away(const std::string& why) {
    if (!away_.exchange(true)) on_away_(why);
  }

  void Run() {
    OwnLane lane(*this);
    for (;;) {
      Job job;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
        if (stopping_) return;
        job = std::move(waiting_.front());
        waiting_.pop_front();
      }
      try {
        job(lane);
      } catch (const std::exception& e) {
        on_error_(e.what());
      }
    }
  }

  const WorkersOptions options_;
  const Tell on_away_;
  const Tell on_error_;
  std::atomic<bool> away_ = false;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

Workers::Workers(WorkersOptions options, Tell on_away, Tell on_error)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(on_away),
                                   std::move(on_error))) {}

Workers::~Workers() { Stop(); }

bool Workers::Post(Job job) { return impl_->Post(std::move(job)); }

void Workers::Stop() { impl_->Stop(); }

}  // namespace tlsrpt::api
