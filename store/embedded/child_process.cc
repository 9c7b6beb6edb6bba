#include "store/embedded/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/text.h"

namespace tlsrpt::store {
namespace {

constexpr std::size_t kTailBytes = 600;

// What the child knows, made before fork: after it nothing may be allocated.
struct Prepared {
  std::vector<char*> arguments;
  int output = -1;
  pid_t parent = 0;
};

[[noreturn]] void BecomeChild(const ChildOptions& options, const Prepared& prepared) {
  static const char* const kEnvironment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC",
                                             nullptr};
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);  // an ignored signal stays ignored over exec
  setsid();
  umask(077);
  const int null = open("/dev/null", O_RDONLY);
  dup2(null, 0);
  dup2(prepared.output, 1);
  dup2(prepared.output, 2);
  close_range(3, ~0u, 0);
  if (chdir("/") != 0 || !BecomeUser(options.user)) _exit(126);
  // After the change of user, which clears it.
  prctl(PR_SET_PDEATHSIG, options.signal_at_parents_death);
  if (getppid() != prepared.parent) _exit(125);  // died before the line above
  execve(prepared.arguments[0], prepared.arguments.data(),
         const_cast<char* const*>(kEnvironment));
  _exit(127);
}

}  // namespace

Result<pid_t> StartChild(const ChildOptions& options) {
  Prepared prepared;
  prepared.parent = getpid();
  for (const std::string& argument : options.command) {
    prepared.arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  prepared.arguments.push_back(nullptr);
  // Appending: a child of before that still lives must not write at its old place, and
  // leave a hole where the new one's words are looked for.
  prepared.output =
      open(options.output.c_str(),
           O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (prepared.output < 0) {
    return Error{ErrorKind::kUnavailable,
                 "opening " + options.output.string() + ": " + std::strerror(errno)};
  }
  const pid_t child = fork();
  if (child == 0) BecomeChild(options, prepared);
  const int fork_error = errno;
  close(prepared.output);
  if (child < 0) {
    return Error{ErrorKind::kUnavailable, "starting " + options.command.front() + ": " +
                                              std::strerror(fork_error)};
  }
  return child;
}

int WaitForChild(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string TailOf(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)),
                         std::istreambuf_iterator<char>());
  const std::size_t from = text.size() - std::min(text.size(), kTailBytes);
  return std::string(Trim(std::string_view(text).substr(from)));
}

}  // namespace tlsrpt::store
