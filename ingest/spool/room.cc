#include "ingest/spool/room.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <utility>

namespace tlsrpt::ingest {

Room::Room(std::string path, std::uint64_t quota_bytes, std::uint64_t min_free_disk_bytes)
    : path_(std::move(path)),
      quota_bytes_(quota_bytes),
      min_free_disk_bytes_(min_free_disk_bytes) {}

void Room::SetUsed(std::uint64_t used_bytes, std::uint64_t reclaimable_bytes) {
  used_ = used_bytes;
  // An estimate: it must not promise more than there is.
  reclaimable_ = std::min(reclaimable_bytes, used_bytes);
}

void Room::MeasureDisk() {
  struct stat file;
  const bool there = stat(path_.c_str(), &file) == 0;
  const std::pair<std::uint64_t, std::uint64_t> found =
      there ? std::pair{std::uint64_t{file.st_dev}, std::uint64_t{file.st_ino}}
            : decltype(file_)();
  if (file_ == decltype(file_)()) file_ = found;
  gone_ = !there || found != file_;
  struct statvfs status;
  // A disk that cannot be asked will say so when it is written to.
  if (statvfs(path_.c_str(), &status) != 0) return;
  free_disk_ = std::uint64_t{status.f_bavail} * status.f_frsize;
}

Result<void> Room::HasRoom(std::uint64_t bytes) const {
  if (bytes > quota_bytes_) {
    return Error{ErrorKind::kTooLarge, path_ + ": " + std::to_string(bytes) +
                                           " bytes are more than the spool's quota of " +
                                           std::to_string(quota_bytes_)};
  }
  const std::uint64_t queued = queued_;
  const std::uint64_t reclaimable = reclaimable_;
  const std::uint64_t used = std::max(used_.load(), reclaimable);
  if (used - reclaimable + queued + bytes > quota_bytes_) return QuotaError();
  return FitsDisk(queued + bytes);
}

Result<void> Room::FitsDisk(std::uint64_t bytes) const {
  if (gone_) {
    return Error{ErrorKind::kUnavailable,
                 path_ +
                     ": the spool was moved or removed while it is in use; put it "
                     "back, or stop tlsrptd once it is empty and start it again"};
  }
  const std::uint64_t free = free_disk_;
  if (free >= bytes && free - bytes >= min_free_disk_bytes_) return {};
  return Error{ErrorKind::kUnavailable,
               path_ + ": " + std::to_string(free) + " bytes free on its disk, " +
                   std::to_string(min_free_disk_bytes_) +
                   " are to stay free; make room or lower spool.min_free_disk"};
}

Error Room::QuotaError() const {
  return Error{
      ErrorKind::kUnavailable,
      path_ + ": the spool's quota of " + std::to_string(quota_bytes_) +
          " bytes is used up; it empties into the database, or raise spool.quota"};
}

}  // namespace tlsrpt::ingest
