#include "api/readiness/criteria.h"

#include <utility>

namespace tlsrpt::api {

Criterion NewCriterion(std::string id, Severity severity) {
  Criterion criterion;
  criterion.id = std::move(id);
  criterion.severity = severity;
  return criterion;
}

}  // namespace tlsrpt::api
