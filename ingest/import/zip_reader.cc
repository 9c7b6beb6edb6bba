#include "ingest/import/zip_reader.h"

#include <zlib.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace tlsrpt::ingest {
namespace {

// Field offsets are those of APPNOTE.TXT 6.3 ("4.3.7 Local file header" and so on).
constexpr std::string_view kLocalSignature = "PK\x03\x04";
constexpr std::string_view kCentralSignature = "PK\x01\x02";
constexpr std::string_view kEndSignature = "PK\x05\x06";
constexpr std::string_view kEnd64Signature = "PK\x06\x06";
constexpr std::string_view kLocator64Signature = "PK\x06\x07";
constexpr std::size_t kLocalHeaderBytes = 30;
constexpr std::size_t kCentralHeaderBytes = 46;
constexpr std::size_t kEndRecordBytes = 22;
constexpr std::size_t kEnd64RecordBytes = 56;
constexpr std::size_t kLocator64Bytes = 20;
constexpr std::size_t kMaxCommentBytes = 65535;

constexpr unsigned kFlagEncrypted = 1u << 0;
constexpr unsigned kMethodStored = 0;
constexpr unsigned kMethodDeflated = 8;
constexpr unsigned kExtraZip64 = 0x0001;
constexpr std::uint64_t kInZip64 = 0xFFFFFFFF;
constexpr std::uint64_t kCountInZip64 = 0xFFFF;

Error Malformed(std::string what) {
  return Error{ErrorKind::kMalformed, "zip: " + std::move(what)};
}

// Little-endian; callers have looked that it is there.
std::uint64_t Number(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) {
    value = (value << 8) | static_cast<unsigned char>(bytes.at(at + i));
  }
  return value;
}

// Exactly `bytes` bytes.
Result<std::string> ReadBlock(RandomBytes& archive, std::uint64_t at, std::size_t bytes) {
  std::string block(bytes, '\0');
  std::size_t have = 0;
  while (have < bytes) {
    const auto got = archive.ReadAt(at + have, block.data() + have, bytes - have);
    if (!got) return got.error();
    if (*got == 0) return Malformed("cut short at byte " + std::to_string(at + have));
    have += *got;
  }
  return block;
}

struct Directory {
  std::uint64_t at;
  std::uint64_t members;
};

Result<Directory> FindDirectory64(RandomBytes& archive, std::uint64_t end_at) {
  const Error none = Malformed("no zip64 directory");
  if (end_at < kLocator64Bytes) return none;
  const auto locator = ReadBlock(archive, end_at - kLocator64Bytes, kLocator64Bytes);
  if (!locator) return locator.error();
  if (!locator->starts_with(kLocator64Signature)) return none;
  const auto end = ReadBlock(archive, Number(*locator, 8, 8), kEnd64RecordBytes);
  if (!end) return end.error();
  if (!end->starts_with(kEnd64Signature)) return none;
  return Directory{Number(*end, 48, 8), Number(*end, 32, 8)};
}

Result<Directory> FindDirectory(RandomBytes& archive) {
  const std::uint64_t size = archive.Size();
  const auto tail_bytes = static_cast<std::size_t>(
      std::min<std::uint64_t>(size, kEndRecordBytes + kMaxCommentBytes));
  const auto tail = ReadBlock(archive, size - tail_bytes, tail_bytes);
  if (!tail) return tail.error();
  const std::size_t at = tail_bytes < kEndRecordBytes
                             ? std::string::npos
                             : tail->rfind(kEndSignature, tail_bytes - kEndRecordBytes);
  if (at == std::string::npos) return Malformed("no directory; cut short?");
  const Directory found{Number(*tail, at + 16, 4), Number(*tail, at + 10, 2)};
  if (found.at != kInZip64 && found.members != kCountInZip64) return found;
  return FindDirectory64(archive, size - tail_bytes + at);
}

// What of `member` stands in the zip64 extra field, in this order and only where the
// 32-bit field is full.
void ReadZip64(std::string_view extra, std::uint64_t unpacked_bytes, ZipMember& member) {
  while (extra.size() >= 4) {
    const std::uint64_t id = Number(extra, 0, 2);
    std::string_view field = extra.substr(4);
    field = field.substr(0, Number(extra, 2, 2));
    extra.remove_prefix(4 + field.size());
    if (id != kExtraZip64) continue;
    const auto take = [&](std::uint64_t& value) {
      if (value != kInZip64 || field.size() < 8) return;
      value = Number(field, 0, 8);
      field.remove_prefix(8);
    };
    take(unpacked_bytes);
    take(member.packed_bytes);
    take(member.local_at);
    return;
  }
}

// The packed bytes of one member.
class Slice final : public ByteSource {
 public:
  Slice(RandomBytes& archive, std::uint64_t at, std::uint64_t bytes)
      : archive_(archive), at_(at), left_(bytes) {}

  Result<std::size_t> Read(char* out, std::size_t room) override {
    room = static_cast<std::size_t>(std::min<std::uint64_t>(room, left_));
    if (room == 0) return std::size_t{0};
    const auto got = archive_.ReadAt(at_, out, room);
    if (!got) return got.error();
    if (*got == 0) return Malformed("cut short");
    at_ += *got;
    left_ -= *got;
    return got;
  }

 private:
  RandomBytes& archive_;
  std::uint64_t at_;
  std::uint64_t left_;
};

// One member unpacked, and its CRC checked at the end.
class MemberSource final : public ByteSource {
 public:
  MemberSource(RandomBytes& archive, std::uint64_t data_at, const ZipMember& member,
               UnpackAllowance& allowance)
      : slice_(archive, data_at, member.packed_bytes),
        packed_(slice_),
        allowance_(allowance),
        wanted_crc_(member.crc) {
    if (member.method == kMethodDeflated) {
      inflating_.emplace(packed_, Inflater::Form::kRaw, allowance);
    }
  }

  Result<std::size_t> Read(char* out, std::size_t room) override {
    const auto got = inflating_ ? inflating_->Read(out, room) : ReadStored(out, room);
    if (!got) return got.error();
    crc_ = crc32_z(crc_, reinterpret_cast<const Bytef*>(out), *got);
    if (*got == 0 && crc_ != wanted_crc_) return Malformed("CRC does not match");
    return got;
  }

 private:
  // Members may overlap, so even what is only stored is paid for.
  Result<std::size_t> ReadStored(char* out, std::size_t room) {
    const auto got = slice_.Read(out, room);
    if (got && !allowance_.Spend(*got)) {
      return Error{ErrorKind::kTooLarge, "zip: its members are larger than the file"};
    }
    return got;
  }

  Slice slice_;
  PeekableSource packed_;
  UnpackAllowance& allowance_;
  std::optional<InflatingSource> inflating_;
  const std::uint32_t wanted_crc_;
  uLong crc_ = 0;
};

}  // namespace

Result<ZipReader> ZipReader::Open(RandomBytes& archive) {
  const auto directory = FindDirectory(archive);
  if (!directory) return directory.error();
  return ZipReader(archive, directory->at, directory->members);
}

Result<std::optional<ZipMember>> ZipReader::Next() {
  while (left_ > 0) {
    --left_;
    const auto header = ReadBlock(*archive_, at_, kCentralHeaderBytes);
    if (!header || !header->starts_with(kCentralSignature)) {
      left_ = 0;
      if (!header) return header.error();
      return Malformed("no central directory entry at byte " + std::to_string(at_));
    }
    const auto name_bytes = static_cast<std::size_t>(Number(*header, 28, 2));
    const auto extra_bytes = static_cast<std::size_t>(Number(*header, 30, 2));
    const auto rest =
        ReadBlock(*archive_, at_ + kCentralHeaderBytes, name_bytes + extra_bytes);
    if (!rest) {
      left_ = 0;
      return rest.error();
    }
    at_ += kCentralHeaderBytes + name_bytes + extra_bytes + Number(*header, 32, 2);

    ZipMember member;
    member.flags = static_cast<unsigned>(Number(*header, 8, 2));
    member.method = static_cast<unsigned>(Number(*header, 10, 2));
    member.crc = static_cast<std::uint32_t>(Number(*header, 16, 4));
    member.packed_bytes = Number(*header, 20, 4);
    member.local_at = Number(*header, 42, 4);
    member.name =
        CleanUtf8(std::string_view(*rest).substr(0, name_bytes), name_bytes * 3);
    ReadZip64(std::string_view(*rest).substr(name_bytes), Number(*header, 24, 4), member);
    if (!member.name.ends_with('/')) return std::optional(std::move(member));
  }
  return std::optional<ZipMember>();
}

Result<std::unique_ptr<ByteSource>> ZipReader::Read(const ZipMember& member,
                                                    UnpackAllowance& allowance) {
  if ((member.flags & kFlagEncrypted) != 0) return Malformed("encrypted");
  if (member.method != kMethodStored && member.method != kMethodDeflated) {
    return Malformed("compression method " + std::to_string(member.method) +
                     " is not supported");
  }
  const auto local = ReadBlock(*archive_, member.local_at, kLocalHeaderBytes);
  if (!local) return local.error();
  if (!local->starts_with(kLocalSignature)) {
    return Malformed("no local header at byte " + std::to_string(member.local_at));
  }
  const std::uint64_t data_at =
      member.local_at + kLocalHeaderBytes + Number(*local, 26, 2) + Number(*local, 28, 2);
  return std::unique_ptr<ByteSource>(
      std::make_unique<MemberSource>(*archive_, data_at, member, allowance));
}

}  // namespace tlsrpt::ingest
