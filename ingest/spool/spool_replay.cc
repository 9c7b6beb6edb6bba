#include "ingest/spool/spool_replay.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <system_error>

#include "base/text.h"
#include "ingest/spool/spool_file.h"
#include "ingest/spool/spool_impl.h"

namespace tlsrpt::ingest {
namespace {

// Entries put back in line in one transaction: those who put meanwhile wait for it.
constexpr std::size_t kReplayAtOnce = 1000;

std::int64_t Micros(TimePoint time) { return time.time_since_epoch().count(); }

Error CannotDo(const char* what, const std::string& path) {
  return {ErrorKind::kUnavailable, std::string("cannot ") + what + " " + path + ": " +
                                       std::generic_category().message(errno)};
}

}  // namespace

std::string ReplayRequestPath(const std::string& path) { return path + "-replay"; }

Result<void> RequestReplay(const std::string& path, TimePoint since) {
  const std::string request = ReplayRequestPath(path);
  const std::string beside = request + ".new";
  // Readable to the daemon whoever asks: it may run as another user.
  const int fd = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return CannotDo("write", request);
  const std::string text = std::to_string(Micros(since));
  const bool written =
      write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      fchmod(fd, 0644) == 0 && fsync(fd) == 0;
  close(fd);
  if (!written || std::rename(beside.c_str(), request.c_str()) != 0) {
    return CannotDo("write", request);
  }
  return {};
}

Result<std::optional<TimePoint>> ReadReplayRequest(const std::string& path) {
  const std::string request = ReplayRequestPath(path);
  if (access(request.c_str(), F_OK) != 0) return std::optional<TimePoint>();
  std::ifstream file(request);
  std::string text;
  file >> text;
  const auto micros = ParseUnsigned(text);
  if (!micros) {
    return Error{ErrorKind::kUnavailable,
                 request + ": not a request of `tlsrptd spool replay`; remove it"};
  }
  return std::optional(
      TimePoint(std::chrono::microseconds(static_cast<std::int64_t>(*micros))));
}

Result<std::int64_t> ReplayNow(const std::string& path, TimePoint since, TimePoint now) {
  auto file = SpoolFile::Open(path);
  if (!file) return std::move(file).error();
  std::int64_t count = 0;
  SpoolFile::Replay replay{.since = since, .before = now};
  while (true) {
    if (auto begun = (*file)->Begin(); !begun) return begun.error();
    auto moved = (*file)->ReplayDone(replay, kReplayAtOnce);
    Result<void> done;
    if (!moved) {
      done = moved.error();
    } else {
      done = (*file)->Commit();
    }
    if (!done) {
      (*file)->Rollback();
      return done.error();
    }
    count += static_cast<std::int64_t>(*moved);
    if (replay.finished) return count;
  }
}

// Done entries in the order they were done. `done_ix` of one that is done meanwhile is
// larger, or was free before and is below `after_ix`; its time tells it apart anyhow.
Result<std::size_t> SpoolFile::ReplayDone(Replay& replay, std::size_t max_count) {
  auto select = db_.Prepare(
      "SELECT done_ix, first_id, last_id, content_bytes FROM done WHERE done_ix > ?1"
      " AND done_at >= ?2 AND done_at < ?3 ORDER BY done_ix LIMIT ?4");
  if (!select) return std::move(select).error();
  struct Row {
    std::int64_t done_ix;
    Run run;
  };
  std::vector<Row> rows;
  std::size_t count = 0;
  replay.finished = true;
  Result<void> done = select->ForEach(
      [&](Statement& row) {
        rows.push_back({row.Int(0), Run{.first_id = row.Int(1),
                                        .last_id = row.Int(2),
                                        .content_bytes = row.Int(3)}});
        count += static_cast<std::size_t>(rows.back().run.count());
        replay.finished = count < max_count;
        return replay.finished;
      },
      replay.after_ix, Micros(replay.since), Micros(replay.before),
      static_cast<std::int64_t>(max_count));
  if (!done) return done.error();
  for (const auto& [done_ix, run] : rows) {
    if (done = InsertRun(run); !done) return done.error();
    if (done = delete_done_.Run(done_ix); !done) return done.error();
    replay.after_ix = done_ix;
    memory_.counts.done -= run.count();
    memory_.counts.done_bytes -= std::min(memory_.counts.done_bytes,
                                          static_cast<std::uint64_t>(run.content_bytes));
    memory_.counts.ready += run.count();
  }
  return count;
}

// Once a tick, after everybody was told.
void Spool::Impl::ReplayIfAsked() {
  const TimePoint now = clock_.Now();
  if (!replay_) {
    if (now - replay_looked_at_ < kReplayLook && now >= replay_looked_at_) return;
    replay_looked_at_ = now;
    const auto asked = ReadReplayRequest(file_->path());
    if (!asked) {
      const std::lock_guard lock(mutex_);
      trouble_ = asked.error().message;
      return;
    }
    if (!*asked) return;
    replay_ = SpoolFile::Replay{.since = **asked, .before = now};
  }
  Result<std::size_t> moved = std::size_t{0};
  Result<void> written = file_->Begin();
  if (written) {
    moved = file_->ReplayDone(*replay_, kReplayAtOnce);
    written = moved ? file_->Commit() : Result<void>(moved.error());
  }
  if (!written) {
    file_->Rollback();
    replay_.reset();  // the request is still there, for the next look
    const std::lock_guard lock(mutex_);
    trouble_ = written.error().message;
    return;
  }
  (void)Measure();
  {
    const std::lock_guard lock(mutex_);
    counts_ = file_->counts();
    replayed_ += static_cast<std::int64_t>(*moved);
    for_takers_.notify_all();
  }
  if (!replay_->finished) return;  // go on at the next turn
  replay_.reset();
  (void)unlink(ReplayRequestPath(file_->path()).c_str());
}

}  // namespace tlsrpt::ingest
