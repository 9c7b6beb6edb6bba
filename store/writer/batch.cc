#include "store/writer/batch.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <tuple>
#include <vector>

#include "store/model/own_domains.h"
#include "store/pg/quote.h"
#include "store/work/work.h"
#include "store/writer/copies.h"
#include "store/writer/counters.h"
#include "store/writer/day_sums.h"
#include "store/writer/failures_told.h"
#include "store/writer/held_domains.h"
#include "store/writer/insert_chunked.h"
#include "store/writer/outcome.h"
#include "store/writer/retold.h"
#include "store/writer/rollup.h"
#include "store/writer/row_key.h"
#include "store/writer/stored_report.h"

namespace tlsrpt::store {
namespace {

using std::chrono::floor;
using std::chrono::sys_days;

// The columns with which the key of `report`, and of all that hangs on it, begins.
template <class Rows>
Rows& AddKey(Rows& row, const FiledReport& report) {
  return row.Text(report.policy_domain)
      .Date(report.day)
      .Uuid(report.report_key)
      .Text(report.reporter)
      .Bool(IsVouched(report.provenance));
}

// One COPY a chunk: for rows that cannot be there yet.
template <class Items, class Add>
void CopyChunked(Transaction& tx, CopyRows copy, const Items& items, const Add& add) {
  for (const auto& item : items) {
    add(copy, item);
    if (copy.rows() >= kRowsPerStatement || copy.bytes() >= kBytesPerStatement) {
      tx.Copy(copy);
    }
  }
  tx.Copy(copy);
}

class Batch {
 public:
  Batch(Transaction& tx, std::span<const ReceiptRecord> records, const std::string* node,
        const KnownRows& known, Repeats repeats, const WrittenBefore& before)
      : tx_(tx),
        records_(records),
        node_(node),
        known_(known),
        repeats_(repeats),
        before_(before) {}

  BatchWritten Write(Raw raw) {
    InsertReports();
    CopyResults();
    InsertPolicyTexts();
    InsertReceipts();
    if (raw == Raw::kKept) CopyRaw();
    InsertImportedBodies();
    UpdateRollup();
    SettleCopies();
    InsertNames();
    RequestEvaluations();
    UpdateCounters();
    return std::move(written_);
  }

 private:
  struct Filed {
    const Receipt* receipt;
    const FiledReport* report;
  };

  // The same report may stand in the batch twice, in two receipts or in one: the first
  // is sent, the others are duplicates, but for failures that the first does not tell.
  void InsertReports() {
    std::map<RowKey, Filed> first;
    std::size_t reports = 0;
    for (const ReceiptRecord& record : records_) {
      for (const FiledReport& report : record.reports) {
        first.try_emplace(KeyOf(report), Filed{&record.receipt, &report});
        ++reports;
      }
    }
    InsertReports(std::move(first));
    if (new_by_key_.size() == reports) return;
    std::map<RowKey, Filed> retold = FindRetold();
    if (!retold.empty()) InsertReports(std::move(retold));
  }

  // Of the reports that were not sent those that tell other failures than the one of
  // their name.
  std::map<RowKey, Filed> FindRetold() {
    std::map<RowKey, Filed> found;
    std::map<RowKey, FiledReport> stored;  // by another batch
    for (const ReceiptRecord& record : records_) {
      for (const FiledReport& report : record.reports) {
        const RowKey key = KeyOf(report);
        const auto added = new_by_key_.find(key);
        const bool is_ours = added != new_by_key_.end();
        if (is_ours && added->second.report == &report) continue;
        if (!MayTellOthers(report)) continue;
        if (!is_ours && !stored.contains(key)) {
          stored.emplace(key, ReadStoredReport(tx_, report.policy_domain, report.day,
                                               report.report_key, report.reporter,
                                               report.provenance));
        }
        if (!TellsOthers(report, is_ours ? *added->second.report : stored.at(key))) {
          continue;
        }
        retold_.push_back(Retold(report));
        found.try_emplace(KeyOf(retold_.back()), Filed{&record.receipt, &retold_.back()});
      }
    }
    return found;
  }

  void InsertReports(std::map<RowKey, Filed> first) {
    std::vector<Filed> rows;
    rows.reserve(first.size());
    for (const auto& [key, filed] : first) rows.push_back(filed);
    // By primary key, which begins with the domain.
    std::sort(rows.begin(), rows.end(), [](const Filed& a, const Filed& b) {
      return std::tie(a.report->policy_domain, a.report->day, a.report->report_key,
                      a.report->reporter, a.report->provenance) <
             std::tie(b.report->policy_domain, b.report->day, b.report->report_key,
                      b.report->reporter, b.report->provenance);
    });

    constexpr std::string_view kTarget =
        "report (policy_domain, day, report_key, reporter, vouched, provenance, "
        "organisation, report_id, contact, period_start, period_end, first_day, "
        "last_day, received_at, receipt_id, receipt_on, report_ix, parser_version, "
        "anomalies, from_address, from_known, signing_domain, selector, algorithm, "
        "key_bits, dnssec, tlsrpt_key, why_unvouched)";
    if (repeats_ == Repeats::kNone) {
      CopyChunked(tx_, CopyRows(kTarget), rows, AddReport<CopyRows>);
      new_reports_.insert(new_reports_.end(), rows.begin(), rows.end());
      new_by_key_.merge(first);
    } else {
      const std::string target =
          std::string(kTarget.substr(0, kTarget.size() - 1)) + ", written_at)";
      InsertNew(
          target, "report_key, reporter, vouched", rows,
          [&](ValuesBuilder& values, const Filed& filed) {
            AddReport(values, filed);
            const auto written = before_.find(KeyOf(*filed.report));
            if (written == before_.end()) {
              values.Default();
            } else {
              values.Time(written->second);
            }
          },
          [&](const Row& row) {
            const RowKey key{row.Uuid(0), std::string(row.Text(1)), row.Bool(2)};
            new_reports_.push_back(first.at(key));
            new_by_key_.emplace(key, new_reports_.back());
          });
    }
  }

  template <class Rows>
  static void AddReport(Rows& rows, const Filed& filed) {
    const auto& [receipt, report] = filed;
    std::vector<std::string> anomalies;
    for (const Anomaly& anomaly : report->anomalies) {
      anomalies.push_back(ToText(anomaly));
    }
    AddKey(rows.Row(), *report)
        .Smallint(static_cast<std::int64_t>(report->provenance))
        .Text(report->organisation)
        .Text(report->report_id)
        .Text(report->contact)
        .Timestamptz(report->period_start)
        .Timestamptz(report->period_end)
        .Date(report->first_day)
        .Date(report->last_day)
        .Timestamptz(receipt->received_at)
        .Uuid(receipt->receipt_id)
        .Date(floor<std::chrono::days>(receipt->received_at))
        .Integer(report->report_ix)
        .Integer(kParserVersion)
        .TextArray(anomalies)
        .Text(report->vouching.from_address)
        .Bool(report->vouching.from_known)
        .Text(report->vouching.signing_domain)
        .Text(report->vouching.selector)
        .Text(report->vouching.algorithm)
        .Integer(report->vouching.key_bits)
        .Bool(report->vouching.dnssec)
        .Bool(report->vouching.tlsrpt_key)
        .Text(report->vouching.why);
  }

  // INSERT ... ON CONFLICT DO NOTHING; `added` is told of each row that was not there.
  template <class Items, class Add, class Added>
  void InsertNew(std::string_view target, std::string_view key, const Items& items,
                 const Add& add, const Added& added) {
    ValuesBuilder insert("INSERT INTO " + std::string(target) + " VALUES ");
    const std::string tail = " ON CONFLICT DO NOTHING RETURNING " + std::string(key);
    const auto flush = [&] {
      if (insert.rows() == 0) return;
      const ResultSet rows = tx_.Exec(insert.Finish(tail));
      for (const Row row : rows) added(row);
    };
    for (const auto& item : items) {
      add(insert, item);
      if (insert.rows() >= kRowsPerStatement) flush();
    }
    flush();
  }

  void CopyResults() {
    CopyChunked(
        tx_,
        CopyRows("policy_result (policy_domain, day, report_key, reporter, vouched, "
                 "policy_ix, policy_type, policy_type_text, policy_hash, "
                 "success_sessions, failure_sessions, unexplained_sessions, provenance, "
                 "first_day, last_day, received_at)"),
        new_reports_, [this](CopyRows& copy, const Filed& filed) {
          const FiledReport& report = *filed.report;
          std::int64_t policy_ix = 0;
          for (const PolicyResult& result : report.results) {
            std::optional<Uuid> hash;
            if (result.policy) {
              hash = HashOf(*result.policy);
              NotePolicyText(report.policy_domain, *hash, *result.policy);
            }
            AddKey(copy.Row(), report)
                .Smallint(policy_ix++)
                .Smallint(static_cast<std::int64_t>(result.policy_type))
                .Text(result.policy_type_text)
                .Uuid(hash)
                .Bigint(result.success_sessions)
                .Bigint(result.failure_sessions)
                .Bigint(result.unexplained_sessions)
                .Smallint(static_cast<std::int64_t>(report.provenance))
                .Date(report.first_day)
                .Date(report.last_day)
                .Timestamptz(filed.receipt->received_at);
          }
        });
    CopyChunked(
        tx_,
        CopyRows("report_failure (policy_domain, day, report_key, reporter, vouched, "
                 "details)"),
        new_reports_, [](CopyRows& copy, const Filed& filed) {
          const std::vector<Detail> details = DetailsOf(*filed.report);
          if (details.empty()) return;
          AddKey(copy.Row(), *filed.report).Records(details, AddDetail);
        });
  }

  struct Detail {
    std::int64_t policy_ix;
    const PolicyResult* result;
    const FailureDetail* detail;
  };

  static std::vector<Detail> DetailsOf(const FiledReport& report) {
    std::vector<Detail> details;
    std::int64_t policy_ix = 0;
    for (const PolicyResult& result : report.results) {
      for (const FailureDetail& detail : result.details) {
        details.push_back({policy_ix, &result, &detail});
      }
      ++policy_ix;
    }
    return details;
  }

  // The type reported_failure.
  static void AddDetail(CopyRows& record, const Detail& item) {
    const FailureDetail& detail = *item.detail;
    record.Bigint(detail.failed_sessions)
        .Smallint(item.policy_ix)
        .Smallint(static_cast<std::int64_t>(item.result->policy_type))
        .Smallint(static_cast<std::int64_t>(detail.result_type))
        .Text(detail.result_type_text)
        .Inet(detail.sending_mta_ip)
        .Inet(detail.receiving_ip)
        .Text(detail.receiving_mx)
        .Text(detail.helo)
        .Text(detail.reason)
        .Text(detail.information);
  }

  // Most texts of a batch are alike.
  Uuid HashOf(const PolicyText& policy) {
    const auto [at, added] = policy_hashes_.try_emplace(&policy);
    if (added) at->second = PolicyHash(policy);
    return at->second;
  }

  void NotePolicyText(const std::string& domain, const Uuid& hash,
                      const PolicyText& text) {
    std::pair key{domain, hash};
    if (!known_.policy_texts.contains(key)) policy_texts_.emplace(std::move(key), &text);
  }

  // Those that CopyResults() came by.
  void InsertPolicyTexts() {
    InsertChunked(
        tx_,
        "INSERT INTO policy_text (policy_domain, policy_hash, policy_type, mode, "
        "max_age_seconds, mx_patterns, lines) VALUES ",
        " ON CONFLICT DO NOTHING", policy_texts_,
        [](ValuesBuilder& insert, const auto& entry) {
          const PolicyText& text = *entry.second;
          std::optional<std::int64_t> max_age;
          if (text.max_age) max_age = text.max_age->count();
          insert.Row()
              .Text(entry.first.first)
              .Uuid(entry.first.second)
              .Int(static_cast<std::int64_t>(text.type))
              .Int(static_cast<std::int64_t>(text.mode))
              .Int(max_age)
              .TextArray(text.mx_patterns)
              .TextArray(text.lines);
        });
    for (const auto& [key, text] : policy_texts_) {
      written_.rows.policy_texts.insert(key);
    }
  }

  void UpdateRollup() {
    Rollup rollup;
    for (const auto& [receipt, report] : new_reports_) rollup.Add(*report);
    counters_.Add(rollup);
    AddToSums(tx_, rollup);
  }

  // After the sums: they are locked by now, so whoever adds a copy of the same report at
  // the same time waits for us, and sees ours.
  void SettleCopies() {
    std::vector<const FiledReport*> vouched;
    for (const auto& [receipt, report] : new_reports_) {
      if (IsVouched(report->provenance)) vouched.push_back(report);
    }
    store::SettleCopies(tx_, vouched);
  }

  // MX names of `sts` policies, and patterns, are MX hosts of ours: `tlsa` results about
  // them (Postfix, mox) are then filed. A policy text names nothing if it is quoted by a
  // stranger, nor by whoever signs without being known as a reporter: every node keeps
  // all these names in memory, and anybody has a domain to sign with.
  void InsertNames() {
    std::map<std::pair<std::string, std::string>, TimePoint> mx_hosts;
    std::map<std::string, TimePoint> names;
    for (const auto& [receipt, report] : new_reports_) {
      if (!IsVouched(report->provenance) || !report->vouching.from_known) continue;
      for (const PolicyResult& result : report->results) {
        if (result.policy_type != PolicyType::kSts || !result.policy) continue;
        for (const std::string& pattern : result.policy->mx_patterns) {
          std::pair key{report->policy_domain, pattern};
          if (known_.mx_hosts.contains(key)) continue;
          if (pattern.starts_with('*') && MxPatternFor(pattern) != pattern) continue;
          mx_hosts.try_emplace(std::move(key), receipt->received_at);
        }
      }
    }
    for (const auto& [key, added_at] : mx_hosts) written_.rows.mx_hosts.insert(key);
    for (const ReceiptRecord& record : records_) {
      for (const std::string& name : record.new_names) {
        names.try_emplace(name, record.receipt.received_at);
      }
    }
    // What is new among them may be what an earlier report was held for.
    std::vector<std::string> added;
    const auto note = [&](const ResultSet& rows) {
      for (const Row row : rows) added.emplace_back(row.Text(0));
    };
    InsertChunked(
        tx_, "INSERT INTO mx_host (policy_domain, mx_host, added_at, source) VALUES ",
        " ON CONFLICT DO NOTHING RETURNING mx_host", mx_hosts,
        [](ValuesBuilder& insert, const auto& entry) {
          insert.Row()
              .Text(entry.first.first)
              .Text(entry.first.second)
              .Time(entry.second)
              .Text("reported");
        },
        note);
    InsertChunked(
        tx_, "INSERT INTO domain (domain, added_at, source) VALUES ",
        " ON CONFLICT DO NOTHING RETURNING domain", names,
        [](ValuesBuilder& insert, const auto& entry) {
          insert.Row().Text(entry.first).Time(entry.second).Text("wildcard");
        },
        note);
    RequestForeignRetry(tx_, added);
  }

  // What became of each report of each receipt: (receipt, report_ix) with a new row.
  struct Score {
    std::int64_t stored = 0;
    std::int64_t duplicate = 0;
    std::size_t new_rows = 0;  // a report about several domains has several
  };
  std::map<Uuid, Score> Scores() const {
    std::map<std::pair<Uuid, std::int32_t>, bool> added;
    for (const ReceiptRecord& record : records_) {
      for (const FiledReport& report : record.reports) {
        added.try_emplace({record.receipt.receipt_id, report.report_ix}, false);
      }
    }
    for (const auto& [receipt, report] : new_reports_) {
      added[{receipt->receipt_id, report->report_ix}] = true;
    }
    std::map<Uuid, Score> scores;
    for (const auto& [key, is_new] : added) {
      Score& score = scores[key.first];
      ++(is_new ? score.stored : score.duplicate);
    }
    for (const auto& [receipt, report] : new_reports_) {
      ++scores[receipt->receipt_id].new_rows;
    }
    // Another receipt has the rest of it.
    for (const FiledReport& report : retold_) {
      const auto added = new_by_key_.find(KeyOf(report));
      if (added == new_by_key_.end() || added->second.report != &report) continue;
      --scores[added->second.receipt->receipt_id].new_rows;
    }
    for (const ReceiptRecord& record : records_) {
      const Receipt& receipt = record.receipt;
      if (!receipt.same_bytes_as) continue;
      scores[receipt.receipt_id].duplicate = receipt.report_count;
    }
    return scores;
  }

  // The reports of `record` that another receipt brought before it.
  std::vector<Uuid> DuplicateKeys(const ReceiptRecord& record) const {
    std::set<Uuid> keys;
    for (const FiledReport& report : record.reports) {
      const auto added = new_by_key_.find(KeyOf(report));
      if (added == new_by_key_.end() ||
          added->second.receipt->receipt_id != record.receipt.receipt_id) {
        keys.insert(report.report_key);
      }
    }
    return {keys.begin(), keys.end()};
  }

  void InsertReceipts() {
    std::map<Uuid, Score> scores = Scores();
    std::map<Uuid, const ReceiptRecord*> by_id;
    for (const ReceiptRecord& record : records_) {
      by_id.emplace(record.receipt.receipt_id, &record);
    }
    constexpr std::string_view kTarget =
        "receipt (received_on, receipt_id, received_at, node, transport, peer, "
        "envelope_from, envelope_to, provenance, outcome, report_count, stored_count, "
        "duplicate_count, quarantined_count, reason, reason_detail, foreign_domains, "
        "quarantined_domains, parser_version, dkim_results, reporter, duplicate_keys, "
        "same_bytes_as)";
    const auto add = [&](auto& rows, const auto& entry) {
      AddReceipt(rows, entry.second->receipt, scores[entry.first],
                 DuplicateKeys(*entry.second));
    };
    const auto count = [&](const ReceiptRecord& record) {
      const Score& score = scores[record.receipt.receipt_id];
      new_receipts_.push_back(&record);
      if (record.body_digest && (IsAllStored(record, score) || IsAllHeld(record))) {
        imported_.insert_or_assign(*record.body_digest, &record);
      }
      ++written_.counts.receipts;
      written_.counts.reports_stored += score.stored;
      written_.counts.reports_duplicate += score.duplicate;
      written_.counts.reports_quarantined += record.receipt.quarantined_count;
      counters_.AddReceipt(
          record.receipt.transport,
          OutcomeOf(score.stored, score.duplicate, record.receipt.quarantined_count));
    };
    if (repeats_ == Repeats::kNone) {
      CopyChunked(tx_, CopyRows(kTarget), by_id, add);
      for (const auto& [id, record] : by_id) count(*record);
      return;
    }
    InsertNew(kTarget, "receipt_id", by_id, add,
              [&](const Row& row) { count(*by_id.at(row.Uuid(0))); });

    // Each report of a known receipt is known too, unless the receipt is read otherwise
    // than it was: then what its row says stands, and not what this batch would add.
    std::set<Uuid> new_ids;
    for (const ReceiptRecord* record : new_receipts_) {
      new_ids.insert(record->receipt.receipt_id);
    }
    for (const auto& [receipt, report] : new_reports_) {
      written_.contradicts_receipt |= !new_ids.contains(receipt->receipt_id);
    }
  }

  template <class Rows>
  static void AddReceipt(Rows& rows, const Receipt& receipt, const Score& score,
                         const std::vector<Uuid>& duplicate_keys) {
    rows.Row()
        .Date(floor<std::chrono::days>(receipt.received_at))
        .Uuid(receipt.receipt_id)
        .Timestamptz(receipt.received_at)
        .Text(receipt.node)
        .Smallint(static_cast<std::int64_t>(receipt.transport))
        .Text(receipt.peer)
        .Text(receipt.envelope_from)
        .TextArray(receipt.envelope_to)
        .Smallint(static_cast<std::int64_t>(receipt.provenance))
        .Smallint(static_cast<std::int64_t>(
            OutcomeOf(score.stored, score.duplicate, receipt.quarantined_count)))
        .Integer(receipt.report_count)
        .Integer(score.stored)
        .Integer(score.duplicate)
        .Integer(receipt.quarantined_count)
        .Text(receipt.reason)
        .Text(receipt.reason_detail)
        .TextArray(receipt.foreign_domains)
        .TextArray(receipt.quarantined_domains)
        .Integer(kParserVersion)
        .TextArray(receipt.dkim_results)
        .Text(receipt.reporter)
        .UuidArray(duplicate_keys)
        .Uuid(receipt.same_bytes_as);
  }

  void CopyRaw() {
    std::vector<const ReceiptRecord*> with_bytes;
    std::size_t bytes = 0;                   // of the first statement
    constexpr std::size_t kBesideBody = 64;  // of a row, and some to spare
    for (const ReceiptRecord* record : new_receipts_) {
      if (record->receipt.same_bytes_as) continue;
      with_bytes.push_back(record);
      if (with_bytes.size() > kRowsPerStatement) continue;
      bytes += record->raw.size() + kBesideBody;
    }
    CopyRows copy("receipt_raw (received_on, receipt_id, body)");
    // Most of all that is written: not to be copied each time it grows.
    copy.Reserve(std::min(bytes, kBytesPerStatement));
    CopyChunked(tx_, std::move(copy), with_bytes,
                [](CopyRows& rows, const ReceiptRecord* record) {
                  rows.Row()
                      .Date(floor<std::chrono::days>(record->receipt.received_at))
                      .Uuid(record->receipt.receipt_id)
                      .Bytea(record->raw);
                });
  }

  // Whether everything in it is in the database because of it, on the operator's word.
  // One that found a report there already is not so: what stored that may be looked at
  // again and come to another end.
  static bool IsAllStored(const ReceiptRecord& record, const Score& score) {
    const Receipt& receipt = record.receipt;
    return receipt.report_count > 0 && score.stored == receipt.report_count &&
           score.new_rows == record.reports.size() && receipt.quarantined_count == 0 &&
           receipt.foreign_domains.empty() &&
           receipt.provenance == Provenance::kOperator &&
           std::all_of(record.reports.begin(), record.reports.end(),
                       [](const FiledReport& report) {
                         return report.provenance == Provenance::kOperator;
                       });
  }

  // A digest that is there is of a receipt that no longer has it all: this one does.
  void InsertImportedBodies() {
    InsertChunked(
        tx_,
        "INSERT INTO imported_body (digest, receipt_id, received_on, oldest_day) VALUES ",
        " ON CONFLICT (digest) DO UPDATE SET receipt_id = EXCLUDED.receipt_id,"
        " received_on = EXCLUDED.received_on, oldest_day = EXCLUDED.oldest_day",
        imported_, [](ValuesBuilder& insert, const auto& entry) {
          const auto& [digest, record] = entry;
          const auto received_on = floor<std::chrono::days>(record->receipt.received_at);
          sys_days oldest_day = received_on;  // of what is held, nobody knows
          for (const FiledReport& report : record->reports) {
            oldest_day = std::min(oldest_day, report.day);
          }
          insert.Row()
              .Uuid(digest)
              .Uuid(record->receipt.receipt_id)
              .Date(received_on)
              .Date(oldest_day);
        });
  }

  // Only of what somebody vouches for: nothing else moves a verdict, and what a stranger
  // could ask for all day long would keep a domain from ever being listed as ready.
  void RequestEvaluations() {
    EvidenceChange change;
    for (const auto& [receipt, report] : new_reports_) {
      if (!IsVouched(report->provenance)) continue;
      change.names.push_back(report->policy_domain);
      if (TellsOfFailure(*report)) change.failing_hosts.push_back(report->policy_domain);
    }
    for (const ReceiptRecord* record : new_receipts_) {
      AddHeldDomains(record->receipt, change);
    }
    RequestEvaluation(tx_, std::move(change));
  }

  // `reports_quarantined` is not here: it is what is held now, and receipts know. A
  // counter that strangers have filled stays full: one that could not be added to would
  // refuse every report from then on.
  void UpdateCounters() {
    std::map<std::string, std::int64_t>& deltas = written_.counters;
    deltas = counters_.Deltas();
    deltas["receipts"] = written_.counts.receipts;
    deltas["reports_duplicate"] = written_.counts.reports_duplicate;
    deltas["reports_stored"] = written_.counts.reports_stored;
    if (node_ == nullptr) return;
    ValuesBuilder upsert("INSERT INTO node_counter AS total (node, name, value) VALUES ");
    for (const auto& [name, delta] : deltas) {
      if (delta > 0) upsert.Row().Text(*node_).Text(name).Int(delta);
    }
    if (upsert.rows() == 0) return;
    tx_.Exec(
        upsert.Finish(" ON CONFLICT (node, name) DO UPDATE SET value ="
                      " least(total.value::numeric + EXCLUDED.value,"
                      " 9223372036854775807)::bigint"));
  }

  Transaction& tx_;
  std::span<const ReceiptRecord> records_;
  const std::string* const node_;
  const KnownRows& known_;
  const Repeats repeats_;
  const WrittenBefore& before_;

  std::deque<FiledReport> retold_;
  std::vector<Filed> new_reports_;
  std::map<RowKey, Filed> new_by_key_;
  std::map<const PolicyText*, Uuid, PolicyHashOrder> policy_hashes_;
  // By domain and hash; without those that are known.
  std::map<std::pair<std::string, Uuid>, const PolicyText*> policy_texts_;
  std::vector<const ReceiptRecord*> new_receipts_;
  Counters counters_;
  std::map<Uuid, const ReceiptRecord*> imported_;  // by digest
  BatchWritten written_;
};

}  // namespace

WriteCounts& WriteCounts::operator+=(const WriteCounts& other) {
  receipts += other.receipts;
  reports_stored += other.reports_stored;
  reports_duplicate += other.reports_duplicate;
  reports_quarantined += other.reports_quarantined;
  return *this;
}

BatchWritten WriteBatch(Transaction& tx, std::span<const ReceiptRecord> records,
                        const std::string* node, const KnownRows& known, Repeats repeats,
                        Raw raw, const WrittenBefore& before) {
  return Batch(tx, records, node, known, repeats, before).Write(raw);
}

}  // namespace tlsrpt::store
