#include "store/admin/tokens.h"

#include <optional>
#include <vector>

namespace tlsrpt::store {

PgResult<void> AddToken(Connection& connection, const Token& token) {
  return connection.Transact([&](Transaction& tx) {
    std::optional<std::vector<std::string>> domains;
    if (token.domains) domains.emplace(token.domains->begin(), token.domains->end());
    tx.Query("token_add",
             {token.token_id, Bytes{token.secret_hash}, token.name,
              static_cast<std::int64_t>(token.scope), domains, token.created_at});
  });
}

PgResult<bool> RemoveToken(Connection& connection, const std::string& token_id) {
  return connection.Transact([&](Transaction& tx) {
    return tx.Query("token_remove", {token_id}).AffectedRows() > 0;
  });
}

}  // namespace tlsrpt::store
