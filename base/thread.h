// What Linux is told of a thread: what it is called in `top -H`, `perf` and a core file,
// so that an administrator sees which part of the program is busy, and that it can wait.
//
// Threads  both are about the calling one.
#pragma once

namespace tlsrpt {

// At most 15 bytes, as Linux has room for; more are cut off.
void NameThread(const char* name);

// Where the processor is short, threads that somebody waits for go first: this one gets a
// tenth of what one of them does (nice 10 below the process). On an idle machine it
// changes nothing.
void LetOthersGoFirst();

}  // namespace tlsrpt
