// Who vouches for the reports of a receipt that is looked at again: whoever did when it
// came. Nobody asks DNS again, where the key has been taken away since.
//
// A part keeps exactly what its row says, where the receipt owns one of the same words
// and of a part of its form: the row of what a signature covers is not that of a copy
// deeper in the mail. For any other - held as foreign, a duplicate, not read until now -
// the receipt says who vouched for the mail, and the mail's form whether that covers this
// part; an operator vouches for all of a file, as whom contact-info names. Which fields
// were signed the signatures in the mail still say.
//
// Where somebody verified a mail again, his word is taken for what nobody vouched for; it
// takes nothing away, for the key of a good signature may be gone by now.
//
// Threads  Vouch() from any thread; the receipt, and who verified, outlive it.
#pragma once

#include "ingest/flow/voucher.h"
#include "store/model/reporter.h"
#include "store/writer/kept_receipt.h"

namespace tlsrpt::ingest {

class KeptVoucher final : public Voucher {
 public:
  // `verified` is of this submission, as from Voucher::ForEntry(); null: nobody did.
  KeptVoucher(const store::KeptReceipt& kept, const store::ReporterProfiles& profiles,
              const Voucher* verified = nullptr)
      : kept_(kept), profiles_(profiles), verified_(verified) {}

  Vouched Vouch(const SpoolEntry& entry, const ReportPart& part,
                const store::Report* report) const override;
  std::string DomainHint(const SpoolEntry& entry, const ReportPart& part) const override;

 private:
  Vouched AsKept(const SpoolEntry& entry, const ReportPart& part,
                 const store::Report* report) const;
  Vouched ByForm(const SpoolEntry& entry, const ReportPart& part,
                 const store::Report* report) const;
  Vouched Signed(const SpoolEntry& entry) const;
  bool IsCovered(const SpoolEntry& entry, const ReportPart& part,
                 const store::Report* report) const;
  std::string SignedDomainOf(const SpoolEntry& entry, const ReportPart& part) const;

  const store::KeptReceipt& kept_;
  const store::ReporterProfiles& profiles_;
  const Voucher* const verified_;
};

}  // namespace tlsrpt::ingest
