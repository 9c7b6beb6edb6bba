#include "ingest/flow/mail_voucher.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/net/endpoint.h"
#include "base/text.h"
#include "ingest/dkim/verify.h"
#include "ingest/dkim/vouch.h"
#include "ingest/flow/signed_domain.h"
#include "ingest/mail/from_address.h"
#include "ingest/mail/header_block.h"
#include "ingest/mail/split_message.h"
#include "store/model/domain_name.h"
#include "store/model/reporter.h"

namespace tlsrpt::ingest {
namespace {

using store::Provenance;
using store::Transport;

// Most of what is kept of one signature's result, or of a From address: a stranger's
// words, for people to read.
constexpr std::size_t kMaxResultText = 512;

Vouched Nobody(std::string why) { return {Provenance::kNone, "", std::move(why)}; }

bool IsAligned(const std::string& domain, const std::string& from_address) {
  const auto from = store::DomainOfAddress(from_address);
  const std::string organisation = store::OrganisationalDomain(domain);
  return from && !organisation.empty() &&
         organisation == store::OrganisationalDomain(*from);
}

// Whether the fields that say what a mail holds, and about whom, stand there once. Of two
// the upper one is read, and the lower one is what was signed.
bool ReadsOneWay(const HeaderBlock& header) {
  if (header.cut) return false;
  for (const char* name :
       {"Content-Type", "Content-Transfer-Encoding", "Subject", "TLS-Report-Domain"}) {
    if (header.Count(name) > 1) return false;
  }
  return true;
}

// What was found out about one mail.
class LookedAt final : public Voucher {
 public:
  // `split` and `header`: of the entry.
  LookedAt(const SpoolEntry& entry, const SplitMail& split, const HeaderBlock& header,
           const MailTrust& trust, KeySource& keys,
           const store::ReporterProfiles& profiles, MailCaches& caches)
      : operator_word_(entry.transport == NameOf(Transport::kImport)
                           ? trust.imports.word
                           : OperatorWord::kNone),
        from_address_(FromAddress(header)),
        reads_one_way_(ReadsOneWay(header)) {
    const bool is_import = entry.transport == NameOf(Transport::kImport);
    LookAtSignatures(entry, split, header, keys, profiles, caches);
    if (IsRelayed(entry, trust)) {
      AuthservTrust authserv = trust.authserv;
      authserv.exchange_online = authserv.exchange_online && is_import;
      const AuthservVouch said =
          VouchOf(TrustedResults(entry.body, authserv), from_address_);
      authserv_ = Made(Provenance::kAuthserv, said.reporter, said.domain, profiles);
      authserv_->why = said.why;
      if (IsVouched(authserv_->provenance)) {
        results_.push_back(
            CleanUtf8(std::string(kRelaySays) + std::string(kDkimPassOf) + said.domain,
                      kMaxResultText));
      }
    }
  }

  Vouched Vouch(const SpoolEntry&, const ReportPart& part,
                const store::Report* report) const override {
    // Nothing of it could be unpacked: it is theirs if they send nothing but reports
    // from that address, and nobody made it unreadable or took its domain's name off it.
    const bool unread = report == nullptr && part.json.empty() && reads_one_way_;
    const bool covered = part.vouchable && HasItsDomain(part, report);
    const auto speaks = [&](const Vouched& vouched) {
      return IsVouched(vouched.provenance) &&
             (covered || (unread && vouched.vouching.from_known));
    };
    if (speaks(dkim_)) return dkim_;
    if (authserv_ && speaks(*authserv_)) return *authserv_;
    if (operator_word_ != OperatorWord::kNone) return OperatorsWord(report);
    return Nobody(WhyNot(part));
  }

  std::string DomainHint(const SpoolEntry&, const ReportPart& part) const override {
    std::string domain = SignedDomainOf(part);
    return domain.empty() ? part.domain_hint : domain;
  }

  std::string AwaitedDomain() const override {
    const bool others_vouch = (authserv_ && IsVouched(authserv_->provenance)) ||
                              operator_word_ != OperatorWord::kNone;
    return others_vouch ? std::string() : awaited_domain_;
  }

  std::vector<std::string> DkimResults() const override { return results_; }

 private:
  void LookAtSignatures(const SpoolEntry& entry, const SplitMail& split,
                        const HeaderBlock& header, KeySource& keys,
                        const store::ReporterProfiles& profiles, MailCaches& caches) {
    const DkimKeyLookup lookup = [&](const std::string& name) {
      if (auto answer = keys.Find(name)) return *std::move(answer);
      DkimKeyAnswer pending;
      pending.why = "DNS has not answered yet";
      return pending;
    };
    signatures_ =
        VerifyDkim(entry.body, split, header, lookup, entry.received_at, &caches.keys,
                   operator_word_ == OperatorWord::kNone ? RefusedBody::kLeftAlone
                                                         : RefusedBody::kCompared);
    const std::vector<DkimResult>& results = signatures_;
    for (const DkimResult& result : results) {
      results_.push_back(ResultText(result));
      has_bad_ = has_bad_ || result.outcome == DkimOutcome::kFail;
    }
    const DkimVouch found = VouchOf(results, from_address_, &caches.organisations);
    if (found.signature != nullptr) {
      dkim_ = Made(Provenance::kDkim, found.reporter, found.signature->domain, profiles);
      dkim_.vouching.selector = found.signature->selector;
      dkim_.vouching.algorithm = found.signature->algorithm;
      dkim_.vouching.key_bits = found.signature->key_bits;
      dkim_.vouching.dnssec = found.signature->dnssec;
      dkim_.vouching.tlsrpt_key = found.signature->key_service == "tlsrpt";
    } else {
      dkim_ = Nobody(found.why);
    }
    if (found.undecided) {
      const auto waiting =
          std::find_if(results.begin(), results.end(), [&](const DkimResult& result) {
            return result.outcome == DkimOutcome::kTempError &&
                   IsAligned(result.domain, from_address_);
          });
      if (waiting != results.end()) awaited_domain_ = waiting->domain;
    }
  }

  // Of what a signature covers; that of a relay's word as well, which says no more than
  // that one passed.
  std::string SignedDomainOf(const ReportPart& part) const {
    const bool by_relay = authserv_ && IsVouched(authserv_->provenance);
    return SignedDomain(part, SignedHintsOf(signatures_, from_address_, by_relay));
  }

  // Whether the domain that `report` counts for is signed as well.
  bool HasItsDomain(const ReportPart& part, const store::Report* report) const {
    return report == nullptr || !IsDomainGuessed(part, *report) ||
           !SignedDomainOf(part).empty();
  }

  static bool IsRelayed(const SpoolEntry& entry, const MailTrust& trust) {
    if (entry.transport == NameOf(Transport::kImport)) return trust.imports.authserv;
    if (std::find(trust.relay_sockets.begin(), trust.relay_sockets.end(), entry.peer) !=
        trust.relay_sockets.end()) {
      return true;
    }
    if (trust.relays.empty()) return false;  // as it is for most: no need to read who
    const auto peer = net::ParseEndpoint(entry.peer);
    return peer && std::any_of(trust.relays.begin(), trust.relays.end(),
                               [&](const net::Network& network) {
                                 return network.Contains(peer->address);
                               });
  }

  Vouched Made(Provenance provenance, const std::string& reporter,
               const std::string& domain, const store::ReporterProfiles& profiles) const {
    if (reporter.empty()) return {};
    Vouched made{provenance, reporter, ""};
    made.vouching.from_address = CleanUtf8(from_address_, kMaxResultText);
    made.vouching.signing_domain = domain;
    made.vouching.from_known = profiles.Knows(reporter, domain, from_address_);
    return made;
  }

  Vouched OperatorsWord(const store::Report* report) const {
    if (has_bad_ && operator_word_ != OperatorWord::kAll) {
      return Nobody("not vouched for: its DKIM signature does not verify (" + dkim_.why +
                    "); --vouch=all vouches all the same");
    }
    return {Provenance::kOperator,
            report == nullptr ? "" : store::ReporterOfContact(report->contact), ""};
  }

  std::string WhyNot(const ReportPart& part) const {
    const bool signed_well =
        IsVouched(dkim_.provenance) || (authserv_ && IsVouched(authserv_->provenance));
    if (signed_well && !part.vouchable) {
      return "the signature says nothing of a report in this place: it must be a part of "
             "type application/tlsrpt+* of the mail itself (RFC 8460, 5.3)";
    }
    if (signed_well) {
      return "the report names no policy domain, and of what the mail says of it nothing "
             "is signed: TLS-Report-Domain, the Subject, the name of the attached file";
    }
    if (!authserv_) return dkim_.why;
    return dkim_.why + "; the relay: " + authserv_->why;
  }

  const OperatorWord operator_word_;
  const std::string from_address_;
  const bool reads_one_way_;
  std::vector<DkimResult> signatures_;
  Vouched dkim_;
  std::optional<Vouched> authserv_;  // nothing: it did not come through a relay
  bool has_bad_ = false;             // a signature that does not verify
  std::string awaited_domain_;
  std::vector<std::string> results_;
};

}  // namespace

std::unique_ptr<const Voucher> MailVoucher::ForEntry(const SpoolEntry& entry) const {
  if (entry.transport == NameOf(Transport::kHttps)) return nullptr;
  const auto view = views_.Get();
  static const store::ReporterProfiles kShippedOnly;
  const SplitMail split = SplitMessage(entry.body);
  const HeaderBlock header = ReadHeaderBlock(split.header);
  return std::make_unique<LookedAt>(entry, split, header, trust_, keys_,
                                    view == nullptr ? kShippedOnly : view->profiles,
                                    caches_);
}

Vouched MailVoucher::Vouch(const SpoolEntry& entry, const ReportPart& part,
                           const store::Report* report) const {
  if (entry.transport != NameOf(Transport::kHttps)) {
    return Nobody("it was not looked at");
  }
  if (posted_ != nullptr) return posted_->Vouch(entry, part, report);
  return Nobody("posted over HTTPS, where nobody signs");
}

std::string ResultText(const DkimResult& result) {
  std::string text;
  text.reserve(kMaxResultText);
  text.append("dkim=").append(NameOf(result.outcome));
  if (!result.reason.empty()) text.append(" (").append(result.reason).append(")");
  if (!result.domain.empty()) text.append(" header.d=").append(result.domain);
  if (!result.selector.empty()) text.append(" header.s=").append(result.selector);
  if (!result.algorithm.empty()) text.append(" header.a=").append(result.algorithm);
  return CleanUtf8(text, kMaxResultText);
}

}  // namespace tlsrpt::ingest
