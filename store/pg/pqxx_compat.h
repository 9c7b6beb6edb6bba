// The calls in which libpqxx 6.4 and 7.10 differ. Included by this room's sources only.
//
// Threads  as libpqxx: one connection, one thread.
#pragma once

#include <libpq-fe.h>

#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "store/pg/param.h"

namespace tlsrpt::store::internal {

// A session: libpqxx's connection, and libpq's inside it, which COPY in binary needs
// (copy_in.h) and libpqxx does not show. The inner one belongs to the outer.

#if PQXX_VERSION_MAJOR > 7 || (PQXX_VERSION_MAJOR == 7 && PQXX_VERSION_MINOR >= 9)

using PqxxConnection = pqxx::connection;

class Session {
 public:
  explicit Session(const std::string& dsn)
      : raw_(Connect(dsn)), pqxx_(pqxx::connection::seize_raw_connection(raw_)) {}

  PqxxConnection& pqxx() { return pqxx_; }
  PGconn* raw() const { return raw_; }

 private:
  static PGconn* Connect(const std::string& dsn) {
    PGconn* raw = PQconnectdb(dsn.c_str());
    if (PQstatus(raw) == CONNECTION_OK) return raw;
    const std::string why = PQerrorMessage(raw);
    PQfinish(raw);
    throw pqxx::broken_connection(why);
  }

  PGconn* raw_;
  pqxx::connection pqxx_;
};

inline pqxx::params ToPqxx(const Params& params) {
  pqxx::params out;
  out.reserve(params.values().size());
  for (const Param& param : params.values()) {
    if (param.text()) {
      out.append(*param.text());
    } else {
      out.append();
    }
  }
  return out;
}

inline pqxx::result ExecPrepared(pqxx::work& tx, const std::string& name,
                                 const Params& params) {
  return tx.exec(pqxx::prepped{name}, ToPqxx(params));
}

inline pqxx::result ExecWithParams(pqxx::work& tx, const std::string& sql,
                                   const Params& params) {
  return tx.exec(sql, ToPqxx(params));
}

// Version 7 never reconnects by itself.
inline void ForbidReconnect(PqxxConnection&) {}

// Keeps PostgreSQL's notices, and libpqxx's own, away from stderr.
class Silence {
 public:
  explicit Silence(PqxxConnection& connection) {
    connection.set_notice_handler([](pqxx::zview) noexcept {});
  }
};

#else

// What pqxx::connection is in version 6, but that its policy, which makes the connection,
// remembers it.
class PqxxConnection : public pqxx::connection_base {
 public:
  explicit PqxxConnection(const std::string& dsn)
      : pqxx::connection_base(policy_), policy_(dsn) {
    init();
  }
  ~PqxxConnection() { close(); }

  PGconn* raw() const { return policy_.raw; }

 private:
  struct Policy : pqxx::connect_direct {
    using pqxx::connect_direct::connect_direct;
    handle do_startconnect(handle orig) override {
      return raw = pqxx::connect_direct::do_startconnect(orig);
    }
    PGconn* raw = nullptr;
  };
  Policy policy_;
};

class Session {
 public:
  explicit Session(const std::string& dsn) : pqxx_(dsn) {}

  PqxxConnection& pqxx() { return pqxx_; }
  PGconn* raw() const { return pqxx_.raw(); }

 private:
  PqxxConnection pqxx_;
};

inline std::vector<const char*> ToPqxx(const Params& params) {
  std::vector<const char*> out;  // a null pointer is NULL
  out.reserve(params.values().size());
  for (const Param& param : params.values()) {
    out.push_back(param.text() ? param.text()->c_str() : nullptr);
  }
  return out;
}

inline pqxx::result ExecPrepared(pqxx::work& tx, const std::string& name,
                                 const Params& params) {
  return tx.exec_prepared(name, pqxx::prepare::make_dynamic_params(ToPqxx(params)));
}

inline pqxx::result ExecWithParams(pqxx::work& tx, const std::string& sql,
                                   const Params& params) {
  return tx.exec_params(sql, pqxx::prepare::make_dynamic_params(ToPqxx(params)));
}

// Version 6 opens a new session in the middle of things, without our settings; the call
// that forbids it was deprecated together with the behaviour.
inline void ForbidReconnect(PqxxConnection& connection) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

class Silence {
 public:
  explicit Silence(PqxxConnection& connection) : handler_(connection) {}

 private:
  pqxx::quiet_errorhandler handler_;
};

#endif

}  // namespace tlsrpt::store::internal
