// What distinguishes two rows of `report`. The digest in report_key covers the policy
// domain and the period, hence the day.
//
// Threads  pure.
#pragma once

#include <string>
#include <tuple>

#include "base/uuid.h"
#include "store/model/filed_report.h"
#include "store/model/vocabulary.h"

namespace tlsrpt::store {

// report_key, reporter, and whether somebody vouches.
using RowKey = std::tuple<Uuid, std::string, bool>;

inline RowKey KeyOf(const FiledReport& report) {
  return {report.report_key, report.reporter, IsVouched(report.provenance)};
}

}  // namespace tlsrpt::store
