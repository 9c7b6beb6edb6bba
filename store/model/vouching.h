// How it is known who vouches for a report: what is stored beside its provenance and its
// reporter, so that an administrator can see it, and judge it, a year later.
//
// Empty and zero where it was not asked: an operator's word needs no signature.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "store/model/vocabulary.h"

namespace tlsrpt::store {

struct Vouching {
  // The one From address of the mail.
  std::string from_address;
  // It is one that the reporter's profile has (store/model/reporter.h), signed as the
  // profile says; without that no mail counts for a counted reporter. True where there
  // was no mail to ask.
  bool from_known = true;

  // The DKIM signature that vouches, or that a relay says it verified.
  std::string signing_domain;  // d=
  std::string selector;        // s=
  std::string algorithm;       // a=: "rsa-sha256"
  std::int32_t key_bits = 0;
  bool dnssec = false;      // the key record was validated
  bool tlsrpt_key = false;  // s=tlsrpt in the key record (RFC 8460, 3); few set it

  std::string why;  // why nobody vouches, in a few words

  bool operator==(const Vouching&) const = default;
};

// One of several vouched rows with the same report_key: the same report, by its own
// words, from different reporters. A forwarder that signs what it passes on, an import
// beside a mail - or a stranger who guessed a report-id.
struct VouchedCopy {
  Provenance provenance = Provenance::kNone;
  bool from_known = true;
  TimePoint received_at;
  std::string reporter;
};

// Whether `a` is the one that counts and `b` the copy, whichever came first: a reporter
// that its profile knows, then an operator's word, then any other signer; among equals
// the first received. A strict order, so that every reader picks the same.
bool CountsBefore(const VouchedCopy& a, const VouchedCopy& b);

}  // namespace tlsrpt::store
