// From the bytes of one submission to the JSON of every report in it.
//
// The bytes are a mail, or a file or a POST: gzip, zip or JSON. Magic bytes decide;
// media types and file names are only reported (a ".json.gz" that is plain JSON stands
// in the RFC's own sample). A bad part costs that part, not its neighbours.
//
// Units    bytes.
// Errors   kNotFound: neither a mail nor gzip, zip or JSON, so nothing that can be read.
//          Everything else that goes wrong belongs to a part and is in `failures`;
//          kNotFound there means that a file was decoded whole and is the same.
// Threads  pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/unpack/domain_hint.h"
#include "store/model/anomaly.h"

namespace tlsrpt::ingest {

// All reports of one submission together: two of the largest size, so that one mail
// with fifty bombs costs no more than one with two.
inline constexpr std::size_t kMaxUnpackedBytes = 40u << 20;
// All files of one submission that are looked at: parts that may be a report, and what is
// in their archives. Every known reporter sends one; this is five full archives
// (kMaxZipEntries), which is more than anybody forwards by hand. Without it archives in
// archives, a few kilobytes, hold a million files of two bytes.
inline constexpr std::size_t kMaxUnpackedFiles = 500;
// gzip in a zip in a gzip; deeper is nobody's mistake.
inline constexpr int kMaxWrappings = 3;

struct ReportPart {
  std::string json;
  std::string file_name;   // the innermost that was given; for people, never a path
  std::string media_type;  // as claimed; empty for a file
  // The policy domain, where the mail around the report says it: TLS-Report-Domain,
  // else "Report Domain:" in the subject, else "submitter!domain!start!end" in the file
  // name. A field that stands twice says nothing. Normalised; empty if none. For reports
  // without one (Postfix, issue 51).
  std::string domain_hint;
  // The same by where it stands, of what a signature of the mail may cover. The name of
  // the file not where it stands in the mail's own header, the body being the report.
  DomainHints signable_hints = {};
  // A DKIM signature of this mail vouches for this part: a direct body part of type
  // application/tlsrpt+* of a top-level multipart/report; report-type=tlsrpt, or the
  // whole body under that type (RFC 8460, 5.3). Nothing deeper: a bounce can carry a
  // stranger's words.
  bool vouchable = false;
  std::vector<store::Anomaly> anomalies;  // of the mail form; `field` says where
};

struct Unpacked {
  std::vector<ReportPart> reports;
  // Parts that look like a report but could not be decoded, and limits reached. Each
  // names its part. At most one for a file that gave no report, and a last one where
  // kMaxUnpackedFiles was passed. Not empty when `reports` is empty and `ordinary` is
  // false.
  std::vector<Error> failures;
  bool is_mail = false;
  // A mail without any sign of a report: no tlsrpt media type or report-type, no
  // TLS-Report-* field, nothing attached that is gzip, zip or JSON and either holds a
  // report or cannot be read. So a DMARC report is ordinary mail.
  bool ordinary = false;
};

struct UnpackHints {
  std::string file_name;  // of an imported file
};

Result<Unpacked> Unpack(std::string_view bytes, const UnpackHints& hints = {});

// Whether the first line that is not empty is a header field, or the "From " of an mbox.
// The start of the bytes is enough.
bool LooksLikeMail(std::string_view bytes);

}  // namespace tlsrpt::ingest
