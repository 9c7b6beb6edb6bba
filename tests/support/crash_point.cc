#include "base/crash_point.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "base/text.h"

namespace tlsrpt {
namespace {

constexpr const char* kVariable = "CRASH_POINT";

struct Armed {
  std::string name;
  std::atomic<std::uint64_t> reached = 0;
  std::uint64_t count = 0;
};

// A test that arms nothing must not pass as one that survived.
[[noreturn]] void Refuse(const char* value) {
  std::fprintf(stderr, "%s=%s: NAME:COUNT is wanted, from 1\n", kVariable, value);
  std::abort();
}

Armed& TheArmed() {
  static Armed* const armed = [] {
    auto* made = new Armed;  // for threads that outlive main()
    const char* value = std::getenv(kVariable);
    if (value == nullptr) return made;
    const std::string_view text = value;
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) Refuse(value);
    const auto count = ParseUnsigned(text.substr(colon + 1));
    if (!count || *count == 0) Refuse(value);
    made->name = text.substr(0, colon);
    made->count = *count;
    return made;
  }();
  return *armed;
}

thread_local std::string_view scope;

// Whether `name`, in the scope of this thread, is `whole`.
bool Matches(std::string_view whole, std::string_view name) {
  if (scope.empty()) return whole == name;
  return whole.size() == scope.size() + 1 + name.size() && whole.starts_with(scope) &&
         whole[scope.size()] == '.' && whole.ends_with(name);
}

}  // namespace

bool CrashPointIsDue(std::string_view name) {
  Armed& armed = TheArmed();
  return armed.count > 0 && Matches(armed.name, name) && ++armed.reached == armed.count;
}

void DieHere() {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

CrashScope::CrashScope(std::string_view what) : outer_(scope) { scope = what; }
CrashScope::~CrashScope() { scope = outer_; }

}  // namespace tlsrpt
