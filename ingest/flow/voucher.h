// Who vouches for a report: the one question between unpacking and filing whose answer
// depends on how the report came here (DESIGN 4, "Who vouches for it").
//
// Errors   none: whoever cannot be vouched for is kNone, with the reason in `why`.
// Threads  Vouch() may be called from any thread.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ingest/spool/spool.h"
#include "ingest/unpack/unpack.h"
#include "store/model/report.h"
#include "store/model/reporter.h"
#include "store/model/vocabulary.h"
#include "store/model/vouching.h"

namespace tlsrpt::ingest {

struct Vouched {
  store::Provenance provenance = store::Provenance::kNone;
  std::string reporter;  // organisational domain; empty where nobody vouches
  std::string why;       // why not, in a few words
  // What else is known of it. Its `why` is filled from the one above.
  store::Vouching vouching = {};
};

class Voucher {
 public:
  virtual ~Voucher() = default;
  // `report` is null when the part could not be parsed: the answer then says whose
  // quarantined words these are.
  virtual Vouched Vouch(const SpoolEntry& entry, const ReportPart& part,
                        const store::Report* report) const = 0;

  // The policy domain of results in `part` that name none: of what the mail says, what is
  // vouched for. Where nothing of it is, Vouch() does not vouch for such a report.
  virtual std::string DomainHint(const SpoolEntry&, const ReportPart& part) const {
    return part.domain_hint;
  }

  // A voucher for this one submission, where something about it is worth finding out
  // once and not for each part: its signatures. Null: ask this one. Keeps nothing of
  // `entry`.
  virtual std::unique_ptr<const Voucher> ForEntry(const SpoolEntry&) const {
    return nullptr;
  }
  // Of a submission's own voucher: the domain whose DNS must answer before it can be told
  // who vouches. Empty: it can be told now.
  virtual std::string AwaitedDomain() const { return {}; }
  // Of the same: what came of each DKIM signature, as RFC 8601, 2.2 writes it.
  virtual std::vector<std::string> DkimResults() const { return {}; }
};

// Nobody does, and `why`.
class NobodyVouches final : public Voucher {
 public:
  explicit NobodyVouches(std::string why = "nobody was asked") : why_(std::move(why)) {}
  Vouched Vouch(const SpoolEntry&, const ReportPart&,
                const store::Report*) const override {
    return {store::Provenance::kNone, "", why_};
  }

 private:
  const std::string why_;
};

// Whether the administrator vouches for what is imported.
enum class OperatorWord {
  kNone,  // import
  // import --vouch: not for a mail whose signature is there and bad.
  kUnlessSignatureIsBad,
  kAll,  // import --vouch=all
};

// What an import says of its files.
struct ImportVouching {
  OperatorWord word = OperatorWord::kNone;
  // import --authserv: a relay of ours took them in, so that its Authentication-Results
  // count.
  bool authserv = false;
};

// The administrator does; the reporter is whom contact-info names.
class OperatorVouches final : public Voucher {
 public:
  Vouched Vouch(const SpoolEntry&, const ReportPart&,
                const store::Report* report) const override {
    return {store::Provenance::kOperator,
            report == nullptr ? "" : store::ReporterOfContact(report->contact), ""};
  }
};

}  // namespace tlsrpt::ingest
