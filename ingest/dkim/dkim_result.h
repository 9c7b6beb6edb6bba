// What came of one DKIM signature, in the words of RFC 8601, 2.7.1.
#pragma once

#include <string>
#include <string_view>

namespace tlsrpt::ingest {

enum class DkimOutcome {
  kNone,       // the message was not signed
  kPass,       // acceptable, and it verified
  kFail,       // acceptable, and it did not verify
  kPolicy,     // not acceptable here: expired, l=, ...
  kNeutral,    // a syntax error, or something that cannot be processed
  kTempError,  // undecided: the key could not be fetched. Try again
  kPermError,  // cannot be verified, and never will be
};

// "pass", "temperror", ...
std::string_view NameOf(DkimOutcome outcome);

struct DkimResult {
  DkimOutcome outcome = DkimOutcome::kNone;
  // Why it is no pass: the words of RFC 6376, 6.1, then what exactly after a colon.
  // Names nothing of the key or the message but tag names and numbers. Empty for a pass.
  std::string reason;

  std::string domain;     // d=: A-labels, lower case; empty if unreadable
  std::string selector;   // s=, likewise
  std::string identity;   // i= as sent, else "@" and d=
  std::string algorithm;  // a=: "rsa-sha256"

  // Of the key record that decided; unset where none was read.
  int key_bits = 0;
  bool key_weak = false;    // RSA below 2048 bits (RFC 8301, 3.2)
  std::string key_service;  // s= of the record: "tlsrpt", "email", "*"; "" if absent
  bool testing = false;     // t=y: to be treated as if unsigned (RFC 6376, 3.6.1)
  bool dnssec = false;      // the record was validated

  bool signs_from = false;           // h= covers the one From field
  bool signs_subject = false;        // as far as there is one field of the name
  bool signs_report_domain = false;  // TLS-Report-Domain, likewise
  bool body_length_limited = false;  // l= is there, whatever it says
};

}  // namespace tlsrpt::ingest
