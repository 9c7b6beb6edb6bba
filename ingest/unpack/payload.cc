#include "ingest/unpack/payload.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "ingest/unpack/gunzip.h"
#include "ingest/unpack/hidden.h"
#include "ingest/unpack/unpack.h"
#include "ingest/unpack/unzip.h"

namespace tlsrpt::ingest {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// What was unpacked grew by doubling, and lives as long as its report is worked on: what
// it does not need of that is given back, where it is worth a copy.
constexpr std::size_t kSlackBytes = 1u << 20;

// For the person who reads why it was held: "3c 21 44 4f".
std::string FirstBytes(std::string_view bytes) {
  if (bytes.empty()) return "empty";
  return "starts with bytes " + ToHex(bytes.substr(0, 4));
}

// Decoded whole, and no report in it.
Error NoReport(std::string what) { return {ErrorKind::kNotFound, std::move(what)}; }

// A report's mail in an archive.
bool IsMailOfReport(const ZipEntry& entry) {
  const std::string_view bytes = *entry.bytes;
  return Sniff(bytes) == Magic::kNone && LooksLikeMail(bytes) &&
         ToLowerAscii(bytes).find("application/tlsrpt") != std::string::npos;
}

// A README beside the report, or what a Mac adds. What has a report's name, or is not
// even text, may be a report in a form that nobody here can read: UTF-16, xz.
bool IsPlainlyNoReport(const ZipEntry& entry) {
  const std::string_view bytes = *entry.bytes;
  if (Sniff(bytes) != Magic::kNone) return false;
  if (IsHiddenMember(entry.name)) return true;
  const std::string name = ToLowerAscii(entry.name);
  if (name.ends_with(".json") || name.ends_with(".gz")) return false;
  bool mended = false;
  (void)CleanUtf8(bytes, bytes.size(), &mended);
  return !mended && !LooksLikeReport(bytes);
}

}  // namespace

Magic Sniff(std::string_view bytes) {
  if (LooksLikeGzip(bytes)) return Magic::kGzip;
  if (LooksLikeZip(bytes)) return Magic::kZip;
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  const std::string_view text = Trim(bytes);
  return text.starts_with('{') || text.starts_with('[') ? Magic::kJson : Magic::kNone;
}

std::string_view NameOf(Magic magic) {
  switch (magic) {
    case Magic::kGzip:
      return "gzip";
    case Magic::kZip:
      return "zip";
    case Magic::kJson:
      return "json";
    case Magic::kNone:
      break;
  }
  return "unknown";
}

bool LooksLikeReport(std::string_view text) {
  std::string json = ToLowerAscii(text);  // as the parser takes them
  std::erase(json, '\0');                 // UTF-16 without a byte order mark
  for (const std::string_view member :
       {"\"policies\"", "\"report-id\"", "\"organization-name\""}) {
    if (json.find(member) != std::string_view::npos) return true;
  }
  return false;
}

Unwrapper::Unwrapper() : room_(kMaxUnpackedBytes), files_(kMaxUnpackedFiles) {}

void Unwrapper::Unwrap(std::string_view bytes, const std::string& file_name) {
  if (TakeFile()) Unwrap(bytes, nullptr, file_name, 0);
}

bool Unwrapper::TakeFile() {
  if (files_ == 0) {
    left_out =
        Error{ErrorKind::kTooLarge, "more than " + std::to_string(kMaxUnpackedFiles) +
                                        " files; the rest was left out"};
    return false;
  }
  --files_;
  return true;
}

// `owner` holds `bytes` where they may be taken instead of copied.
void Unwrapper::Unwrap(std::string_view bytes, std::string* owner,
                       const std::string& file_name, int wrappings) {
  const Magic magic = Sniff(bytes);
  if (magic == Magic::kJson) {
    payloads.push_back(
        {owner != nullptr ? std::move(*owner) : std::string(bytes), file_name});
    std::string& json = payloads.back().json;
    if (json.capacity() - json.size() > kSlackBytes) json.shrink_to_fit();
  } else if (magic == Magic::kNone) {
    failures.push_back(NoReport("neither gzip, zip nor JSON: " + FirstBytes(bytes)));
  } else if (wrappings == kMaxWrappings) {
    failures.push_back(
        {ErrorKind::kTooLarge,
         "packed more than " + std::to_string(kMaxWrappings) + " times over"});
  } else if (magic == Magic::kGzip) {
    UnwrapGzip(bytes, file_name, wrappings);
  } else {
    UnwrapZip(bytes, wrappings);
  }
}

void Unwrapper::UnwrapGzip(std::string_view bytes, const std::string& file_name,
                           int wrappings) {
  std::size_t room = Lend();
  Result<std::string> inner = Gunzip(bytes, &room);
  room_ += room;
  if (!inner) {
    failures.push_back(inner.error());
    return;
  }
  Unwrap(*inner, &*inner, file_name, wrappings + 1);
}

void Unwrapper::UnwrapZip(std::string_view bytes, int wrappings) {
  std::size_t room = Lend();
  Result<std::vector<ZipEntry>> entries = Unzip(bytes, &room);
  room_ += room;
  if (!entries) {
    failures.push_back(entries.error());
    return;
  }
  const std::size_t before = payloads.size() + failures.size();
  for (ZipEntry& entry : *entries) {
    if (!TakeFile()) return;
    if (!entry.bytes) {
      failures.push_back(Wrap(entry.bytes.error(), entry.name));
      continue;
    }
    if (IsMailOfReport(entry)) {
      failures.push_back({ErrorKind::kMalformed,
                          entry.name + ": a mail, which is not read in an archive; "
                                       "`tlsrptd import` reads an archive of mails"});
      continue;
    }
    if (IsPlainlyNoReport(entry)) continue;
    const std::size_t failed_before = failures.size();
    Unwrap(*entry.bytes, &*entry.bytes, entry.name, wrappings + 1);
    for (std::size_t i = failed_before; i < failures.size(); ++i) {
      failures[i] = Wrap(std::move(failures[i]), entry.name);
    }
  }
  if (payloads.size() + failures.size() == before) {
    failures.push_back(NoReport("zip: no JSON in it"));
  }
}

std::size_t Unwrapper::Lend() {
  const std::size_t room = std::min(room_, kMaxReportBytes);
  room_ -= room;
  return room;
}

}  // namespace tlsrpt::ingest
