#include "ingest/flow/process.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/text.h"
#include "ingest/mail/header_block.h"
#include "ingest/mail/split_message.h"
#include "ingest/report/policy_domains.h"
#include "ingest/report/report_parser.h"
#include "ingest/unpack/domain_hint.h"
#include "ingest/unpack/payload.h"
#include "ingest/unpack/unpack.h"
#include "store/model/domain_name.h"

namespace tlsrpt::ingest {
namespace {

// An address has at most 254 octets (RFC 5321, 4.5.3.1), a path 4096; a reason is a
// sentence.
constexpr std::size_t kMaxReceiptText = 4096;

// Works through the parts of one submission, and keeps the score in its record.
class Submission {
 public:
  Submission(SpoolEntry entry, const ProcessContext& context)
      : entry_(std::move(entry)), context_(context), voucher_(&context.voucher) {
    store::Receipt& receipt = record_.receipt;
    receipt.receipt_id = entry_.receipt_id;
    receipt.received_at = entry_.received_at;
    receipt.node = context.node;
    receipt.transport =
        store::TransportOf(entry_.transport).value_or(store::Transport::kImport);
    receipt.peer = entry_.peer;
    receipt.envelope_from = entry_.envelope_from;
    receipt.envelope_to = entry_.envelope_to;
  }

  void Unpack() {
    own_voucher_ = context_.voucher.ForEntry(entry_);
    if (own_voucher_ != nullptr) voucher_ = own_voucher_.get();
    record_.receipt.dkim_results = voucher_->DkimResults();
    const auto unpacked = ingest::Unpack(entry_.body, {.file_name = FileName()});
    if (!unpacked) {
      QuarantineUnread(unpacked.error());
      return;
    }
    record_.receipt.ordinary = unpacked->ordinary;
    for (const ReportPart& part : unpacked->reports) Parse(part);
    for (const Error& failure : unpacked->failures) QuarantineUnread(failure);
  }

  // `domains`: whom the report speaks about, as far as is known.
  void Quarantine(std::string_view reason, std::string detail,
                  const std::vector<std::string>& domains) {
    store::Receipt& receipt = record_.receipt;
    ++receipt.report_count;
    ++receipt.quarantined_count;
    if (receipt.reason.empty()) {
      receipt.reason = reason;
      receipt.reason_detail = std::move(detail);
    }
    for (const std::string& domain : domains) {
      if (domain == store::kEveryDomain || IsOurs(domain)) {
        receipt.quarantined_domains.push_back(domain);
      }
    }
  }

  // The submission unread: nobody knows what is in it, and `hint` is all that its header,
  // where that was read, says about whom it is about.
  void QuarantineWhole(std::string_view reason, std::string detail,
                       const std::string& hint = {}) {
    const Vouched vouched = voucher_->Vouch(entry_, ReportPart{}, nullptr);
    Note(vouched);
    Quarantine(reason, std::move(detail), WhomItMayBeAbout(vouched, hint));
  }

  store::ReceiptRecord Finish() {
    store::Receipt& receipt = record_.receipt;
    for (auto* names : {&receipt.foreign_domains, &receipt.quarantined_domains}) {
      std::sort(names->begin(), names->end());
      names->erase(std::unique(names->begin(), names->end()), names->end());
    }
    // Strangers' bytes: PostgreSQL takes UTF-8 without NUL, and nothing else.
    Clean(receipt.peer);
    Clean(receipt.envelope_from);
    for (std::string& address : receipt.envelope_to) Clean(address);
    Clean(receipt.reason_detail);
    record_.raw = std::move(entry_.body);
    return std::move(record_);
  }

 private:
  // An imported file's name may hold the policy domain (RFC 8460, 5.1).
  std::string FileName() const {
    if (record_.receipt.transport != store::Transport::kImport) return "";
    return entry_.peer.substr(entry_.peer.find_last_of('/') + 1);
  }

  static void Clean(std::string& text) { text = CleanUtf8(text, kMaxReceiptText); }

  // Whom bytes that name nobody speak about: whom the mail says (`hint`), and whoever
  // they were sent to. But one address may stand in the records of many domains, or be of
  // none of them (tlsrpt@reports.firm.example), so it might be anybody where that is all
  // there is to go by: for a file, for what a known reporter sends, and for an address
  // that is no domain's of ours. But no mail of somebody who merely signs what he sends
  // holds back every domain there is.
  std::vector<std::string> WhomItMayBeAbout(const Vouched& vouched,
                                            const std::string& hint) const {
    std::vector<std::string> domains;
    for (const std::string& address : entry_.envelope_to) {
      if (auto domain = store::DomainOfAddress(address)) domains.push_back(*domain);
    }
    if (!domains.empty() && !hint.empty()) {
      domains.push_back(hint);
      return domains;
    }
    const bool to_ours = std::any_of(domains.begin(), domains.end(),
                                     [&](const std::string& d) { return IsOurs(d); });
    if (domains.empty() ||
        (IsVouched(vouched.provenance) ? vouched.vouching.from_known : !to_ours)) {
      domains.emplace_back(store::kEveryDomain);
    }
    return domains;
  }

  bool IsOurs(std::string_view name) const {
    return context_.own.IsConfigured(name) || context_.own.IsBelowWildcard(name) ||
           context_.own.IsMxHost(name);
  }

  // What cannot even be unpacked may be a report, unless it is known to be none.
  void QuarantineUnread(const Error& error) {
    if (error.kind == ErrorKind::kNotFound) {
      Quarantine(kReasonUnpack, error.message, {});
      return;
    }
    const HeaderBlock header = ReadHeaderBlock(SplitMessage(entry_.body).header);
    QuarantineWhole(kReasonUnpack, error.message, DomainHint(header, ""));
  }

  void Note(const Vouched& vouched) {
    if (!IsVouched(vouched.provenance)) return;
    record_.receipt.provenance = vouched.provenance;
    record_.receipt.reporter = vouched.reporter;
  }

  void Parse(const ReportPart& part) {
    auto report = ParseReport(part.json, {.policy_domain = part.domain_hint});
    const Vouched vouched =
        voucher_->Vouch(entry_, part, report ? &report.value() : nullptr);
    Note(vouched);
    if (!report) {
      std::vector<std::string> domains = PolicyDomainsIn(part.json);
      if (!part.domain_hint.empty()) domains.push_back(part.domain_hint);
      // Somebody's own JSON among imported files is no report about anybody.
      const bool may_be_one = !part.media_type.empty() || LooksLikeReport(part.json);
      if (domains.empty() && may_be_one) domains = WhomItMayBeAbout(vouched, "");
      Quarantine(kReasonParse, report.error().message, domains);
      return;
    }
    report->anomalies.insert(report->anomalies.end(), part.anomalies.begin(),
                             part.anomalies.end());
    File(*report, vouched);
  }

  void File(const store::Report& report, const Vouched& vouched) {
    store::Receipt& receipt = record_.receipt;
    store::Vouching vouching = vouched.vouching;
    vouching.why = CleanUtf8(vouched.why, kMaxReceiptText);
    const bool from_elsewhere = IsVouched(vouched.provenance) &&
                                !vouched.vouching.from_known &&
                                context_.counted_reporters.contains(vouched.reporter);
    auto filing = store::FileReport(report, context_.own,
                                    {.provenance = vouched.provenance,
                                     .reporter = vouched.reporter,
                                     .report_ix = receipt.report_count,
                                     .now = context_.now.value_or(entry_.received_at),
                                     .retention = context_.retention,
                                     .vouching = std::move(vouching),
                                     .from_elsewhere = from_elsewhere,
                                     .received_at = entry_.received_at,
                                     .written_at = context_.written_at});
    if (!filing) {
      std::vector<std::string> domains;
      for (const auto& result : report.results) {
        // A policy without a domain may be about any.
        domains.push_back(result.policy_domain.empty() ? std::string(store::kEveryDomain)
                                                       : result.policy_domain);
      }
      Quarantine(kReasonFile, filing.error().message, domains);
      return;
    }
    HoldUnknownNames(*filing, vouched);
    receipt.foreign_domains.insert(receipt.foreign_domains.end(),
                                   filing->foreign_domains.begin(),
                                   filing->foreign_domains.end());
    receipt.foreign_domains.insert(receipt.foreign_domains.end(),
                                   filing->foreign_mx_hosts.begin(),
                                   filing->foreign_mx_hosts.end());
    if (filing->filed.empty()) {
      Quarantine(kReasonForeign,
                 "names none of our domains, but " + Join(filing->foreign_domains, ", ") +
                     "; add it with `tlsrptd domain add` if it is yours",
                 filing->foreign_domains);
      return;
    }
    ++receipt.report_count;
    for (store::FiledReport& filed : filing->filed) {
      record_.reports.push_back(std::move(filed));
    }
  }

  // A name below a wildcard that nobody has reported on yet comes into being only on a
  // counted reporter's word, and only so often; otherwise it is held as foreign. What is
  // said of such a name as an MX host of ours makes no domain of it, and is not held.
  void HoldUnknownNames(store::Filing& filing, const Vouched& vouched) {
    const bool counted = IsVouched(vouched.provenance) && vouched.vouching.from_known &&
                         context_.counted_reporters.contains(vouched.reporter);
    for (store::FiledReport& filed : filing.filed) {
      if (!context_.own.IsBelowWildcard(filed.policy_domain)) continue;
      const bool is_host = context_.own.IsMxHost(filed.policy_domain);
      const auto names_domain = [&](const store::PolicyResult& result) {
        return !is_host || result.policy_type != store::PolicyType::kTlsa;
      };
      if (std::none_of(filed.results.begin(), filed.results.end(), names_domain)) {
        continue;
      }
      if (counted &&
          context_.wildcard_names + record_.new_names.size() < kMaxWildcardNames) {
        record_.new_names.push_back(filed.policy_domain);
        continue;
      }
      filing.foreign_domains.push_back(filed.policy_domain);
      std::erase_if(filed.results, names_domain);
    }
    std::erase_if(filing.filed, [](const auto& filed) { return filed.results.empty(); });
  }

  SpoolEntry entry_;
  const ProcessContext& context_;
  const Voucher* voucher_;
  std::unique_ptr<const Voucher> own_voucher_;
  store::ReceiptRecord record_;
};

}  // namespace

store::ReceiptRecord Process(SpoolEntry entry, const ProcessContext& context) {
  Submission submission(std::move(entry), context);
  submission.Unpack();
  return submission.Finish();
}

store::ReceiptRecord RecordKnown(SpoolEntry entry, const ProcessContext& context,
                                 const store::ImportedBody& original) {
  store::ReceiptRecord record = Submission(std::move(entry), context).Finish();
  record.receipt.same_bytes_as = original.receipt_id;
  record.receipt.report_count = original.report_count;
  record.receipt.provenance = store::Provenance::kOperator;
  record.receipt.reporter = original.reporter;
  return record;
}

store::ReceiptRecord QuarantineUnparsed(SpoolEntry entry, const ProcessContext& context,
                                        std::string_view reason, std::string detail) {
  Submission submission(std::move(entry), context);
  submission.QuarantineWhole(reason, std::move(detail));
  return submission.Finish();
}

}  // namespace tlsrpt::ingest
