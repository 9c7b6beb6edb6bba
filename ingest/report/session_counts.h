// "summary" and "failure-details" of a policy result, read so that no failure gets lost
// between them.
//
// The summary says how many sessions failed, the details say how. Where they disagree:
//   summary absent or unreadable  the details' sum, and one more if it was unreadable
//   summary above the details     the difference is unexplained
//   details above the summary     kept: types overlap (Mail.ru), or the session went
//                                 through at another host in the end (Postfix)
// A detail that cannot be read is one failed session of type kOther. So is, unexplained,
// what says "failure" under another name or in another place ("failure_details", a count
// beside the summary), unless it says no more than what was read, or some is unexplained
// already.
//
// Threads  pure but for the notes.
#pragma once

#include <cstddef>
#include <vector>

#include "ingest/report/members.h"
#include "ingest/report/notes.h"
#include "store/model/report.h"

namespace tlsrpt::ingest {

// Fills the three session counts and the details of `result` from the values of the two
// slots. `*details_left` is how many details the report may still have.
void ReadSessions(const Members& result_members, std::size_t policy_slot,
                  std::size_t summary_slot, std::size_t details_slot, const Path& path,
                  Notes& notes, std::size_t* details_left, store::PolicyResult* result);

// What says "failure" at the root of the report, and of more than all `results` together,
// may be about any of them.
void ReadSessionsAtRoot(const Members& report_members, const Path& root, Notes& notes,
                        std::vector<store::PolicyResult>* results);

}  // namespace tlsrpt::ingest
