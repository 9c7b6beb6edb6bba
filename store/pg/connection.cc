#include "store/pg/connection.h"

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <set>
#include <stdexcept>
#include <utility>

#include "base/crash_point.h"
#include "base/thread.h"
#include "sql/embedded_sql.h"
#include "store/pg/copy_in.h"
#include "store/pg/dsn.h"
#include "store/pg/pqxx_compat.h"

namespace tlsrpt::store {
namespace {

constexpr int kOldestServer = 150000;  // PostgreSQL 15

// Carries a failure out of the function given to Transact.
class PgException : public std::exception {
 public:
  explicit PgException(PgError error) : error_(std::move(error)) {}
  const char* what() const noexcept override { return error_.error.message.c_str(); }
  const PgError& error() const { return error_; }

 private:
  PgError error_;
};

PgError Retry(std::string sqlstate, const std::string& message) {
  return PgError{Error{ErrorKind::kUnavailable, "PostgreSQL: " + message},
                 std::move(sqlstate), PgFailure::kRetry};
}

PgError Internal(const std::string& message) {
  return PgError{Error{ErrorKind::kInternal, message}, {}, PgFailure::kOther};
}

// SQL text and parameters travel as C strings: what stood behind a NUL would be lost
// without a word. PostgreSQL has the same answer for a NUL it does see.
void RefuseNul(std::string_view text, const char* where) {
  if (text.find('\0') == std::string_view::npos) return;
  throw PgException(
      ErrorOfSqlstate("22021", std::string("invalid byte sequence: 0x00 in ") + where));
}

// The text of sql/queries/<name>.sql.
std::string_view QueryText(std::string_view name) {
  const std::string file = "queries/" + std::string(name) + ".sql";
  const auto files = sql::Files();
  const auto found = std::lower_bound(
      files.begin(), files.end(), file,
      [](const sql::SqlFile& a, const std::string& b) { return a.name < b; });
  if (found == files.end() || found->name != file) {
    throw std::logic_error("there is no sql/" + file);
  }
  return found->text;
}

}  // namespace

struct Connection::Impl {
  Impl(const std::string& dsn, const ConnectOptions& options)
      : session(dsn),
        pqxx(session.pqxx()),
        silence(pqxx),
        watchdog(options.watchdog),
        limit(options.transaction_limit) {
    internal::ForbidReconnect(pqxx);
    if (watchdog != nullptr) socket = dup(pqxx.sock());
  }
  ~Impl() {
    if (socket >= 0) close(socket);
  }

  // What the exception being handled means. Marks the connection broken.
  PgError Understand(bool committing);

  internal::Session session;
  internal::PqxxConnection& pqxx;
  internal::Silence silence;
  std::set<std::string, std::less<>> prepared;
  bool broken = false;
  std::shared_ptr<Watchdog> watchdog;  // may be empty
  std::chrono::milliseconds limit;
  int socket = -1;  // a duplicate of libpq's, for the watchdog
  decltype(ConnectOptions::on_query) on_query;
};

// Says how long a query took, when it is over.
class Stopwatch {
 public:
  Stopwatch(const decltype(ConnectOptions::on_query)& on_query, std::string_view name)
      : on_query_(on_query), name_(name), pending_(std::uncaught_exceptions()) {}
  ~Stopwatch() {
    if (!on_query_) return;
    try {
      on_query_(name_, std::chrono::steady_clock::now() - began_,
                std::uncaught_exceptions() > pending_);
    } catch (const std::exception&) {
      // A figure less; the query is done.
    }
  }

 private:
  const decltype(ConnectOptions::on_query)& on_query_;
  const std::string_view name_;
  const int pending_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

struct Transaction::State {
  Connection::Impl& connection;
  pqxx::work& tx;
  std::optional<PgError> failed;  // the first failure of a statement

  // Runs `statement`, remembers its failure.
  template <class F>
  ResultSet Guard(F statement);
};

PgError Connection::Impl::Understand(bool committing) {
  PgError error;
  bool lost = false;
  try {
    throw;
  } catch (const PgException& e) {
    return e.error();
  } catch (const pqxx::in_doubt_error& e) {
    error = Retry({}, e.what());
    lost = true;
  } catch (const pqxx::broken_connection& e) {
    error = Retry("08006", e.what());
    lost = true;
    // libpqxx 6 keeps class 40 out of sql_error, and with it the SQLSTATE.
  } catch (const pqxx::deadlock_detected& e) {
    error = Retry("40P01", e.what());
  } catch (const pqxx::serialization_failure& e) {
    error = Retry("40001", e.what());
  } catch (const pqxx::statement_completion_unknown& e) {
    error = Retry("40003", e.what());
    lost = true;
  } catch (const pqxx::transaction_rollback& e) {
    error = Retry("40000", e.what());
  } catch (const pqxx::insufficient_privilege& e) {
    error = ErrorOfSqlstate("42501", e.what());  // nor does 6 pass this one on
  } catch (const pqxx::sql_error& e) {
    const std::string& state = e.sqlstate();
    // Only libpq itself reports without a SQLSTATE: the connection is gone.
    lost = state.empty() || state.starts_with("08") || state.starts_with("57P") ||
           state == "25006";
    error = state.empty() ? Retry({}, e.what()) : ErrorOfSqlstate(state, e.what());
  } catch (const std::exception& e) {
    error = Internal(e.what());
  }
  if (lost || !pqxx.is_open()) {
    broken = true;
    // A server that goes down while it waits for a standby has committed already.
    error.what = committing ? PgFailure::kCommitUnknown : PgFailure::kRetry;
    error.error.kind = ErrorKind::kUnavailable;
  }
  return error;
}

template <class F>
ResultSet Transaction::State::Guard(F statement) {
  if (failed) throw PgException(*failed);
  try {
    return ResultSet(std::make_shared<const pqxx::result>(statement()));
  } catch (const std::exception&) {
    failed = connection.Understand(/*committing=*/false);
    throw PgException(*failed);
  }
}

ResultSet Transaction::Exec(const std::string& sql) {
  return state_.Guard([&] {
    RefuseNul(sql, "a statement");
    return state_.tx.exec(sql);
  });
}

ResultSet Transaction::Query(std::string_view name, const Params& params) {
  const Stopwatch stopwatch(state_.connection.on_query, name);
  return state_.Guard([&] {
    for (const Param& param : params.values()) {
      if (param.text()) RefuseNul(*param.text(), "a parameter");
    }
    const std::string key(name);
    if (!state_.connection.prepared.contains(key)) {
      state_.connection.pqxx.prepare(key, std::string(QueryText(name)));
      state_.connection.prepared.insert(key);
    }
    return internal::ExecPrepared(state_.tx, key, params);
  });
}

ResultSet Transaction::ExecParams(const std::string& sql, const Params& params) {
  return state_.Guard([&] {
    RefuseNul(sql, "a statement");
    for (const Param& param : params.values()) {
      if (param.text()) RefuseNul(*param.text(), "a parameter");
    }
    return internal::ExecWithParams(state_.tx, sql, params);
  });
}

void Transaction::Copy(CopyRows& rows) {
  if (rows.rows() == 0) return;
  state_.Guard([&] {
    auto started = state_.tx.exec(rows.Statement());
    internal::SendCopy(state_.connection.session.raw(), rows.Finish());
    return started;
  });
}

Connection::Connection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Connection::~Connection() = default;

PgResult<std::unique_ptr<Connection>> Connection::Open(const ConnectOptions& options) {
  auto dsn = CompleteDsn(options);
  if (!dsn) return PgError{dsn.error(), {}, PgFailure::kOther};
  const std::string server = DescribeDsn(options.dsn);

  std::unique_ptr<Connection> connection;
  try {
    connection.reset(new Connection(std::make_unique<Impl>(*dsn, options)));
  } catch (const std::exception& e) {
    std::string message = "connecting to " + server;
    if (!options.role.empty()) message += " as role " + options.role;
    return Retry("08001", message + ": " + e.what());
  }

  auto checked = connection->Transact([&](Transaction& tx) -> Result<void> {
    const ResultSet rows = tx.Query("server_version");
    const int version = rows[0].Int32("version");
    const std::string encoding(rows[0].Text("encoding"));
    if (version < kOldestServer) {
      return Error{ErrorKind::kUnavailable, server + " is PostgreSQL " +
                                                std::to_string(version / 10000) +
                                                ": 15 or newer is needed"};
    }
    if (encoding != "UTF8") {
      return Error{ErrorKind::kUnavailable,
                   "the database at " + server + " has encoding " + encoding +
                       ": make one with ENCODING 'UTF8' TEMPLATE template0"};
    }
    return {};
  });
  if (!checked) return std::move(checked).error();
  if (options.lets_others_first) LetOthersFirst(connection->impl_->pqxx.backendpid());
  connection->impl_->on_query = options.on_query;
  return connection;
}

std::optional<PgError> Connection::Run(
    const std::function<std::optional<PgError>(Transaction&)>& body) {
  if (impl_->broken) {
    return Retry("08003", "this connection is broken; open another");
  }
  bool committing = false;
  const Watchdog::Ticket ticket(impl_->watchdog.get(), impl_->socket, impl_->limit);
  try {
    pqxx::work tx(impl_->pqxx);
    Transaction::State state{*impl_, tx, std::nullopt};
    Transaction transaction(state);
    std::optional<PgError> refused = body(transaction);
    // COMMIT of a failed transaction is a silent ROLLBACK.
    if (state.failed) return state.failed;
    if (refused) return refused;
    committing = true;
    CrashPoint("before_commit");
    CrashPoint("in_commit", [this] {  // it is on its way, and nobody hears the answer
      PQsendQuery(impl_->session.raw(), "COMMIT");
      PQflush(impl_->session.raw());
    });
    tx.commit();
    CrashPoint("after_commit");
    return std::nullopt;
  } catch (const std::exception&) {
    return impl_->Understand(committing);
  }
}

bool Connection::IsBroken() const { return impl_->broken; }

}  // namespace tlsrpt::store
