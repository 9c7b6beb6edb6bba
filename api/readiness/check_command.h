// The command that shows an administrator what an MX host answers.
//
// Threads  pure function.
#pragma once

#include <string>

namespace tlsrpt::api {

// " (openssl s_client ... shows it)". Somebody will paste it into a shell, and the name
// is a stranger's, out of a report or of DNS: nothing but a host name stands in it. Empty
// where `mx` is none.
std::string CheckCommand(const std::string& mx);

}  // namespace tlsrpt::api
