#include "store/queries/tokens.h"

#include <utility>

namespace tlsrpt::store {

PgResult<std::vector<Token>> ReadTokens(Connection& connection) {
  return connection.Transact([](Transaction& tx) {
    std::vector<Token> tokens;
    for (const Row row : tx.Query("tokens")) {
      Token token;
      token.token_id = row.Text("token_id");
      token.secret_hash = row.Bytes("secret_hash");
      token.name = row.Text("name");
      token.scope = static_cast<TokenScope>(row.Int32("scope"));
      if (!row.IsNull("domains")) {
        const auto domains = row.TextArray("domains");
        token.domains.emplace(domains.begin(), domains.end());
      }
      token.created_at = row.Timestamp("created_at");
      tokens.push_back(std::move(token));
    }
    return tokens;
  });
}

}  // namespace tlsrpt::store
