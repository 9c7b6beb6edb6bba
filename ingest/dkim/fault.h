// Why a signature or a key record cannot be used, with the word for it.
#pragma once

#include <string>

#include "ingest/dkim/dkim_result.h"

namespace tlsrpt::ingest {

struct DkimFault {
  DkimOutcome outcome = DkimOutcome::kPermError;
  std::string reason;  // as DkimResult::reason
};

}  // namespace tlsrpt::ingest
