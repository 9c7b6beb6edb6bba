// Whether what was printed is where it was to go.
//
// A report of `import` or a verdict that a full disk cut short must not end like a whole
// one: whoever reads it goes by the exit status.
//
// Threads  when no other thread prints.
#pragma once

namespace tlsrpt::cmd {

// Writes out what waits in standard output; false if any of it was lost, `errno` says why
// or is 0. True where the reader of a pipe has gone: he had what he wanted.
bool FlushStandardOutput();

}  // namespace tlsrpt::cmd
