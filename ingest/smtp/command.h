// SMTP command lines, split into what they mean (RFC 5321, 4.1).
//
// Threads  pure functions. A SmtpCommand points into the line it was made of.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tlsrpt::ingest {

enum class SmtpVerb {
  kHelo,
  kEhlo,
  kLhlo,  // RFC 2033, 4.1
  kMail,
  kRcpt,
  kData,
  kBdat,
  kRset,
  kNoop,
  kQuit,
  kVrfy,
  kExpn,
  kHelp,
  kStartTls,
  kHttp,  // somebody takes us for a web server or proxy
  kUnknown,
};

struct SmtpCommand {
  SmtpVerb verb;
  std::string_view argument;  // without blanks around it
};

// `line` has no line ending. Verbs in any case.
SmtpCommand ParseCommand(std::string_view line);

// Whether a command line is UTF-8 without control characters. A tab counts as a blank.
bool IsPlainText(std::string_view line);

enum class ParameterFault {
  kNone,
  kSyntax,   // 501
  kUnknown,  // 555: RFC 5321, 4.1.1.11
};

struct MailParameters {
  ParameterFault fault = ParameterFault::kNone;
  std::optional<std::uint64_t> size_bytes;  // RFC 1870, 6
  bool body = false;                        // RFC 6152: BODY= was there
  bool smtputf8 = false;                    // RFC 6531, 3.4
};

// What follows the path in MAIL: SIZE=, BODY=, SMTPUTF8; each at most once.
MailParameters ParseMailParameters(std::string_view text);

struct ChunkSize {
  std::uint64_t bytes;
  bool is_last;
};

// The argument of BDAT (RFC 3030, 2): "1024" or "1024 LAST".
std::optional<ChunkSize> ParseChunkSize(std::string_view text);

}  // namespace tlsrpt::ingest
