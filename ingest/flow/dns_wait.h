// Which entries may wait for DNS, and how long until they are looked at again.
//
// A temporary failure of DNS is neither pass nor fail, so the report waits. But whoever
// sends a mail chooses whose DNS we wait for; so what waits is bounded, and what does not
// fit is decided at once on what is known: nobody vouches. Only what is signed as a
// counted reporter is held instead, and holds its domain back: its refusals would count.
//
// Threads  every function from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace tlsrpt::ingest {

// From receipt. A sender's DNS that is away longer has more to mend than its reports; and
// readiness does not count on a report that is three days late either.
inline constexpr std::chrono::hours kMaxDnsWait{72};

struct DnsWaitLimits {
  // Of bodies: a tenth of the spool's quota, so that what waits cannot fill it. Half of
  // it is kept for what is signed as a counted reporter: whoever lets his own DNS hang
  // could fill it all, and then the next key of Google's to be looked up finds no room.
  std::uint64_t max_bytes = 0;
  // Of one `d=`, unless it is one that a counted reporter signs with: nobody but Google
  // can make google.com's DNS fail to answer, so when it does, all of a day's reports
  // must wait, and not a hundred of them.
  std::size_t max_per_domain = 100;
  std::chrono::milliseconds first_back_off{250};
  std::chrono::milliseconds last_back_off = std::chrono::minutes(5);
};

class DnsWait {
 public:
  explicit DnsWait(DnsWaitLimits limits) : limits_(limits) {}

  struct Turn {
    std::chrono::milliseconds back_off;
    int tries;  // this one included
  };
  // The entry waits for `domain`: until it is to be looked at again. Nothing: there is no
  // room to wait.
  std::optional<Turn> Wait(std::int64_t entry_id, const std::string& domain,
                           std::uint64_t bytes, bool is_counted_signer);
  // It does not wait any more. Harmless for one that never did.
  void Forget(std::int64_t entry_id);

  std::size_t size() const;

 private:
  struct Waiting {
    std::string domain;
    std::uint64_t bytes = 0;
    int tries = 0;
    bool is_counted_signer = false;
  };

  void Remove(std::unordered_map<std::int64_t, Waiting>::iterator at);

  const DnsWaitLimits limits_;
  mutable std::mutex mutex_;
  std::unordered_map<std::int64_t, Waiting> waiting_;
  std::unordered_map<std::string, std::size_t> per_domain_;
  std::uint64_t bytes_ = 0;
  std::uint64_t strangers_bytes_ = 0;  // of those, what waits for nobody counted
};

}  // namespace tlsrpt::ingest
