#include "ingest/report/policy_domains.h"

#include <set>

#include "base/text.h"
#include "store/model/domain_name.h"

namespace tlsrpt::ingest {
namespace {

constexpr std::string_view kMember = "\"policy-domain\"";
constexpr std::string_view kBlank = " \t\r\n";

}  // namespace

std::vector<std::string> PolicyDomainsIn(std::string_view text) {
  // Names are matched in any case, as the parser does.
  const std::string lower = ToLowerAscii(text);
  std::set<std::string> domains;
  for (std::size_t at = 0; (at = lower.find(kMember, at)) != std::string::npos;) {
    at += kMember.size();
    const std::size_t colon = lower.find_first_not_of(kBlank, at);
    if (colon == std::string::npos || lower[colon] != ':') continue;
    const std::size_t quote = lower.find_first_not_of(kBlank, colon + 1);
    if (quote == std::string::npos || lower[quote] != '"') continue;
    const std::size_t end = lower.find('"', quote + 1);
    // A name that was cut off is not known.
    if (end == std::string::npos || end - quote > store::kMaxDomainBytes + 2) continue;
    if (auto domain = store::NormaliseDomain(
            std::string_view(lower).substr(quote + 1, end - quote - 1))) {
      domains.insert(std::move(*domain));
    }
  }
  return {domains.begin(), domains.end()};
}

}  // namespace tlsrpt::ingest
