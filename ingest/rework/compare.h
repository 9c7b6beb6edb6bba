// What the bytes of a receipt say now, against what is stored of them.
//
// Threads  pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "store/writer/kept_receipt.h"

namespace tlsrpt::ingest {

struct Changes {
  // Anomalies of stored reports, "count_clamped policies[].summary": by report, so that
  // one report with a habit in ten entries is one.
  std::vector<std::string> gained;
  std::vector<std::string> lost;
  // Fields of stored reports that would read otherwise, "results.success_sessions"; one
  // entry a report and field.
  std::vector<std::string> fields;
  std::int64_t added = 0;  // rows of `report` more: domains or reports
  std::int64_t gone = 0;   // rows less
  // The change of what is held in quarantine, in reports.
  std::int64_t quarantined = 0;
  // Reports that nobody vouched for and somebody does now: by reporter.
  std::map<std::string, std::int64_t> vouched;
  // The reason, or whom it is about, is said in other words.
  bool reason = false;
  // A duplicate may tell failures that no row has, which only a new look can find out.
  bool may_be_retold = false;

  bool Any() const {
    return !gained.empty() || !lost.empty() || !fields.empty() || added > 0 || gone > 0 ||
           quarantined != 0 || !vouched.empty() || reason || may_be_retold;
  }
};

Changes Compare(const store::KeptReceipt& kept, const store::ReceiptRecord& now);

}  // namespace tlsrpt::ingest
