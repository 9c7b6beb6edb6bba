#include "ingest/dkim/vouch.h"

#include <optional>

#include "ingest/dkim/organisation_cache.h"
#include "ingest/dkim/verify.h"
#include "store/model/domain_name.h"

namespace tlsrpt::ingest {
namespace {

// Why a signature that is aligned does not vouch; empty if it does.
std::string Objection(const DkimResult& result) {
  if (result.outcome != DkimOutcome::kPass) {
    return "dkim=" + std::string(NameOf(result.outcome)) + " (" + result.reason + ")";
  }
  if (result.testing) return "the key says that it is only tested (t=y)";
  // VerifyDkim() gives no pass to either; a result of somebody else might.
  if (!result.signs_from) return "From is not signed";
  if (result.body_length_limited) return "the signature is limited in length (l=)";
  return {};
}

}  // namespace

DkimVouch VouchOf(const std::vector<DkimResult>& results, std::string_view from_address,
                  OrganisationCache* cache) {
  DkimVouch vouch;
  if (results.empty()) {
    vouch.why = "no DKIM signature";
    return vouch;
  }
  const auto from = store::DomainOfAddress(from_address);
  std::string reporter;
  if (from) {
    reporter = cache != nullptr ? cache->Get(*from) : store::OrganisationalDomain(*from);
  }
  if (reporter.empty()) {
    vouch.why = !from ? "no single From address" : "From is of a public suffix";
    return vouch;
  }
  for (const DkimResult& result : results) {
    const bool aligned =
        result.domain == *from || store::OrganisationalDomain(result.domain) == reporter;
    if (!aligned) continue;
    const std::string objection = Objection(result);
    if (objection.empty()) {
      return {.signature = &result, .reporter = reporter, .undecided = false, .why = {}};
    }
    vouch.undecided |= result.outcome == DkimOutcome::kTempError;
    if (!vouch.why.empty()) vouch.why += "; ";
    vouch.why += result.domain + ": " + objection;
  }
  if (vouch.why.empty()) {
    vouch.why = "no signature of " + reporter + ", the domain of From";
  }
  return vouch;
}

SignedHints SignedHintsOf(const std::vector<DkimResult>& results,
                          std::string_view from_address, bool one_passed) {
  const auto from = store::DomainOfAddress(from_address);
  const std::string organisation = from ? store::OrganisationalDomain(*from) : "";
  if (organisation.empty()) return {};
  const auto signed_by_all = [&](bool that_passed) {
    std::optional<SignedHints> all;
    for (const DkimResult& result : results) {
      if (that_passed && result.outcome != DkimOutcome::kPass) continue;
      if (store::OrganisationalDomain(result.domain) != organisation) continue;
      if (!all) all = SignedHints{true, true};
      all->report_domain = all->report_domain && result.signs_report_domain;
      all->subject = all->subject && result.signs_subject;
    }
    return all;
  };
  if (const auto passed = signed_by_all(true)) return *passed;
  // It may be past those that we look at.
  if (!one_passed || results.size() >= kMaxSignatures) return {};
  return signed_by_all(false).value_or(SignedHints{});
}

}  // namespace tlsrpt::ingest
