// What a thread is called in `top -H`, `perf` and a core file, so that an administrator
// sees which part of the program is busy; and whom it lets go first.
//
// Threads  all of it is about the calling one, but where a process is named.
#pragma once

#include <sys/types.h>

namespace tlsrpt {

// At most 15 bytes, as Linux has room for; more are cut off.
void NameThread(const char* name);

// Where processors are short, threads that somebody waits for go first. Linux alone has
// this for a thread, and it lasts for the thread's life.
void LetOthersFirst();
// The same of a process of our user that has one thread and works for such a thread.
void LetOthersFirst(pid_t process);

// For one that works for some microseconds at a time, while somebody waits for it: woken,
// it does not wait until whoever has the processor has used up his slice. It gets no more
// of the processor than before. Linux 6.12 and later know this, others let it be.
void AskForShortSlices();

}  // namespace tlsrpt
