// The domain that a subcommand is about, found among ours.
//
// Errors   kMalformed: no domain name; kNotFound: not configured, with the remedy.
#pragma once

#include <string>

#include "base/result.h"
#include "store/pg/connection.h"
#include "store/queries/domain_page.h"

namespace tlsrpt::cmd {

Result<store::OneDomain> FindOneDomain(store::Connection& connection,
                                       const std::string& name);

}  // namespace tlsrpt::cmd
