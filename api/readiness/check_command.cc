#include "api/readiness/check_command.h"

#include "store/model/domain_name.h"

namespace tlsrpt::api {

std::string CheckCommand(const std::string& mx) {
  const auto host = store::NormaliseDomain(mx);
  if (!host) return "";
  return " (openssl s_client -starttls smtp -connect " + *host + ":25 -verify_hostname " +
         *host + " shows it)";
}

}  // namespace tlsrpt::api
