// tlsrptd readiness DOMAIN: may it move its MTA-STS policy to enforce? The exit status
// is the answer (api/readiness/exit_code.h), for pipelines.

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "api/readiness/decide.h"
#include "api/readiness/exit_code.h"
#include "api/readiness/json.h"
#include "api/readiness/text.h"
#include "api/readiness/window.h"
#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/database.h"
#include "cmd/time_text.h"
#include "store/model/domain_name.h"
#include "store/queries/domains.h"
#include "store/queries/evidence.h"
#include "store/queries/reporters.h"

namespace tlsrpt::cmd {
namespace {

// Beyond the window: an MX host is new when it was not seen for 30 days, and a policy
// change may lie as far back as that.
constexpr std::chrono::days kLookBack{62};

struct Question {
  std::string domain;
  std::string as_of;
  std::string known_at;
  bool reports_only = false;
  bool json = false;
};

// What is known of a domain, and by whom it is judged.
struct Known {
  store::Evidence evidence;
  std::set<std::string> counted_reporters;
};

Result<Known> Read(const Settings& settings, const std::string& domain, TimePoint now,
                   std::optional<TimePoint> known_at) {
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleApi);
  if (!connection) return std::move(connection).error();
  const auto list = store::ReadDomains(**connection);
  if (!list) return list.error().error;
  if (!list->Contains(domain)) {
    return Error{
        ErrorKind::kNotFound,
        domain + " is not configured; `tlsrptd domain add " + domain + "` makes it ours"};
  }
  const auto today = api::DayOf(now);
  auto evidence = store::ReadEvidence(**connection, {.domain = domain,
                                                     .mx_hosts = list->MxHostsOf(domain),
                                                     .first_day = today - kLookBack,
                                                     .last_day = today,
                                                     .known_at = known_at});
  if (!evidence) return evidence.error().error;
  const auto profiles = store::ReadProfiles(**connection);
  if (!profiles) return profiles.error().error;
  return Known{std::move(*evidence), profiles->Counted()};
}

Result<int> Answer(const Settings& settings, const Question& question) {
  const auto domain = store::NormaliseDomain(question.domain);
  if (!domain) return domain.error();
  const TimePoint asked_at = SystemClock().Now();
  TimePoint now = asked_at;
  if (!question.as_of.empty()) {
    const auto as_of = ParseTime("--as-of", question.as_of);
    if (!as_of) return as_of.error();
    now = *as_of;
  }
  std::optional<TimePoint> known_at;
  if (!question.known_at.empty()) {
    const auto time = ParseTime("--known-at", question.known_at);
    if (!time) return time.error();
    known_at = *time;
  }
  auto known = Read(settings, *domain, now, known_at);
  if (!known) return std::move(known).error();

  api::ReadinessSettings rules;
  rules.counted_reporters = std::move(known->counted_reporters);
  rules.live = !question.reports_only;
  const api::Verdict verdict = api::Decide(known->evidence, rules, now, asked_at);
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
  flags->AddTo(*command, {"data_dir", "database", "run_as"});
  auto question = std::make_shared<Question>();
  command->add_option("DOMAIN", question->domain)->required();
  command->add_option("--as-of", question->as_of,
                      "What the evidence held now says about that time");
  command->add_option("--known-at", question->known_at,
                      "Of that, only what had been received by then");
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
