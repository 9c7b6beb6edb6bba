// libopendkim, asked to sign and to verify: a second opinion that we did not write.
//
// Threads  one at a time: its key lookup has no place for a closure of ours.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "ingest/dkim/key_lookup.h"
#include "tests/support/dkim/keys.h"

namespace tlsrpt::test {

struct OpenDkimResult {
  bool pass = false;
  std::string error;  // in its words
};

// One for each signature field it took for one, in their order.
std::vector<OpenDkimResult> OpenDkimVerify(const std::string& mail,
                                           const ingest::DkimKeyLookup& keys,
                                           std::chrono::sys_seconds now);

struct OpenDkimSign {
  KeyPtr key;
  bool relaxed_header = false;
  bool relaxed_body = false;
  std::string domain = "firm.example";
  std::string selector = "sel";
  std::chrono::sys_seconds now;
};

// `mail` with a signature on top.
std::string SignWithOpenDkim(const std::string& mail, const OpenDkimSign& options);

}  // namespace tlsrpt::test
