// A connection to PostgreSQL, its transactions and their rows. The only code that sees
// libpqxx, whose versions 6.4 (Debian 12) and 7.10 (Debian 13) differ in their calls.
//
//   auto rows = connection.Transact([&](Transaction& tx) {
//     return tx.Query("observation_page", {domain, before, 50});
//   });
//   if (!rows) ... rows.error().what says what to do
//
// Errors   Inside the function given to Transact, a failure leaves as an exception that
//          Transact turns into a PgError; nobody else catches it. A transaction in which
//          a statement failed is never committed, not even if somebody did.
//          A broken connection stays broken (IsBroken()): destroy it and open another.
//          libpqxx 6 would silently reconnect.
// Threads  One thread at a time, the Transaction included.
// Lifetime Rows and ResultSet own what they show; they may outlive the connection.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/result.h"
#include "store/pg/copy_rows.h"
#include "store/pg/param.h"
#include "store/pg/pg_error.h"
#include "store/pg/rows.h"
#include "store/pg/watchdog.h"

namespace tlsrpt::store {

struct ConnectOptions {
  // libpq's: "host=... dbname=..." or "postgresql://...". What it says about host, user,
  // time-outs and TLS stands; the settings below are added to its `options`.
  std::string dsn;
  // Taken at once by the session ("tlsrptd_ingest"); empty: stay the user of the DSN.
  std::string role;
  std::string application_name = "tlsrptd";
  // A statement that takes longer is cancelled (kRetry). Zero: no limit.
  std::chrono::milliseconds statement_timeout{0};
  // A lock waited for longer is given up (kRetry). Zero: no limit.
  std::chrono::milliseconds lock_timeout{0};
  // Every statement finds a few rows by key. PostgreSQL cannot know: it expects ten rows
  // for an array, and every partition where the day comes out of a join, and then reads
  // whole tables to join them. So: planned once, and by index only.
  bool rows_by_key = false;
  // Ends a transaction that takes longer than `transaction_limit` (zero: no limit), or
  // that is under way when the process has to stop; empty: nobody does. The two limits
  // above are the server's to keep, and a server that hangs keeps none.
  std::shared_ptr<Watchdog> watchdog = {};
  std::chrono::milliseconds transaction_limit{0};
  // The process of PostgreSQL that serves it lets others go first (base/thread.h). Only
  // for a server that this program runs: of another the number may be anybody's here.
  bool lets_others_first = false;
  // Told each named query that ended, well or not, and how long it took; from the thread
  // of the connection. For metrics.
  std::function<void(std::string_view name, std::chrono::nanoseconds took, bool failed)>
      on_query = {};
};

class Connection;

class Transaction {
 public:
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Runs SQL text as it is: one statement, or several without rows. Values in it come
  // from ValuesBuilder or Quote (store/pg/quote.h).
  ResultSet Exec(const std::string& sql);

  // Runs sql/queries/<name>.sql with $1, $2, ... It is prepared once per connection under
  // its name. A name without a file is our bug (kOther).
  ResultSet Query(std::string_view name, const Params& params = {});

  // Runs SQL text with $1, $2, ..., prepared for this once.
  ResultSet ExecParams(const std::string& sql, const Params& params);

  // Appends `rows` to their table, all or none; nothing for no rows. A key that is there
  // already is kBadData (23505).
  void Copy(CopyRows& rows);

 private:
  friend class Connection;
  struct State;
  explicit Transaction(State& state) : state_(state) {}
  State& state_;
};

namespace internal {

template <class T>
struct TransactResult {
  using Type = PgResult<T>;
  static constexpr bool kCanRefuse = false;
};
template <class T>
struct TransactResult<Result<T>> {
  using Type = PgResult<T>;
  static constexpr bool kCanRefuse = true;
};
template <class T>
struct TransactResult<PgResult<T>> {
  using Type = PgResult<T>;
  static constexpr bool kCanRefuse = true;
};

inline PgError ToPgError(PgError error) { return error; }
inline PgError ToPgError(Error error) {
  return PgError{std::move(error), {}, PgFailure::kOther};
}

}  // namespace internal

class Connection {
 public:
  // Connects and checks the server: PostgreSQL 15 or newer, a UTF8 database. The message
  // of an error names the server, never the password.
  static PgResult<std::unique_ptr<Connection>> Open(const ConnectOptions& options);

  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs `f` in a transaction and commits when it returns. `f` may return a value, void,
  // or a Result of either; an error in it rolls back and comes back as it is (an Error
  // as kOther).
  template <class F>
  auto Transact(F&& f) {
    using Returned = std::invoke_result_t<F&, Transaction&>;
    using Answer = typename internal::TransactResult<Returned>::Type;
    if constexpr (std::is_void_v<Returned>) {
      auto failed = Run([&](Transaction& tx) -> std::optional<PgError> {
        f(tx);
        return std::nullopt;
      });
      return failed ? Answer(*std::move(failed)) : Answer();
    } else {
      std::optional<Returned> value;
      auto failed = Run([&](Transaction& tx) -> std::optional<PgError> {
        value.emplace(f(tx));
        if constexpr (internal::TransactResult<Returned>::kCanRefuse) {
          if (!*value) return internal::ToPgError(std::move(*value).error());
        }
        return std::nullopt;
      });
      if (failed) return Answer(*std::move(failed));
      if constexpr (!internal::TransactResult<Returned>::kCanRefuse) {
        return Answer(*std::move(value));
      } else if constexpr (std::is_void_v<typename Returned::value_type>) {
        return Answer();
      } else {
        return Answer(std::move(**value));
      }
    }
  }

  // True after the server went away; every later Transact fails with kRetry.
  bool IsBroken() const;

 private:
  friend class Transaction;
  struct Impl;
  explicit Connection(std::unique_ptr<Impl> impl);

  // The transaction without its type: nothing on success, after COMMIT.
  std::optional<PgError> Run(
      const std::function<std::optional<PgError>(Transaction&)>& body);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tlsrpt::store
