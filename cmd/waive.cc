// tlsrptd waive DOMAIN: accepts one group of reported failures, so that it no longer
// stands in the way; --list shows what was accepted, --withdraw ends it. The form that a
// remedy of `tlsrptd readiness` prints runs as it is printed. Exit 0: done; 64: past a
// bound, or all of it is waived; 66: no such domain or waiver; 69: what was received is
// not all stored.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "api/fleet/ask.h"
#include "api/fleet/waiver_words.h"
#include "api/readiness/json.h"
#include "base/clock.h"
#include "base/day.h"
#include "cmd/caller_name.h"
#include "cmd/command.h"
#include "cmd/database.h"
#include "cmd/one_domain.h"
#include "cmd/option_checks.h"
#include "store/admin/exceptions.h"

namespace tlsrpt::cmd {
namespace {

struct Words {
  std::string domain;
  api::WaiverWords waiver;
  std::string who;
  std::string until;
  std::int64_t max_sessions = 0;
  std::string withdraw;
  bool list = false;
  bool json = false;
  // What was said at all: `--mx ''` says that the reporter named none.
  bool has_reporter = false;
  bool has_mx = false;
  bool has_until = false;
  bool has_max_sessions = false;
  bool has_why = false;
  bool has_withdraw = false;
};

std::string WhoOf(const Words& words) {
  return words.who.empty() ? CallerName() : words.who;
}

store::PgResult<api::Verdict> VerdictOfNow(store::Connection& connection,
                                           const store::OneDomain& domain) {
  return api::AskReadiness(connection, api::AboutNow(domain, SystemClock().Now()), {});
}

// The waivers of a domain as a verdict of now uses them.
Result<std::vector<api::WaiverUse>> UsesOf(store::Connection& connection,
                                           const store::OneDomain& domain) {
  const auto verdict = VerdictOfNow(connection, domain);
  if (!verdict) return verdict.error().error;
  return verdict->waivers;
}

Result<int> List(const Database& database, const Words& words) {
  auto connection = database.Connect(kRoleApi);
  if (!connection) return std::move(connection).error();
  const auto domain = FindOneDomain(**connection, words.domain);
  if (!domain) return domain.error();
  const auto uses = UsesOf(**connection, *domain);
  if (!uses) return uses.error();
  if (words.json) {
    auto items = nlohmann::ordered_json::array();
    for (const api::WaiverUse& use : *uses) items.push_back(api::ToJson(use));
    std::printf(
        "%s\n",
        items.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
    return kExitOk;
  }
  for (const api::WaiverUse& use : *uses) {
    const auto made_on = std::chrono::floor<std::chrono::days>(use.waiver.made_at);
    std::printf("%s\t%s\t%s\t%s\n", use.waiver.id.c_str(),
                std::string(api::NameOf(use.state)).c_str(), DateText(made_on).c_str(),
                use.sentence.c_str());
  }
  return kExitOk;
}

Result<int> Withdraw(const Database& database, const Words& words) {
  auto reader = database.Connect(kRoleApi);
  if (!reader) return std::move(reader).error();
  const auto domain = FindOneDomain(**reader, words.domain);
  if (!domain) return domain.error();
  auto connection = database.Connect(kRoleAdmin);
  if (!connection) return std::move(connection).error();
  const auto done =
      store::WithdrawWaiver(**connection, domain->row.domain, words.withdraw,
                            WhoOf(words), SystemClock().Now());
  if (!done) return done.error().error;
  if (*done == store::Withdrawal::kNotThere) {
    return Error{ErrorKind::kNotFound, words.withdraw + " is the id of no waiver of " +
                                           domain->row.domain + "; `tlsrptd waive " +
                                           domain->row.domain +
                                           " --list` prints those there are"};
  }
  if (*done == store::Withdrawal::kBefore) {
    std::fprintf(stderr, "%s was withdrawn before\n", words.withdraw.c_str());
  }
  return kExitOk;
}

Result<int> Make(const Database& database, Words words) {
  if (!words.has_reporter || !words.has_mx || !words.has_why) {
    return Error{
        ErrorKind::kMalformed,
        "say which failures (--reporter, --result-type, --mx, and --reason where "
        "one is reported; '' where the reporter says nothing) and --why; "
        "`tlsrptd readiness " +
            words.domain + "` names them"};
  }
  if (words.has_until) words.waiver.until = words.until;
  if (words.has_max_sessions) words.waiver.max_sessions = words.max_sessions;
  auto waiver = api::WaiverOf(words.waiver, WhoOf(words), SystemClock().Now());
  if (!waiver) return waiver.error();
  auto reader = database.Connect(kRoleApi);
  if (!reader) return std::move(reader).error();
  const auto domain = FindOneDomain(**reader, words.domain);
  if (!domain) return domain.error();
  const auto settled_at = store::WritesSettledAt(**reader);
  if (!settled_at) return settled_at.error().error;
  waiver->made_at = std::min(waiver->made_at, *settled_at);
  if (const auto with = api::AskWithWaiver(
          **reader, api::AboutNow(*domain, waiver->made_at), {}, *waiver)) {
    if (const auto seen = api::AllIsSeen(*with); !seen) return seen.error();
    if (const auto left = api::SomethingIsLeft(*with); !left) return left.error();
  }
  auto connection = database.Connect(kRoleAdmin);
  if (!connection) return std::move(connection).error();
  const auto id = store::AddWaiver(**connection, domain->row.domain, *waiver);
  if (!id) return id.error().error;
  const auto uses = UsesOf(**reader, *domain);
  if (!uses) return Wrap(uses.error(), "waiver " + *id + " was made, and no verdict");
  for (const api::WaiverUse& use : *uses) {
    if (use.waiver.id != *id) continue;
    std::printf("%s\t%s\n", id->c_str(), use.sentence.c_str());
    if (use.accepted_sessions == 0) {
      std::fprintf(stderr,
                   "Nothing that is reported is of this group: reporter, type, MX and "
                   "reason must be exactly as `tlsrptd readiness %s` names them.\n",
                   domain->row.domain.c_str());
    }
  }
  return kExitOk;
}

Result<int> Run(const Settings& settings, const Words& words) {
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  if (words.list) return List(*database, words);
  if (words.has_withdraw) return Withdraw(*database, words);
  return Make(*database, words);
}

}  // namespace

void AddWaive(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "waive",
      "Accept one group of failures reported on DOMAIN until now; with --until and\n"
      "--max-sessions so many more. What is looked at live cannot be waived");
  auto flags = std::make_shared<FlagValues>();
  flags->AddTo(*command, StoreKeys());
  auto words = std::make_shared<Words>();
  command->add_option("DOMAIN", words->domain)->required();
  auto* reporter = command->add_option("--reporter", words->waiver.reporter,
                                       "Whose failures; '' for whom an operator vouched "
                                       "for without a name");
  command->add_option("--result-type", words->waiver.result_type,
                      "As in the report, or unexplained");
  auto* mx = command->add_option("--mx", words->waiver.mx,
                                 "The MX host, exactly as reported; '' for none");
  command->add_option("--reason", words->waiver.reason,
                      "The failure reason, exactly as reported");
  auto* why = command->add_option("--why", words->waiver.why, "Listed in every verdict")
                  ->check(OneLine());
  command->add_option("--who", words->who, "Your name, if not that of the account")
      ->check(OneLine());
  auto* until = command->add_option("--until", words->until,
                                    "Accept more up to this day, at most 90 days ahead");
  auto* max_sessions = command->add_option(
      "--max-sessions", words->max_sessions,
      "With --until: so many more at most; past that, none of them is accepted");
  auto* list =
      command->add_flag("--list", words->list, "One a line: id, state, day, what");
  command->add_flag("--json", words->json, "With --list: as JSON")->needs(list);
  auto* withdraw =
      command->add_option("--withdraw,--revoke", words->withdraw, "End the waiver ID");
  for (auto* of_making : {reporter, mx, why, until, max_sessions}) {
    of_making->excludes(list)->excludes(withdraw);
  }
  list->excludes(withdraw);
  command->callback([=, &chosen] {
    words->has_reporter = reporter->count() > 0;
    words->has_mx = mx->count() > 0;
    words->has_why = why->count() > 0;
    words->has_until = until->count() > 0;
    words->has_max_sessions = max_sessions->count() > 0;
    words->has_withdraw = withdraw->count() > 0;
    chosen = [flags, words] {
      return RunWith(*flags, [&](const Settings& s) { return Run(s, *words); });
    };
  });
}

}  // namespace tlsrpt::cmd
