// How many files and sockets this process may have open.
//
// A shell and systemd give 1024, for programs that use select(); SMTP, LMTP, HTTPS and
// API together take more connections than that by their default settings. Out of
// descriptors they could not accept, and the spool and the database, which need few,
// would starve with them: so many idle strangers would stop everything.
//
// Errors   none: a process that may not have more works with what it has.
// Threads  before others are there.
#pragma once

namespace tlsrpt::cmd {

// Raises the limit to the most that this process may set for itself.
void RaiseDescriptorLimit();

}  // namespace tlsrpt::cmd
