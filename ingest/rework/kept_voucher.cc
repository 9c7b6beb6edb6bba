#include "ingest/rework/kept_voucher.h"

#include <string>
#include <string_view>

#include "ingest/mail/from_address.h"
#include "ingest/mail/header_block.h"
#include "ingest/mail/split_message.h"

namespace tlsrpt::ingest {
namespace {

// RFC 8601, 2.2, as the receipt keeps it.
constexpr std::string_view kPass = "dkim=pass header.d=";

// The domain is part of the identity as well, but a report has the same voucher for all.
bool IsSameReport(const store::FiledReport& kept, const store::Report& report) {
  return kept.organisation == report.organisation && kept.report_id == report.report_id &&
         kept.period_start == report.period_start && kept.period_end == report.period_end;
}

}  // namespace

// The mail's own From, and what the receipt says was verified, are all that is left of
// the signature. Without a signature that the reporter's profile has, the report does not
// count for a counted reporter: an authserv's word is not kept in such detail.
Vouched KeptVoucher::Signed(const SpoolEntry& entry) const {
  Vouched vouched{kept_.receipt.provenance, kept_.receipt.reporter, ""};
  vouched.vouching.from_address =
      FromAddress(ReadHeaderBlock(SplitMessage(entry.body).header));
  vouched.vouching.from_known = false;
  for (const std::string& result : kept_.receipt.dkim_results) {
    if (!result.starts_with(kPass)) continue;
    const std::string_view rest = std::string_view(result).substr(kPass.size());
    const std::string domain(rest.substr(0, rest.find(' ')));
    if (profiles_.Knows(vouched.reporter, domain, vouched.vouching.from_address)) {
      vouched.vouching.from_known = true;
      vouched.vouching.signing_domain = domain;
      break;
    }
  }
  return vouched;
}

Vouched KeptVoucher::Vouch(const SpoolEntry& entry, const ReportPart& part,
                           const store::Report* report) const {
  Vouched kept = AsKept(entry, part, report);
  if (IsVouched(kept.provenance) || verified_ == nullptr) return kept;
  Vouched now = verified_->Vouch(entry, part, report);
  return IsVouched(now.provenance) ? now : kept;
}

Vouched KeptVoucher::AsKept(const SpoolEntry& entry, const ReportPart& part,
                            const store::Report* report) const {
  const Vouched by_form = ByForm(entry, part, report);
  const store::FiledReport* kept = nullptr;
  for (const store::KeptReport& owned : kept_.owned) {
    if (report == nullptr || !IsSameReport(owned.filed, *report)) continue;
    // Of several rows, the one of a part like this: a mail may hold a report twice, as
    // its own and inside another mail.
    const bool of_this_form =
        IsVouched(owned.filed.provenance) == IsVouched(by_form.provenance) &&
        owned.filed.reporter == by_form.reporter;
    if (kept == nullptr || of_this_form) kept = &owned.filed;
    if (of_this_form) break;
  }
  if (kept == nullptr) return by_form;
  Vouched as_kept{kept->provenance, kept->reporter, kept->vouching.why, kept->vouching};
  // A profile that was completed since knows it, here as in the duplicates of it, of
  // which nothing is kept: or one mail would become two reports (`from_elsewhere`).
  store::Vouching& vouching = as_kept.vouching;
  vouching.from_known =
      vouching.from_known ||
      profiles_.Knows(as_kept.reporter, vouching.signing_domain, vouching.from_address);
  return as_kept;
}

// What the receipt says of such a part, whatever is stored of it.
Vouched KeptVoucher::ByForm(const SpoolEntry& entry, const ReportPart& part,
                            const store::Report* report) const {
  switch (kept_.receipt.provenance) {
    case store::Provenance::kNone:
      break;
    case store::Provenance::kOperator:
      return {store::Provenance::kOperator,
              report == nullptr ? "" : store::ReporterOfContact(report->contact), ""};
    case store::Provenance::kDkim:
    case store::Provenance::kAuthserv:
      // Of what cannot be unpacked there is no part, and it was vouched for as a whole.
      if (part.vouchable || (report == nullptr && part.json.empty())) {
        return Signed(entry);
      }
      break;
  }
  return {store::Provenance::kNone, "", "nobody vouched when it came"};
}

}  // namespace tlsrpt::ingest
