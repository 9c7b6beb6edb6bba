// tlsrptd import [--vouch[=all]] [--authserv] PATH...: stores reports out of files,
// folders and standard input. Exit 0: all stored or known; 1: some are in quarantine or
// could not be read; 130 and 143: told to stop by SIGINT and SIGTERM, what is counted is
// stored.

#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "cmd/command.h"
#include "cmd/database.h"
#include "cmd/dkim_keys.h"
#include "cmd/domain_watch.h"
#include "cmd/import_progress.h"
#include "cmd/interrupt.h"
#include "ingest/flow/mail_voucher.h"
#include "ingest/import/import.h"
#include "store/queries/domains.h"
#include "store/queries/reporters.h"
#include "store/writer/imported_bodies.h"

namespace tlsrpt::cmd {
namespace {

using ingest::ImportSummary;
using ingest::OperatorWord;
using nlohmann::ordered_json;

// Half the processors parse while the others run PostgreSQL; past four, one thread that
// reads and parses is what they wait for.
constexpr unsigned kMostDefaultJobs = 4;
// As many as PostgreSQL's default of 100 connections leaves room for.
constexpr unsigned kMostJobs = 64;
// What shells say of a process that a signal ended.
constexpr int kExitSignalled = 128;

struct ImportCommand {
  FlagValues flags;
  std::string vouch;
  bool authserv = false;
  bool json = false;
  unsigned jobs =
      std::clamp(std::thread::hardware_concurrency() / 2, 1u, kMostDefaultJobs);
  std::vector<std::string> paths;
};

void PrintText(const ImportSummary& summary) {
  const store::WriteCounts& counts = summary.written.counts;
  std::printf("%zu %s", summary.files, summary.files == 1 ? "file" : "files");
  if (summary.messages != summary.files) {
    std::printf(" with %zu %s", summary.messages,
                summary.messages == 1 ? "mail or report" : "mails or reports");
  }
  std::printf(": %lld stored, %lld duplicate, %lld quarantined",
              static_cast<long long>(counts.reports_stored),
              static_cast<long long>(counts.reports_duplicate),
              static_cast<long long>(counts.reports_quarantined));
  if (summary.written.ordinary > 0) {
    std::printf(", %zu ordinary mail", summary.written.ordinary);
  }
  if (summary.unreadable_count > 0) {
    std::printf(", %zu not read", summary.unreadable_count);
  }
  std::printf("\n");
  const auto print = [](const char* what, const std::vector<ingest::Reason>& reasons,
                        std::size_t count) {
    for (const auto& [origin, why] : reasons) {
      std::printf("%-12s %s: %s\n", what, origin.c_str(), why.c_str());
    }
    if (!reasons.empty() && count > reasons.size()) {
      std::printf("%-12s and %zu more\n", what, count - reasons.size());
    }
  };
  print("quarantined", summary.written.quarantined,
        static_cast<std::size_t>(counts.reports_quarantined));
  print("not read", summary.unreadable, summary.unreadable_count);
}

void PrintJson(const ImportSummary& summary) {
  const store::WriteCounts& counts = summary.written.counts;
  const auto list = [](const std::vector<ingest::Reason>& reasons) {
    ordered_json all = ordered_json::array();
    for (const auto& [origin, why] : reasons) {
      all.push_back({{"origin", origin}, {"reason", why}});
    }
    return all;
  };
  const ordered_json json{{"files", summary.files},
                          {"messages", summary.messages},
                          {"reports_stored", counts.reports_stored},
                          {"reports_duplicate", counts.reports_duplicate},
                          {"reports_quarantined", counts.reports_quarantined},
                          {"ordinary", summary.written.ordinary},
                          {"not_read", summary.unreadable_count},
                          {"interrupted", summary.interrupted},
                          {"quarantined_first", list(summary.written.quarantined)},
                          {"not_read_first", list(summary.unreadable)}};
  // File names may hold anything.
  std::printf("%s\n",
              json.dump(2, ' ', false, ordered_json::error_handler_t::replace).c_str());
}

ingest::ImportVouching VouchingOf(const ImportCommand& command) {
  return {.word = command.vouch.empty()    ? OperatorWord::kNone
                  : command.vouch == "all" ? OperatorWord::kAll
                                           : OperatorWord::kUnlessSignatureIsBad,
          .authserv = command.authserv};
}

Result<ingest::MailTrust> TrustOf(const Settings& settings,
                                  const ImportCommand& command) {
  auto trust = MailTrustOf(settings);
  if (!trust) return trust;
  trust->imports = VouchingOf(command);
  if (command.authserv && trust->authserv.authserv_ids.empty() &&
      !trust->authserv.exchange_online) {
    return Error{ErrorKind::kMalformed,
                 "--authserv needs --authserv-id, or vouch.exchange_online: whose "
                 "Authentication-Results are to be believed?"};
  }
  return trust;
}

Result<int> Run(const Settings& settings, const ImportCommand& command) {
  auto trust = TrustOf(settings, command);
  if (!trust) return std::move(trust).error();
  const auto resolver = ResolverOptionsOf(settings);
  if (!resolver) return resolver.error();
  const Interrupt interrupt;
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleApi);
  if (!connection) return std::move(connection).error();
  const auto list = store::ReadDomains(**connection);
  if (!list) return list.error().error;
  auto profiles = store::ReadProfiles(**connection);
  if (!profiles) return profiles.error().error;
  connection->reset();

  ingest::DomainViews views;
  views.Set(ViewOf(*list, std::move(*profiles)));
  const auto view = views.Get();
  AwaitedKeys keys(*resolver);
  const ingest::MailVoucher voucher(std::move(*trust), keys, views);
  store::ImportedBodies imported_bodies(database->Options(kRoleIngest));
  const bool only_operator = !command.vouch.empty() && !command.authserv;
  const SystemClock clock;
  ImportProgressDisplay display;
  const ImportSummary summary = ingest::Import(
      command.paths,
      {.node = settings.node,
       .jobs = command.jobs,
       .retention = std::chrono::months(settings.retention.reports_months)},
      {.view = *view,
       .voucher = voucher,
       .clock = clock,
       .make_writer =
           [&] {
             return std::make_unique<store::Writer>(database->Options(kRoleIngest),
                                                    settings.node);
           },
       .imported_bodies = only_operator ? &imported_bodies : nullptr,
       .stop_wanted = [&] { return interrupt.Signal() != 0; },
       .on_progress =
           [&](const ingest::ImportProgress& progress) { display.Show(progress); }});
  display.Clear();

  command.json ? PrintJson(summary) : PrintText(summary);
  std::fflush(stdout);
  if (summary.failed || summary.interrupted) {
    std::fprintf(stderr,
                 "tlsrptd: stopped early. What is counted above is stored; the same "
                 "command again stores the rest, and nothing twice\n");
  }
  if (summary.failed) return *summary.failed;
  if (summary.interrupted) return kExitSignalled + interrupt.Signal();
  return summary.written.counts.reports_quarantined == 0 && summary.unreadable_count == 0
             ? kExitOk
             : 1;
}

}  // namespace

void AddImport(CLI::App& app, Chosen& chosen) {
  CLI::App* sub = app.add_subcommand(
      "import",
      "Store the reports in files and folders: mails, Maildir, mbox, JSON, gzip, zip");
  auto command = std::make_shared<ImportCommand>();
  command->flags.AddTo(*sub, StoreKeys({"node", "dns.resolver", "dns.trust_anchor",
                                        "dns.timeout", "vouch.authserv_ids",
                                        "vouch.inner_hosts", "vouch.exchange_online"}));
  // A flag, not an option: its value comes after "=" only, so that the path that follows
  // is never taken for one.
  sub->add_flag("--vouch{yes}", command->vouch,
                "You vouch for where the files come from. Without it their reports\n"
                "are kept and shown, but never count. Not for a mail whose DKIM\n"
                "signature is there and bad; --vouch=all vouches for those too")
      ->check(CLI::IsMember({"yes", "all"}));
  sub->add_flag("--authserv", command->authserv,
                "The mails were taken in by a relay of yours, whose\n"
                "Authentication-Results may vouch for them");
  sub->add_option("--jobs", command->jobs, "Connections to PostgreSQL that store at once")
      ->check(CLI::Range(1u, kMostJobs))
      ->capture_default_str();
  sub->add_flag("--json", command->json, "The summary as JSON");
  sub->add_option("PATH", command->paths,
                  "Files and folders; - is standard input. What they hold, not their\n"
                  "names, says what they are")
      ->required();
  sub->callback([&chosen, command] {
    chosen = [command] {
      return RunWith(
          command->flags,
          [&](const Settings& settings) { return Run(settings, *command); },
          NoStore::kMake);
    };
  });
}

}  // namespace tlsrpt::cmd
