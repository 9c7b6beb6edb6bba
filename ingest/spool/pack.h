// Entries in one piece of bytes: those that became durable together, and so are written,
// read and deleted together. One row of SQLite for six mails costs half of six rows.
//
//   pack  = *entry
//   entry = 10 netstrings: receipt_id (16 bytes), received_at (microseconds since 1970,
//           UTC, decimal), transport, peer, helo, tls, envelope_from, envelope_to
//           (netstrings of its own), peer_trusted ("1" / "0"), body
//
// Threads  pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ingest/spool/spool.h"

namespace tlsrpt::ingest {

void AppendEntry(std::string& pack, const SpoolEntry& entry);

// Takes the first entry off the front of `pack`. Nothing if it is no entry; the others
// behind it cannot be found then.
std::optional<SpoolEntry> TakeEntry(std::string_view& pack);

// The same for one that nobody wants to see. False if it is no entry.
bool SkipEntry(std::string_view& pack);

}  // namespace tlsrpt::ingest
