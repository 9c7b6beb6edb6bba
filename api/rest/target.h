// The target of a request, taken apart: "/v1/domains/f%C3%AFrm.example?limit=5" becomes
// segments and parameters, each decoded once (RFC 3986, 2.1).
//
// Errors   kMalformed: a bad escape, a NUL, a segment that is empty, "." or "..", a
//          parameter that stands twice. Nothing is guessed or tidied: two spellings of
//          one path would be two keys to one door.
// Threads  values and pure functions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tlsrpt::api {

struct Target {
  std::vector<std::string> segments;  // "/" has none
  std::map<std::string, std::string> parameters;
};

// `path` begins with "/"; `query` is what stands behind "?", undecoded.
Result<Target> ParseTarget(std::string_view path, std::string_view query);

}  // namespace tlsrpt::api
