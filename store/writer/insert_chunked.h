// Many rows in statements of a few hundred: the fastest way in that Citus can also split
// by shard.
//
// Errors   leave as exceptions for Connection::Transact.
#pragma once

#include <cstddef>
#include <string_view>

#include "store/pg/connection.h"
#include "store/pg/quote.h"

namespace tlsrpt::store {

// Rows per statement. Past a few hundred the gain is nil, and Citus plans each row. It is
// a loss in COPY: PostgreSQL keeps up to 1,000 rows at hand, and up to 16 searches a list
// of them for each (docs/performance.md).
inline constexpr std::size_t kRowsPerStatement = 500;
// Bytes per statement: each is held in memory once more.
inline constexpr std::size_t kBytesPerStatement = 4u << 20;

// One statement a chunk: `add` puts the item's rows into the builder, `on_rows` sees what
// the statement gives back.
template <class Items, class Add, class OnRows>
void InsertChunked(Transaction& tx, std::string_view head, std::string_view tail,
                   const Items& items, const Add& add, const OnRows& on_rows) {
  ValuesBuilder insert(head);
  for (const auto& item : items) {
    add(insert, item);
    if (insert.rows() >= kRowsPerStatement || insert.bytes() >= kBytesPerStatement) {
      on_rows(tx.Exec(insert.Finish(tail)));
    }
  }
  if (insert.rows() > 0) on_rows(tx.Exec(insert.Finish(tail)));
}

template <class Items, class Add>
void InsertChunked(Transaction& tx, std::string_view head, std::string_view tail,
                   const Items& items, const Add& add) {
  InsertChunked(tx, head, tail, items, add, [](const ResultSet&) {});
}

}  // namespace tlsrpt::store
