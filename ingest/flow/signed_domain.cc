#include "ingest/flow/signed_domain.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "ingest/dkim/signature_field.h"
#include "ingest/dkim/verify.h"
#include "ingest/flow/mail_voucher.h"
#include "ingest/mail/from_address.h"
#include "ingest/mail/header_block.h"
#include "ingest/mail/split_message.h"
#include "ingest/report/report_parser.h"

namespace tlsrpt::ingest {

bool IsDomainGuessed(const ReportPart& part, const store::Report& report) {
  bool cut = false;
  for (const store::Anomaly& anomaly : report.anomalies) {
    if (anomaly.code == store::AnomalyCode::kDomainGuessed) return true;
    cut = cut || anomaly.code == store::AnomalyCode::kListCut;
  }
  if (!cut) return false;
  // It may be among the anomalies that were left out.
  const auto results = ReadResults(part.json);
  return results && std::any_of(results->begin(), results->end(), [](const auto& result) {
           return result.policy_domain.empty();
         });
}

std::string SignedDomain(const ReportPart& part, const SignedHints& is_signed) {
  if (!part.vouchable) return {};
  const DomainHints& hints = part.signable_hints;
  if (is_signed.report_domain && !hints.report_domain.empty()) return hints.report_domain;
  if (is_signed.subject && !hints.subject.empty()) return hints.subject;
  return hints.file_name;
}

std::string KeptSignedDomain(const ReportPart& part, std::string_view mail,
                             const std::vector<std::string>& results, bool signed_well) {
  if (!part.vouchable) return {};
  const SplitMail split = SplitMessage(mail);
  const HeaderBlock header = ReadHeaderBlock(split.header);
  std::vector<DkimResult> signatures;
  for (const HeaderField& field : header.fields) {
    if (signatures.size() == kMaxSignatures) break;
    if (!EqualsIgnoreCase(field.name, "DKIM-Signature")) continue;
    const std::size_t i = signatures.size();
    signatures.push_back(ReadSignatureField(field, std::nullopt).said);
    if (i < results.size() && results[i].starts_with(kDkimPassOf)) {
      signatures[i].outcome = DkimOutcome::kPass;
    }
  }
  const bool by_relay = !results.empty() && results.back().starts_with(kRelaySays);
  return SignedDomain(
      part, SignedHintsOf(signatures, FromAddress(header), signed_well || by_relay));
}

}  // namespace tlsrpt::ingest
