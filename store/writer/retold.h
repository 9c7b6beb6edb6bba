// A report that comes under the name of another and tells other failures: two
// installations of one reporter that number their reports alike, or a sender that
// corrects itself. Which of them is right nobody knows, so none of their failures may be
// lost; the sessions that went well are those of the first.
//
// Threads  pure.
#pragma once

#include <cstdint>

#include "store/model/filed_report.h"

namespace tlsrpt::store {

// The first parser version (store/model/filed_report.h) that keeps such failures.
inline constexpr std::int32_t kFirstRetold = 4;

// Whether it tells failures, and somebody vouches for it: all else decides nothing.
bool MayTellOthers(const FiledReport& report);

// Whether such a one tells others than `stored`, of the same key and reporter.
bool TellsOthers(const FiledReport& report, const FiledReport& stored);

// The failures of `report` under a key made of its own and of what they are: so that it
// is stored once, however often it comes.
FiledReport Retold(const FiledReport& report);

}  // namespace tlsrpt::store
