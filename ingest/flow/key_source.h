// Where the public keys of DKIM signatures come from: DNS, behind an interface, so that
// this room needs no network and a test hands in its own keys.
//
// Threads  Find() from any thread.
#pragma once

#include <optional>
#include <string>

#include "ingest/dkim/key_lookup.h"

namespace tlsrpt::ingest {

class KeySource {
 public:
  virtual ~KeySource() = default;

  // Nothing while the answer is on its way: it was asked for, come back.
  virtual std::optional<DkimKeyAnswer> Find(const std::string& name) = 0;
};

}  // namespace tlsrpt::ingest
