// Who vouches for a report: the one question between unpacking and filing whose answer
// depends on how the report came here (DESIGN 4, "Who vouches for it").
//
// Errors   none: whoever cannot be vouched for is kNone, with the reason in `why`.
// Threads  Vouch() may be called from any thread.
#pragma once

#include <string>
#include <string_view>

#include "ingest/spool/spool.h"
#include "ingest/unpack/unpack.h"
#include "store/model/report.h"
#include "store/model/reporter.h"
#include "store/model/vocabulary.h"

namespace tlsrpt::ingest {

struct Vouched {
  store::Provenance provenance = store::Provenance::kNone;
  std::string reporter;  // organisational domain; empty where nobody vouches
  std::string why;       // why not, in a few words
};

class Voucher {
 public:
  virtual ~Voucher() = default;
  // `report` is null when the part could not be parsed: the answer then says whose
  // quarantined words these are.
  virtual Vouched Vouch(const SpoolEntry& entry, const ReportPart& part,
                        const store::Report* report) const = 0;
};

// What comes over the network: nobody vouches until signatures are verified.
class NobodyVouches final : public Voucher {
 public:
  Vouched Vouch(const SpoolEntry&, const ReportPart&,
                const store::Report*) const override {
    return {store::Provenance::kNone, "", "signatures are not verified"};
  }
};

// Whether the administrator vouches for what is imported.
enum class OperatorWord {
  kNone,  // import
  // import --vouch: not for a mail whose signature is there and bad. Signatures are not
  // verified yet, so that none is known to be bad.
  kUnlessSignatureIsBad,
  kAll,  // import --vouch=all
};

// What an import says of its files.
struct ImportVouching {
  OperatorWord word = OperatorWord::kNone;
  // import --authserv: a relay of ours took them in, so that its Authentication-Results
  // count. Nobody reads those yet.
  bool authserv = false;
};

// An import: where its word vouches, the reporter is whom contact-info names.
class OperatorVouches final : public Voucher {
 public:
  explicit OperatorVouches(ImportVouching vouching) : vouching_(vouching) {}

  Vouched Vouch(const SpoolEntry&, const ReportPart&,
                const store::Report* report) const override {
    if (vouching_.word == OperatorWord::kNone) {
      return {store::Provenance::kNone, "", "signatures are not verified"};
    }
    return {store::Provenance::kOperator,
            report == nullptr ? "" : store::ReporterOfContact(report->contact), ""};
  }

 private:
  const ImportVouching vouching_;
};

}  // namespace tlsrpt::ingest
