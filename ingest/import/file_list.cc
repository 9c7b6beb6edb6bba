#include "ingest/import/file_list.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <set>
#include <string_view>

#include "ingest/unpack/hidden.h"

namespace tlsrpt::ingest {
namespace {

bool IsFolder(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

std::string Below(const std::string& folder, const std::string& name) {
  return folder.ends_with('/') ? folder + name : folder + "/" + name;
}

class Walk {
 public:
  void Given(const std::string& path) {
    struct stat found {};
    if (path == "-") {
      Add(path, 0);
    } else if (stat(path.c_str(), &found) != 0) {
      CannotRead(path);
    } else if (S_ISDIR(found.st_mode)) {
      Folder(path, found);
    } else if (S_ISFIFO(found.st_mode)) {
      Add(path, 0);  // <(zcat ...)
    } else {
      File(path, found);
    }
  }

  FileList Finish() { return std::move(list_); }

 private:
  void Add(const std::string& path, std::uint64_t bytes) {
    list_.files.push_back({path, bytes});
    list_.bytes += bytes;
  }

  void CannotRead(const std::string& path) {
    list_.unreadable.emplace_back(path,
                                  std::string("cannot be read: ") + std::strerror(errno));
  }

  void File(const std::string& path, const struct stat& found) {
    if (S_ISREG(found.st_mode)) {
      Add(path, static_cast<std::uint64_t>(found.st_size));
    } else {
      list_.unreadable.emplace_back(path, "is a pipe, a socket or a device, not a file");
    }
  }

  void Entry(const std::string& path) {
    struct stat found {};
    if (stat(path.c_str(), &found) != 0) {
      CannotRead(path);
    } else if (S_ISDIR(found.st_mode)) {
      Folder(path, found);
    } else {
      File(path, found);
    }
  }

  // Goes down in depth with the folders, which the file system limits.
  void Folder(const std::string& path, const struct stat& found) {
    if (!entered_.insert({found.st_dev, found.st_ino}).second) return;
    std::vector<std::string> names;
    if (!Names(path, names)) return;
    const auto has = [&](const char* name) {
      return std::binary_search(names.begin(), names.end(), name) &&
             IsFolder(Below(path, name));
    };
    const bool maildir = has("cur") && has("new");
    for (const std::string& name : names) {
      const std::string entry = Below(path, name);
      const bool wanted = maildir
                              ? name == "cur" || name == "new" || IsSubfolder(name, entry)
                              : !IsHiddenName(name);
      if (wanted) Entry(entry);
    }
  }

  // Of a Maildir: "." and the name, itself a Maildir.
  static bool IsSubfolder(const std::string& name, const std::string& path) {
    return IsHiddenName(name) && IsFolder(Below(path, "cur")) &&
           IsFolder(Below(path, "new"));
  }

  bool Names(const std::string& path, std::vector<std::string>& names) {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(path.c_str()), closedir);
    if (folder == nullptr) {
      CannotRead(path);
      return false;
    }
    while (const dirent* entry = readdir(folder.get())) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    std::sort(names.begin(), names.end());
    return true;
  }

  FileList list_;
  std::set<std::pair<dev_t, ino_t>> entered_;
};

}  // namespace

FileList ListFiles(const std::vector<std::string>& paths) {
  Walk walk;
  for (const std::string& path : paths) walk.Given(path);
  return walk.Finish();
}

}  // namespace tlsrpt::ingest
