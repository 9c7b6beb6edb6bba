#include "ingest/https/counters.h"

namespace tlsrpt::ingest {

std::string_view NameOf(PostRefusal refusal) {
  switch (refusal) {
    case PostRefusal::kWrongPath:
      return "wrong_path";
    case PostRefusal::kWrongMethod:
      return "wrong_method";
    case PostRefusal::kEmpty:
      return "empty";
    case PostRefusal::kUnknownForm:
      return "unknown_form";
    case PostRefusal::kTooLarge:
      return "too_large";
    case PostRefusal::kNoRoom:
      return "no_room";
    case PostRefusal::kNotDurable:
      return "not_durable";
  }
  return "unknown";
}

}  // namespace tlsrpt::ingest
