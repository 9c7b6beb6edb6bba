// Places at which a test may stop the process dead, as kill -9 or a power cut would.
//
// What is promised of a crash is a matter of order: durable, then acknowledged;
// committed, then done. A kill at random rarely falls between two such steps, and nobody
// knows when it did. The names that there are, and what each is between, stand in
// docs/faults.md.
//
// Only in tlsrptd_crash, a program of the tests, which is made with TLSRPTD_CRASH_POINTS
// and obeys CRASH_POINT=NAME:COUNT: it dies when NAME is reached for the COUNT-th time.
// Everywhere else these are empty and leave nothing behind.
//
// Threads  any; the count is the process's.
#pragma once

#include <string_view>

namespace tlsrpt {

#ifdef TLSRPTD_CRASH_POINTS

// Whether it is now that NAME was reached so often; the caller dies.
bool CrashPointIsDue(std::string_view name);
[[noreturn]] void DieHere();

inline void CrashPoint(std::string_view name) {
  if (CrashPointIsDue(name)) DieHere();
}

// Does `last_act` before it dies: half of something that is otherwise one call.
template <class F>
void CrashPoint(std::string_view name, const F& last_act) {
  if (!CrashPointIsDue(name)) return;
  last_act();
  DieHere();
}

// While it lives, this thread's crash points are called WHAT.NAME: a COMMIT is reached
// for many reasons. Scopes may stand in each other; the inner one names.
class CrashScope {
 public:
  explicit CrashScope(std::string_view what);
  ~CrashScope();
  CrashScope(const CrashScope&) = delete;
  CrashScope& operator=(const CrashScope&) = delete;

 private:
  std::string_view outer_;
};

#else

inline void CrashPoint(std::string_view) {}
template <class F>
void CrashPoint(std::string_view, const F&) {}

class CrashScope {
 public:
  explicit CrashScope(std::string_view) {}
};

#endif

}  // namespace tlsrpt
