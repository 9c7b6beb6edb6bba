#include "api/rest/caller.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace tlsrpt::api {
namespace {

using store::TokenScope;

struct Made {
  store::Token stored;
  std::string header;
};

Made Make(TokenScope scope, std::optional<std::set<std::string>> domains = {}) {
  const auto made = store::MakeToken();
  store::Token token;
  token.token_id = made->parts.token_id;
  token.secret_hash = made->secret_hash;
  token.scope = scope;
  token.domains = std::move(domains);
  return {token, "Bearer " + made->text};
}

// 200 for somebody who is let in.
int StatusOf(const Doorkeeper& door, const std::string& header, Access needed) {
  const auto caller = Admit(door, header, needed);
  return caller ? 200 : caller.error().status;
}

const std::vector<store::Token> kNoTokens;  // read, and there are none

TEST(Caller, OnTheLoopbackReadsAreOpenWhileNoTokenExists) {
  Doorkeeper door{.tokens = kNoTokens, .on_loopback = true};
  EXPECT_EQ(StatusOf(door, "", Access::kOpen), 200);
  EXPECT_EQ(StatusOf(door, "", Access::kRead), 200);
  EXPECT_EQ(StatusOf(door, "", Access::kAdmin), 401) << "changes are never open";
  EXPECT_EQ(StatusOf(door, "Bearer nonsense", Access::kRead), 401);
  door.tokens = {Make(TokenScope::kRead).stored};
  EXPECT_EQ(StatusOf(door, "", Access::kRead), 401);
  EXPECT_EQ(StatusOf(door, "", Access::kOpen), 200);
}

TEST(Caller, ElsewhereATokenIsNeeded) {
  const Doorkeeper door{.tokens = kNoTokens, .on_loopback = false};
  EXPECT_EQ(StatusOf(door, "", Access::kRead), 401);
  EXPECT_EQ(StatusOf(door, "", Access::kAdmin), 401);
  EXPECT_EQ(StatusOf(door, "", Access::kOpen), 200);
}

TEST(Caller, ScopesAndDomains) {
  const Made read = Make(TokenScope::kRead, std::set<std::string>{"firm.example"});
  const Made admin = Make(TokenScope::kAdmin);
  const Doorkeeper door{.tokens = {{read.stored, admin.stored}}, .on_loopback = false};
  EXPECT_EQ(StatusOf(door, read.header, Access::kRead), 200);
  EXPECT_EQ(StatusOf(door, read.header, Access::kAdmin), 403);
  EXPECT_EQ(StatusOf(door, admin.header, Access::kRead), 200);
  EXPECT_EQ(StatusOf(door, admin.header, Access::kAdmin), 200);
  const auto caller = Admit(door, read.header, Access::kRead);
  ASSERT_TRUE(caller);
  EXPECT_TRUE(caller->Sees("firm.example"));
  EXPECT_FALSE(caller->Sees("other.example"));
  EXPECT_FALSE(caller->SeesAll());
  EXPECT_TRUE(Admit(door, admin.header, Access::kRead)->SeesAll());
}

TEST(Caller, ARevokedTokenOpensNothing) {
  const Made gone = Make(TokenScope::kAdmin);
  const Doorkeeper door{.tokens = {{Make(TokenScope::kRead).stored}},
                        .on_loopback = true};
  EXPECT_EQ(StatusOf(door, gone.header, Access::kRead), 401);
}

TEST(Caller, OtherFormsOfAuthorization) {
  const Made read = Make(TokenScope::kRead);
  const Doorkeeper door{.tokens = {{read.stored}}, .on_loopback = true};
  const std::string token = read.header.substr(7);
  EXPECT_EQ(StatusOf(door, "bearer   " + token + " ", Access::kRead), 200)
      << "RFC 9110, 11.1: the scheme has no case";
  EXPECT_EQ(StatusOf(door, token, Access::kRead), 401);
  EXPECT_EQ(StatusOf(door, "Basic " + token, Access::kRead), 401);
  EXPECT_EQ(StatusOf(door, "Bearer", Access::kRead), 401);
  EXPECT_EQ(StatusOf(door, "Bearer " + token + "x", Access::kRead), 401);
  const auto refused = Admit(door, "Bearer x", Access::kRead);
  ASSERT_EQ(refused.error().headers.size(), 1u);
  EXPECT_EQ(refused.error().headers[0].first, "WWW-Authenticate");
}

TEST(Caller, WhileTheTokensAreNotKnown) {
  Doorkeeper door{.tokens = {}, .on_loopback = true, .works_without_database = true};
  EXPECT_EQ(StatusOf(door, "", Access::kRead), 200) << "/v1/status on the loopback";
  EXPECT_EQ(StatusOf(door, Make(TokenScope::kRead).header, Access::kRead), 503);
  EXPECT_EQ(StatusOf(door, "", Access::kAdmin), 503);
  door.works_without_database = false;
  EXPECT_EQ(StatusOf(door, "", Access::kRead), 503);
  door.works_without_database = true;
  door.on_loopback = false;
  EXPECT_EQ(StatusOf(door, "", Access::kRead), 503);
}

}  // namespace
}  // namespace tlsrpt::api
