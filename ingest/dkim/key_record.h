// The TXT record that holds a key (RFC 6376, 3.6.1).
//
// Threads  values; a DkimKey may be used by any number of threads at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ingest/dkim/fault.h"
#include "ingest/dkim/public_key.h"

namespace tlsrpt::ingest {

// Eight times an RSA key of 4096 bits. Ours is what DNS gave, up to 64 KB.
inline constexpr std::size_t kMaxKeyRecordBytes = 8u << 10;

struct DkimKey {
  // Why no signature can be verified with it; then `key` is empty.
  std::optional<DkimFault> fault;
  std::optional<PublicKey> key;
  std::string service;            // s= as published; empty if absent
  bool testing = false;           // t=y
  bool same_domain_only = false;  // t=s: i= may not be of a subdomain

  bool weak() const { return key && key->is_rsa() && key->bits() < kStrongRsaBits; }
};

// `record`: the character-strings of one TXT record, joined.
//
// s= must allow mail ("*", "email") or reports ("tlsrpt", RFC 8460, 3); nobody is known
// to publish the last, so it is recorded and not asked for.
DkimKey ParseDkimKey(std::string_view record);

}  // namespace tlsrpt::ingest
