#include "store/model/observation_content.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "store/model/digest.h"
#include "store/model/observation_json.h"

namespace tlsrpt::store {
namespace {

template <class Lookup>
void Forget(Lookup& lookup) {
  lookup.ttl = {};
  lookup.problem.clear();
}

void Forget(std::optional<Certificate>& certificate) {
  if (!certificate) return;
  std::sort(certificate->names.begin(), certificate->names.end());
  certificate->problem.clear();
}

}  // namespace

Uuid ContentOf(Observation observation) {
  observation.observed_at = {};
  for (TxtLookup* lookup : {&observation.mta_sts, &observation.smtp_tls}) {
    Forget(*lookup);
    std::sort(lookup->records.begin(), lookup->records.end());
  }
  observation.policy.problem.clear();
  Forget(observation.policy.certificate);
  Forget(observation.mx);
  std::sort(observation.mx.hosts.begin(), observation.mx.hosts.end(),
            [](const MxHost& a, const MxHost& b) {
              return std::tie(a.preference, a.name) < std::tie(b.preference, b.name);
            });
  for (MxAddressProbe& probe : observation.addresses) {
    probe.problem.clear();
    Forget(probe.certificate);
  }
  std::stable_sort(observation.addresses.begin(), observation.addresses.end(),
                   [](const MxAddressProbe& a, const MxAddressProbe& b) {
                     return std::tie(a.mx, a.address) < std::tie(b.mx, b.address);
                   });
  Digest digest;
  digest.Add(ToJson(observation));
  return digest.First16();
}

}  // namespace tlsrpt::store
