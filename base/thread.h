// What a thread is called in `top -H`, `perf` and a core file, so that an administrator
// sees which part of the program is busy.
//
// Threads  names the calling one.
#pragma once

namespace tlsrpt {

// At most 15 bytes, as Linux has room for; more are cut off.
void NameThread(const char* name);

}  // namespace tlsrpt
