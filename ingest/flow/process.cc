#include "ingest/flow/process.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/text.h"
#include "ingest/flow/signed_domain.h"
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
// Names that are not ours and that a receipt in quarantine is remembered by, should they
// become ours: a report has a handful, and somebody who signs one could write thousands.
constexpr std::size_t kMaxHeldNames = 100;

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

  // `names`: whom the report speaks about, as far as is known: domains and MX hosts.
  void Quarantine(std::string_view reason, std::string detail,
                  const std::vector<std::string>& names) {
    store::Receipt& receipt = record_.receipt;
    ++receipt.report_count;
    ++receipt.quarantined_count;
    if (receipt.reason.empty()) {
      receipt.reason = reason;
      receipt.reason_detail = std::move(detail);
    }
    // What is held as foreign is found by its foreign domains.
    for (const std::string& name : names) {
      if (reason == kReasonForeign && !IsOurs(name)) continue;
      receipt.quarantined_domains.push_back(name);
    }
  }

  // The submission unread: nobody knows what is in it, and `hint` is all that its header,
  // where that was read, says about whom it is about.
  void QuarantineWhole(std::string_view reason, std::string detail,
                       const std::string& hint = {}) {
    const Vouched vouched = voucher_->Vouch(entry_, ReportPart{}, nullptr);
    Note(vouched);
    std::vector<std::string> names = WhomItMayBeAbout(vouched, hint);
    // Nobody has looked who vouches for it either, and one address may stand in the
    // records of many domains.
    if (reason == kReasonCrash) names.emplace_back(store::kEveryDomain);
    Quarantine(reason, std::move(detail), names);
  }

  // As that of its voucher.
  std::string AwaitedDomain() const { return voucher_->AwaitedDomain(); }

  store::ReceiptRecord Finish() {
    store::Receipt& receipt = record_.receipt;
    AddPatterns(receipt.quarantined_domains);
    for (auto* names : {&receipt.foreign_domains, &receipt.quarantined_domains}) {
      std::sort(names->begin(), names->end());
      names->erase(std::unique(names->begin(), names->end()), names->end());
    }
    ForgetOthersNames();
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

  // A host that only a pattern of a policy names is known to its domains by that.
  void AddPatterns(std::vector<std::string>& names) const {
    std::vector<std::string> patterns;
    for (const std::string& name : names) {
      if (context_.own.IsConfigured(name)) continue;
      for (const std::string& mx_name : context_.own.MxNamesOf(name)) {
        patterns.push_back(mx_name);
      }
    }
    Append(patterns, names);
  }

  // Of names that are not ours a few are remembered, and none where nobody vouches: such
  // a receipt holds nobody back.
  void ForgetOthersNames() {
    std::size_t left = store::MayHoldBack(record_.receipt) ? kMaxHeldNames : 0;
    std::erase_if(record_.receipt.quarantined_domains, [&](const std::string& name) {
      if (name == store::kEveryDomain || IsOurs(name)) return false;
      if (left == 0) return true;
      --left;
      return false;
    });
  }

  // Whom bytes that name nobody speak about: whom the mail or the file's name says
  // (`hint`), and whoever of us they were sent to. But one address may stand in the
  // records of many domains, or be of none of them (tlsrpt@reports.firm.example), so it
  // might be anybody where that is all there is to go by, for a file and for what a known
  // reporter sends. But no mail of somebody who merely signs what he sends holds back
  // every domain there is.
  std::vector<std::string> WhomItMayBeAbout(const Vouched& vouched,
                                            const std::string& hint) const {
    std::vector<std::string> names;
    for (const std::string& address : entry_.envelope_to) {
      const auto domain = store::DomainOfAddress(address);
      if (domain && IsOurs(*domain)) names.push_back(*domain);
    }
    if (!hint.empty()) names.push_back(hint);
    const bool named =
        !hint.empty() && (!entry_.envelope_to.empty() || hint == DomainHint(FileName()));
    if (!named && IsVouched(vouched.provenance) && vouched.vouching.from_known) {
      names.emplace_back(store::kEveryDomain);
    }
    return names;
  }

  bool IsOurs(std::string_view name) const {
    return context_.own.IsConfigured(name) || context_.own.IsBelowWildcard(name) ||
           context_.own.IsMxHost(name);
  }

  // What cannot even be unpacked may be a report: in UTF-16, in xz.
  void QuarantineUnread(const Error& error) {
    const HeaderBlock header = ReadHeaderBlock(SplitMessage(entry_.body).header);
    QuarantineWhole(kReasonUnpack, error.message, DomainHint(header, FileName()));
  }

  void Note(const Vouched& vouched) {
    if (!IsVouched(vouched.provenance)) return;
    record_.receipt.provenance = vouched.provenance;
    record_.receipt.reporter = vouched.reporter;
  }

  void Parse(const ReportPart& part) {
    auto report = ParseReport(part.json, {.policy_domain = part.domain_hint});
    if (report && IsDomainGuessed(part, *report)) {
      std::string domain = voucher_->DomainHint(entry_, part);
      if (domain != part.domain_hint) {
        report = store::Report();  // not two of them in memory
        report = ParseReport(part.json, {.policy_domain = std::move(domain)});
      }
    }
    const Vouched vouched =
        voucher_->Vouch(entry_, part, report ? &report.value() : nullptr);
    Note(vouched);
    if (!report) {
      Quarantine(kReasonParse, report.error().message, NamesInUnparsed(part, vouched));
      return;
    }
    report->anomalies.insert(report->anomalies.end(), part.anomalies.begin(),
                             part.anomalies.end());
    File(*report, vouched);
  }

  std::vector<std::string> NamesInUnparsed(const ReportPart& part,
                                           const Vouched& vouched) const {
    std::vector<std::string> names;
    if (!part.domain_hint.empty()) names.push_back(part.domain_hint);
    if (const auto results = ReadResults(part.json, {part.domain_hint})) {
      Append(NamesIn(*results, vouched), names);
      return names;
    }
    SaidDomains said = PolicyDomainsIn(part.json);
    // Somebody's own JSON among imported files is no report about anybody.
    const bool may_be_one = !part.media_type.empty() || LooksLikeReport(part.json);
    if (may_be_one && (said.domains.empty() || !said.all)) {
      Append(WhomItMayBeAbout(vouched, part.domain_hint), names);
    }
    Append(said.domains, names);
    // A domain's own sts policy names MX hosts that many others have, and is no matter
    // of theirs.
    const std::string lower = ToLowerAscii(part.json);
    if (lower.find("tlsa") != std::string::npos ||
        lower.find("no-policy-found") != std::string::npos ||
        std::none_of(names.begin(), names.end(),
                     [&](const std::string& name) { return IsOurs(name); })) {
      for (const std::string& host : MxHostsIn(part.json)) AddHost(host, names);
      for (const std::string& domain : said.domains) AddHost(domain, names);
    }
    return names;
  }

  // An MX host, and the pattern by which a domain may know it now or later.
  static void AddHost(const std::string& host, std::vector<std::string>& names) {
    names.push_back(host);
    if (auto pattern = store::MxPatternFor(host); !pattern.empty()) {
      names.push_back(std::move(pattern));
    }
  }

  static void Append(const std::vector<std::string>& more,
                     std::vector<std::string>& names) {
    names.insert(names.end(), more.begin(), more.end());
  }

  // Under what `results` would be filed.
  std::vector<std::string> NamesIn(const std::vector<store::PolicyResult>& results,
                                   const Vouched& vouched) const {
    std::vector<std::string> names;
    for (const store::PolicyResult& result : results) {
      const bool about_hosts = store::IsAboutMxHosts(result.policy_type);
      if (result.policy_domain.empty()) {
        Append(WhomItMayBeAbout(vouched, ""), names);
      } else if (about_hosts) {
        AddHost(result.policy_domain, names);
      } else {
        names.push_back(result.policy_domain);
      }
      if (!about_hosts) continue;
      for (const std::string& host : result.mx_hosts) {
        // "*" would stand for everybody.
        if (const auto name = store::NormaliseDomain(host)) AddHost(*name, names);
      }
    }
    return names;
  }

  void File(store::Report& report, const Vouched& vouched) {
    store::Receipt& receipt = record_.receipt;
    store::Vouching vouching = vouched.vouching;
    vouching.why = CleanUtf8(vouched.why, kMaxReceiptText);
    const bool from_elsewhere = IsVouched(vouched.provenance) &&
                                !vouched.vouching.from_known &&
                                context_.counted_reporters.contains(vouched.reporter);
    auto filing = store::FileReport(std::move(report), context_.own,
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
      Quarantine(kReasonFile, filing.error().message, NamesIn(report.results, vouched));
      return;
    }
    HoldUnknownNames(*filing, vouched);
    Append(filing->foreign_domains, receipt.foreign_domains);
    Append(filing->foreign_mx_hosts, receipt.foreign_domains);
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
        return !is_host || !store::IsAboutMxHosts(result.policy_type);
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
  const std::string awaited = submission.AwaitedDomain();
  store::ReceiptRecord record = submission.Finish();
  // Waited for in vain is neither pass nor fail.
  if (context.profiles != nullptr && context.profiles->KnowsSigner(awaited) &&
      record.receipt.report_count > 0) {
    Hold(record, kReasonKey,
         "signed as " + awaited +
             ", and DNS gave no answer for the key: nobody can say who wrote it; "
             "`tlsrptd quarantine retry --all --reason key` asks again");
  }
  return record;
}

void Hold(store::ReceiptRecord& record, std::string_view reason, std::string why) {
  store::Receipt& receipt = record.receipt;
  for (const store::FiledReport& report : record.reports) {
    receipt.quarantined_domains.push_back(report.policy_domain);
  }
  // Nobody looks at it again when one of these becomes ours.
  if (reason == kReasonKey) {
    receipt.quarantined_domains.insert(receipt.quarantined_domains.end(),
                                       receipt.foreign_domains.begin(),
                                       receipt.foreign_domains.end());
  }
  record.reports.clear();
  record.new_names.clear();
  receipt.same_bytes_as.reset();  // whatever is held keeps its bytes
  receipt.report_count = std::max(receipt.report_count, 1);
  receipt.quarantined_count = receipt.report_count;
  receipt.reason = reason;
  receipt.reason_detail = std::move(why);
}

void LeaveToHolder(store::ReceiptRecord& record, const Uuid& holder) {
  store::Receipt& receipt = record.receipt;
  receipt.same_bytes_as = holder;
  receipt.quarantined_count = 0;
  receipt.quarantined_domains.clear();
  receipt.foreign_domains.clear();
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
