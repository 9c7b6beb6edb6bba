// An address of the settings that something of ours listens on.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/net/endpoint.h"
#include "base/result.h"

namespace tlsrpt::cmd {

// `listen`: ADDRESS:PORT. kMalformed names the setting `key`: "smtp.listen".
inline Result<net::Endpoint> ReadListenAddress(std::string_view key,
                                               const std::string& listen) {
  auto endpoint = net::ParseEndpoint(listen);
  if (!endpoint) return Wrap(std::move(endpoint).error(), std::string(key));
  return endpoint;
}

}  // namespace tlsrpt::cmd
