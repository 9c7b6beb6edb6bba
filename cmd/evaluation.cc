#include "cmd/evaluation.h"

#include <chrono>
#include <utility>

#include "base/uuid.h"
#include "cmd/turns.h"

namespace tlsrpt::cmd {
namespace {

using std::chrono::milliseconds;

// Intake and those who ask come first: of the time of one core three quarters are theirs
// whatever waits to be evaluated, its share of PostgreSQL included. How long 100,000
// domains then take: docs/performance.md, "Lists over 100,000 domains".
constexpr int kRests = 3;
// While the spool is deeper than a few batches, intake is behind, no domain is listed as
// ready, and each is evaluated again when its reports are in.
constexpr std::int64_t kDeepSpool = 2000;
constexpr int kRestsBehind = 20;

class Evaluation final : public DaemonPart {
 public:
  explicit Evaluation(DaemonBasis& basis) : basis_(basis) {}
  ~Evaluation() override { Stop(); }

  Result<void> Prepare(const Database& database) override {
    evaluator_ = MakeEvaluator(database, basis_.settings, basis_.clock, basis_.log,
                               basis_.metrics);
    return {};
  }

  Result<void> Start() override {
    turns_ = std::make_unique<Turns>("evaluation", basis_.log, [this] { return Turn(); });
    turns_->Start();
    return {};
  }

  void Stop() override {
    if (evaluator_) evaluator_->Stop();
    turns_.reset();
    evaluator_.reset();
  }

 private:
  Result<milliseconds> Turn() {
    const auto began = std::chrono::steady_clock::now();
    const auto done = evaluator_->DoSome();
    if (!done) return done.error();
    if (*done == 0) return Turns::kIdle;
    const auto took =
        std::chrono::ceil<milliseconds>(std::chrono::steady_clock::now() - began);
    return took * (IntakeIsDeep() ? kRestsBehind : kRests);
  }

  bool IntakeIsDeep() const {
    return basis_.spool_stats && basis_.spool_stats().depth > kDeepSpool;
  }

  DaemonBasis& basis_;
  std::unique_ptr<api::Evaluator> evaluator_;
  std::unique_ptr<Turns> turns_;
};

}  // namespace

std::unique_ptr<DaemonPart> MakeEvaluation(DaemonBasis& basis) {
  return std::make_unique<Evaluation>(basis);
}

std::unique_ptr<api::Evaluator> MakeEvaluator(const Database& database,
                                              const Settings& settings,
                                              const Clock& clock, Logger& log,
                                              Metrics& metrics) {
  api::EvaluatorOptions options;
  options.rules.live = !settings.fleet.reports_only;
  options.spread = settings.fleet.spread;
  // Two processes of one node must not take each other for themselves.
  options.holder = settings.node + "/" + MakeUuidV7(SystemClock().Now()).ToString();
  return std::make_unique<api::Evaluator>(
      std::move(options),
      api::EvaluatorParts{.connect = [&database] { return database.Connect(kRoleApi); },
                          .clock = clock,
                          .log = log,
                          .metrics = metrics});
}

}  // namespace tlsrpt::cmd
