// One moment for several statements.
#pragma once

#include "store/pg/connection.h"

namespace tlsrpt::store {

// All that `tx` reads from here on is of one moment; it cannot write. By default each
// statement sees what was committed before it, and what is written between two of them is
// half there. The first statement of its transaction.
inline void OneSnapshot(Transaction& tx) {
  tx.Exec("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
}

}  // namespace tlsrpt::store
