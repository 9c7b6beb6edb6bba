// The name of one stored report, as answers and links carry it: opaque to clients, and
// yet it carries its domain, so that who may see it is known before anything is read.
//
//   ref = policy_domain "~" day "~" (reporter / "-") "~" report_key [ "~u" ]
//
// "~u": nobody vouches for it. "~" stands in no domain and needs no escape in a URL
// (RFC 3986, 2.3).
//
// Errors   nothing for a text that ToText() does not write.
// Threads  pure functions.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/uuid.h"

namespace tlsrpt::store {

// The primary key of `report`.
struct ReportRef {
  std::string policy_domain;
  std::chrono::sys_days day;
  std::string reporter;
  Uuid report_key;
  bool vouched = true;

  bool operator==(const ReportRef&) const = default;
};

std::string ToText(const ReportRef& ref);
std::optional<ReportRef> ParseReportRef(std::string_view text);

}  // namespace tlsrpt::store
