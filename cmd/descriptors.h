// How many files and sockets this process may have open, and that the first three are
// there.
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

// Puts /dev/null in the place of each standard descriptor that is closed: the next file
// to be opened would get its number, and what is printed would go into a lock or to
// PostgreSQL. Standard output cannot be written then, so that whoever prints learns of
// it. False if /dev/null cannot be opened.
bool FillStandardDescriptors();

}  // namespace tlsrpt::cmd
