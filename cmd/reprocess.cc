// tlsrptd reprocess: reads what is kept again, with today's parser; with --verify-again
// asks DNS once more who signed what nobody vouched for. Exit 0: all were
// looked at; 70: one tripped over a bug of ours, and the others were looked at.

#include <cstdio>
#include <memory>
#include <string>

#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/database.h"
#include "cmd/dkim_keys.h"
#include "cmd/domain_entry.h"
#include "cmd/domain_watch.h"
#include "cmd/option_checks.h"
#include "cmd/rework_text.h"
#include "cmd/time_text.h"
#include "ingest/flow/domain_view.h"
#include "ingest/flow/mail_voucher.h"
#include "ingest/rework/rework.h"
#include "store/queries/domains.h"
#include "store/queries/reporters.h"

namespace tlsrpt::cmd {
namespace {

struct Question {
  std::string since;
  std::string domain;
  bool all = false;
  bool verify_again = false;
  bool dry_run = false;
  bool json = false;
};

Result<int> Run(const Settings& settings, const Question& question) {
  ingest::Rework::Days days{.since = std::nullopt,
                            .domain = "",
                            .all_parsers = question.all || question.verify_again};
  if (!question.since.empty()) {
    const auto since = ParseTime("--since", question.since);
    if (!since) return since.error();
    days.since = std::chrono::floor<std::chrono::days>(*since);
  }
  if (!question.domain.empty()) {
    auto domain = NormaliseDomainEntry(question.domain);
    if (!domain) return std::move(domain).error();
    days.domain = std::move(*domain);
  }
  auto trust = MailTrustOf(settings);
  if (!trust) return std::move(trust).error();
  const auto resolver = ResolverOptionsOf(settings);
  if (!resolver) return resolver.error();
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleApi);
  if (!connection) return std::move(connection).error();
  const auto list = store::ReadDomains(**connection);
  if (!list) return list.error().error;
  auto profiles = store::ReadProfiles(**connection);
  if (!profiles) return profiles.error().error;
  ingest::DomainViews views;
  views.Set(ViewOf(*list, std::move(*profiles)));
  const auto view = views.Get();
  AwaitedKeys keys(*resolver);
  // The signature only: which relays there were when it came, the settings of today do
  // not know.
  const ingest::MailVoucher verifier({}, keys, views);
  // Of what was held unread nothing was found: intake would have asked the relays, too.
  const ingest::MailVoucher unread_verifier(std::move(*trust), keys, views);
  store::Rewriter rewriter(database->Options(kRoleIngest));
  const SystemClock clock;
  ingest::Rework rework(
      {.retention = std::chrono::months(settings.retention.reports_months),
       .dry_run = question.dry_run},
      {rewriter, *view, clock, question.verify_again ? &verifier : nullptr,
       &unread_verifier});
  if (auto done = rework.Read(days, [] { return true; }); !done) return done.error();
  if (question.json) {
    std::printf("%s\n", ToJson(rework.summary(), question.dry_run).dump(2).c_str());
  } else {
    Print(rework.summary(), question.dry_run);
  }
  return rework.summary().bugs.empty() ? kExitOk : kExitInternal;
}

}  // namespace

void AddReprocess(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "reprocess",
      "Read what is kept again, where an older parser read it last. May be interrupted\n"
      "and started again, beside a running server");
  auto flags = std::make_shared<FlagValues>();
  flags->AddTo(*command, StoreKeys(kLookAgainKeys));
  auto question = std::make_shared<Question>();
  command
      ->add_option("--since", question->since,
                   "Only what was received on that day or later")
      ->check(NotEmpty());
  command->add_option("--domain", question->domain, "Only what may be about NAME")
      ->check(NotEmpty())
      ->option_text("NAME");
  command->add_flag("--all", question->all, "Also what today's parser has read");
  command->add_flag("--verify-again", question->verify_again,
                    "Only the mails that nobody vouched for: verify their signatures\n"
                    "with the keys that DNS gives today, at the time they were\n"
                    "received. Takes nothing from what was vouched for");
  command->add_flag("--dry-run", question->dry_run,
                    "Say what would change, by anomaly and field, and change nothing");
  command->add_flag("--json", question->json, "As JSON");
  command->callback([&chosen, flags, question] {
    chosen = [flags, question] {
      return RunWith(*flags, [&](const Settings& s) { return Run(s, *question); });
    };
  });
}

}  // namespace tlsrpt::cmd
