// Ten thousand ways in which a signed mail, or the record of its key, can be a little
// off. The same seed gives the same mail on every machine.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "tests/support/dkim/keys.h"

namespace tlsrpt::test {

struct SignedCase {
  std::string mail;
  std::string record;  // of sel._domainkey.firm.example
  std::chrono::sys_seconds now;
  std::string history;  // what was done to it, for the message of a failing test
};

SignedCase MakeCase(std::uint32_t seed);

}  // namespace tlsrpt::test
