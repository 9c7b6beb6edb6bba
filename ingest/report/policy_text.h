// "policy-string" and "mx-host": the lines of an MTA-STS policy or the TLSA records, in
// every form they have been sent in.
//
// Threads  pure but for the notes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "ingest/report/json_tree.h"
#include "ingest/report/members.h"
#include "ingest/report/notes.h"
#include "store/model/report.h"

namespace tlsrpt::ingest {

// The host names and patterns of all values of "mx-host", each an array, one string
// (erratum 6241), null, "mx: host" inside. At most kMaxPolicyLines over all of them.
std::vector<std::string> ReadMxHosts(const Members& policy_members, std::size_t slot,
                                     const Path& path, Notes& notes);

// The policy of one "policy-string"; nullopt where it holds no line: absent, null, "",
// []. Its patterns are those of its own "mx" lines. `mx_hosts` are those of "mx-host":
// what stands there in the same letters need not be read again.
std::optional<store::PolicyText> ReadPolicyString(
    const JsonValue& value, store::PolicyType type,
    const std::vector<std::string>& mx_hosts, const Path& path, Notes& notes);

}  // namespace tlsrpt::ingest
