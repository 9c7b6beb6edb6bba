#include "api/rest/standing_json.h"

#include <string>

#include "api/readiness/format.h"

namespace tlsrpt::api {
namespace {

using store::Hold;

// Why it is not known how the domain stands.
std::string UnknownSentence(Hold hold) {
  switch (hold) {
    case Hold::kNone:
      break;
    case Hold::kNeverEvaluated:
      return "It was not evaluated yet.";
    case Hold::kEvaluationDue:
      return "Something came in since it was last evaluated, and is being looked at.";
    case Hold::kOverdue:
      return "Its evaluation is overdue; look whether a worker runs.";
    case Hold::kIntakeBehind:
      return "Reports that nobody has looked at may be waiting; look at the nodes and "
             "their spools.";
  }
  return {};
}

}  // namespace

Json StandingJson(const store::FleetRow& row) {
  if (row.State().empty()) return nullptr;
  Json json{{"state", std::string(row.State())},
            {"stale", TextOrNull(NameOf(row.hold))},
            {"verdict", nullptr},
            {"health", nullptr},
            {"confidence", nullptr},
            {"basis", nullptr},
            {"sentence", UnknownSentence(row.hold)},
            {"blocking", Json::array()},
            {"blocking_sentence", nullptr},
            {"earliest_ready", nullptr},
            {"evaluated_at", nullptr},
            {"evaluated_for", nullptr},
            {"changed_at", nullptr}};
  if (!row.status) return json;
  const store::DomainStatus& status = *row.status;
  json["evaluated_at"] = TimeText(status.evaluated_at);
  json["evaluated_for"] = DateToJson(status.evaluated_for);
  if (row.State() == store::kStateUnknown) return json;
  json["verdict"] = status.state.verdict;
  json["health"] = TextOrNull(status.state.health);
  json["confidence"] = TextOrNull(status.state.confidence);
  json["basis"] = status.basis;
  json["sentence"] = status.sentence;
  json["blocking"] = status.blocking;
  json["blocking_sentence"] = TextOrNull(status.blocking_sentence);
  if (status.earliest_ready) json["earliest_ready"] = DateToJson(*status.earliest_ready);
  json["changed_at"] = TimeText(status.changed_at);
  return json;
}

}  // namespace tlsrpt::api
