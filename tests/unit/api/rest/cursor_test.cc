#include "api/rest/cursor.h"

#include <gtest/gtest.h>

#include "base/base64url.h"

namespace tlsrpt::api {
namespace {

TEST(Cursor, ThereAndBack) {
  const std::vector<std::string> key = {"2026-11-20", "a \"quoted\" ~ thing", ""};
  const std::string cursor = MakeCursor("reports", key);
  EXPECT_EQ(
      cursor.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                               "0123456789-_"),
      std::string::npos);
  const auto read = ReadCursor("reports", 3, cursor);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, key);
}

TEST(Cursor, ThatOfAnotherListIsRefused) {
  const std::string cursor = MakeCursor("receipts", {"a", "b"});
  EXPECT_TRUE(ReadCursor("receipts", 2, cursor));
  EXPECT_FALSE(ReadCursor("quarantine", 2, cursor));
  EXPECT_FALSE(ReadCursor("receipts", 1, cursor));
}

TEST(Cursor, WhatIsNoneIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("!"), ToBase64Url("[]"), ToBase64Url("{}"),
        ToBase64Url("[\"reports\",1]"), ToBase64Url("[\"reports\",\"\\u0000\"]"),
        ToBase64Url("[\"reports\""), ToBase64Url(std::string(4000, '['))}) {
    const auto read = ReadCursor("reports", 1, text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::kMalformed);
  }
  const std::string whole = MakeCursor("reports", {"firm.example"});
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_FALSE(ReadCursor("reports", 1, whole.substr(0, n))) << n;
  }
}

}  // namespace
}  // namespace tlsrpt::api
