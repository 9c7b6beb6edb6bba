// How the verifier asks for the key of a signature: by name, of answers that are there
// already. The room does no I/O; whoever calls it lends the answers, and asks DNS for
// what it was asked for in vain (ingest/flow/key_source.h).
//
// Threads  a lookup is called from the thread that verifies.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace tlsrpt::ingest {

// What DNS said of one key name.
struct DkimKeyAnswer {
  enum class Status {
    kFound,
    kNone,              // no such name, or no TXT record there
    kTemporaryFailure,  // no answer, SERVFAIL, or not asked
    kBogus,             // answered, and DNSSEC says that it is not the domain's word
  };
  Status status = Status::kTemporaryFailure;
  // One element a TXT record, its character-strings joined with nothing between them
  // (RFC 6376, 3.6.2.2), in any order.
  std::vector<std::string> records = {};
  bool dnssec = false;   // validated
  std::string why = {};  // of a failure, for people
};

using DkimKeyLookup = std::function<DkimKeyAnswer(const std::string& name)>;

}  // namespace tlsrpt::ingest
