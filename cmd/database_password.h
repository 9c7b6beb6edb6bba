// The password of the DSN out of a file (database_password_file): what Docker, systemd
// and Kubernetes call a secret. libpq's own passfile is no such thing: it has another
// form, and is passed over when its mode is not 0600, which a mounted secret's seldom is.
//
// Errors   kMalformed, with the path: no such file, not one line, no DSN to put it in, a
// DSN
//          that has a password. What is in the file is never said.
#pragma once

#include "base/ops/settings.h"
#include "base/result.h"

namespace tlsrpt::cmd {

// Puts the password into settings.database, if settings.database_password_file names one.
Result<void> TakeDatabasePassword(Settings& settings);

}  // namespace tlsrpt::cmd
