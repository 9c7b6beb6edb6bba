#include "store/embedded/postmaster_pid.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <string>
#include <system_error>
#include <thread>

#include "base/text.h"

namespace tlsrpt::store {

std::optional<PostmasterPid> ReadPostmasterPid(const std::filesystem::path& cluster) {
  // Lines: pid, data directory, start time, port, socket directory, address, memory key,
  // status.
  std::ifstream file(cluster / "postmaster.pid");
  std::array<std::string, 8> lines;
  for (std::string& line : lines) {
    if (!std::getline(file, line)) break;
  }
  const auto pid = ParseUnsigned(Trim(lines[0]));
  if (!pid || *pid < 1 || *pid > INT32_MAX) return std::nullopt;
  PostmasterPid found;
  found.pid = static_cast<pid_t>(*pid);
  const auto port = ParseUnsigned(Trim(lines[3]));
  if (port && *port < 65536) found.port = static_cast<int>(*port);
  found.socket_dir = std::string(Trim(lines[4]));
  found.stopping = Trim(lines[7]) == "stopping";
  return found;
}

bool IsPostmasterOf(pid_t pid, const std::filesystem::path& cluster) {
  if (kill(pid, 0) != 0 && errno == ESRCH) return false;
  std::error_code error;
  const auto folder =
      std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/cwd", error);
  return !error && std::filesystem::equivalent(folder, cluster, error);
}

bool WaitForEnd(pid_t pid, std::chrono::milliseconds timeout) {
  // By number: glibc has the name only from 2.36 on.
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (fd >= 0) {
    pollfd wait{fd, POLLIN, 0};
    const int ready = poll(&wait, 1, static_cast<int>(timeout.count()));
    close(fd);
    return ready > 0;
  }
  if (errno == ESRCH) return true;
  // No pidfd (a sandbox, a kernel before 5.3): look again and again.
  const auto until = std::chrono::steady_clock::now() + timeout;
  while (kill(pid, 0) == 0 || errno == EPERM) {
    siginfo_t info{};
    const auto id = static_cast<id_t>(pid);
    if (waitid(P_PID, id, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid)
      return true;
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace tlsrpt::store
