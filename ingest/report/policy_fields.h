// The "policy" object of a policy result (RFC 8460, 4.4): what policy the reporter says
// it found, and for which domain.
//
// Threads  pure but for the notes.
#pragma once

#include "ingest/report/members.h"
#include "ingest/report/notes.h"
#include "ingest/report/report_parser.h"
#include "store/model/report.h"

namespace tlsrpt::ingest {

// Fills type, domain, policy and mx_hosts of `result` from the value or values of
// "policy" (more than one only where the name came twice). Whatever cannot be read
// leaves PolicyType::kOther, an empty domain, PolicyMode::kUnknown: readings that
// count against a domain, never for it.
void ReadPolicy(const Members& result_members, std::size_t policy_slot, const Path& path,
                const ReportHints& hints, Notes& notes, store::PolicyResult* result);

}  // namespace tlsrpt::ingest
