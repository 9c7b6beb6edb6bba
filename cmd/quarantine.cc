// tlsrptd quarantine list|show|retry|drop: what was taken and could not be stored. Exit
// 0: done; 1: `retry` leaves some of it in quarantine; 66: no such receipt.

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/caller_name.h"
#include "cmd/command.h"
#include "cmd/database.h"
#include "cmd/dkim_keys.h"
#include "cmd/domain_watch.h"
#include "cmd/option_checks.h"
#include "cmd/receipt_text.h"
#include "cmd/rework_text.h"
#include "cmd/time_text.h"
#include "ingest/flow/domain_view.h"
#include "ingest/flow/mail_voucher.h"
#include "ingest/flow/process.h"
#include "ingest/rework/rework.h"
#include "store/model/quarantine_reason.h"
#include "store/queries/domains.h"
#include "store/queries/receipts.h"
#include "store/queries/reporters.h"
#include "store/writer/quarantine_drop.h"

namespace tlsrpt::cmd {
namespace {

using nlohmann::ordered_json;

// What the words of a call say, before anything is looked up.
struct Question {
  std::vector<std::string> ids;
  std::string reason;
  std::string reporter;
  std::string older_than;
  std::string newer_than;
  bool ordinary = false;
  bool all = false;
  std::int64_t limit = 100;
  bool raw = false;
  bool dry_run = false;
  bool yes = false;
  std::string why;
  std::string by;
  bool json = false;

  bool HasFilter() const {
    return !reason.empty() || !reporter.empty() || !older_than.empty() ||
           !newer_than.empty();
  }
};

Result<store::ReceiptFilter> FilterOf(const Question& question) {
  store::ReceiptFilter filter;
  const TimePoint now = SystemClock().Now();
  if (!question.reason.empty()) filter.reason = question.reason;
  // Nobody's reporter is the empty name.
  if (!question.reporter.empty()) {
    filter.reporter = question.reporter == "nobody" ? "" : question.reporter;
  }
  if (!question.older_than.empty()) {
    const auto age = ParseAge("--older-than", question.older_than);
    if (!age) return age.error();
    filter.not_after = now - *age;
  }
  if (!question.newer_than.empty()) {
    const auto age = ParseAge("--newer-than", question.newer_than);
    if (!age) return age.error();
    filter.not_before = now - *age;
  }
  filter.limit = question.limit;
  return filter;
}

Result<store::ReceiptId> FindOne(store::Connection& connection, const std::string& text) {
  const auto range = store::ParseIdPrefix(text);
  if (!range) return range.error();
  const auto found = store::FindReceipts(connection, *range);
  if (!found) return found.error().error;
  if (found->empty()) {
    return Error{ErrorKind::kNotFound,
                 "no receipt " + text + "; `tlsrptd quarantine list` prints their ids"};
  }
  if (found->size() > 1) {
    return Error{ErrorKind::kMalformed,
                 text + " begins the ids of several receipts; give more of it"};
  }
  return found->front();
}

Result<std::vector<store::ReceiptId>> FindAll(store::Connection& connection,
                                              const std::vector<std::string>& texts) {
  std::vector<store::ReceiptId> ids;
  for (const std::string& text : texts) {
    const auto id = FindOne(connection, text);
    if (!id) return id.error();
    ids.push_back(*id);
  }
  return ids;
}

Result<int> List(const Settings& settings, const Question& question) {
  const auto filter = FilterOf(question);
  if (!filter) return filter.error();
  if (question.ordinary && (filter->reason || filter->reporter)) {
    return Error{ErrorKind::kMalformed,
                 "--ordinary: ordinary mail has no reason and no reporter"};
  }
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleApi);
  if (!connection) return std::move(connection).error();
  const auto rows = question.ordinary ? store::ReadOrdinary(**connection, *filter)
                                      : store::ReadQuarantine(**connection, *filter);
  if (!rows) return rows.error().error;
  auto json = ordered_json::array();
  for (const store::ReceiptRow& row : *rows) {
    if (question.json) {
      json.push_back(ToJson(row));
    } else {
      PrintLine(row);
    }
  }
  if (question.json) std::printf("%s\n", json.dump(2).c_str());
  if (static_cast<std::int64_t>(rows->size()) == question.limit) {
    std::fprintf(stderr, "tlsrptd: stopped after %lld; --limit shows more\n",
                 static_cast<long long>(question.limit));
  }
  return kExitOk;
}

Result<int> Show(const Settings& settings, const Question& question) {
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleApi);
  if (!connection) return std::move(connection).error();
  const auto id = FindOne(**connection, question.ids.front());
  if (!id) return id.error();
  const auto detail = store::ReadReceipt(**connection, *id);
  if (!detail) return detail.error().error;
  if (!*detail) return Error{ErrorKind::kNotFound, "the receipt has just gone"};
  if (question.raw) {
    if (!(*detail)->raw) {
      return Error{ErrorKind::kNotFound, "its bytes are gone: past retention.raw_months"};
    }
    std::fwrite((*detail)->raw->data(), 1, (*detail)->raw->size(), stdout);
  } else if (question.json) {
    std::printf("%s\n", ToJson(**detail)
                            .dump(2, ' ', false, ordered_json::error_handler_t::replace)
                            .c_str());
  } else {
    Print(**detail);
  }
  return kExitOk;
}

Result<void> NeedsChoice(const Question& question) {
  if (question.ids.empty() != (question.HasFilter() || question.all)) {
    return Error{ErrorKind::kMalformed,
                 "give receipt ids, or say which by --reason, --reporter, --older-than, "
                 "--newer-than or --all, and not both"};
  }
  return {};
}

Result<int> Retry(const Settings& settings, const Question& question) {
  if (auto chosen = NeedsChoice(question); !chosen) return std::move(chosen).error();
  const auto filter = FilterOf(question);
  if (!filter) return filter.error();
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
  const auto ids = FindAll(**connection, question.ids);
  if (!ids) return ids.error();

  auto profiles = store::ReadProfiles(**connection);
  if (!profiles) return profiles.error().error;
  ingest::DomainViews views;
  views.Set(ViewOf(*list, std::move(*profiles)));
  const auto view = views.Get();
  AwaitedKeys keys(*resolver);
  // Of what was held unread, as intake would have.
  const ingest::MailVoucher unread_verifier(std::move(*trust), keys, views);
  store::Rewriter rewriter(database->Options(kRoleIngest));
  const SystemClock clock;
  ingest::Rework rework(
      {.retention = std::chrono::months(settings.retention.reports_months),
       .dry_run = question.dry_run,
       .reopen = !ids->empty()},
      {rewriter, *view, clock, nullptr, &unread_verifier});
  const auto done = ids->empty()
                        ? rework.Quarantined({filter->reason, filter->reporter,
                                              filter->not_after, filter->not_before},
                                             [] { return true; })
                        : rework.These(*ids);
  if (!done) return done.error();
  const ingest::ReworkSummary& summary = rework.summary();
  if (question.json) {
    std::printf("%s\n", ToJson(summary, question.dry_run).dump(2).c_str());
  } else {
    Print(summary, question.dry_run);
    if (summary.still_quarantined > 0) {
      std::printf("%8lld  receipts with something in quarantine %s\n",
                  static_cast<long long>(summary.still_quarantined),
                  question.dry_run ? "afterwards" : "now");
    }
  }
  if (!summary.bugs.empty()) return kExitInternal;
  return summary.still_quarantined == 0 ? kExitOk : 1;
}

Result<int> Drop(const Settings& settings, const Question& question) {
  if (Trim(question.why).empty()) {
    return Error{ErrorKind::kMalformed, "say why (--why)"};
  }
  if (auto chosen = NeedsChoice(question); !chosen) return std::move(chosen).error();
  const auto filter = FilterOf(question);
  if (!filter) return filter.error();
  if (question.ids.empty() && !question.yes) {
    return Error{ErrorKind::kMalformed,
                 "drop lets go of all that this chooses; look with `tlsrptd quarantine "
                 "list`, then say --yes"};
  }
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleIngest);
  if (!connection) return std::move(connection).error();
  const auto named = FindAll(**connection, question.ids);
  if (!named) return named.error();

  const store::DropDecision decision{
      .by = question.by.empty() ? CallerName() : question.by,
      .why = question.why,
      .now = SystemClock().Now()};
  std::int64_t receipts = 0;
  std::int64_t reports = 0;
  const auto drop = [&](const store::ReceiptId& id) -> Result<void> {
    const auto dropped = store::DropFromQuarantine(**connection, id, decision);
    if (!dropped) return dropped.error().error;
    if (*dropped > 0) ++receipts;
    reports += *dropped;
    return {};
  };
  for (const store::ReceiptId& id : *named) {
    if (auto done = drop(id); !done) return std::move(done).error();
  }
  store::ReceiptFilter page = *filter;
  while (question.ids.empty()) {
    const auto rows = store::ReadQuarantine(**connection, page);
    if (!rows) return rows.error().error;
    if (rows->empty()) break;
    for (const store::ReceiptRow& row : *rows) {
      if (auto done = drop(row.id); !done) return std::move(done).error();
    }
    page.after = rows->back().id;
  }
  std::printf(
      "%lld reports in %lld receipts dropped; their bytes stay, and `tlsrptd "
      "quarantine retry ID` looks at one again\n",
      static_cast<long long>(reports), static_cast<long long>(receipts));
  return kExitOk;
}

using Body = Result<int> (*)(const Settings&, const Question&);

struct Commands {
  CLI::App& parent;
  Chosen& chosen;
  std::shared_ptr<FlagValues> flags;

  // A subcommand and the question that its words fill in.
  std::pair<CLI::App*, std::shared_ptr<Question>> Add(const char* name, const char* help,
                                                      Body body) {
    CLI::App* command = parent.add_subcommand(name, help);
    auto question = std::make_shared<Question>();
    command->callback([&chosen = chosen, flags = flags, question, body] {
      chosen = [flags, question, body] {
        return RunWith(*flags, [&](const Settings& s) { return body(s, *question); });
      };
    });
    return {command, question};
  }
};

void AddFilter(CLI::App& command, Question& question) {
  command.add_option("--reason", question.reason, "Why it is there")
      ->check(CLI::IsMember(std::vector<std::string>(store::kQuarantineReasons.begin(),
                                                     store::kQuarantineReasons.end())));
  command
      .add_option("--reporter", question.reporter,
                  "Vouched for by that organisational domain; `nobody`: not vouched for")
      ->check(NotEmpty());
  command.add_option("--older-than", question.older_than, "An age: 90d, 12h, 30m")
      ->check(NotEmpty());
  command.add_option("--newer-than", question.newer_than, "The same")->check(NotEmpty());
}

}  // namespace

void AddQuarantine(CLI::App& app, Chosen& chosen) {
  CLI::App* quarantine =
      app.add_subcommand("quarantine", "What was taken and could not be stored, and why");
  quarantine->require_subcommand(1);
  auto flags = std::make_shared<FlagValues>();
  flags->AddTo(*quarantine, StoreKeys(kLookAgainKeys));
  Commands commands{*quarantine, chosen, flags};

  const auto [list, list_question] =
      commands.Add("list", "One receipt a line, the oldest first", List);
  AddFilter(*list, *list_question);
  list->add_flag("--ordinary", list_question->ordinary,
                 "Instead: mail that shows no sign of a report");
  list->add_option("--limit", list_question->limit, "At most so many")
      ->check(CLI::Range(std::int64_t{1}, kMostListed));
  list->add_flag("--json", list_question->json, "As JSON");

  const auto [show, show_question] = commands.Add(
      "show", "One receipt: who sent it, what is the matter, what is readable", Show);
  show->add_option("ID", show_question->ids,
                   "Its id, as in the 250 answer, or the beginning")
      ->required()
      ->expected(1);
  show->add_flag("--raw", show_question->raw, "Write its bytes, as received");
  show->add_flag("--json", show_question->json, "As JSON");

  const auto [retry, retry_question] = commands.Add(
      "retry", "Read it again: after an upgrade, or when a domain is ours", Retry);
  retry->add_option("ID", retry_question->ids);
  AddFilter(*retry, *retry_question);
  retry->add_flag("--all", retry_question->all, "All that is in quarantine");
  retry->add_flag("--dry-run", retry_question->dry_run,
                  "Say what would become of it, and change nothing");
  retry->add_flag("--json", retry_question->json, "As JSON");

  const auto [drop, drop_question] = commands.Add(
      "drop",
      "Let go of it, for good unless it is retried by its id. A vouched report that is\n"
      "dropped no longer holds `ready` back: look at it first",
      Drop);
  drop->add_option("ID", drop_question->ids);
  AddFilter(*drop, *drop_question);
  drop->add_flag("--all", drop_question->all, "All that is in quarantine");
  drop->add_flag("--yes", drop_question->yes, "Needed where no ids are given");
  drop->add_option("--why", drop_question->why, "Kept with it")
      ->required()
      ->check(OneLine());
  drop->add_option("--by", drop_question->by,
                   "Kept with it; the user who calls if not given")
      ->check(OneLine());
}

}  // namespace tlsrpt::cmd
