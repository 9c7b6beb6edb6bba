// One accepted submission: a mail, a POST, a file. It may hold several reports, or
// none. Whatever becomes of it, its row and its raw bytes say so. Bytes that an earlier
// import stored are not kept again; the row names the receipt that has them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/uuid.h"
#include "store/model/filed_report.h"
#include "store/model/quarantine_reason.h"
#include "store/model/vocabulary.h"

namespace tlsrpt::store {

// In Receipt::quarantined_domains: what is held may speak about any domain of ours.
inline constexpr std::string_view kEveryDomain = "*";

struct Receipt {
  Uuid receipt_id;  // UUIDv7, made before the spool insert; it is in the 250 answer
  TimePoint received_at;
  std::string node;
  Transport transport = Transport::kSmtp;
  std::string peer;           // address and port, or the path of an imported file
  std::string envelope_from;  // empty for <> and for anything but mail
  std::vector<std::string> envelope_to;

  // Reports found inside: stored and duplicate are known after the write only.
  std::int32_t report_count = 0;
  std::int32_t quarantined_count = 0;
  bool ordinary = false;  // no sign of a report
  // Why the quarantined part is: one of kQuarantineReasons, and a sentence.
  std::string reason;
  std::string reason_detail;
  // What a report named that is not ours, domains and the MX hosts of their `tlsa`
  // results: with any of them added, it is looked at again.
  std::vector<std::string> foreign_domains;
  // Ours, named by a report in quarantine, or kEveryDomain: what readiness must wait for
  // where the receipt holds something back.
  std::vector<std::string> quarantined_domains;
  Provenance provenance = Provenance::kNone;
  // What came of each DKIM signature of the mail, in the form of RFC 8601, 2.2:
  // "dkim=pass header.d=google.com header.s=20230601 header.a=rsa-sha256". Below them
  // what a relay of ours was believed for: "relay: dkim=pass header.d=google.com".
  std::vector<std::string> dkim_results;
  std::string reporter;  // organisational domain; empty where nobody vouches
  // The receipt that keeps the very bytes of this one, all of whose reports are its
  // duplicates; nothing: they are kept under this one.
  std::optional<Uuid> same_bytes_as;
};

// Whether it is held since nobody could find out who vouches for it.
inline bool IsUnverified(const Receipt& receipt) {
  return receipt.reason == kReasonCrash || receipt.reason == kReasonKey;
}

// Whether what of it is in quarantine could be a report that counts: somebody vouches for
// it, or nobody could find out. A stranger's that was read holds back nothing.
inline bool MayHoldBack(const Receipt& receipt) {
  return IsVouched(receipt.provenance) || IsUnverified(receipt);
}

// All that one receipt leaves in the database.
struct ReceiptRecord {
  Receipt receipt;
  std::string raw;
  std::vector<FiledReport> reports;
  // Names below a wildcard domain that come into being with this receipt.
  std::vector<std::string> new_names;
  // Of an import that is to be known by its bytes next time, if all of it is stored, or
  // all of it held (store/writer/imported_bodies.h).
  std::optional<Uuid> body_digest;
};

// Whether an operator vouches for it and everything in it is in quarantine.
inline bool IsAllHeld(const ReceiptRecord& record) {
  const Receipt& receipt = record.receipt;
  return receipt.provenance == Provenance::kOperator && record.reports.empty() &&
         receipt.quarantined_count > 0 &&
         receipt.quarantined_count == receipt.report_count;
}

}  // namespace tlsrpt::store
