#include "ingest/rework/kept_voucher.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "ingest/flow/mail_voucher.h"
#include "ingest/flow/signed_domain.h"
#include "ingest/mail/from_address.h"
#include "ingest/mail/header_block.h"
#include "ingest/mail/split_message.h"
#include "store/model/domain_name.h"

namespace tlsrpt::ingest {
namespace {

// Whether a row is of such a report, in whatever part of the mail, and whatever domains
// it is about: a part that names several has the same voucher for all.
bool IsSameReport(const store::FiledReport& kept, const store::Report& report) {
  return kept.organisation == report.organisation && kept.report_id == report.report_id &&
         kept.period_start == report.period_start && kept.period_end == report.period_end;
}

// How well a row of the same words is that of a part like this one, that a signature of
// the mail would cover or not; 0: it is of another part. A mail may hold a report twice,
// as its own and inside another mail, and what a signature covers of the two says nothing
// of the other, either way.
int FitOf(const store::FiledReport& row, bool covered, const Vouched& by_form) {
  const int by_name = row.reporter == by_form.reporter ? 2 : 1;
  switch (row.provenance) {
    case store::Provenance::kNone:
      return IsVouched(by_form.provenance) ? 0 : by_name;
    case store::Provenance::kDkim:
    case store::Provenance::kAuthserv:
      // A signature speaks before the operator does.
      return covered ? 3 : 0;
    case store::Provenance::kOperator:
      // His word is for all that no signature speaks for.
      return by_form.provenance == store::Provenance::kOperator ||
                     !IsVouched(by_form.provenance)
                 ? by_name
                 : 0;
  }
  return 0;
}

// Whether some signature would make a report mail of `reporter`'s of one from there.
bool ReportsFrom(const store::ReporterProfiles& profiles, const std::string& reporter,
                 const std::string& from_address) {
  const store::ReporterProfile* const profile = profiles.Find(reporter);
  return profile != nullptr &&
         std::any_of(profile->signing_domains.begin(), profile->signing_domains.end(),
                     [&](const std::string& domain) {
                       return profiles.Knows(reporter, domain, from_address);
                     });
}

}  // namespace

// The mail's own From, and what the receipt says was verified, by us or by a relay of
// ours, are all that is left of the signature. It must say what was found when the mail
// came: a copy that was a duplicate then would be a report of its own otherwise
// (`from_elsewhere`).
Vouched KeptVoucher::Signed(const SpoolEntry& entry) const {
  Vouched vouched{kept_.receipt.provenance, kept_.receipt.reporter, ""};
  store::Vouching& vouching = vouched.vouching;
  vouching.from_address = FromAddress(ReadHeaderBlock(SplitMessage(entry.body).header));
  vouching.from_known = false;
  const bool by_relay = vouched.provenance == store::Provenance::kAuthserv;
  const std::string pass = std::string(by_relay ? kRelaySays : "").append(kDkimPassOf);
  for (const std::string& result : kept_.receipt.dkim_results) {
    if (!result.starts_with(pass)) continue;
    const std::string_view rest = std::string_view(result).substr(pass.size());
    const std::string domain(rest.substr(0, rest.find(' ')));
    if (store::OrganisationalDomain(domain) != vouched.reporter) continue;
    vouching.from_known =
        profiles_.Knows(vouched.reporter, domain, vouching.from_address);
    if (vouching.from_known || vouching.signing_domain.empty()) {
      vouching.signing_domain = domain;
    }
    if (vouching.from_known) break;
  }
  // Receipts of before 2026-11-27 do not keep what the relay said. It said pass, of a
  // domain of this reporter's.
  if (by_relay && vouching.signing_domain.empty()) {
    vouching.from_known = ReportsFrom(profiles_, vouched.reporter, vouching.from_address);
  }
  return vouched;
}

std::string KeptVoucher::SignedDomainOf(const SpoolEntry& entry,
                                        const ReportPart& part) const {
  const store::Provenance kept = kept_.receipt.provenance;
  return KeptSignedDomain(
      part, entry.body, kept_.receipt.dkim_results,
      kept == store::Provenance::kDkim || kept == store::Provenance::kAuthserv);
}

std::string KeptVoucher::DomainHint(const SpoolEntry& entry,
                                    const ReportPart& part) const {
  if (verified_ != nullptr && !IsVouched(kept_.receipt.provenance)) {
    return verified_->DomainHint(entry, part);
  }
  std::string domain = SignedDomainOf(entry, part);
  return domain.empty() ? part.domain_hint : domain;
}

// Whether a signature of the mail speaks for such a part.
bool KeptVoucher::IsCovered(const SpoolEntry& entry, const ReportPart& part,
                            const store::Report* report) const {
  return part.vouchable && (report == nullptr || !IsDomainGuessed(part, *report) ||
                            !SignedDomainOf(entry, part).empty());
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
  const bool covered = IsCovered(entry, part, report);
  const store::FiledReport* kept = nullptr;
  int best = 0;
  for (const store::KeptReport& owned : kept_.owned) {
    if (report == nullptr || !IsSameReport(owned.filed, *report)) continue;
    const int fit = FitOf(owned.filed, covered, by_form);
    if (fit <= best) continue;
    best = fit;
    kept = &owned.filed;
  }
  if (kept == nullptr) return by_form;
  Vouched as_kept{kept->provenance, kept->reporter, kept->vouching.why, kept->vouching};
  // A profile that was completed since knows it, here as in the duplicates of it, of
  // which nothing is kept: or one mail would become two reports (`from_elsewhere`).
  store::Vouching& vouching = as_kept.vouching;
  vouching.from_known =
      vouching.from_known ||
      profiles_.Knows(as_kept.reporter, vouching.signing_domain, vouching.from_address);
  // A row that does not say whose signature it was is an earlier look's, which could not
  // tell: it may be such a mail that had become two reports.
  if (IsVouched(as_kept.provenance) && as_kept.reporter == by_form.reporter &&
      vouching.signing_domain.empty()) {
    vouching.from_known = vouching.from_known || by_form.vouching.from_known;
  }
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
      if (IsCovered(entry, part, report) || (report == nullptr && part.json.empty())) {
        return Signed(entry);
      }
      break;
  }
  return {store::Provenance::kNone, "", "nobody vouched when it came"};
}

}  // namespace tlsrpt::ingest
