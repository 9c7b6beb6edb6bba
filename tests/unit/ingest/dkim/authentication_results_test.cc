#include "ingest/dkim/authentication_results.h"

#include <gtest/gtest.h>

#include <string>

namespace tlsrpt::ingest {
namespace {

// "id|method=result{reason}[type.name=value,...]|..."
std::string Shown(const AuthenticationResults& parsed) {
  std::string text = parsed.authserv_id;
  for (const MethodResult& result : parsed.results) {
    text += "|" + result.method + "=" + result.result;
    if (!result.reason.empty()) text += "{" + result.reason + "}";
    std::string properties;
    for (const auto& property : result.properties) {
      properties += (properties.empty() ? "" : ",") + property.type + "." +
                    property.name + "=" + property.value;
    }
    if (!properties.empty()) text += "[" + properties + "]";
  }
  return text;
}

struct Row {
  const char* why;
  const char* value;
  const char* want;  // nullptr: kMalformed
};

const Row kRows[] = {
    {"RFC 8601, app. B.2: none", " example.org 1; none", "example.org"},
    {"RFC 8601, app. B.3",
     " example.com;\r\n          spf=pass smtp.mailfrom=example.net",
     "example.com|spf=pass[smtp.mailfrom=example.net]"},
    {"RFC 8601, app. B.4: several",
     " example.com;\r\n   auth=pass (cleartext) smtp.auth=sender@example.net;\r\n"
     "   spf=pass smtp.mailfrom=example.net",
     "example.com|auth=pass[smtp.auth=sender@example.net]|spf=pass[smtp.mailfrom=example."
     "net]"},
    {"RFC 8601, app. B.6: a reason",
     " example.com; dkim=fail reason=\"bad signature\" header.d=example.net",
     "example.com|dkim=fail{bad signature}[header.d=example.net]"},
    {"RFC 8601, app. B.7: comments everywhere",
     " foo.example.net (foobar) 1 (baz);\r\n    dkim (Because I like it) / 1 (One yay) = "
     "(wait for it) fail\r\n      policy (A dot can go here) . (like that) expired\r\n   "
     "   "
     "(this surprised me) = (as I wasn't expecting it) 1362471462",
     "foo.example.net|dkim=fail[policy.expired=1362471462]"},
    {"opendkim: a \"/\" in an unquoted value",
     "mx; dkim=pass (2048-bit key; unprotected) header.d=a.example header.i=@a.example "
     "header.a=rsa-sha256 header.s=x header.b=a/b+c=",
     "mx|dkim=pass[header.d=a.example,header.i=@a.example,header.a=rsa-sha256,header.s=x,"
     "header.b=a/b+c=]"},
    {"rspamd: quoted", "mx; dkim=pass header.d=a.example header.b=\"a/b\"; none=x",
     "mx|dkim=pass[header.d=a.example,header.b=a/b]|none=x"},
    {"Fastmail",
     "mail.example.com;\r\n    dkim=pass (1024-bit rsa key sha256) "
     "header.d=microsoft.com\r\n      header.i=@microsoft.com",
     "mail.example.com|dkim=pass[header.d=microsoft.com,header.i=@microsoft.com]"},
    {"method and result in capitals", "MX; DKIM=Pass Header.D=A.example",
     "MX|dkim=pass[header.d=A.example]"},
    {"a quoted id", "\"mx 1\"; none", "mx 1"},
    {"a quoted local part", "mx; spf=pass smtp.mailfrom=\"a b\"@c.example",
     "mx|spf=pass[smtp.mailfrom=a b@c.example]"},
    {"an escape in quotes", "mx; dkim=fail reason=\"a \\\"b\\\\\"",
     "mx|dkim=fail{a \"b\\}"},
    {"folded inside quotes", "mx; dkim=fail reason=\"a\r\n b\"", "mx|dkim=fail{a b}"},
    {"comments in each other, and an escaped one", "mx (a (b) \\) c); none", "mx"},
    {"a \";\" in a comment", "mx; dkim=fail (a; dkim=pass header.d=x) header.d=y",
     "mx|dkim=fail[header.d=y]"},
    {"a \";\" in quotes", "mx; dkim=fail reason=\"; dkim=pass header.d=x\"",
     "mx|dkim=fail{; dkim=pass header.d=x}"},
    {"a \";\" at the end", "mx; dkim=pass;", "mx|dkim=pass"},
    {"an empty value", "mx; spf=none smtp.mailfrom=", "mx|spf=none[smtp.mailfrom=]"},
    {"a property without a type", "mx; dmarc=pass action=none",
     "mx|dmarc=pass[.action=none]"},
    {"RFC 8601, 2.6: a version of a method that nobody knows is left out",
     "mx; dkim/2=pass header.d=x; spf=pass", "mx|spf=pass"},
    {"a method's version 1", "mx; dkim/1=pass", "mx|dkim=pass"},

    {"RFC 8601, 2.5: another version of the field", "mx 2; dkim=pass", nullptr},
    {"a version that is no number", "mx one; dkim=pass", nullptr},
    {"no id", "dkim=pass header.d=x", nullptr},
    {"no id before a \";\"", "; dkim=pass", nullptr},
    {"an id and nothing", "mx", nullptr},
    {"an id and a \";\"", "mx;", nullptr},
    {"nothing", "", nullptr},
    {"two \";\"", "mx;; dkim=pass", nullptr},
    {"none beside a result", "mx; none; dkim=pass", nullptr},
    {"a result beside none", "mx; dkim=pass; none", nullptr},
    {"no result", "mx; dkim=", nullptr},
    {"no \"=\"", "mx; dkim pass", nullptr},
    {"text after the result", "mx; dkim=pass hello", nullptr},
    {"quotes that do not close", "mx; dkim=pass header.d=\"x", nullptr},
    {"a comment that does not close", "mx; dkim=pass (x", nullptr},
    {"a comment that was not opened", "mx; dkim=pass )", nullptr},
    {"a property without a name", "mx; dkim=pass header.=x", nullptr},
    {"an escape at the very end", "mx; dkim=pass (x\\", nullptr},
};

TEST(AuthenticationResults, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const auto parsed = ParseAuthenticationResults(row.value);
    ASSERT_EQ(parsed.has_value(), row.want != nullptr)
        << (parsed ? Shown(*parsed) : parsed.error().message);
    if (parsed) {
      EXPECT_EQ(Shown(*parsed), row.want);
    } else {
      EXPECT_EQ(parsed.error().kind, ErrorKind::kMalformed);
    }
  }
}

const Row kWithoutId[] = {
    {"Exchange Online",
     " spf=pass (sender IP is 209.85.1.1)\r\n smtp.mailfrom=a.google.com; dkim=pass "
     "(signature "
     "was verified)\r\n header.d=google.com;dmarc=pass action=none\r\n "
     "header.from=google.com;"
     "compauth=pass reason=100",
     "|spf=pass[smtp.mailfrom=a.google.com]|dkim=pass[header.d=google.com]|dmarc=pass[."
     "action="
     "none,header.from=google.com]|compauth=pass{100}"},
    {"an id where none belongs", "mx; dkim=pass", nullptr},
    {"none", "none", ""},
    {"nothing", "", nullptr},
};

TEST(AuthenticationResults, WithoutId) {
  for (const Row& row : kWithoutId) {
    SCOPED_TRACE(row.why);
    const auto parsed = ParseAuthenticationResults(row.value, AuthservForm::kWithoutId);
    ASSERT_EQ(parsed.has_value(), row.want != nullptr);
    if (parsed) {
      EXPECT_EQ(Shown(*parsed), row.want);
    }
  }
}

TEST(AuthenticationResults, OneProperty) {
  const auto parsed = ParseAuthenticationResults(
      "mx; dkim=pass header.d=a header.s=b header.s=c smtp.d=e");
  ASSERT_TRUE(parsed);
  const MethodResult& result = parsed->results.at(0);
  EXPECT_EQ(*result.OneProperty("header", "d"), "a");
  EXPECT_EQ(result.OneProperty("header", "s"), nullptr);
  EXPECT_EQ(result.OneProperty("header", "x"), nullptr);
}

TEST(AuthenticationResults, Limits) {
  const auto kind = [](const std::string& value) {
    const auto parsed = ParseAuthenticationResults(value);
    return parsed ? ErrorKind::kInternal : parsed.error().kind;
  };
  std::string results = "mx", properties = "mx; a=b", comments = "mx; a=b ";
  for (std::size_t i = 0; i < kMaxMethodResults; ++i) results += "; a=b";
  EXPECT_EQ(kind(results), ErrorKind::kInternal);
  EXPECT_EQ(kind(results + "; a=b"), ErrorKind::kTooLarge);
  for (std::size_t i = 0; i < kMaxProperties; ++i) properties += " c.d=e";
  EXPECT_EQ(kind(properties), ErrorKind::kInternal);
  EXPECT_EQ(kind(properties + " c.d=e"), ErrorKind::kTooLarge);
  const auto nested = [&comments](std::size_t n) {
    return comments + std::string(n, '(') + std::string(n, ')');
  };
  EXPECT_EQ(kind(nested(kMaxCommentDepth)), ErrorKind::kInternal);
  EXPECT_EQ(kind(nested(kMaxCommentDepth + 1)), ErrorKind::kTooLarge);
}

TEST(AuthenticationResults, EveryPrefixIsAnswered) {
  for (const Row& row : kRows) {
    const std::string whole = row.value;
    for (std::size_t n = 0; n <= whole.size(); ++n) {
      const std::string exact(whole.substr(0, n));
      (void)ParseAuthenticationResults(exact);
      (void)ParseAuthenticationResults(exact, AuthservForm::kWithoutId);
    }
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
