#include "ingest/rework/rework.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/day.h"
#include "ingest/flow/process.h"
#include "ingest/flow/store_batch.h"
#include "ingest/rework/kept_voucher.h"
#include "store/writer/row_key.h"

namespace tlsrpt::ingest {
namespace {

// Receipts read together, without their bytes, which are read one by one: a page of
// hostile mails of 25 MB would not fit.
constexpr int kPage = 200;
// How many of our bugs a summary names.
constexpr std::size_t kMaxBugs = 10;

std::chrono::year_month MonthOf(std::chrono::sys_days day) {
  const std::chrono::year_month_day date{day};
  return {date.year(), date.month()};
}

// What is stored of a domain that is no longer ours stays until its retention ends
// (`tlsrptd domain remove`), so for its receipt it is ours still. Nothing where all that
// `reports` are about is ours anyhow.
std::optional<store::OwnDomains> OwnWith(
    const std::vector<const store::FiledReport*>& reports, const store::OwnDomains& own) {
  std::set<std::string> domains;
  std::set<std::string> hosts;
  for (const store::FiledReport* report : reports) {
    const std::string& name = report->policy_domain;
    if (own.IsConfigured(name) || own.IsMxHost(name)) continue;
    const auto& results = report->results;
    const bool as_host = std::all_of(results.begin(), results.end(), [](const auto& one) {
      return store::IsAboutMxHosts(one.policy_type);
    });
    (as_host ? hosts : domains).insert(name);
  }
  if (domains.empty() && hosts.empty()) return std::nullopt;
  return own.With(domains, hosts);
}

std::optional<store::OwnDomains> OwnOf(const store::KeptReceipt& kept,
                                       const store::OwnDomains& own) {
  std::vector<const store::FiledReport*> reports;
  for (const store::KeptReport& owned : kept.owned) reports.push_back(&owned.filed);
  return OwnWith(reports, own);
}

SpoolEntry EntryOf(const store::Receipt& receipt, std::string raw) {
  SpoolEntry entry;
  entry.receipt_id = receipt.receipt_id;
  entry.received_at = receipt.received_at;
  entry.transport = NameOf(receipt.transport);
  entry.peer = receipt.peer;
  entry.envelope_from = receipt.envelope_from;
  entry.envelope_to = receipt.envelope_to;
  entry.body = std::move(raw);
  return entry;
}

// The same of its duplicates: another receipt has their rows, and this one their keys,
// which say of no name whose they are. So what in `record` is foreign now is read as if
// it were ours, and compared.
std::optional<store::OwnDomains> OwnOfDuplicates(const store::KeptReceipt& kept,
                                                 const store::ReceiptRecord& record,
                                                 const ProcessContext& context) {
  std::set<Uuid> keys = kept.duplicate_keys;
  for (const store::FiledReport& report : record.reports) keys.erase(report.report_key);
  const std::vector<std::string>& foreign = record.receipt.foreign_domains;
  if (keys.empty() || foreign.empty()) return std::nullopt;
  const std::set<std::string> names(foreign.begin(), foreign.end());
  const store::OwnDomains all = context.own.With(names, names);
  const ProcessContext as_ours{.own = all,
                               .voucher = context.voucher,
                               .counted_reporters = context.counted_reporters,
                               .node = context.node,
                               .retention = context.retention,
                               .wildcard_names = context.wildcard_names,
                               .now = context.now};
  const store::ReceiptRecord read = Process(EntryOf(kept.receipt, record.raw), as_ours);
  std::vector<const store::FiledReport*> reports;
  for (const store::FiledReport& report : read.reports) {
    if (keys.contains(report.report_key)) reports.push_back(&report);
  }
  return OwnWith(reports, context.own);
}

// Of any age that can be.
constexpr std::chrono::months kAnyAge{12 * 1000};

// What is found in it at any age, where some of it is held for that alone. It may be held
// since it came, or stored: the retention was shortened.
std::optional<store::ReceiptRecord> AtAnyAge(const store::KeptReceipt& kept,
                                             const store::ReceiptRecord& record,
                                             ProcessContext context) {
  const int held = record.receipt.quarantined_count;
  if (held == 0) return std::nullopt;
  context.retention = kAnyAge;
  store::ReceiptRecord aged = Process(EntryOf(kept.receipt, record.raw), context);
  if (aged.receipt.quarantined_count >= held) return std::nullopt;
  return aged;
}

std::set<std::int32_t> ReportsWithRows(const store::KeptReceipt& kept) {
  std::set<std::int32_t> rows;
  for (const store::KeptReport& owned : kept.owned) rows.insert(owned.filed.report_ix);
  return rows;
}

// Whether another has its row: another receipt, or, where it stands twice in this one,
// the first of the two.
bool IsDuplicate(const store::KeptReceipt& kept, const store::FiledReport& report) {
  return kept.duplicate_keys.contains(report.report_key) ||
         std::any_of(kept.owned.begin(), kept.owned.end(), [&](const auto& owned) {
           return owned.filed.report_key == report.report_key &&
                  store::KeyOf(owned.filed) == store::KeyOf(report);
         });
}

// Takes the reports that `is_past` out of `found.record`. What was stored of them went,
// or goes, with its month, and counts as it did; it keeps nobody else of the receipt from
// being stored. What was in quarantine of them stays there.
template <class IsPast>
void SetPastApart(const store::KeptReceipt& kept, const IsPast& is_past,
                  store::Found& found) {
  std::vector<store::FiledReport>& reports = found.record.reports;
  const auto rest = std::stable_partition(reports.begin(), reports.end(),
                                          [&](const auto& one) { return !is_past(one); });
  found.past.assign(std::move_iterator(rest), std::move_iterator(reports.end()));
  reports.erase(rest, reports.end());
  if (found.past.empty()) return;

  const std::set<std::int32_t> rows = ReportsWithRows(kept);
  std::set<std::int32_t> rest_ix;
  for (const store::FiledReport& report : found.past) {
    if (rows.contains(report.report_ix)) continue;
    if (!IsDuplicate(kept, report)) rest_ix.insert(report.report_ix);
  }
  // Which of the others were stored nobody knows any more, but how many.
  const auto without_row = static_cast<std::int32_t>(rest_ix.size());
  found.past_gone = std::clamp(kept.stored_count - static_cast<std::int32_t>(rows.size()),
                               0, without_row);
  const std::int32_t held = without_row - found.past_gone;
  if (held == 0) return;
  store::Receipt& receipt = found.record.receipt;
  receipt.quarantined_count += held;
  for (const store::FiledReport& report : found.past) {
    if (rest_ix.contains(report.report_ix)) {
      receipt.quarantined_domains.push_back(report.policy_domain);
    }
  }
  std::sort(receipt.quarantined_domains.begin(), receipt.quarantined_domains.end());
  receipt.quarantined_domains.erase(
      std::unique(receipt.quarantined_domains.begin(), receipt.quarantined_domains.end()),
      receipt.quarantined_domains.end());
  if (!receipt.reason.empty()) return;
  receipt.reason = kReasonFile;
  receipt.reason_detail = "date-range: before the oldest month kept (" +
                          DateText(found.past.front().day) +
                          "); keep reports longer to store it";
}

// Of the past reports those that are stored, were, or are duplicates.
std::int32_t PastNotHeld(const store::KeptReceipt& kept, const store::Found& found) {
  const std::set<std::int32_t> rows = ReportsWithRows(kept);
  std::set<std::int32_t> known;
  for (const store::FiledReport& report : found.past) {
    if (rows.contains(report.report_ix) || IsDuplicate(kept, report)) {
      known.insert(report.report_ix);
    }
  }
  return static_cast<std::int32_t>(known.size()) + found.past_gone;
}

// A submission that may carry a signature, and that nobody vouched for.
bool IsToBeVerified(const store::Receipt& receipt) {
  return receipt.transport != store::Transport::kHttps && !IsVouched(receipt.provenance);
}

// What four processes died with, or what DNS gave no key for: nobody knows what is to be
// made of its signatures.
bool IsUnread(const store::Receipt& receipt) {
  return store::IsUnverified(receipt) && IsToBeVerified(receipt);
}

}  // namespace

store::Found Rework::Look(const store::KeptReceipt& kept, const Voucher* verified,
                          std::string raw) const {
  const TimePoint now = parts_.clock.Now();
  const KeptVoucher voucher(kept, parts_.view.profiles, verified);
  const auto context_of = [&](const store::OwnDomains& own) {
    return ProcessContext{.own = own,
                          .voucher = voucher,
                          .counted_reporters = parts_.view.counted_reporters,
                          .node = kept.receipt.node,
                          .retention = options_.retention,
                          .wildcard_names = parts_.view.wildcard_names,
                          .now = now};
  };
  auto own = OwnOf(kept, parts_.view.own);
  const auto ours = [&]() -> const store::OwnDomains& {
    return own ? *own : parts_.view.own;
  };
  store::Found found{
      Process(EntryOf(kept.receipt, std::move(raw)), context_of(ours())), {}, 0};
  if (auto more = OwnOfDuplicates(kept, found.record, context_of(ours()))) {
    own = std::move(more);
    std::string bytes = std::move(found.record.raw);
    found.record = Process(EntryOf(kept.receipt, std::move(bytes)), context_of(ours()));
  }
  const ProcessContext context = context_of(ours());
  // The partitions of whole months go; what lies in one that is kept can be written.
  const auto oldest_month =
      MonthOf(std::chrono::floor<std::chrono::days>(now)) - options_.retention;
  std::chrono::sys_days oldest_day = std::chrono::sys_days::min();
  const auto is_past = [&](const store::FiledReport& report) {
    return MonthOf(report.day) < oldest_month || report.day < oldest_day;
  };
  if (auto aged = AtAnyAge(kept, found.record, context)) {
    oldest_day = store::OldestDay(kept.receipt.received_at, options_.retention);
    store::Found apart{*std::move(aged), {}, 0};
    SetPastApart(kept, is_past, apart);
    // Else they are held for their age, as they were.
    if (PastNotHeld(kept, apart) > 0) found = std::move(apart);
  }
  if (found.past.empty()) SetPastApart(kept, is_past, found);
  store::Receipt& receipt = found.record.receipt;
  // Who vouched was found when it came, and holds `ready` back where nothing is readable.
  if (verified != nullptr && IsVouched(receipt.provenance)) {
    receipt.dkim_results = verified->DkimResults();
  } else {
    receipt.provenance = kept.receipt.provenance;
    receipt.dkim_results = kept.receipt.dkim_results;
  }
  if (!kept.receipt.reporter.empty()) receipt.reporter = kept.receipt.reporter;
  if (kept.dropped && !options_.reopen) {
    receipt.report_count -= receipt.quarantined_count;
    receipt.quarantined_count = 0;
    receipt.quarantined_domains.clear();
  }
  return found;
}

Result<void> Rework::These(const std::vector<store::ReceiptId>& ids) {
  auto receipts = parts_.rewriter.Read(ids);
  if (!receipts) return std::move(receipts).error();
  std::vector<store::ReceiptId> seen;
  for (const store::KeptReceipt& kept : *receipts) {
    if (parts_.verifier != nullptr && !IsToBeVerified(kept.receipt)) continue;
    if (auto done = One(kept, seen); !done) return done;
  }
  if (seen.empty() || options_.dry_run) return {};
  return parts_.rewriter.MarkSeen(seen);
}

template <class Which>
Result<void> Rework::InPages(const Which& which, const GoesOn& goes_on) {
  std::optional<store::ReceiptId> after;
  while (goes_on()) {
    const auto ids = parts_.rewriter.Find(which, after, kPage);
    if (!ids) return ids.error();
    if (ids->empty()) return {};
    if (auto done = These(*ids); !done) return done;
    after = ids->back();
  }
  return {};
}

Result<void> Rework::Foreign(const std::string& name, const GoesOn& goes_on) {
  return InPages(store::ReceiptsForeign{name}, goes_on);
}

Result<void> Rework::Quarantined(const store::ReceiptsQuarantined& which,
                                 const GoesOn& goes_on) {
  return InPages(which, goes_on);
}

Result<void> Rework::Read(const Days& days, const GoesOn& goes_on) {
  const auto range = parts_.rewriter.Days();
  if (!range) return range.error();
  if (!*range) return {};
  auto [first, last] = **range;
  if (days.since) first = std::max(first, *days.since);
  store::ReceiptsOfDay which;
  which.domain = days.domain;
  if (!days.all_parsers) which.parser_below = store::kParserVersion;
  for (which.day = last; which.day >= first && goes_on();
       which.day -= std::chrono::days(1)) {
    if (auto done = InPages(which, goes_on); !done) return done;
  }
  return {};
}

// Before the transaction that rewrites it, since DNS may take seconds.
Rework::Verified Rework::Verify(const store::KeptReceipt& kept, const std::string& raw) {
  const bool unread = IsUnread(kept.receipt);
  const Voucher* verifier = unread ? parts_.unread_verifier : parts_.verifier;
  if (verifier == nullptr) {
    if (unread) ++summary_.no_key;
    return {nullptr, unread};
  }
  auto voucher = verifier->ForEntry(EntryOf(kept.receipt, raw));
  if (voucher != nullptr && !voucher->AwaitedDomain().empty()) {
    ++summary_.no_key;
    return {nullptr, true};
  }
  return {std::move(voucher), false};
}

Result<void> Rework::One(const store::KeptReceipt& kept,
                         std::vector<store::ReceiptId>& seen) {
  ++summary_.receipts;
  auto raw = parts_.rewriter.ReadBytes(kept.id);
  if (!raw) return std::move(raw).error();
  const auto count_held = [&](std::int32_t held) {
    if (held > 0) ++summary_.still_quarantined;
  };
  if (!*raw) {
    ++summary_.no_bytes;
    count_held(kept.receipt.quarantined_count);
    return {};
  }
  Verified verified;
  // Those that take over from it were not asked about.
  const auto look = [&](const store::KeptReceipt& receipt,
                        std::string bytes) -> std::optional<store::Found> {
    return Look(receipt, receipt.id == kept.id ? verified.voucher.get() : nullptr,
                std::move(bytes));
  };
  store::Found found;
  try {
    verified = Verify(kept, **raw);
    if (verified.lacks_key && IsUnread(kept.receipt)) {
      count_held(kept.receipt.quarantined_count);
      return {};
    }
    found = *look(kept, std::move(**raw));
  } catch (const std::exception& e) {
    if (summary_.bugs.size() < kMaxBugs) {
      summary_.bugs.push_back(kept.id.receipt_id.ToString() + ": " + e.what());
    }
    count_held(kept.receipt.quarantined_count);
    return {};
  }
  count_held(found.record.receipt.quarantined_count);
  const bool is_past = !found.past.empty();
  if (is_past) ++summary_.too_old;
  const Changes changes =
      is_past ? Compare(store::WithoutPast(kept, found.past), found.record)
              : Compare(kept, found.record);
  if (!changes.Any()) {
    if (is_past) return {};
    ++summary_.unchanged;
    if (kept.parser_version < store::kParserVersion) seen.push_back(kept.id);
    return {};
  }
  if (!options_.dry_run) {
    const auto written = Write(kept, look);
    if (!written) return written.error();
    if (!*written) return {};
  }
  Note(changes);
  return {};
}

Result<bool> Rework::Write(const store::KeptReceipt& kept,
                           const store::Rewriter::Look& look) {
  const std::optional<TimePoint> reopen_at =
      kept.dropped && options_.reopen ? std::optional(parts_.clock.Now()) : std::nullopt;
  auto written = parts_.rewriter.Rewrite(kept.id, look, reopen_at);
  if (!written) return std::move(written).error();
  if (written->refused) {
    // As on arrival: held with what PostgreSQL says about it.
    const auto hold = [&](const store::KeptReceipt& receipt, std::string raw) {
      auto found = look(receipt, std::move(raw));
      if (found && receipt.id == kept.id) {
        Hold(found->record, kReasonStore, *written->refused);
        found->record.receipt.quarantined_count -= PastNotHeld(receipt, *found);
      }
      return found;
    };
    auto held = parts_.rewriter.Rewrite(kept.id, hold, reopen_at);
    if (!held) return std::move(held).error();
    if (held->refused) {
      return Error{ErrorKind::kInternal, "PostgreSQL refuses even to hold receipt " +
                                             kept.id.receipt_id.ToString() + ": " +
                                             *held->refused};
    }
    written = std::move(held);
  }
  if (written->no_partition) ++summary_.no_partition;
  summary_.promoted += written->promoted;
  return written->done;
}

void Rework::Note(const Changes& changes) {
  ++summary_.changed;
  summary_.rows_added += changes.added;
  summary_.rows_gone += changes.gone;
  (changes.quarantined < 0 ? summary_.left_quarantine : summary_.entered_quarantine) +=
      std::abs(changes.quarantined);
  for (const std::string& anomaly : changes.gained) ++summary_.anomalies[anomaly].gained;
  for (const std::string& anomaly : changes.lost) ++summary_.anomalies[anomaly].lost;
  for (const std::string& field : changes.fields) ++summary_.fields[field];
  for (const auto& [reporter, count] : changes.vouched) {
    summary_.vouched[reporter] += count;
  }
}

}  // namespace tlsrpt::ingest
