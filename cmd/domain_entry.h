// A domain as an administrator writes it, on the command line or in the settings.
#pragma once

#include <string>

#include "base/result.h"
#include "store/model/domain_name.h"

namespace tlsrpt::cmd {

// Normalised; ".example.net", every domain below it, keeps its dot.
inline Result<std::string> NormaliseDomainEntry(const std::string& text) {
  const bool wildcard = text.starts_with('.');
  auto name = store::NormaliseDomain(wildcard ? text.substr(1) : text);
  if (!name) return name;
  return wildcard ? "." + *name : *name;
}

}  // namespace tlsrpt::cmd
