// tlsrptd worker: partitions, retention, what waits to be looked at again, and how each
// domain stands; any number of them against one database, and a part of `serve`. With
// --once everything that is due and then the end; with --dry-run what would be dropped.
// Exit 0: done.

#include "cmd/worker.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "cmd/api_server.h"
#include "cmd/command.h"
#include "cmd/demo_writer.h"
#include "cmd/evaluation.h"
#include "cmd/option_checks.h"
#include "cmd/time_text.h"
#include "cmd/turns.h"
#include "cmd/work_loop.h"

namespace tlsrpt::cmd {
namespace {

using namespace std::chrono_literals;

// Further ahead than this no clock is wrong by accident.
constexpr std::chrono::hours kMaxAhead{24};
// As long as it takes to type it.
constexpr std::chrono::minutes kMaxBehind{1};

class Worker final : public DaemonPart {
 public:
  explicit Worker(DaemonBasis& basis) : basis_(basis) {}
  ~Worker() override { Stop(); }

  Result<void> Prepare(const Database& database) override {
    loop_.emplace(WorkLoopParts{database, basis_.settings, basis_.clock, basis_.log});
    return {};
  }

  Result<void> Start() override {
    turns_ = std::make_unique<Turns>("worker", basis_.log,
                                     [this]() -> Result<std::chrono::milliseconds> {
                                       const auto done = loop_->DoOne();
                                       if (!done) return done.error();
                                       return *done ? 0ms : Turns::kIdle;
                                     });
    turns_->Start();
    return {};
  }

  void Stop() override {
    if (loop_) loop_->Stop();
    turns_.reset();
    loop_.reset();
  }

 private:
  DaemonBasis& basis_;
  std::optional<WorkLoop> loop_;
  std::unique_ptr<Turns> turns_;
};

std::vector<std::unique_ptr<DaemonPart>> WorkerAlone(DaemonBasis& basis) {
  std::vector<std::unique_ptr<DaemonPart>> parts;
  parts.push_back(MakeWorker(basis));
  parts.push_back(MakeEvaluation(basis));
  parts.push_back(MakeHealthServer(basis, ReadyWithoutDatabase::kNo));
  return parts;
}

// A clock that an administrator has set.
class SetClock final : public Clock {
 public:
  explicit SetClock(TimePoint now) : now_(now) {}
  TimePoint Now() const override { return now_; }

 private:
  TimePoint now_;
};

struct Question {
  bool once = false;
  bool dry_run = false;
  bool yes = false;
  std::string as_of;
};

void PrintPartition(const char* what, const store::Partition& partition) {
  std::printf("%s %s, %lld bytes", what, partition.name.c_str(),
              static_cast<long long>(partition.bytes));
  if (partition.quarantined > 0) {
    std::printf("; %lld receipts in quarantine lose their bytes, and are let go of",
                static_cast<long long>(partition.quarantined));
  }
  std::printf("\n");
}

Result<int> DryRun(const WorkLoopParts& parts) {
  const auto expired = ExpiredPartitions(parts);
  if (!expired) return expired.error();
  for (const store::Partition& partition : *expired) {
    PrintPartition("would drop", partition);
  }
  if (expired->empty()) std::printf("nothing to drop\n");
  return kExitOk;
}

// What comes again every hour at once, whether due or not: it is harmless twice. What
// else waits is taken by lease, like by any worker.
Result<int> Once(const WorkLoopParts& parts) {
  const auto made = MakePartitions(parts);
  if (!made) return made.error();
  if (*made > 0) std::printf("made %d partitions\n", *made);
  const auto dropped = DropExpired(parts);
  if (!dropped) return dropped.error();
  for (const store::Partition& partition : *dropped) PrintPartition("dropped", partition);
  const auto told = TellDemoFurther(parts.database, parts.settings, parts.clock.Now());
  if (!told) return told.error();
  if (*told > 0) std::printf("added %zu reports and looks of the demo\n", *told);
  WorkLoop loop(parts);
  int pieces = 0;
  while (true) {
    const auto done = loop.DoOne();
    if (!done) return done.error();
    if (!*done) break;
    ++pieces;
  }
  std::printf("%d pieces of work done\n", pieces);
  Metrics metrics;  // of a process that nobody scrapes
  const auto evaluator =
      MakeEvaluator(parts.database, parts.settings, parts.clock, parts.log, metrics);
  int evaluated = 0;
  while (true) {
    const auto done = evaluator->DoSome();
    if (!done) return done.error();
    if (*done == 0) break;
    evaluated += *done;
  }
  std::printf("%d evaluations done\n", evaluated);
  return kExitOk;
}

Result<int> RunOnce(const Settings& settings, const Question& question) {
  TimePoint now = SystemClock().Now();
  const bool set = !question.as_of.empty();
  if (set) {
    const auto as_of = ParseTime("--as-of", question.as_of);
    if (!as_of) return as_of.error();
    if (*as_of > now + kMaxAhead && !question.dry_run && !question.yes) {
      return Error{ErrorKind::kMalformed,
                   "--as-of " + question.as_of +
                       " drops what is still to be kept today; look with --dry-run, then "
                       "say --yes"};
    }
    if (*as_of < now - kMaxBehind && !question.dry_run) {
      return Error{
          ErrorKind::kMalformed,
          "--as-of " + question.as_of +
              " is past: what is found of the domains today would stand in the "
              "log as answered then; ask with `tlsrptd readiness DOMAIN --as-of`, "
              "or look with --dry-run"};
    }
    now = *as_of;
  }
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  const SystemClock system_clock;
  const SetClock set_clock(now);
  const Clock& clock = set ? static_cast<const Clock&>(set_clock) : system_clock;
  Logger log(LogLevel::kWarning, LogFormat::kText);
  const WorkLoopParts parts{*database, settings, clock, log, set};
  return question.dry_run ? DryRun(parts) : Once(parts);
}

}  // namespace

std::unique_ptr<DaemonPart> MakeWorker(DaemonBasis& basis) {
  return std::make_unique<Worker>(basis);
}

void AddWorker(CLI::App& app, Chosen& chosen) {
  CLI::App* command = app.add_subcommand(
      "worker",
      "Make and drop partitions, look again at what was held for a domain that was "
      "added,\n"
      "and evaluate domains: beside other processes on the database of --database");
  auto flags = std::make_shared<FlagValues>();
  flags->AddTo(*command);
  auto question = std::make_shared<Question>();
  command->add_flag("--once", question->once, "Do what there is to do, and end");
  command->add_flag("--dry-run", question->dry_run,
                    "Say what the retention would drop, and end");
  command
      ->add_option("--as-of", question->as_of,
                   "With --dry-run, or with --once a time to come: as if it were that "
                   "time")
      ->check(NotEmpty());
  command->add_flag("--yes", question->yes,
                    "Needed to drop by a time that is still to come");
  command->callback([&chosen, flags, question] {
    chosen = [flags, question] {
      const auto run = [&](Settings settings) -> Result<int> {
        if (question->once || question->dry_run) return RunOnce(settings, *question);
        if (!question->as_of.empty() || question->yes) {
          return Error{ErrorKind::kMalformed,
                       "--as-of and --yes go with --once or --dry-run"};
        }
        if (settings.database.empty()) {
          return Error{
              ErrorKind::kMalformed,
              "worker needs --database, or --once: its PostgreSQL is shared with "
              "the other roles; `tlsrptd serve` runs everything with one of its "
              "own"};
        }
        return RunDaemon(std::move(settings), WorkerAlone);
      };
      const bool once = question->once || question->dry_run;
      return RunWith(*flags, run, once ? NoStore::kRefuse : NoStore::kMake);
    };
  });
}

}  // namespace tlsrpt::cmd
