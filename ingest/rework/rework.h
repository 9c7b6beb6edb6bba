// Looks at receipts again, and says what is different now.
//
// Errors   kUnavailable: the database is away; what was done before stays done, and the
//          same run may be started again. An exception over one receipt is our bug: it is
//          counted, named, and holds nobody up.
// Threads  one.
// Lifetime the parts outlive it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "ingest/flow/domain_view.h"
#include "ingest/flow/voucher.h"
#include "ingest/rework/compare.h"
#include "store/writer/rewriter.h"

namespace tlsrpt::ingest {

struct ReworkOptions {
  std::chrono::months retention{25};
  bool dry_run = false;
  // Also what was dropped from quarantine; that it was no longer stands then.
  bool reopen = false;
};

struct ReworkSummary {
  std::int64_t receipts = 0;   // looked at
  std::int64_t unchanged = 0;  // says the same as before
  std::int64_t changed = 0;    // written, or would be
  std::int64_t no_bytes = 0;   // past the retention of raw mails
  // A report of it is past the retention of reports, and left as it is.
  std::int64_t too_old = 0;
  std::int64_t no_partition = 0;  // a report of it has none; left as it was
  std::int64_t promoted = 0;      // a duplicate of one that went took its place
  std::int64_t no_key = 0;        // DNS does not give the key of it; verified again later

  std::int64_t rows_added = 0;
  std::int64_t rows_gone = 0;
  std::int64_t left_quarantine = 0;     // reports
  std::int64_t entered_quarantine = 0;  // reports
  // Receipts looked at that hold something afterwards, those left alone included.
  std::int64_t still_quarantined = 0;
  struct GainLoss {
    std::int64_t gained = 0;
    std::int64_t lost = 0;
  };
  std::map<std::string, GainLoss> anomalies;   // reports, by anomaly
  std::map<std::string, std::int64_t> fields;  // reports, by field
  // Reports that nobody vouched for, and now somebody does: by reporter.
  std::map<std::string, std::int64_t> vouched;
  std::vector<std::string> bugs;  // receipt ids and what happened
};

struct ReworkParts {
  store::Rewriter& rewriter;
  const DomainView& view;
  const Clock& clock;
  // Asked again about the mails that nobody vouched for, which are then all that is
  // looked at; null: who vouched is what was found when it came. May wait for DNS.
  const Voucher* verifier = nullptr;
  // Asked, rather than `verifier`, about what was held unread after four deaths, or for
  // want of a key: nobody was when it came, so it must believe whom intake would believe,
  // relays of ours included. Null, or without its key: it stays where it is.
  const Voucher* unread_verifier = nullptr;
};

class Rework {
 public:
  Rework(ReworkOptions options, ReworkParts parts) : options_(options), parts_(parts) {}

  // Asked before every page: false ends the run, in good order.
  using GoesOn = std::function<bool()>;

  Result<void> These(const std::vector<store::ReceiptId>& ids);
  Result<void> Foreign(const std::string& name, const GoesOn& goes_on);
  Result<void> Quarantined(const store::ReceiptsQuarantined& which,
                           const GoesOn& goes_on);

  // Receipts that an older parser read last, from `since` on; the newest day first.
  struct Days {
    std::optional<std::chrono::sys_days> since;
    std::string domain;        // empty: all
    bool all_parsers = false;  // also what this parser has read
  };
  Result<void> Read(const Days& days, const GoesOn& goes_on);

  const ReworkSummary& summary() const { return summary_; }

 private:
  template <class Which>
  Result<void> InPages(const Which& which, const GoesOn& goes_on);
  Result<void> One(const store::KeptReceipt& kept, std::vector<store::ReceiptId>& seen);
  struct Verified {
    std::unique_ptr<const Voucher> voucher;  // null: what was found when it came stands
    bool lacks_key = false;                  // DNS does not give it
  };
  Verified Verify(const store::KeptReceipt& kept, const std::string& raw);
  // False: it was left as it was.
  Result<bool> Write(const store::KeptReceipt& kept, const store::Rewriter::Look& look);
  // What is found in it now. `verified` as from Verify().
  store::Found Look(const store::KeptReceipt& kept, const Voucher* verified,
                    std::string raw) const;
  void Note(const Changes& changes);

  const ReworkOptions options_;
  const ReworkParts parts_;
  ReworkSummary summary_;
};

}  // namespace tlsrpt::ingest
