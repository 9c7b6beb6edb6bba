#include "ingest/flow/drain.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "base/crash_point.h"
#include "base/text.h"
#include "base/thread.h"
#include "ingest/flow/process.h"
#include "ingest/flow/record_bytes.h"
#include "ingest/flow/store_batch.h"

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono_literals;

// How long a worker sleeps on an empty spool before it looks whether it should stop.
constexpr std::chrono::milliseconds kIdle = 500ms;
// What came first waits so long for company, but for no more than a step in which none
// came: under load a transaction then carries as many receipts as it may, and the daily
// sums, some hundred rows whatever it carries, are written for all of them; so is the
// take in the spool. Steps of 10 ms are often empty on a machine that is busy.
constexpr std::chrono::milliseconds kGather = 75ms;
constexpr std::chrono::milliseconds kGatherStep = 25ms;
// Back-off while the database is away. One connection in five seconds is gentle enough
// for a server that is starting, and what came in meanwhile does not wait for long when a
// server goes away again and again.
constexpr std::chrono::milliseconds kFirstBackOff = 250ms;
constexpr std::chrono::milliseconds kLastBackOff = 5s;
// An entry that trips over a bug of ours, or lacks its partition, waits so long: an
// administrator or an upgrade must act first.
constexpr std::chrono::minutes kOurBugBackOff{5};
// An entry that was looked at so often has waited for DNS for some 4 seconds: that is no
// cold cache any more, and worth a line.
constexpr int kDnsTriesToLog = 5;

}  // namespace

class Drain::Impl {
 public:
  Impl(DrainOptions options, DrainParts parts)
      : options_(std::move(options)),
        parts_(std::move(parts)),
        dns_wait_(options_.dns_wait) {
    for (std::size_t i = 0; i < options_.workers; ++i) {
      threads_.emplace_back([this] { Work(); });
    }
  }

  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

 private:
  void Work() {
    NameThread("drain");
    LetOthersFirst();  // a sender waits for its 250; for this nobody does
    std::unique_ptr<store::Writer> writer;
    std::chrono::milliseconds back_off = kFirstBackOff;
    while (!stopping_) {
      bool away = false;
      try {
        if (writer == nullptr) writer = parts_.make_writer();
        away = !Once(*writer);
      } catch (const std::exception& e) {
        parts_.log.Write(Event::kInternalError, {{"where", "drain"}, {"what", e.what()}});
        away = true;
      }
      if (away) {
        Sleep(back_off);
        back_off = std::min(2 * back_off, kLastBackOff);
      } else {
        back_off = kFirstBackOff;
      }
    }
  }

  // Takes and writes one batch. False: come back later.
  bool Once(store::Writer& writer) {
    if (parts_.views.Get() == nullptr) {
      Sleep(kIdle);
      return true;
    }
    if (!parts_.spool.WaitForWork(kIdle)) return true;
    Gather();
    auto taken = parts_.spool.Take(options_.batch_receipts, options_.batch_bytes);
    if (!taken) {
      parts_.log.Write(Event::kSpoolError, {{"what", taken.error().message}});
      return false;
    }
    if (taken->empty()) return true;
    std::vector<std::int64_t> in_hand = IdsOf(*taken);
    try {
      return StoreAll(writer, *taken);
    } catch (...) {
      // Or it would stay in hand until the next start. What is done or given back already
      // is left alone.
      parts_.spool.Release(std::move(in_hand), parts_.clock.Now() + kOurBugBackOff);
      throw;
    }
  }

  // After a crash there may be hundreds that are given one at a time: those wait for
  // nobody.
  void Gather() {
    const auto full = static_cast<std::int64_t>(options_.batch_receipts);
    SpoolStats stats = parts_.spool.Stats();
    for (auto waited = 0ms; waited < kGather; waited += kGatherStep) {
      if (stats.depth >= full || stats.suspects > 0 || stopping_) return;
      const std::int64_t before = stats.depth;
      Sleep(kGatherStep);
      stats = parts_.spool.Stats();
      // Less: another worker is done with some, and there is no telling what came.
      if (stats.depth == before) return;
    }
  }

  bool StoreAll(store::Writer& writer, std::vector<SpoolItem>& taken) {
    // Asked for after the entries: a domain that could be a recipient is in it.
    const auto view = parts_.views.Get();
    std::vector<std::int64_t> ids;
    std::vector<store::ReceiptRecord> records;
    ids.reserve(taken.size());
    records.reserve(taken.size());
    std::size_t bytes = 0;
    for (auto item = taken.begin(); item != taken.end(); ++item) {
      if (auto record = ProcessItem(*item, *view)) {
        ids.push_back(item->entry_id);
        bytes += BytesOf(*record);
        records.push_back(std::move(*record));
      }
      if (bytes < options_.batch_memory_bytes) continue;
      if (!Store(writer, std::exchange(ids, {}), records)) {
        // Not looked into, since the ones before could not be written.
        parts_.spool.Release(IdsOf({item + 1, taken.end()}), parts_.clock.Now());
        return false;
      }
      records.clear();
      bytes = 0;
    }
    return Store(writer, std::move(ids), records);
  }

  static std::vector<std::int64_t> IdsOf(std::span<const SpoolItem> items) {
    std::vector<std::int64_t> ids;
    for (const SpoolItem& item : items) ids.push_back(item.entry_id);
    return ids;
  }

  // Nothing when it trips over a bug of ours; the entry is given back then.
  std::optional<store::ReceiptRecord> ProcessItem(SpoolItem& item,
                                                  const DomainView& view) {
    const auto context = [&](const Voucher& voucher) {
      return ProcessContext{.own = view.own,
                            .voucher = voucher,
                            .counted_reporters = view.counted_reporters,
                            .node = options_.node,
                            .retention = options_.retention,
                            .wildcard_names = view.wildcard_names,
                            .written_at = parts_.clock.Now(),
                            .profiles = &view.profiles};
    };
    const Uuid receipt_id = item.entry.receipt_id;
    try {
      if (item.crashes >= kMaxCrashes) {
        return QuarantineUnparsed(
            std::move(item.entry), context(parts_.voucher), kReasonCrash,
            "the process died " + std::to_string(item.crashes) +
                " times with this receipt in hand; it was not looked into again");
      }
      const auto voucher = parts_.voucher.ForEntry(item.entry);
      if (voucher != nullptr && MustWait(item, *voucher, view)) return std::nullopt;
      return Process(std::move(item.entry),
                     context(voucher != nullptr ? *voucher : parts_.voucher));
    } catch (const std::exception& e) {
      parts_.log.Write(Event::kInternalError, {{"where", "process"},
                                               {"receipt_id", receipt_id.ToString()},
                                               {"what", e.what()}});
      parts_.spool.Release({item.entry_id}, parts_.clock.Now() + kOurBugBackOff);
      return std::nullopt;
    }
  }

  // Whether the entry was given back, to wait for the DNS of whoever signed it.
  bool MustWait(const SpoolItem& item, const Voucher& voucher, const DomainView& view) {
    const std::string domain = voucher.AwaitedDomain();
    if (domain.empty()) {
      dns_wait_.Forget(item.entry_id);
      return false;
    }
    const auto log = [&](Event event, std::string what) {
      parts_.log.Write(event, {{"domain", domain},
                               {"receipt_id", item.entry.receipt_id.ToString()},
                               {"what", std::move(what)}});
    };
    const TimePoint now = parts_.clock.Now();
    if (now - item.entry.received_at >= kMaxDnsWait) {
      dns_wait_.Forget(item.entry_id);
      log(Event::kKeyGivenUp,
          "no answer in " + std::to_string(kMaxDnsWait.count()) + " hours");
      return false;
    }
    const auto turn = dns_wait_.Wait(item.entry_id, domain, item.entry.body.size(),
                                     view.profiles.KnowsSigner(domain));
    if (!turn) {
      log(Event::kKeyGivenUp, "too many wait already");
      return false;
    }
    if (turn->tries == kDnsTriesToLog) {
      log(Event::kKeyAwaited, Join(voucher.DkimResults(), "; "));
    }
    parts_.spool.Release(
        {item.entry_id},
        now + std::chrono::duration_cast<TimePoint::duration>(turn->back_off));
    return true;
  }

  bool Store(store::Writer& writer, std::vector<std::int64_t> ids,
             std::vector<store::ReceiptRecord>& records) {
    if (records.empty()) return true;
    const auto began = std::chrono::steady_clock::now();
    const auto stored = StoreBatch(writer, records);
    if (!stored) {
      // Free at once: another worker's connection may still be good, and this one
      // sleeps before it asks again.
      parts_.spool.Release(std::move(ids), parts_.clock.Now());
      const bool ours = stored.error().kind == ErrorKind::kInternal;
      if (ours || !away_.exchange(true)) {
        parts_.log.Write(ours ? Event::kInternalError : Event::kDatabaseAway,
                         {{"where", "write"}, {"what", stored.error().message}});
      }
      return false;
    }
    if (away_.exchange(false)) parts_.log.Write(Event::kDatabaseBack, {});

    const auto keep = [&](std::size_t index) {
      parts_.spool.Release({ids[index]}, parts_.clock.Now() + kOurBugBackOff);
      ids[index] = -1;
    };
    for (const std::size_t index : stored->no_partition) {
      parts_.log.Write(Event::kPartitionMissing,
                       {{"receipt_id", records[index].receipt.receipt_id.ToString()}});
      keep(index);
    }
    for (const store::RefusedRecord& record : stored->not_held) {
      parts_.log.Write(Event::kInternalError,
                       {{"where", "write"}, {"what", record.message}});
      keep(record.index);
    }
    std::erase(ids, -1);
    CrashPoint("drain.stored");
    parts_.spool.MarkDone(std::move(ids));
    for (const store::Receipt* receipt : stored->quarantined) {
      parts_.log.Write(Event::kReportQuarantined,
                       {{"receipt_id", receipt->receipt_id.ToString()},
                        {"reason", receipt->reason},
                        {"what", receipt->reason_detail}});
    }
    if (parts_.metrics != nullptr) {
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
      parts_.metrics->Observe(Metric::kBatchDuration, {}, took.count());
      parts_.metrics->Observe(Metric::kBatchReceipts, {},
                              static_cast<double>(records.size()));
    }
    parts_.log.Write(
        Event::kBatchWritten,
        {{"receipts", std::to_string(stored->counts.receipts)},
         {"stored", std::to_string(stored->counts.reports_stored)},
         {"duplicate", std::to_string(stored->counts.reports_duplicate)},
         {"quarantined", std::to_string(stored->counts.reports_quarantined)}});
    return true;
  }

  void Sleep(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, time, [this] { return stopping_.load(); });
  }

  const DrainOptions options_;
  const DrainParts parts_;

  DnsWait dns_wait_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> away_ = false;
  std::vector<std::thread> threads_;  // last: they use all of the above
};

Drain::Drain(DrainOptions options, DrainParts parts)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(parts))) {}
Drain::~Drain() { Stop(); }

void Drain::Stop() { impl_->Stop(); }

}  // namespace tlsrpt::ingest
