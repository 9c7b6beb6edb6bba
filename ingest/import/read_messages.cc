#include "ingest/import/read_messages.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/import/byte_source.h"
#include "ingest/import/file_source.h"
#include "ingest/import/inflating_source.h"
#include "ingest/import/json_splitter.h"
#include "ingest/import/mbox_splitter.h"
#include "ingest/import/zip_reader.h"
#include "ingest/unpack/gunzip.h"
#include "ingest/unpack/hidden.h"
#include "ingest/unpack/payload.h"
#include "ingest/unpack/unpack.h"

namespace tlsrpt::ingest {
namespace {

// A zip in a zip is somebody's backup of backups; deeper is nobody's mistake.
constexpr int kMaxArchives = 3;
// So much of what is packed is unpacked to see what it is.
constexpr std::size_t kLookBytes = 4096;

enum class Content { kMail, kMbox, kJson, kGzip, kZip, kOther };

bool LooksLikeMbox(std::string_view bytes) {
  const std::size_t start = bytes.find_first_not_of("\r\n");
  return start != std::string_view::npos && bytes.substr(start).starts_with("From ");
}

Content ContentOf(std::string_view start) {
  switch (Sniff(start)) {
    case Magic::kGzip:
      return Content::kGzip;
    case Magic::kZip:
      return Content::kZip;
    case Magic::kJson:
      return Content::kJson;
    case Magic::kNone:
      break;
  }
  if (LooksLikeMbox(start)) return Content::kMbox;
  return LooksLikeMail(start) ? Content::kMail : Content::kOther;
}

// Of what a gzip holds that begins with `start`.
Content PackedContent(std::string_view start) {
  std::string unpacked;
  // That it ends early is no news: it is the start of it only.
  (void)Inflater(Inflater::Form::kGzip).Run(start, kLookBytes, &unpacked);
  return ContentOf(unpacked);
}

// Counts what is read of the file itself, and lets as much more come out of it.
class CountedSource final : public ByteSource {
 public:
  CountedSource(ByteSource& source, UnpackAllowance& allowance,
                const std::function<void(std::uint64_t)>& on_bytes)
      : source_(source), allowance_(allowance), on_bytes_(on_bytes) {}

  Result<std::size_t> Read(char* out, std::size_t room) override {
    const auto got = source_.Read(out, room);
    if (got) {
      allowance_.Earn(*got);
      on_bytes_(*got);
    }
    return got;
  }

 private:
  ByteSource& source_;
  UnpackAllowance& allowance_;
  const std::function<void(std::uint64_t)>& on_bytes_;
};

// A zip that is a member of another, in memory.
class MemoryBytes final : public RandomBytes {
 public:
  explicit MemoryBytes(const std::string& bytes) : bytes_(bytes) {}

  std::uint64_t Size() const override { return bytes_.size(); }
  Result<std::size_t> ReadAt(std::uint64_t offset, char* out, std::size_t room) override {
    if (offset >= bytes_.size()) return std::size_t{0};
    return bytes_.copy(out, room, static_cast<std::size_t>(offset));
  }

 private:
  const std::string& bytes_;
};

class MessageReader {
 public:
  MessageReader(MessageSink& sink, UnpackAllowance& allowance,
                const std::function<void(std::uint64_t)>& on_bytes)
      : sink_(sink), allowance_(allowance), on_bytes_(on_bytes) {}

  // `file`: where the bytes of `source` can be had at any place, if anywhere.
  void Read(PeekableSource& source, const std::string& origin, RandomBytes* file,
            int archives) {
    const auto start = source.Peek();
    if (!start) return Fail(origin, start.error());
    const Content content = ContentOf(*start);
    const Content packed =
        content == Content::kGzip ? PackedContent(*start) : Content::kOther;
    if (content == Content::kMbox) {
      ReadMbox(source, origin);
    } else if (content == Content::kJson) {
      ReadJson(source, origin);
    } else if (content == Content::kZip && archives < kMaxArchives) {
      ReadZip(source, origin, file, archives);
    } else if (packed == Content::kMbox || packed == Content::kMail) {
      ReadPackedMail(source, origin, packed);
    } else if (packed == Content::kJson) {
      ReadPackedJson(source, origin);
    } else {
      ReadWhole(source, origin);
    }
  }

 private:
  // What was cut by the wish to stop is not unreadable.
  void Fail(const std::string& origin, const Error& error) {
    if (sink_.GoOn()) sink_.Unreadable(origin, error.message);
  }

  std::optional<std::string> Whole(PeekableSource& source, const std::string& origin) {
    auto bytes = source.RestAsMessage();
    if (bytes) return std::move(*bytes);
    Fail(origin, bytes.error());
    return std::nullopt;
  }

  void ReadWhole(PeekableSource& source, const std::string& origin) {
    auto bytes = Whole(source, origin);
    if (bytes && sink_.GoOn()) sink_.Message(origin, std::move(*bytes));
  }

  // Feeds all of `source` to a splitter, a chunk at a time.
  template <class Splitter>
  void Split(PeekableSource& source, const std::string& origin, Splitter& splitter) {
    for (;;) {
      const auto chunk = source.Next();
      if (!sink_.GoOn()) return;
      if (!chunk) {
        // What came before it is whole, but for the last.
        return sink_.Unreadable(origin, chunk.error().message);
      }
      if (chunk->empty()) break;
      splitter.Feed(*chunk);
    }
    splitter.Finish();
  }

  // What a splitter of `origin` does with what it finds.
  auto Found(const std::string& origin) {
    return [this, &origin](std::uint64_t offset, std::string bytes) {
      if (sink_.GoOn()) {
        sink_.Message(origin + ":" + std::to_string(offset), std::move(bytes));
      }
    };
  }
  auto TooLarge(const std::string& origin) {
    return [this, &origin](std::uint64_t offset) {
      sink_.Unreadable(origin + ":" + std::to_string(offset), TooLargeToImport());
    };
  }

  void ReadMbox(PeekableSource& source, const std::string& origin) {
    MboxSplitter splitter(kMaxImportBytes, Found(origin), TooLarge(origin));
    Split(source, origin, splitter);
  }

  // One report keeps the name of its file.
  void ReadJson(PeekableSource& source, const std::string& origin) {
    std::optional<std::string> only;
    const auto found = Found(origin);
    bool several = false;
    JsonSplitter splitter(
        kMaxImportBytes,
        [&](std::uint64_t offset, std::string json) {
          if (offset == 0) {
            only = std::move(json);
            return;
          }
          several = true;
          if (only) found(0, std::move(*std::exchange(only, std::nullopt)));
          found(offset, std::move(json));
        },
        TooLarge(origin));
    Split(source, origin, splitter);
    if (only && !several && sink_.GoOn()) sink_.Message(origin, std::move(*only));
  }

  void ReadPackedMail(PeekableSource& source, const std::string& origin, Content packed) {
    InflatingSource unpacked(source, Inflater::Form::kGzip, allowance_);
    PeekableSource peekable(unpacked);
    if (packed == Content::kMbox) {
      ReadMbox(peekable, origin);
    } else {
      ReadWhole(peekable, origin);
    }
  }

  // Kept as it came if it is one report, which is usual; it is a third of the bytes.
  void ReadPackedJson(PeekableSource& source, const std::string& origin) {
    auto packed = Whole(source, origin);
    if (!packed) return;
    std::vector<std::pair<std::uint64_t, std::string>> reports;
    std::size_t room = kMaxImportBytes;
    const auto json = Gunzip(*packed, &room);
    // Spent whether or not it was one report: it was unpacked.
    if (!allowance_.Spend(kMaxImportBytes - room)) {
      return Fail(origin, UnpacksToTooMuch("gzip: "));
    }
    if (json) {
      JsonSplitter splitter(
          kMaxImportBytes,
          [&](std::uint64_t offset, std::string one) {
            reports.emplace_back(offset, std::move(one));
          },
          [](std::uint64_t) {});
      splitter.Feed(*json);
      splitter.Finish();
    }
    if (reports.size() <= 1) {
      if (sink_.GoOn()) sink_.Message(origin, std::move(*packed));
      return;
    }
    const auto found = Found(origin);
    for (auto& [offset, json] : reports) found(offset, std::move(json));
  }

  void ReadZip(PeekableSource& source, const std::string& origin, RandomBytes* file,
               int archives) {
    std::unique_ptr<FileSource> copy;
    std::string bytes;
    std::optional<MemoryBytes> memory;
    if (file == nullptr && archives == 0) {
      auto copied = FileSource::CopyOf(source);
      if (!copied) return Fail(origin, copied.error());
      copy = std::move(*copied);
      file = copy.get();
    } else if (file == nullptr) {
      auto whole = Whole(source, origin);
      if (!whole) return;
      bytes = std::move(*whole);
      file = &memory.emplace(bytes);
    } else {
      allowance_.Earn(file->Size());
    }
    auto zip = ZipReader::Open(*file);
    const bool any = zip && ReadMembers(*zip, origin, archives + 1);
    if (any || !sink_.GoOn()) return;
    // Cut short, or nothing in it: as any file that is no report.
    ReadWholeZip(*file, origin);
  }

  // Whether there was any.
  bool ReadMembers(ZipReader& zip, const std::string& origin, int archives) {
    for (bool any = false;;) {
      if (!sink_.GoOn()) return true;
      const auto member = zip.Next();
      if (!member) {
        if (any) Fail(origin, member.error());
        return any;
      }
      if (!*member) return any;
      if (archives == 1) on_bytes_((*member)->packed_bytes);
      if (IsHiddenMember((*member)->name)) continue;
      any = true;
      const std::string name = origin + "!/" + (*member)->name;
      const auto unpacked = zip.Read(**member, allowance_);
      if (!unpacked) {
        Fail(name, unpacked.error());
        continue;
      }
      PeekableSource source(**unpacked);
      Read(source, name, nullptr, archives);
    }
  }

  void ReadWholeZip(RandomBytes& file, const std::string& origin) {
    if (file.Size() > kMaxImportBytes) {
      return sink_.Unreadable(origin, TooLargeToImport());
    }
    std::string bytes(static_cast<std::size_t>(file.Size()), '\0');
    std::size_t have = 0;
    while (have < bytes.size()) {
      const auto got = file.ReadAt(have, bytes.data() + have, bytes.size() - have);
      if (!got) return Fail(origin, got.error());
      if (*got == 0) break;  // it has become shorter meanwhile
      have += *got;
    }
    bytes.resize(have);
    sink_.Message(origin, std::move(bytes));
  }

  MessageSink& sink_;
  UnpackAllowance& allowance_;
  const std::function<void(std::uint64_t)>& on_bytes_;
};

}  // namespace

void ReadMessages(const std::string& path, MessageSink& sink,
                  const std::function<void(std::uint64_t)>& on_bytes) {
  const auto go_on = [&sink] { return sink.GoOn(); };
  std::unique_ptr<FileSource> file;
  if (path == "-") {
    file = FileSource::StandardInput(go_on);
  } else {
    auto opened = FileSource::Open(path, /*pipe_too=*/true, go_on);
    if (!opened) {
      // A pipe that nobody writes to, given up by the wish to stop, is not unreadable.
      if (sink.GoOn()) sink.Unreadable(path, opened.error().message);
      return;
    }
    file = std::move(*opened);
  }
  UnpackAllowance allowance;
  CountedSource counted(*file, allowance, on_bytes);
  PeekableSource source(counted);
  MessageReader(sink, allowance, on_bytes)
      .Read(source, path, file->IsRegular() ? file.get() : nullptr, 0);
}

}  // namespace tlsrpt::ingest
