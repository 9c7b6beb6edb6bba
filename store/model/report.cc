#include "store/model/report.h"

#include "store/model/digest.h"

namespace tlsrpt::store {

Uuid PolicyHash(const PolicyText& policy) {
  Digest digest;
  digest.Add(static_cast<std::int64_t>(policy.type));
  digest.Add(static_cast<std::int64_t>(policy.lines.size()));
  for (const std::string& line : policy.lines) digest.Add(line);
  for (const std::string& pattern : policy.mx_patterns) digest.Add(pattern);
  return digest.First16();
}

}  // namespace tlsrpt::store
