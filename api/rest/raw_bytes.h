// The bytes of a receipt as they came in: a stranger's, and maybe of several domains.
//
// Errors   403 where a domain of the receipt is not the caller's, or cannot be told; 404
//          once their retention has ended.
// Threads  as the Call.
#pragma once

#include "api/rest/call.h"
#include "api/rest/refusal.h"
#include "store/queries/receipt_pages.h"

namespace tlsrpt::api {

// Whether the caller may see all that `receipt` speaks about. A token with domains needs
// every one of them, and that they are all known. They are not of a receipt
//   with ordinary mail;
//   with a report, or a part of one, that another receipt had already brought: its
//     domains stand there;
//   whose quarantined part was dropped: the domains it named went with it;
//   with something in quarantine beside another report, whose domains would stand for it.
bool SeesWhole(const Caller& caller, const store::ReceiptLine& receipt);

Rest<Answer> RawBytesOf(const Call& call, const store::ReceiptLine& receipt);

}  // namespace tlsrpt::api
