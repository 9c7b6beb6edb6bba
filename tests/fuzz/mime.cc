// A whole mail: its parts, the reports in them, and what those say.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "ingest/mail/header_block.h"
#include "ingest/mail/split_message.h"
#include "ingest/report/report_parser.h"
#include "ingest/unpack/gunzip.h"
#include "ingest/unpack/mime_walker.h"
#include "ingest/unpack/unpack.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/held_memory.h"

namespace {

using namespace tlsrpt;
using namespace tlsrpt::ingest;

bool IsInside(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() &&
                          part.data() + part.size() <= whole.data() + whole.size());
}

void CheckWalk(std::string_view mail) {
  const MimeWalk walk = WalkMime(mail);
  FUZZ_CHECK(!walk.messages.empty());
  FUZZ_CHECK(walk.parts.size() <= kMaxMimeParts);
  const char* read_to = mail.data();
  for (const MimePart& part : walk.parts) {
    FUZZ_CHECK(part.message < walk.messages.size());
    FUZZ_CHECK(IsInside(part.body, mail));
    if (part.body.empty()) continue;
    FUZZ_CHECK(part.body.data() >= read_to);  // no byte is in two leaves
    read_to = part.body.data() + part.body.size();
  }
  for (const Error& error : walk.left_out) {
    FUZZ_CHECK(error.kind == ErrorKind::kTooLarge && !error.message.empty());
  }
}

void CheckUnpack(const std::string& input) {
  const fuzz::HeldMemory memory;
  const auto got = Unpack(input);
  FUZZ_CHECK(memory.PeakBytes() <= 4 * std::max(input.size(), kMaxReportBytes));
  if (!got) {
    FUZZ_CHECK(got.error().kind == ErrorKind::kNotFound && !got.error().message.empty());
    return;
  }
  // Nothing disappears: it is a report, or ordinary, or there is a reason.
  FUZZ_CHECK(!got->reports.empty() || !got->failures.empty() || got->ordinary);
  FUZZ_CHECK(!got->ordinary || (got->is_mail && got->reports.empty()));
  FUZZ_CHECK(got->reports.size() + got->failures.size() <= kMaxUnpackedFiles + 1);
  std::size_t unpacked = 0;
  for (const ReportPart& report : got->reports) {
    unpacked += report.json.size();
    // What a signature vouches for is of the right type, and the mail's own header says
    // what the mail is.
    FUZZ_CHECK(!report.vouchable ||
               (got->is_mail && report.media_type.starts_with("application/tlsrpt+") &&
                ReadHeaderBlock(SplitMessage(input).header).Count("Content-Type") == 1));
    (void)ParseReport(report.json, {.policy_domain = report.domain_hint});
  }
  FUZZ_CHECK(unpacked <= kMaxUnpackedBytes + input.size());
  for (const Error& failure : got->failures) FUZZ_CHECK(!failure.message.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(reinterpret_cast<const char*>(data), size);
  CheckWalk(input);
  CheckUnpack(input);
  return 0;
}
