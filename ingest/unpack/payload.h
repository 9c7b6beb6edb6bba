// What is inside a part once its transfer encoding is off: JSON, however wrapped.
//
// Units    bytes.
// Errors   each belongs to one payload and names it; the others are still given.
//          kNotFound: it was decoded whole, and is neither gzip, zip nor JSON.
// Threads  pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tlsrpt::ingest {

enum class Magic { kNone, kGzip, kZip, kJson };

// By the first bytes alone. JSON is a "{" after an optional byte order mark and blanks,
// or a "[": no report is a list, but who sends one means it for reports.
Magic Sniff(std::string_view bytes);

std::string_view NameOf(Magic magic);

// Whether JSON names any member that only a TLS report has. What was sent as a report
// is one without this; it keeps other people's JSON out of the quarantine's reasons.
bool LooksLikeReport(std::string_view json);

struct Payload {
  std::string json;
  std::string file_name;
};

// Unwraps gzip and zip, into each other up to kMaxWrappings deep. One for a submission:
// the two ceilings, on the bytes that come out and on the files looked at, are over all
// of its parts, and what cannot be read is paid for like what can.
class Unwrapper {
 public:
  Unwrapper();

  // What is in `bytes`; `file_name` is theirs. Takes a file, and adds to the two lists
  // below: at most one payload or failure for each file taken.
  void Unwrap(std::string_view bytes, const std::string& file_name);

  // False from the file past kMaxUnpackedFiles on, which is not to be looked at.
  bool TakeFile();

  std::vector<Payload> payloads;
  std::vector<Error> failures;
  std::optional<Error> left_out;  // kTooLarge, once TakeFile() was false

 private:
  void Unwrap(std::string_view bytes, std::string* owner, const std::string& file_name,
              int wrappings);
  void UnwrapGzip(std::string_view bytes, const std::string& file_name, int wrappings);
  void UnwrapZip(std::string_view bytes, int wrappings);
  // The room of one gzip or zip, off room_; what is left of it goes back.
  std::size_t Lend();

  std::size_t room_;   // bytes that may still come out
  std::size_t files_;  // that may still be looked at
};

}  // namespace tlsrpt::ingest
