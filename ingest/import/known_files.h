// Which files need not be parsed, because an earlier import has stored their very bytes:
// a duplicate then costs a digest, a look-up and the row of its receipt.
//
// Only where the operator vouches for what is imported, and nobody else is asked: then
// the same bytes come to the same end. A signature, a relay or a key may say something
// new of a file that nobody vouched for.
//
// A domain that was taken off the list since makes no difference: what is stored about it
// stays, and its reports are duplicates. One that was added does: a file that names
// others' domains is never known.
//
// Errors   none.
// Threads  pure functions.
#pragma once

#include "base/uuid.h"
#include "ingest/spool/spool.h"
#include "store/model/receipt.h"

namespace tlsrpt::ingest {

// What identifies a file: its bytes, and the policy domain that its name gives to a
// report without one (RFC 8460, 5.1).
Uuid BodyDigest(const SpoolEntry& entry);

// Whether another import would find of the signatures what this one did: DNS has answered
// for each, and none is bad, for which `--vouch` and `--vouch=all` differ.
bool IsSettled(const store::Receipt& receipt);

}  // namespace tlsrpt::ingest
