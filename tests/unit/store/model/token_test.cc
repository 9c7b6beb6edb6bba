#include "store/model/token.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace tlsrpt::store {
namespace {

Token Stored(const NewToken& made) {
  Token token;
  token.token_id = made.parts.token_id;
  token.secret_hash = made.secret_hash;
  return token;
}

TEST(Token, WhatWasMadeIsRecognised) {
  const auto made = MakeToken();
  ASSERT_TRUE(made);
  const auto parts = ParseToken(made->text);
  ASSERT_TRUE(parts);
  EXPECT_TRUE(Matches(Stored(*made), *parts));
  EXPECT_EQ(made->secret_hash.size(), 32u);
  EXPECT_EQ(made->text.find(made->secret_hash), std::string::npos);
}

TEST(Token, NoTwoAreAlike) {
  std::set<std::string> ids;
  std::set<std::string> secrets;
  for (int i = 0; i < 100; ++i) {
    const auto made = MakeToken();
    ids.insert(made->parts.token_id);
    secrets.insert(made->parts.secret);
  }
  EXPECT_EQ(ids.size(), 100u);
  EXPECT_EQ(secrets.size(), 100u);
}

TEST(Token, NoIdLooksLikeAnOptionOfTheCommandLine) {
  for (int i = 0; i < 2000; ++i) {
    const std::string id = MakeToken()->parts.token_id;
    EXPECT_TRUE((id[0] >= 'A' && id[0] <= 'Z') || (id[0] >= 'a' && id[0] <= 'z')) << id;
  }
}

TEST(Token, EveryCharacterOfTheSecretMatters) {
  const auto made = MakeToken();
  const Token stored = Stored(*made);
  for (std::size_t i = 0; i < made->parts.secret.size(); ++i) {
    TokenParts other = made->parts;
    other.secret[i] = other.secret[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(Matches(stored, other)) << i;
  }
  TokenParts other_id = made->parts;
  other_id.token_id[0] = other_id.token_id[0] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(Matches(stored, other_id));
  Token no_hash = stored;
  no_hash.secret_hash.clear();
  EXPECT_FALSE(Matches(no_hash, made->parts));
}

TEST(Token, EveryOtherFormIsRefused) {
  const std::string text = MakeToken()->text;
  for (std::size_t n = 0; n < text.size(); ++n) {
    EXPECT_FALSE(ParseToken(text.substr(0, n)).has_value()) << n;
  }
  EXPECT_FALSE(ParseToken(text + "A").has_value());
  EXPECT_FALSE(ParseToken(" " + text).has_value());
  std::string bad = text;
  bad[10] = '!';
  EXPECT_FALSE(ParseToken(bad).has_value());
}

}  // namespace
}  // namespace tlsrpt::store
