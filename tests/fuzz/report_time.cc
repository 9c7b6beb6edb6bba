// A date-time of a report, beside the C library's calendar.
#include "ingest/report/report_time.h"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string>

#include "tests/fuzz/check.h"

namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

sys_seconds ByCLibrary(const std::string& text, bool offset_missing) {
  std::tm fields{};
  const int read = std::sscanf(text.c_str(), "%4d-%2d-%2d%*c%2d:%2d:%2d", &fields.tm_year,
                               &fields.tm_mon, &fields.tm_mday, &fields.tm_hour,
                               &fields.tm_min, &fields.tm_sec);
  FUZZ_CHECK(read == 6);
  fields.tm_year -= 1900;
  fields.tm_mon -= 1;
  sys_seconds time{seconds(timegm(&fields))};
  if (offset_missing || text.back() == 'Z' || text.back() == 'z') return time;
  int hours = 0, minutes = 0;
  const std::string offset = text.substr(text.size() - 6);
  FUZZ_CHECK(std::sscanf(offset.c_str() + 1, "%2d:%2d", &hours, &minutes) == 2);
  const seconds ahead{hours * 3600 + minutes * 60};
  return offset[0] == '-' ? time + ahead : time - ahead;
}

std::string Canonical(sys_seconds time) {
  const std::time_t count = time.time_since_epoch().count();
  std::tm fields{};
  FUZZ_CHECK(gmtime_r(&count, &fields) != nullptr);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02dZ",
                fields.tm_year + 1900, fields.tm_mon + 1, fields.tm_mday, fields.tm_hour,
                fields.tm_min, fields.tm_sec);
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace tlsrpt;
  const std::string input(reinterpret_cast<const char*>(data), size);
  bool offset_missing = false;
  const auto got = ingest::ParseReportTime(input, &offset_missing);
  if (!got) {
    FUZZ_CHECK(got.error().kind == ErrorKind::kMalformed && !got.error().message.empty());
    return 0;
  }
  FUZZ_CHECK(*got == ByCLibrary(input, offset_missing));
  // An offset may have moved it out of the years that four digits can write.
  const std::string canonical = Canonical(*got);
  if (canonical.size() != 20 || canonical[0] == '-') return 0;
  const auto again = ingest::ParseReportTime(canonical, &offset_missing);
  FUZZ_CHECK(again.has_value() && *again == *got && !offset_missing);
  return 0;
}
