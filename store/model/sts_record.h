// The two TXT records that senders look for: _mta-sts (RFC 8461, 3.1) and _smtp._tls
// (RFC 8460, 3). A sender treats a wrong one as none, so these are strict.
//
// Errors   kMalformed with what is wrong, in an administrator's words.
// Threads  pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace tlsrpt::store {

struct StsRecord {
  std::string id;  // 1 to 32 letters and digits

  bool operator==(const StsRecord&) const = default;
};

struct TlsRptRecord {
  std::vector<std::string> rua;  // in their order; each "mailto:..." or "https://..."

  bool operator==(const TlsRptRecord&) const = default;
};

// Of all TXT records at _mta-sts: those that do not begin with "v=STSv1;" are other
// people's and ignored; exactly one must be left (RFC 8461, 3.1).
Result<StsRecord> StsRecordOf(const std::vector<std::string>& records);

// Of all TXT records at _smtp._tls: the same with "v=TLSRPTv1;".
Result<TlsRptRecord> TlsRptRecordOf(const std::vector<std::string>& records);

}  // namespace tlsrpt::store
