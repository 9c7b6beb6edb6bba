// tlsrptd readiness DOMAIN: may it move its MTA-STS policy to enforce? The exit status
// is the answer (api/readiness/exit_code.h), for pipelines.

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/fleet/ask.h"
#include "api/readiness/exit_code.h"
#include "api/readiness/json.h"
#include "api/readiness/text.h"
#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/database.h"
#include "cmd/one_domain.h"
#include "cmd/option_checks.h"
#include "cmd/paths.h"
#include "cmd/time_text.h"
#include "ingest/spool/spool_stats.h"
#include "store/model/domain_name.h"

namespace tlsrpt::cmd {
namespace {

struct Question {
  std::string domain;
  std::string as_of;
  std::string known_at;
  bool reports_only = false;
  bool json = false;
};

// Of the data directory, where there is one. Read just before the evidence: an entry that
// is stored in between is then seen in both, and not in neither; and no heartbeat that it
// goes before is much newer, as after the wait for a database that is starting.
Result<std::optional<api::OwnSpool>> ReadOwnSpool(const Settings& settings) {
  const auto stats = ingest::ReadSpoolStats(SpoolPath(settings));
  if (!stats) return stats.error();
  if (!*stats) return std::optional<api::OwnSpool>();
  return std::optional(api::OwnSpool{.spool_id = (*stats)->spool_id,
                                     .node = settings.node,
                                     .read_at = SystemClock().Now(),
                                     .depth = (*stats)->depth,
                                     .waiting = (*stats)->waiting,
                                     .oldest_at = (*stats)->oldest_at});
}

Result<api::Verdict> Ask(const Settings& settings, api::ReadinessQuestion question,
                         const api::ReadinessSettings& rules) {
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleApi);
  if (!connection) return std::move(connection).error();
  const auto found = FindOneDomain(**connection, question.domain);
  if (!found) return found.error();
  // Its window would hold days whose reports are still on their way. The demo's are told
  // to any day.
  if (question.as_of > question.asked_at && !found->row.demo) {
    return Error{ErrorKind::kMalformed,
                 "--as-of lies in the future; nobody can say yet. Leave it out to ask "
                 "about now"};
  }
  question.mx_hosts = found->mx_hosts;
  question.demo = found->row.demo;
  auto own_spool = ReadOwnSpool(settings);
  if (!own_spool) return std::move(own_spool).error();
  question.own_spool = *std::move(own_spool);
  auto verdict = api::AskReadiness(**connection, question, rules);
  if (!verdict) return std::move(verdict).error().error;
  return *std::move(verdict);
}

Result<int> Answer(const Settings& settings, const Question& question) {
  const auto domain = store::NormaliseDomain(question.domain);
  if (!domain) return domain.error();
  api::ReadinessQuestion asked;
  asked.domain = *domain;
  asked.asked_at = SystemClock().Now();
  asked.as_of = asked.asked_at;
  if (!question.as_of.empty()) {
    const auto as_of = ParseTime("--as-of", question.as_of);
    if (!as_of) return as_of.error();
    asked.as_of = *as_of;
  }
  if (!question.known_at.empty()) {
    const auto known_at = ParseTime("--known-at", question.known_at);
    if (!known_at) return known_at.error();
    asked.known_at = *known_at;
  }

  api::ReadinessSettings rules;
  rules.live = !question.reports_only;
  const auto answered = Ask(settings, std::move(asked), rules);
  if (!answered) return answered.error();
  const api::Verdict& verdict = *answered;
  const std::string text = question.json
                               ? api::ToJsonText(verdict)
                               : api::ToText(verdict, isatty(STDOUT_FILENO) != 0);
  std::fputs(text.c_str(), stdout);
  return api::ExitCodeOf(verdict);
}

}  // namespace

void AddReadiness(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "readiness",
      "May DOMAIN enforce? Exit status: 0 ready, 1 not ready, 2 insufficient evidence,\n"
      "3 not applicable, 4 enforcing and healthy, 5 enforcing at risk, 66 domain not\n"
      "configured");
  auto flags = std::make_shared<FlagValues>();
  flags->AddTo(*command, StoreKeys());
  auto question = std::make_shared<Question>();
  command->add_option("DOMAIN", question->domain)->required();
  command
      ->add_option("--as-of", question->as_of,
                   "What the evidence held now says about that time")
      ->check(NotEmpty());
  command
      ->add_option("--known-at", question->known_at,
                   "Of that, only what was known by then: received, seen, waived, set")
      ->check(NotEmpty());
  command->add_flag("--reports-only", question->reports_only,
                    "Leave out what only a look at the live domain can answer");
  command->add_flag("--json", question->json, "As JSON, as the API answers");
  command->callback([&chosen, flags, question] {
    chosen = [flags, question] {
      return RunWith(
          *flags, [&](const Settings& settings) { return Answer(settings, *question); });
    };
  });
}

}  // namespace tlsrpt::cmd
