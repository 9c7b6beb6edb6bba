#include "ingest/unpack/unzip.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/text.h"
#include "ingest/unpack/inflater.h"

namespace tlsrpt::ingest {
namespace {

// Field offsets are those of APPNOTE.TXT 6.3 ("4.3.7 Local file header" and so on).
constexpr std::string_view kLocalSignature = "PK\x03\x04";
constexpr std::string_view kCentralSignature = "PK\x01\x02";
constexpr std::string_view kEndSignature = "PK\x05\x06";
constexpr std::string_view kDescriptorSignature = "PK\x07\x08";
constexpr std::size_t kLocalHeaderBytes = 30;
constexpr std::size_t kCentralHeaderBytes = 46;
constexpr std::size_t kEndRecordBytes = 22;
constexpr std::size_t kMaxCommentBytes = 65535;
constexpr std::size_t kMaxNameBytes = 255;

constexpr unsigned kFlagEncrypted = 1u << 0;
constexpr unsigned kFlagSizesFollow = 1u << 3;
constexpr unsigned kMethodStored = 0;
constexpr unsigned kMethodDeflated = 8;
constexpr std::uint32_t kInZip64 = 0xFFFFFFFF;

Error Malformed(std::string what) {
  return Error{ErrorKind::kMalformed, "zip: " + std::move(what)};
}

// Little-endian; 0 past the end, which callers have ruled out by a size check.
std::uint32_t Number(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint32_t value = 0;
  for (std::size_t i = width; i-- > 0;) {
    const unsigned byte =
        at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0u;
    value = (value << 8) | byte;
  }
  return value;
}

// What a header says of one entry.
struct Entry {
  std::string name;
  unsigned flags = 0;
  unsigned method = 0;
  std::uint32_t crc = 0;
  std::uint32_t packed_bytes = 0;
  std::size_t data_at = 0;
};

class Archive {
 public:
  Archive(std::string_view zip, std::size_t* room)
      : zip_(zip), room_(*room), unread_(zip.size()) {}

  Result<std::vector<ZipEntry>> Read() {
    const std::optional<std::size_t> end = FindEnd();
    const auto read = end ? ReadCentral(*end) : ReadLocals();
    if (!read) return read.error();
    return std::move(entries_);
  }

 private:
  std::optional<std::size_t> FindEnd() const {
    if (zip_.size() < kEndRecordBytes) return std::nullopt;
    const std::size_t last = zip_.size() - kEndRecordBytes;
    const std::size_t at = zip_.rfind(kEndSignature, last);
    if (at == std::string_view::npos || last - at > kMaxCommentBytes) return std::nullopt;
    return at;
  }

  Result<void> ReadCentral(std::size_t end) {
    const std::uint32_t count = Number(zip_, end + 10, 2);
    std::size_t at = Number(zip_, end + 16, 4);
    if (count == 0xFFFF || at == kInZip64) return Malformed("zip64 is not supported");
    for (std::uint32_t i = 0; i < count; ++i) {
      if (at > end || end - at < kCentralHeaderBytes ||
          !zip_.substr(at).starts_with(kCentralSignature)) {
        return Malformed("no central directory entry at byte " + std::to_string(at));
      }
      Entry entry;
      entry.flags = Number(zip_, at + 8, 2);
      entry.method = Number(zip_, at + 10, 2);
      entry.crc = Number(zip_, at + 16, 4);
      entry.packed_bytes = Number(zip_, at + 20, 4);
      const std::size_t name_bytes = Number(zip_, at + 28, 2);
      entry.name = Name(at + kCentralHeaderBytes, name_bytes);
      const std::size_t local = Number(zip_, at + 42, 4);
      at += kCentralHeaderBytes + name_bytes + Number(zip_, at + 30, 2) +
            Number(zip_, at + 32, 2);
      if (IsFolder(entry.name)) continue;
      if (!Reserve(entry.name)) break;
      if (local > zip_.size() || !zip_.substr(local).starts_with(kLocalSignature) ||
          zip_.size() - local < kLocalHeaderBytes) {
        entries_.push_back(
            {entry.name, Malformed(local == kInZip64 ? "zip64 is not supported"
                                                     : "no local header at byte " +
                                                           std::to_string(local))});
        continue;
      }
      entry.data_at = DataAt(local);
      std::size_t taken = 0;
      Result<std::string> bytes = Unpack(entry, /*size_known=*/true, &taken);
      entries_.push_back({std::move(entry.name), std::move(bytes)});
    }
    return {};
  }

  // Without a directory (cut short): as far as the local headers lead.
  Result<void> ReadLocals() {
    std::size_t at = 0;
    while (zip_.size() - at >= kLocalHeaderBytes &&
           zip_.substr(at).starts_with(kLocalSignature)) {
      Entry entry;
      entry.flags = Number(zip_, at + 6, 2);
      entry.method = Number(zip_, at + 8, 2);
      entry.crc = Number(zip_, at + 14, 4);
      entry.packed_bytes = Number(zip_, at + 18, 4);
      entry.name = Name(at + kLocalHeaderBytes, Number(zip_, at + 26, 2));
      entry.data_at = DataAt(at);
      const bool size_known = (entry.flags & kFlagSizesFollow) == 0;
      const bool folder = IsFolder(entry.name);
      if (!folder && !Reserve(entry.name)) break;
      std::size_t taken = 0;
      Result<std::string> bytes = Unpack(entry, size_known, &taken);
      const bool lost = !bytes && !size_known;
      if (!folder) entries_.push_back({std::move(entry.name), std::move(bytes)});
      if (lost) break;  // nothing says where the next one starts
      at = entry.data_at + taken;
      if (at > zip_.size()) break;
      if (!size_known) {
        at += zip_.substr(at).starts_with(kDescriptorSignature) ? 16 : 12;
        if (at > zip_.size()) break;
      }
    }
    if (entries_.empty()) return Malformed("no directory and no local header");
    return {};
  }

  // Sets `*taken` to the bytes of the archive the data took, where that is known.
  Result<std::string> Unpack(const Entry& entry, bool size_known, std::size_t* taken) {
    if (entry.packed_bytes == kInZip64) return Malformed("zip64 is not supported");
    if (size_known) *taken = entry.packed_bytes;
    if ((entry.flags & kFlagEncrypted) != 0) return Malformed("encrypted");
    if (entry.method != kMethodStored && entry.method != kMethodDeflated) {
      return Malformed("compression method " + std::to_string(entry.method) +
                       " is not supported");
    }
    if (entry.data_at > zip_.size() ||
        (size_known && zip_.size() - entry.data_at < entry.packed_bytes)) {
      return Malformed("cut short");
    }
    if (size_known) {
      // More than there is lies over one another: the same bytes, read again and again.
      if (entry.packed_bytes > unread_) return Malformed("entries overlap");
      unread_ -= entry.packed_bytes;
    }
    const std::string_view packed = zip_.substr(
        entry.data_at, size_known ? entry.packed_bytes : std::string_view::npos);

    std::string out;
    if (entry.method == kMethodStored) {
      if (!size_known) return Malformed("stored without a size");
      if (packed.size() > room_) {
        return Error{ErrorKind::kTooLarge, "zip: unpacks to more than the limit"};
      }
      out = packed;
    } else {
      Inflater inflater(Inflater::Form::kRaw);
      const auto consumed = inflater.Run(packed, room_, &out);
      if (!consumed) {
        // What was unpacked in vain is paid for too, or a thousand bad entries would
        // each have the whole allowance.
        room_ -= out.size();
        return Wrap(consumed.error(), "zip");
      }
      if (!size_known) *taken = *consumed;
    }
    room_ -= out.size();
    const std::uint32_t crc =
        size_known ? entry.crc : DescriptorCrc(entry.data_at + *taken);
    if (crc32_z(0, reinterpret_cast<const Bytef*>(out.data()), out.size()) != crc) {
      return Malformed("CRC does not match");
    }
    return out;
  }

  std::uint32_t DescriptorCrc(std::size_t at) const {
    if (at > zip_.size()) return 0;
    return Number(zip_, at + (zip_.substr(at).starts_with(kDescriptorSignature) ? 4 : 0),
                  4);
  }

  std::size_t DataAt(std::size_t local) const {
    return local + kLocalHeaderBytes + Number(zip_, local + 26, 2) +
           Number(zip_, local + 28, 2);
  }

  std::string Name(std::size_t at, std::size_t bytes) const {
    if (at > zip_.size()) return {};
    return CleanUtf8(zip_.substr(at, bytes), kMaxNameBytes);
  }

  static bool IsFolder(std::string_view name) { return name.ends_with('/'); }

  // False at the limit, which is then the last entry.
  bool Reserve(const std::string& name) {
    if (entries_.size() < kMaxZipEntries) return true;
    entries_.push_back({name, Error{ErrorKind::kTooLarge,
                                    "zip: more than " + std::to_string(kMaxZipEntries) +
                                        " entries; the rest was left out"}});
    return false;
  }

  std::string_view zip_;
  std::size_t& room_;   // bytes that may still come out
  std::size_t unread_;  // bytes that no entry has taken for its own
  std::vector<ZipEntry> entries_;
};

}  // namespace

Result<std::vector<ZipEntry>> Unzip(std::string_view zip, std::size_t max_output_bytes) {
  return Unzip(zip, &max_output_bytes);
}

Result<std::vector<ZipEntry>> Unzip(std::string_view zip, std::size_t* room) {
  if (!LooksLikeZip(zip)) return Malformed("no zip header");
  return Archive(zip, room).Read();
}

bool LooksLikeZip(std::string_view bytes) {
  return bytes.starts_with(kLocalSignature) || bytes.starts_with(kEndSignature);
}

}  // namespace tlsrpt::ingest
