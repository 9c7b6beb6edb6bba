// "failure-details" of a policy result (RFC 8460, 4.3).
//
// Threads  pure but for the notes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ingest/report/members.h"
#include "ingest/report/notes.h"
#include "store/model/report.h"

namespace tlsrpt::ingest {

struct FailureDetails {
  std::vector<store::FailureDetail> kept;
  std::int64_t kept_sessions = 0;
  std::int64_t cut_sessions = 0;  // of details past kMaxFailureDetails
  bool unreadable = false;        // there was something that is no list of details
};

// The sums are not clamped: a million details (kMaxJsonValues) of kMaxSessions each still
// fit into 64 bits.
//
// Every value of the slot: an array, one object in place of it, null. `*left` is how
// many details the report may still have.
FailureDetails ReadFailureDetails(const Members& result_members, std::size_t slot,
                                  const Path& result_path, Notes& notes,
                                  std::size_t* left);

}  // namespace tlsrpt::ingest
