// "policy-string" and "mx-host": the lines of an MTA-STS policy or the TLSA records, in
// every form they have been sent in.
//
// Threads  pure but for the notes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ingest/report/json_tree.h"
#include "ingest/report/notes.h"
#include "store/model/report.h"

namespace tlsrpt::ingest {

// Adds the host names and patterns of one "mx-host" to `hosts`: an array, one string
// (erratum 6241), null, "mx: host" inside.
void ReadMxHosts(const JsonValue& value, const Path& path, Notes& notes,
                 std::vector<std::string>* hosts);

// The policy of one "policy-string"; nullopt where it holds no line: absent, null, "",
// []. `mx_hosts` stand in for "mx" lines that are not there.
std::optional<store::PolicyText> ReadPolicyString(
    const JsonValue& value, store::PolicyType type,
    const std::vector<std::string>& mx_hosts, const Path& path, Notes& notes);

}  // namespace tlsrpt::ingest
