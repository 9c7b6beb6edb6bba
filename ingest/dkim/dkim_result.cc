#include "ingest/dkim/dkim_result.h"

namespace tlsrpt::ingest {

std::string_view NameOf(DkimOutcome outcome) {
  switch (outcome) {
    case DkimOutcome::kNone:
      return "none";
    case DkimOutcome::kPass:
      return "pass";
    case DkimOutcome::kFail:
      return "fail";
    case DkimOutcome::kPolicy:
      return "policy";
    case DkimOutcome::kNeutral:
      return "neutral";
    case DkimOutcome::kTempError:
      return "temperror";
    case DkimOutcome::kPermError:
      return "permerror";
  }
  return "";
}

}  // namespace tlsrpt::ingest
