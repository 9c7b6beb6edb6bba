// tlsrptd token create|list|revoke: who may use the API. A running server notices within
// seconds. Exit 0: done; 66: `revoke` of a token that is not there.

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/day.h"
#include "base/plain_text.h"
#include "base/text.h"
#include "cmd/command.h"
#include "cmd/database.h"
#include "cmd/domain_entry.h"
#include "cmd/option_checks.h"
#include "cmd/standard_output.h"
#include "store/admin/tokens.h"
#include "store/model/token.h"
#include "store/queries/tokens.h"

namespace tlsrpt::cmd {
namespace {

struct Wanted {
  std::string name;
  std::string scope = "read";
  std::vector<std::string> domains;  // empty: every domain
};

Result<int> Create(const Settings& settings, const Wanted& wanted) {
  auto made = store::MakeToken();
  if (!made) return std::move(made).error();
  store::Token token;
  token.token_id = made->parts.token_id;
  token.secret_hash = made->secret_hash;
  token.name = CleanUtf8(wanted.name, kMaxNameBytes);
  token.scope = *store::TokenScopeOf(wanted.scope);
  for (const std::string& name : wanted.domains) {
    auto domain = NormaliseDomainEntry(name);
    if (!domain) return std::move(domain).error();
    if (!token.domains) token.domains.emplace();
    token.domains->insert(*std::move(domain));
  }
  token.created_at = SystemClock().Now();

  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleAdmin);
  if (!connection) return std::move(connection).error();
  if (const auto added = store::AddToken(**connection, token); !added) {
    return added.error().error;
  }
  // Alone on standard output, for `TOKEN=$(tlsrptd token create)`.
  std::printf("%s\n", made->text.c_str());
  if (!FlushStandardOutput()) {
    // Nobody has seen it; main() says why.
    const auto removed = store::RemoveToken(**connection, token.token_id);
    if (!removed) return removed.error().error;
    return kExitUnwritten;
  }
  std::fprintf(stderr,
               "It is shown this once. Send it as \"Authorization: Bearer ...\"; "
               "`tlsrptd token revoke %s` ends it.\n",
               token.token_id.c_str());
  return kExitOk;
}

Result<int> Revoke(const Settings& settings, const std::string& token_id) {
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleAdmin);
  if (!connection) return std::move(connection).error();
  const auto removed = store::RemoveToken(**connection, token_id);
  if (!removed) return removed.error().error;
  if (!*removed) {
    return Error{
        ErrorKind::kNotFound,
        token_id + " is the id of no token; `tlsrptd token list` prints those there are"};
  }
  return kExitOk;
}

Result<int> List(const Settings& settings) {
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleApi);
  if (!connection) return std::move(connection).error();
  const auto tokens = store::ReadTokens(**connection);
  if (!tokens) return tokens.error().error;
  for (const store::Token& token : *tokens) {
    const std::string domains =
        token.domains ? Join({token.domains->begin(), token.domains->end()}, ",") : "*";
    std::printf("%s\t%s\t%s\t%s\t%s\n", token.token_id.c_str(),
                std::string(store::NameOf(token.scope)).c_str(), domains.c_str(),
                DateText(std::chrono::floor<std::chrono::days>(token.created_at)).c_str(),
                token.name.c_str());
  }
  return kExitOk;
}

}  // namespace

void AddToken(CLI::App& app, Chosen& chosen) {
  CLI::App* token = app.add_subcommand("token", "Who may use the API");
  token->require_subcommand(1);
  auto flags = std::make_shared<FlagValues>();
  flags->AddTo(*token, StoreKeys());

  auto wanted = std::make_shared<Wanted>();
  CLI::App* create = token->add_subcommand(
      "create", "Print a new token; from the first one on, reads need one as well");
  create->add_option("--name", wanted->name, "What it is for")->check(Name());
  create->add_option("--scope", wanted->scope, "read, or admin to change domains too")
      ->check(CLI::IsMember({"read", "admin"}));
  create->add_option("--for", wanted->domains, "Only this domain; may be given again")
      ->allow_extra_args(false);
  create->callback([&chosen, flags, wanted] {
    chosen = [flags, wanted] {
      // Before the first `serve`: where others reach the API, that needs a token.
      return RunWith(
          *flags, [&](const Settings& s) { return Create(s, *wanted); }, NoStore::kMake);
    };
  });

  auto token_id = std::make_shared<std::string>();
  CLI::App* revoke =
      token->add_subcommand("revoke", "End a token; ID is the first column of the list");
  revoke->add_option("ID", *token_id)->required();
  revoke->callback([&chosen, flags, token_id] {
    chosen = [flags, token_id] {
      return RunWith(*flags, [&](const Settings& s) { return Revoke(s, *token_id); });
    };
  });

  token->add_subcommand("list", "One a line: id, scope, domains, day, name")
      ->callback([&chosen, flags] {
        chosen = [flags] {
          return RunWith(*flags, [](const Settings& s) { return List(s); });
        };
      });
}

}  // namespace tlsrpt::cmd
