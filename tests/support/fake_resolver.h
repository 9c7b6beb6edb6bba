// A resolver whose answers a test gives: at once, or when it says so.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/net/resolver.h"

namespace tlsrpt::test {

// RDATA of a TXT record of one character-string per element.
inline std::string TxtRdata(const std::vector<std::string>& strings) {
  std::string rdata;
  for (const std::string& text : strings) {
    rdata += static_cast<char>(text.size());
    rdata += text;
  }
  return rdata;
}

inline net::DnsAnswer TxtAnswer(const std::vector<std::string>& strings,
                                std::chrono::seconds ttl = std::chrono::seconds(300)) {
  net::DnsAnswer answer;
  answer.status = net::DnsAnswer::Status::kFound;
  answer.records = {TxtRdata(strings)};
  answer.ttl = ttl;
  return answer;
}

class FakeResolver final : public net::Resolver {
 public:
  // Answers every question about `name` at once from now on.
  void Set(const std::string& name, net::DnsAnswer answer) {
    const std::lock_guard lock(mutex_);
    answers_[name] = std::move(answer);
  }
  // Lets go of what is known about `name`: questions wait for Answer().
  void Hold(const std::string& name) {
    const std::lock_guard lock(mutex_);
    answers_.erase(name);
  }
  // Answers the questions about `name` that wait; how many did.
  std::size_t Answer(const std::string& name, const net::DnsAnswer& answer) {
    std::vector<Done> waiting;
    {
      const std::lock_guard lock(mutex_);
      waiting.swap(waiting_[name]);
    }
    for (const Done& done : waiting) done(answer);
    return waiting.size();
  }
  // How often `name` was asked for.
  std::size_t Asked(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = asked_.find(name);
    return found == asked_.end() ? 0 : found->second;
  }

  void Resolve(const std::string& name, net::DnsType, Done done) override {
    net::DnsAnswer answer;
    {
      const std::lock_guard lock(mutex_);
      ++asked_[name];
      const auto found = answers_.find(name);
      if (found == answers_.end()) {
        waiting_[name].push_back(std::move(done));
        return;
      }
      answer = found->second;
    }
    done(std::move(answer));
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, net::DnsAnswer> answers_;
  std::map<std::string, std::vector<Done>> waiting_;
  std::map<std::string, std::size_t> asked_;
};

}  // namespace tlsrpt::test
