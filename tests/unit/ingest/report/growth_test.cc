// JSON of every shape that has cost somebody's parser more than it weighs, at n and at
// 2n: the work must not grow faster than the text, and what is held stays within four
// times the larger of the text and the limit of a report.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <string>

#include "ingest/report/json_tree.h"
#include "ingest/report/report_parser.h"
#include "ingest/unpack/gunzip.h"
#include "tests/support/growth.h"
#include "tests/unit/ingest/report/report_shapes.h"
#include "tests/unit/ingest/unpack/allocation_meter.h"

namespace tlsrpt::ingest {
namespace {

// On both sides of the size from which a text is looked over before it is parsed.
TEST(Growth, OfParsingAReport) {
  for (const std::size_t bytes : {kMaxJsonTokenBytes / 4, 2 * kMaxJsonTokenBytes}) {
    for (const testing::ReportShape& shape : testing::kReportShapes) {
      SCOPED_TRACE(std::string(shape.why) + ", " + std::to_string(bytes));
      EXPECT_LT(tlsrpt::testing::Growth(
                    shape.make, bytes,
                    [](const std::string& json) { (void)ParseReport(json); }),
                tlsrpt::testing::kMostGrowth);
    }
  }
}

// At the size of the largest report that is taken at all.
TEST(Memory, OfParsingAReport) {
  for (const testing::ReportShape& shape : testing::kReportShapes) {
    SCOPED_TRACE(shape.why);
    const std::string json = shape.make(kMaxReportBytes);
    const testing::AllocationMeter meter;
    const auto got = ParseReport(json);
    EXPECT_LE(meter.PeakBytes(), 4 * std::max(json.size(), kMaxReportBytes));
    EXPECT_TRUE(got || !got.error().message.empty());
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
