// A verdict in short: what is kept of it for lists.
//
// Threads  pure.
#pragma once

#include "api/readiness/verdict.h"
#include "store/model/domain_status.h"

namespace tlsrpt::api {

// `evaluated_at` is the verdict's time. When it is to be made again, since when it has
// been so, and the digest of the evidence are the caller's to say.
store::DomainStatus InShort(const Verdict& verdict);

}  // namespace tlsrpt::api
