#include "api/readiness/format.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

// A sentence with more names than this is no longer read; the JSON has them all.
constexpr std::size_t kMaxListed = 4;

}  // namespace

std::string DayText(sys_days day) { return DateText(day); }

std::string CountText(std::int64_t count) {
  std::string text = std::to_string(count);
  const std::size_t digits_from = count < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > digits_from + 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

std::string Counted(std::int64_t count, std::string_view noun) {
  std::string text = CountText(count) + " " + std::string(noun);
  if (count != 1) text += "s";
  return text;
}

std::string DaysText(const std::set<sys_days>& all) {
  std::vector<std::string> runs;
  for (auto at = all.begin(); at != all.end();) {
    const sys_days first = *at;
    sys_days last = first;
    while (++at != all.end() && *at == last + days{1}) last = *at;
    runs.push_back(first == last ? DayText(first)
                                 : DayText(first) + " to " + DayText(last));
  }
  std::string text;
  const std::size_t skipped = runs.size() > kMaxListed ? runs.size() - kMaxListed : 0;
  if (skipped > 0) text = "... ";
  for (std::size_t i = skipped; i < runs.size(); ++i) {
    if (i > skipped) text += ", ";
    text += runs[i];
  }
  return text;
}

std::string ListText(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i == kMaxListed - 1 && items.size() > kMaxListed) {
      return text + " and " + std::to_string(items.size() - i) + " more";
    }
    if (i > 0) text += i + 1 == items.size() ? " and " : ", ";
    text += items[i];
  }
  return text;
}

std::string JoinSentences(const std::vector<std::string>& sentences) {
  std::string text;
  for (std::size_t i = 0; i < std::min(sentences.size(), kMaxListed); ++i) {
    text += (i == 0 ? "" : " ") + sentences[i];
  }
  return text;
}

}  // namespace tlsrpt::api
