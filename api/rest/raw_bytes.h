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
// every one of them, and that they are all known: not of a receipt with ordinary mail, of
// one that could not be read, nor of one with a report that another receipt had already
// brought, whose domains stand there.
bool SeesWhole(const Caller& caller, const store::ReceiptLine& receipt);

Rest<Answer> RawBytesOf(const Call& call, const store::ReceiptLine& receipt);

}  // namespace tlsrpt::api
