// Keeps what the readers of ingest/import find, for tests to look at.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "ingest/import/message_sink.h"

namespace tlsrpt::ingest::testing {

class CollectingSink final : public MessageSink {
 public:
  void Message(std::string origin, std::string bytes) override {
    messages.emplace_back(std::move(origin), std::move(bytes));
  }
  void Unreadable(std::string origin, std::string why) override {
    unreadable.emplace_back(std::move(origin), std::move(why));
  }
  bool GoOn() override { return messages.size() < stop_after; }

  std::vector<std::string> Origins() const {
    std::vector<std::string> origins;
    for (const auto& [origin, bytes] : messages) origins.push_back(origin);
    return origins;
  }

  std::vector<std::pair<std::string, std::string>> messages;
  std::vector<std::pair<std::string, std::string>> unreadable;
  std::size_t stop_after = std::numeric_limits<std::size_t>::max();
};

}  // namespace tlsrpt::ingest::testing
