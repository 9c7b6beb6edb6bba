// The calls in which libpqxx 6.4 and 7.10 differ. Included by connection.cc and rows.cc
// only.
//
// Threads  as libpqxx: one connection, one thread.
#pragma once

#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "store/pg/param.h"

namespace tlsrpt::store::internal {

#if PQXX_VERSION_MAJOR > 7 || (PQXX_VERSION_MAJOR == 7 && PQXX_VERSION_MINOR >= 9)

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
inline void ForbidReconnect(pqxx::connection&) {}

// Keeps PostgreSQL's notices, and libpqxx's own, away from stderr.
class Silence {
 public:
  explicit Silence(pqxx::connection& connection) {
    connection.set_notice_handler([](pqxx::zview) noexcept {});
  }
};

#else

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
inline void ForbidReconnect(pqxx::connection& connection) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

class Silence {
 public:
  explicit Silence(pqxx::connection& connection) : handler_(connection) {}

 private:
  pqxx::quiet_errorhandler handler_;
};

#endif

}  // namespace tlsrpt::store::internal
