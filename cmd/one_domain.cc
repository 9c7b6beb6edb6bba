#include "cmd/one_domain.h"

#include <utility>

#include "store/model/domain_name.h"

namespace tlsrpt::cmd {

Result<store::OneDomain> FindOneDomain(store::Connection& connection,
                                       const std::string& name) {
  const auto domain = store::NormaliseDomain(name);
  if (!domain) return domain.error();
  auto found = store::ReadDomain(connection, *domain);
  if (!found) return std::move(found).error().error;
  if (!*found) {
    return Error{ErrorKind::kNotFound, *domain +
                                           " is not configured; `tlsrptd domain add " +
                                           *domain + "` makes it ours"};
  }
  return **std::move(found);
}

}  // namespace tlsrpt::cmd
