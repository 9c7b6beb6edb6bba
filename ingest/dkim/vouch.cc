#include "ingest/dkim/vouch.h"

#include "ingest/dkim/organisation_cache.h"
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

}  // namespace tlsrpt::ingest
