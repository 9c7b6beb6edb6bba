// DNS questions without waiting: ask, and be called when the answer, or the lack of one,
// is known. An interface, so that a test hands in its own answers.
//
// Every question is answered once, within the resolver's timeout, whatever DNS does.
//
// Errors   none: an answer says kTemporaryFailure or kBogus, and why.
// Threads  Resolve() from any thread; `done` runs on the resolver's thread, or on the
//          caller's before Resolve() returns, and must not block.
// Lifetime what `done` touches outlives the resolver: its destructor answers what is
//          still open.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tlsrpt::net {

enum class DnsType : std::uint16_t {
  kA = 1,
  kMx = 15,
  kTxt = 16,
  kAaaa = 28,
  kTlsa = 52
};

struct DnsAnswer {
  enum class Status {
    kFound,
    kNone,              // no such name, or nothing of that type there
    kTemporaryFailure,  // no answer in time, SERVFAIL, refused, or too much asked at once
    kBogus,  // answered, and DNSSEC says that it is not the domain's word: use nothing
  };
  Status status = Status::kTemporaryFailure;
  std::vector<std::string> records;  // RDATA as on the wire; only with kFound
  // Validated from a trust anchor down, the absence of kNone included.
  bool dnssec = false;
  // How long it may be believed (RFC 1035, 3.2.1; RFC 2308, 5 for kNone).
  std::chrono::seconds ttl{0};
  std::string why;  // of a failure, for people
};

class Resolver {
 public:
  using Done = std::function<void(DnsAnswer)>;

  virtual ~Resolver() = default;

  // `name`: A-labels, with or without the last dot.
  virtual void Resolve(const std::string& name, DnsType type, Done done) = 0;
};

// The text of one TXT record: its character-strings joined with nothing between them, as
// DKIM and MTA-STS read them (RFC 6376, 3.6.2.2; RFC 8461, 3.1). Nothing where `rdata` is
// not one.
std::optional<std::string> TxtOf(std::string_view rdata);

}  // namespace tlsrpt::net
