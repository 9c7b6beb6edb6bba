#include "api/rest/conditional.h"

#include <gtest/gtest.h>

#include <string>

namespace tlsrpt::api {
namespace {

std::string HeaderOf(const net::HttpResponse& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

net::HttpRequest Get(std::vector<std::pair<std::string, std::string>> headers = {}) {
  net::HttpRequest request;
  request.method = "GET";
  request.headers = std::move(headers);
  return request;
}

Answer Json(std::string body) {
  return {.status = 200, .content_type = "application/json", .body = std::move(body)};
}

const std::string kLong(5000, 'x');

TEST(Conditional, TheTagIsOfTheBytes) {
  EXPECT_EQ(EntityTagOf("a"), EntityTagOf("a"));
  EXPECT_NE(EntityTagOf("a"), EntityTagOf("b"));
  const auto response = ToResponse(Json("{}"), Get());
  EXPECT_EQ(HeaderOf(response, "ETag"), EntityTagOf("{}"));
  EXPECT_EQ(HeaderOf(response, "Cache-Control"), "private, no-cache");
}

TEST(Conditional, WhatTheClientHasIsNotSentAgain) {
  const std::string tag = EntityTagOf("{}");
  const auto same = ToResponse(Json("{}"), Get({{"If-None-Match", "\"x\", " + tag}}));
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(HeaderOf(same, "ETag"), tag);
  EXPECT_EQ(HeaderOf(same, "Content-Type"), "");
  EXPECT_EQ(ToResponse(Json("{}"), Get({{"If-None-Match", "\"x\""}})).status, 200);
}

TEST(Conditional, MatchesTag) {
  EXPECT_TRUE(MatchesTag("*", "\"a\""));
  EXPECT_TRUE(MatchesTag("W/\"a\"", "\"a\"")) << "RFC 9110, 13.1.2: weakly";
  EXPECT_TRUE(MatchesTag(" \"b\" ,\"a\"", "\"a\""));
  EXPECT_FALSE(MatchesTag("", "\"a\""));
  EXPECT_FALSE(MatchesTag("a", "\"a\""));
}

TEST(Conditional, GzipHasATagOfItsOwn) {
  const auto gzip = ToResponse(Json(kLong), Get({{"Accept-Encoding", "gzip"}}));
  EXPECT_EQ(HeaderOf(gzip, "Content-Encoding"), "gzip");
  EXPECT_LT(gzip.body.size(), 200u);
  EXPECT_EQ(gzip.body.substr(0, 2), "\x1f\x8b");
  const auto plain = ToResponse(Json(kLong), Get());
  EXPECT_EQ(HeaderOf(plain, "Content-Encoding"), "");
  EXPECT_EQ(plain.body, kLong);
  EXPECT_NE(HeaderOf(gzip, "ETag"), HeaderOf(plain, "ETag"));
  EXPECT_NE(HeaderOf(gzip, "Vary").find("Accept-Encoding"), std::string::npos);
  EXPECT_NE(HeaderOf(plain, "Vary").find("Accept-Encoding"), std::string::npos);
  const auto again = ToResponse(
      Json(kLong),
      Get({{"Accept-Encoding", "gzip"}, {"If-None-Match", HeaderOf(gzip, "ETag")}}));
  EXPECT_EQ(again.status, 304);
}

TEST(Conditional, ASmallAnswerIsNotWorthIt) {
  const auto small = ToResponse(Json("{}"), Get({{"Accept-Encoding", "gzip"}}));
  EXPECT_EQ(HeaderOf(small, "Content-Encoding"), "");
}

TEST(Conditional, AcceptsGzip) {
  for (const char* yes : {"gzip", "GZip", "br, gzip", "gzip;q=0.5", "*", "x-gzip",
                          "identity, *;q=0.1", "gzip;q=1.0, *;q=0"}) {
    EXPECT_TRUE(AcceptsGzip(yes)) << yes;
  }
  for (const char* no : {"", "identity", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0",
                         "gzip;q=0, *", "gzipped"}) {
    EXPECT_FALSE(AcceptsGzip(no)) << no;
  }
}

TEST(Conditional, WhatIsOfTheMomentIsNotKept) {
  Answer raw = Json("bytes");
  raw.cacheable = false;
  const auto response = ToResponse(std::move(raw), Get({{"If-None-Match", "*"}}));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(HeaderOf(response, "ETag"), "");
  EXPECT_EQ(HeaderOf(response, "Cache-Control"), "no-store");
}

TEST(Conditional, ARefusalIsAProblemDocument) {
  Refusal refusal(405, "no");
  refusal.headers.emplace_back("Allow", "GET");
  const auto response = ToResponse(refusal);
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(HeaderOf(response, "Content-Type"), "application/problem+json");
  EXPECT_EQ(HeaderOf(response, "Allow"), "GET");
  EXPECT_EQ(HeaderOf(response, "X-Content-Type-Options"), "nosniff");
}

TEST(Refusal, ALimitOfOursIsSaid) {
  const Refusal refusal(store::PgError{
      Error{ErrorKind::kTooLarge, "more than 5 of them"}, {}, store::PgFailure::kOther});
  EXPECT_EQ(refusal.status, 503);
  EXPECT_EQ(refusal.detail, "more than 5 of them");
  EXPECT_EQ(refusal.log, "");
}

TEST(Refusal, WhatPostgresSaidStaysHere) {
  const Refusal refusal(store::PgError{
      Error{ErrorKind::kInternal, "ERROR: relation \"token\" does not exist"}, "42P01",
      store::PgFailure::kOther});
  EXPECT_EQ(refusal.status, 500);
  EXPECT_EQ(refusal.detail.find("relation"), std::string::npos);
  EXPECT_NE(refusal.log.find("relation"), std::string::npos);
}

}  // namespace
}  // namespace tlsrpt::api
