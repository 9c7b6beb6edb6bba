// A readiness setting of one domain, as somebody set it. What names and values mean is
// for api/readiness/settings_table.h to say.
//
// Threads  a value.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"

namespace tlsrpt::store {

struct DomainSetting {
  std::string plain_name;            // without "unsafe_": both names are one setting
  std::string name;                  // as given
  std::optional<std::string> value;  // empty: the default again
  TimePoint set_at;
  std::string set_by;

  bool operator==(const DomainSetting&) const = default;
};

}  // namespace tlsrpt::store
