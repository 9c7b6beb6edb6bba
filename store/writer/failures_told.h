// What a report tells of failures: by that it is found whether it tells others than one
// that has the same name.
//
// Threads  pure.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "store/model/filed_report.h"
#include "store/model/vocabulary.h"

namespace tlsrpt::store {

// All that decides what a failure means and which waiver is about it; sessions by kind.
using FailureKind = std::tuple<ResultType, std::string, std::string, std::string>;
using FailuresTold =
    std::vector<std::tuple<PolicyType, std::int64_t, std::int64_t,
                           std::vector<std::pair<FailureKind, std::int64_t>>>>;

// Details may tell of failures that the summary does not count (Postfix).
bool TellsOfFailure(const PolicyResult& result);
bool TellsOfFailure(const FiledReport& report);

// Of each result, in an order of their own; of one without failures nothing.
FailuresTold FailuresToldBy(const FiledReport& report);

}  // namespace tlsrpt::store
