#include "store/writer/rewriter.h"

#include <algorithm>
#include <deque>
#include <set>
#include <tuple>

#include "base/crash_point.h"
#include "store/pg/one_snapshot.h"
#include "store/writer/batch.h"
#include "store/writer/counters.h"
#include "store/writer/disown.h"
#include "store/writer/held_domains.h"
#include "store/writer/outcome.h"
#include "store/writer/row_key.h"
#include "store/writer/written_before.h"

namespace tlsrpt::store {
namespace {

using std::chrono::sys_days;

// Deadlocks and lost connections alike, a new connection for each of those; the writer,
// which tries again after a deadlock alone, has fewer.
constexpr int kTriesAtOnce = 5;

// A time that timestamptz and a date both take, before and after everything of ours.
constexpr TimePoint kFirstTime = sys_days{std::chrono::year(1970) / 1 / 1};
constexpr TimePoint kLastTime = sys_days{std::chrono::year(9999) / 1 / 1};

ReceiptId AfterOrFirst(const std::optional<ReceiptId>& after) {
  return after.value_or(
      ReceiptId{std::chrono::floor<std::chrono::days>(kFirstTime), Uuid{}});
}

std::vector<ReceiptId> ReadIds(const ResultSet& rows) {
  std::vector<ReceiptId> ids;
  for (const Row row : rows) {
    ids.push_back({row.Date("received_on"), row.Uuid("receipt_id")});
  }
  return ids;
}

// The rows of `report` by their whole key.

std::set<RowKey> KeysOf(const std::vector<KeptReport>& owned) {
  std::set<RowKey> keys;
  for (const KeptReport& kept : owned) {
    keys.emplace(kept.filed.report_key, kept.filed.reporter,
                 IsVouched(kept.filed.provenance));
  }
  return keys;
}

// One Rewrite, from its receipt through all that take over from it.
class Rewriting {
 public:
  Rewriting(Transaction& tx, const Rewriter::Look& look, bool writers_kept_out)
      : tx_(tx), look_(look), writers_kept_out_(writers_kept_out) {}

  // False: writers have to be kept out, so roll back and begin again with that.
  bool Run(const ReceiptId& first, std::optional<TimePoint> reopen_at,
           Rewritten& result) {
    // These before any row is locked, so that nobody waits for us while we wait for him.
    tx_.Query("write_begin");
    // Every INSERT locks the table that its partitions are of; vacuum, which would be in
    // the way, only the partitions.
    if (writers_kept_out_) tx_.Exec("LOCK TABLE ONLY report IN SHARE ROW EXCLUSIVE MODE");
    if (!RewriteOne(first)) return false;
    result.done = rewritten_ > 0;
    if (result.done && reopen_at) {
      tx_.Query("quarantine_drop_withdraw", {first.receipt_id, *reopen_at});
    }
    while (!heirs_.empty()) {
      const Heir heir = std::move(heirs_.front());
      heirs_.pop_front();
      const bool wanted =
          std::any_of(heir.keys.begin(), heir.keys.end(),
                      [&](const Uuid& key) { return gone_.contains(key); });
      if (wanted && !RewriteOne(heir.id)) return false;
    }
    result.promoted = std::max(rewritten_ - 1, 0);
    for (const auto& [counter, delta] : totals_) {
      if (delta != 0) {
        tx_.Query("node_counter_add", {counter.first, counter.second, delta});
      }
    }
    return true;
  }

 private:
  struct Heir {
    ReceiptId id;
    std::vector<Uuid> keys;
  };

  bool RewriteOne(const ReceiptId& id) {
    if (!seen_.insert(id).second) return true;
    const auto locked = LockReceipt(tx_, id);
    if (!locked) return true;
    auto raw = ReadRaw(tx_, id);
    if (!raw) return true;
    const auto found = look_(*locked, std::move(*raw));
    if (!found) return true;
    const ReceiptRecord* const record = &found->record;
    const KeptReceipt looked_at = WithoutPast(*locked, found->past);
    const KeptReceipt* const kept = &looked_at;

    const Rollup touched = Disown(tx_, kept->owned);
    const BatchWritten written =
        WriteBatch(tx_, {record, 1}, /*node=*/nullptr, {}, Repeats::kPossible, Raw::kKept,
                   StillWritten(kept->owned, record->reports));
    Counters gone;
    gone.Add(touched);
    for (const auto& deltas : {gone.Deltas(), written.counters}) {
      for (const auto& [name, delta] : deltas) {
        totals_[{kept->receipt.node, name}] += delta;
      }
    }
    PruneSums(tx_, touched);
    RequestEvaluations(*kept, record->receipt);
    const std::set<RowKey> owned = OwnedNow(id);
    Update(*locked, *found, owned);
    ++rewritten_;
    for (const auto& [report_key, reporter, vouched] : owned) gone_.erase(report_key);
    return FindHeirs(*kept, owned);
  }

  // Of what went, and what is held before and after; new reports are the batch's.
  void RequestEvaluations(const KeptReceipt& kept, const Receipt& now) {
    EvidenceChange change;
    for (const KeptReport& report : kept.owned) {
      if (!IsVouched(report.filed.provenance)) continue;
      change.names.push_back(report.filed.policy_domain);
      change.failing_hosts.push_back(report.filed.policy_domain);
    }
    AddHeldDomains(kept.receipt, change);
    AddHeldDomains(now, change);
    RequestEvaluation(tx_, std::move(change));
  }

  std::set<RowKey> OwnedNow(const ReceiptId& id) {
    std::set<RowKey> keys;
    stored_ix_.clear();
    for (const Row row : tx_.Query("owned_reports", {std::vector{id.receipt_id}})) {
      keys.emplace(row.Uuid("report_key"), std::string(row.Text("reporter")),
                   row.Bool("vouched"));
      stored_ix_.insert(row.Int32("report_ix"));
    }
    return keys;
  }

  void Update(const KeptReceipt& kept, const Found& found,
              const std::set<RowKey>& owned) {
    const Receipt& receipt = found.record.receipt;
    // The reports that have no row: another receipt has it, or, where one stands twice in
    // this mail, the first of the two. Only those of the first kind may be taken over.
    std::set<std::int32_t> duplicate_ix;
    std::set<Uuid> duplicates;
    const auto count = [&](const FiledReport& report) {
      if (!stored_ix_.contains(report.report_ix)) duplicate_ix.insert(report.report_ix);
    };
    for (const FiledReport& report : found.record.reports) {
      if (!owned.contains(KeyOf(report))) duplicates.insert(report.report_key);
      count(report);
    }
    for (const FiledReport& report : found.past) {
      const bool is_anothers = kept.duplicate_keys.contains(report.report_key);
      if (is_anothers) duplicates.insert(report.report_key);
      if (is_anothers || owned.contains(KeyOf(report))) count(report);
    }
    const auto stored = static_cast<std::int64_t>(stored_ix_.size()) + found.past_gone;
    const auto duplicate = static_cast<std::int64_t>(duplicate_ix.size());
    Outcome outcome = OutcomeOf(stored, duplicate, receipt.quarantined_count);
    // What was dropped is no ordinary mail.
    if (outcome == Outcome::kOrdinary && !receipt.ordinary) {
      outcome = Outcome::kQuarantined;
    }
    tx_.Query(
        "receipt_rewritten",
        {kept.id.received_on, kept.id.receipt_id, receipt.report_count, stored, duplicate,
         receipt.quarantined_count, kParserVersion, static_cast<std::int16_t>(outcome),
         receipt.reporter, receipt.reason, receipt.reason_detail, receipt.foreign_domains,
         receipt.quarantined_domains,
         std::vector<Uuid>(duplicates.begin(), duplicates.end()),
         static_cast<std::int16_t>(receipt.provenance), receipt.dkim_results});
    // To the node that earned them: so none of its totals can fall below zero.
    totals_[{kept.receipt.node, "reports_stored"}] += stored - kept.stored_count;
    totals_[{kept.receipt.node, "reports_duplicate"}] += duplicate - kept.duplicate_count;
  }

  // Whose reports were duplicates of rows that are gone now?
  bool FindHeirs(const KeptReceipt& kept, const std::set<RowKey>& owned) {
    std::vector<Uuid> gone;
    for (const RowKey& key : KeysOf(kept.owned)) {
      if (!owned.contains(key)) gone.push_back(std::get<0>(key));
    }
    if (gone.empty()) return true;
    if (!writers_kept_out_) return false;
    gone_.insert(gone.begin(), gone.end());
    for (const Row row : tx_.Query("receipts_with_duplicate", {gone})) {
      Heir heir{{row.Date("received_on"), row.Uuid("receipt_id")}, {}};
      for (const std::string& key : row.TextArray("duplicate_keys")) {
        if (const auto uuid = ParseUuid(key)) heir.keys.push_back(*uuid);
      }
      heirs_.push_back(std::move(heir));
    }
    return true;
  }

  Transaction& tx_;
  const Rewriter::Look& look_;
  const bool writers_kept_out_;

  std::set<ReceiptId> seen_;
  std::set<Uuid> gone_;  // report keys that nobody has taken over yet
  std::deque<Heir> heirs_;
  std::set<std::int32_t> stored_ix_;
  // By node and name: two of us lock the rows in one order.
  std::map<std::pair<std::string, std::string>, std::int64_t> totals_;
  int rewritten_ = 0;
};

}  // namespace

KeptReceipt WithoutPast(KeptReceipt kept, const std::vector<FiledReport>& past) {
  std::set<RowKey> rows;
  for (const FiledReport& report : past) {
    rows.insert(KeyOf(report));
    kept.duplicate_keys.erase(report.report_key);
  }
  std::erase_if(kept.owned, [&](const KeptReport& owned) {
    return rows.contains(KeyOf(owned.filed));
  });
  return kept;
}

class Rewriter::Impl {
 public:
  explicit Impl(ConnectOptions options) : options_(std::move(options)) {
    options_.rows_by_key = true;  // those of one receipt
  }

  // What `statements` return, or the error that the caller acts on.
  template <class F>
  auto Ask(const F& statements) -> Result<std::invoke_result_t<const F&, Transaction&>> {
    if (auto open = Reconnect(); !open) return std::move(open).error();
    auto answer = connection_->Transact(statements);
    if (!answer) return std::move(answer).error().error;
    if constexpr (std::is_void_v<std::invoke_result_t<const F&, Transaction&>>) {
      return {};
    } else {
      return std::move(*answer);
    }
  }

  Result<Rewritten> Rewrite(const ReceiptId& id, const Look& look,
                            std::optional<TimePoint> reopen_at) {
    const CrashScope scope("rewrite");
    bool writers_kept_out = false;
    for (int tries = 1;;) {
      if (auto open = Reconnect(); !open) return std::move(open).error();
      Rewritten result;
      bool again = false;
      const auto done = connection_->Transact([&](Transaction& tx) -> Result<void> {
        again = !Rewriting(tx, look, writers_kept_out).Run(id, reopen_at, result);
        if (again) return Error{ErrorKind::kUnavailable, "writers are to be kept out"};
        return {};
      });
      if (done) return result;
      if (again) {
        writers_kept_out = true;
        continue;
      }
      const PgError& failed = done.error();
      switch (failed.what) {
        case PgFailure::kRetry:
        case PgFailure::kCommitUnknown:
          // A COMMIT that did happen is one that is done again: nothing is different
          // then.
          if (tries++ < kTriesAtOnce) continue;
          return failed.error;
        case PgFailure::kBadData:
          result = {};
          result.refused = failed.error.message;
          return result;
        case PgFailure::kNoPartition:
          result = {};
          result.no_partition = true;
          return result;
        case PgFailure::kOther:
          return failed.error;
      }
    }
  }

 private:
  Result<void> Reconnect() {
    if (connection_ != nullptr && !connection_->IsBroken()) return {};
    connection_.reset();
    auto opened = Connection::Open(options_);
    if (!opened) return std::move(opened).error().error;
    connection_ = std::move(*opened);
    return {};
  }

  ConnectOptions options_;
  std::unique_ptr<Connection> connection_;
};

Rewriter::Rewriter(ConnectOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
Rewriter::~Rewriter() = default;

Result<std::vector<ReceiptId>> Rewriter::Find(const ReceiptsOfDay& which,
                                              const std::optional<ReceiptId>& after,
                                              int limit) {
  return impl_->Ask([&](Transaction& tx) {
    const Uuid after_id = after ? after->receipt_id : Uuid{};
    return ReadIds(tx.Query("receipts_of_day", {which.day, after_id, which.parser_below,
                                                which.domain, limit}));
  });
}

Result<std::vector<ReceiptId>> Rewriter::Find(const ReceiptsForeign& which,
                                              const std::optional<ReceiptId>& after,
                                              int limit) {
  const ReceiptId from = AfterOrFirst(after);
  return impl_->Ask([&](Transaction& tx) {
    // What was held before patterns were names any is found by the hosts alone.
    const std::string below = which.name.substr(which.name.starts_with('*') ? 1 : 0);
    if (below.starts_with('.')) {
      return ReadIds(tx.Query("receipts_foreign_below",
                              {below, from.received_on, from.receipt_id, limit}));
    }
    return ReadIds(
        tx.Query("receipts_foreign",
                 {std::vector{which.name}, from.received_on, from.receipt_id, limit}));
  });
}

Result<std::vector<ReceiptId>> Rewriter::Find(const ReceiptsQuarantined& which,
                                              const std::optional<ReceiptId>& after,
                                              int limit) {
  const ReceiptId from = AfterOrFirst(after);
  return impl_->Ask([&](Transaction& tx) {
    return ReadIds(
        tx.Query("receipts_quarantined",
                 {which.reason, which.reporter, which.not_after.value_or(kLastTime),
                  which.not_before.value_or(kFirstTime), from.received_on,
                  from.receipt_id, limit}));
  });
}

Result<std::optional<std::pair<sys_days, sys_days>>> Rewriter::Days() {
  return impl_->Ask([](Transaction& tx) -> std::optional<std::pair<sys_days, sys_days>> {
    const ResultSet rows = tx.Query("receipt_days");
    if (rows[0].IsNull("first_day")) return std::nullopt;
    return std::pair{rows[0].Date("first_day"), rows[0].Date("last_day")};
  });
}

Result<std::vector<KeptReceipt>> Rewriter::Read(const std::vector<ReceiptId>& ids) {
  return impl_->Ask([&](Transaction& tx) {
    OneSnapshot(tx);  // others rewrite receipts meanwhile
    return ReadReceipts(tx, ids);
  });
}

Result<std::optional<std::string>> Rewriter::ReadBytes(const ReceiptId& id) {
  return impl_->Ask([&](Transaction& tx) { return ReadRaw(tx, id); });
}

Result<void> Rewriter::MarkSeen(const std::vector<ReceiptId>& ids) {
  return impl_->Ask([&](Transaction& tx) {
    const auto [days, uuids] = DaysAndIds(ids);
    tx.Query("receipts_seen", {days, uuids, kParserVersion});
  });
}

Result<Rewritten> Rewriter::Rewrite(const ReceiptId& id, const Look& look,
                                    std::optional<TimePoint> reopen_at) {
  return impl_->Rewrite(id, look, reopen_at);
}

}  // namespace tlsrpt::store
