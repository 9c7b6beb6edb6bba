// A spool that a test opens and shuts: entries wait in it until their answer is given.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include "ingest/spool/entry_sink.h"

namespace tlsrpt::test {

class Spooled {
 public:
  ingest::EntrySink Sink() {
    return [this](ingest::SpoolEntry entry, std::function<void(Result<void>)> done) {
      const std::lock_guard lock(mutex_);
      entries_.push_back(std::move(entry));
      if (answer_at_once_) {
        done({});
      } else {
        waiting_.push_back(std::move(done));
      }
      arrived_.notify_all();
    };
  }

  void AnswerAtOnce(bool at_once) {
    const std::lock_guard lock(mutex_);
    answer_at_once_ = at_once;
  }

  // Waits for the entry with this number, from 0.
  ingest::SpoolEntry Entry(std::size_t number) {
    std::unique_lock lock(mutex_);
    const bool there = arrived_.wait_for(lock, std::chrono::seconds(60),
                                         [&] { return entries_.size() > number; });
    EXPECT_TRUE(there) << "no message in time";
    return there ? entries_[number] : ingest::SpoolEntry{};
  }

  void Answer(const Result<void>& result) {
    std::vector<std::function<void(Result<void>)>> waiting;
    {
      const std::lock_guard lock(mutex_);
      waiting.swap(waiting_);
    }
    for (const auto& done : waiting) done(result);
  }

  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<ingest::SpoolEntry> entries_;
  std::vector<std::function<void(Result<void>)>> waiting_;
  bool answer_at_once_ = true;
};

}  // namespace tlsrpt::test
