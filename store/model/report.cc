#include "store/model/report.h"

#include <tuple>

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

bool PolicyHashOrder::operator()(const PolicyText* a, const PolicyText* b) const {
  return std::tie(a->type, a->lines, a->mx_patterns) <
         std::tie(b->type, b->lines, b->mx_patterns);
}

}  // namespace tlsrpt::store
