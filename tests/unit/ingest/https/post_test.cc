#include "ingest/https/post.h"

#include <gtest/gtest.h>

#include <string>

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNow(1'790'000'000s);

net::HttpRequest Post(std::string body) {
  net::HttpRequest request;
  request.method = "POST";
  request.target = "/v1/tlsrpt";
  request.headers = {{"Host", "x"}, {"Content-Length", std::to_string(body.size())}};
  request.peer = *net::ParseEndpoint("192.0.2.7:4711");
  request.tls = true;
  request.tls_version = "TLSv1.3";
  request.body = std::move(body);
  return request;
}

struct HeadRow {
  const char* why;
  const char* method;
  const char* target;
  int status;  // 0: to be read
};

const HeadRow kHeadRows[] = {
    {"a report", "POST", "/v1/tlsrpt", 0},
    {"a query says nothing", "POST", "/v1/tlsrpt?from=x", 0},
    {"RFC 9112, 3.2.2: the absolute form", "POST", "https://x/v1/tlsrpt", 0},
    {"a browser", "GET", "/v1/tlsrpt", 405},
    {"HEAD", "HEAD", "/v1/tlsrpt", 405},
    {"PUT", "PUT", "/v1/tlsrpt", 405},
    {"a method in lower case is another one", "post", "/v1/tlsrpt", 405},
    {"another path", "POST", "/", 404},
    {"below it", "POST", "/v1/tlsrpt/x", 404},
    {"a path that begins like it", "POST", "/v1/tlsrptx", 404},
};

TEST(RefuseHead, Table) {
  const PostSettings settings;
  for (const HeadRow& row : kHeadRows) {
    SCOPED_TRACE(row.why);
    net::HttpRequest head = Post("");
    head.method = row.method;
    head.target = row.target;
    const auto refused = RefuseHead(head, settings);
    EXPECT_EQ(refused ? refused->response.status : 0, row.status);
  }
}

TEST(RefuseHead, SaysWhatIsAllowed) {
  net::HttpRequest head = Post("");
  head.method = "GET";
  const auto refused = RefuseHead(head, {});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->reason, PostRefusal::kWrongMethod);
  EXPECT_EQ(refused->response.headers.back(),
            (std::pair<std::string, std::string>{"Allow", "POST"}));
}

TEST(RefuseHead, AsksForRoomForWhatIsDeclared) {
  PostSettings settings;
  std::uint64_t asked = 0;
  settings.has_room = [&](std::uint64_t bytes) -> Result<void> {
    asked = bytes;
    return Error{ErrorKind::kUnavailable, "quota"};
  };
  const auto refused = RefuseHead(Post("hello"), settings);
  ASSERT_TRUE(refused);
  EXPECT_EQ(asked, 5u);
  EXPECT_EQ(refused->reason, PostRefusal::kNoRoom);
  EXPECT_EQ(refused->response.status, 503);
  EXPECT_EQ(refused->response.headers.back(),
            (std::pair<std::string, std::string>{"Retry-After", "300"}));
}

TEST(RefuseHead, WhatCanNeverFitIsToldSo) {
  PostSettings settings;
  settings.has_room = [](std::uint64_t) -> Result<void> {
    return Error{ErrorKind::kTooLarge, "more than the quota"};
  };
  const auto refused = RefuseHead(Post("hello"), settings);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->reason, PostRefusal::kTooLarge);
  EXPECT_EQ(refused->response.status, 413);
}

struct BodyRow {
  const char* why;
  std::string body;
  int status;  // 0: taken
};

const BodyRow kBodyRows[] = {
    {"JSON", "{\"organization-name\":\"x\"}", 0},
    {"JSON behind blanks", " \r\n\t{}", 0},
    {"JSON behind a byte order mark", "\xEF\xBB\xBF{}", 0},
    {"JSON that is none: quarantined later", "{oops", 0},
    {"gzip", std::string("\x1f\x8b\x08\x00", 4), 0},
    {"zip", std::string("PK\x03\x04", 4), 0},
    {"empty", "", 400},
    {"blanks", "  \r\n", 415},
    {"a list: quarantined later", "[]", 0},
    {"HTML", "<!DOCTYPE html>", 415},
    {"a form", "------b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n{}", 415},
    {"a mail: those come by SMTP", "From: a@b.example\r\n\r\n{}", 415},
    {"base64 of gzip", "H4sIAAAAAAAA", 415},
    {"bzip2", "BZh91AY", 415},
};

TEST(TakePost, ByItsFirstBytes) {
  for (const BodyRow& row : kBodyRows) {
    SCOPED_TRACE(row.why);
    // The media type decides nothing.
    for (const char* type : {"application/tlsrpt+gzip", "text/html", ""}) {
      net::HttpRequest request = Post(row.body);
      request.headers.emplace_back("Content-Type", type);
      const auto taken = TakePost(std::move(request), {}, MakeUuidV7(kNow), kNow);
      const auto* refused = std::get_if<PostRefused>(&taken);
      ASSERT_EQ(refused != nullptr ? refused->response.status : 0, row.status);
      if (refused == nullptr) {
        EXPECT_EQ(std::get<SpoolEntry>(taken).body, row.body);
      }
    }
  }
}

TEST(TakePost, TheEntry) {
  PostSettings settings;
  settings.trusted_networks = {*net::ParseNetwork("192.0.2.0/24")};
  const Uuid receipt_id = MakeUuidV7(kNow);
  auto taken = TakePost(Post("{}"), settings, receipt_id, kNow);
  ASSERT_TRUE(std::holds_alternative<SpoolEntry>(taken));
  const SpoolEntry entry = std::get<SpoolEntry>(taken);
  EXPECT_EQ(entry.receipt_id, receipt_id);
  EXPECT_EQ(entry.received_at, kNow);
  EXPECT_EQ(entry.transport, "https");
  EXPECT_EQ(entry.peer, "192.0.2.7:4711");
  EXPECT_EQ(entry.tls, "TLSv1.3");
  EXPECT_EQ(entry.helo, "");
  EXPECT_TRUE(entry.envelope_to.empty());
  EXPECT_TRUE(entry.peer_trusted);

  taken = TakePost(Post("{}"), PostSettings{}, receipt_id, kNow);
  EXPECT_FALSE(std::get<SpoolEntry>(taken).peer_trusted);
}

struct ErrorRow {
  ErrorKind kind;
  PostRefusal reason;
  int status;
};

TEST(PostNotTaken, Table) {
  const ErrorRow rows[] = {
      {ErrorKind::kUnavailable, PostRefusal::kNotDurable, 503},
      {ErrorKind::kTooLarge, PostRefusal::kTooLarge, 413},
      {ErrorKind::kInternal, PostRefusal::kNotDurable, 500},
  };
  for (const ErrorRow& row : rows) {
    const PostRefused refused = PostNotTaken({row.kind, "/var/lib/tlsrptd: disk"});
    EXPECT_EQ(refused.reason, row.reason);
    EXPECT_EQ(refused.response.status, row.status);
    EXPECT_EQ(refused.response.body.find("/var/lib"), std::string::npos);
  }
}

TEST(PostAccepted, GivesTheReceipt) {
  const Uuid receipt_id = MakeUuidV7(kNow);
  const net::HttpResponse response = PostAccepted(receipt_id);
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.body, "{\"receipt_id\":\"" + receipt_id.ToString() + "\"}\n");
}

struct PathRow {
  const char* why;
  const char* path;
  bool good;
};

TEST(CheckPostPath, Table) {
  const PathRow rows[] = {
      {"the default", kDefaultPostPath, true},
      {"one of the site", "/report", true},
      {"the root", "/", true},
      {"empty", "", false},
      {"no slash", "v1/tlsrpt", false},
      {"a query", "/a?b", false},
      {"a fragment", "/a#b", false},
      {"a blank", "/a b", false},
      {"not ASCII", "/\xc3\xa4", false},
      {"a URL", "https://x/v1/tlsrpt", false},
  };
  for (const PathRow& row : rows) {
    SCOPED_TRACE(row.why);
    const auto checked = CheckPostPath(row.path);
    EXPECT_EQ(checked.has_value(), row.good);
    if (!checked) {
      EXPECT_EQ(checked.error().kind, ErrorKind::kMalformed);
    }
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
