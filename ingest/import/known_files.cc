#include "ingest/import/known_files.h"

#include <algorithm>
#include <string>

#include "ingest/unpack/domain_hint.h"
#include "store/model/digest.h"

namespace tlsrpt::ingest {

Uuid BodyDigest(const SpoolEntry& entry) {
  return store::Digest().Add(entry.body).Add(DomainHint(entry.peer)).First16();
}

bool IsSettled(const store::Receipt& receipt) {
  return std::none_of(receipt.dkim_results.begin(), receipt.dkim_results.end(),
                      [](const std::string& result) {
                        return result.starts_with("dkim=fail") ||
                               result.starts_with("dkim=temperror");
                      });
}

}  // namespace tlsrpt::ingest
