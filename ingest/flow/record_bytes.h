// How much memory what was read out of one submission takes, so that a batch can be bound
// by it: a mail of 75 KB may hold a report of 20 MB.
//
// Units    bytes, of what grows with the submission; a low estimate.
// Threads  pure.
#pragma once

#include <cstddef>

#include "store/model/receipt.h"

namespace tlsrpt::ingest {

inline std::size_t BytesOf(const store::ReceiptRecord& record) {
  std::size_t bytes = record.raw.size();
  for (const auto* names :
       {&record.receipt.foreign_domains, &record.receipt.quarantined_domains}) {
    for (const std::string& name : *names) bytes += sizeof name + name.size();
  }
  for (const store::FiledReport& report : record.reports) {
    bytes += sizeof report;
    for (const store::PolicyResult& result : report.results) {
      bytes += sizeof result;
      if (result.policy) {
        for (const std::string& line : result.policy->lines) {
          bytes += sizeof line + line.size();
        }
      }
      for (const store::FailureDetail& detail : result.details) {
        bytes += sizeof detail + detail.result_type_text.size() +
                 detail.receiving_mx.size() + detail.helo.size() + detail.reason.size() +
                 detail.information.size();
      }
    }
  }
  return bytes;
}

}  // namespace tlsrpt::ingest
