// One DKIM-Signature field, read and judged as far as that needs no key (RFC 6376, 3.5
// and 6.1.1).
//
// Threads  pure functions.
// Lifetime views into the field given.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "ingest/dkim/canonical.h"
#include "ingest/dkim/dkim_result.h"
#include "ingest/dkim/fault.h"
#include "ingest/mail/header_block.h"

namespace tlsrpt::ingest {

// Google names some twenty, many of them twice.
inline constexpr std::size_t kMaxSignedFields = 100;

struct SignatureField {
  // Why it cannot pass whatever its key is.
  std::optional<DkimFault> fault;
  // What the tags say; as much as could be read where there is a fault.
  DkimResult said;

  std::string key_name;    // "selector._domainkey.domain"
  bool rsa = false;        // else Ed25519
  bool subdomain = false;  // the domain of i= is below d=
  Canonicalization header_form = Canonicalization::kSimple;
  Canonicalization body_form = Canonicalization::kSimple;
  std::vector<std::string_view> signed_fields;  // h=
  std::string body_hash;                        // bh=, decoded
  std::string signature;                        // b=, decoded
  // The field without what is in b=, as it was when it was signed (RFC 6376, 3.5).
  std::string unsigned_raw;
};

// `received_at` as in verify.h.
SignatureField ReadSignatureField(const HeaderField& field,
                                  std::optional<TimePoint> received_at);

}  // namespace tlsrpt::ingest
