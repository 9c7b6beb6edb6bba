#include "ingest/import/known_files.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tlsrpt::ingest {
namespace {

SpoolEntry File(std::string peer, std::string body) {
  SpoolEntry entry;
  entry.peer = std::move(peer);
  entry.body = std::move(body);
  return entry;
}

TEST(BodyDigest, IsOfBytesAndTheDomainInTheName) {
  const Uuid digest = BodyDigest(File("/mails/a.eml", "body"));
  const struct {
    const char* why;
    const char* peer;
    const char* body;
    bool same;
  } rows[] = {
      {"the same", "/mails/a.eml", "body", true},
      {"another name", "/old/inbox:12345", "body", true},
      {"a flag of Maildir", "/mails/cur/1.host:2,S", "body", true},
      {"other bytes", "/mails/a.eml", "body ", false},
      {"none", "/mails/a.eml", "", false},
      {"a name that gives the policy domain to a report without one (RFC 8460, 5.1)",
       "/mails/google.com!firm.example!1!2.json", "body", false},
      {"bytes that hold such a domain", "/mails/a.eml", "bodyfirm.example", false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(BodyDigest(File(row.peer, row.body)) == digest, row.same) << row.why;
  }
  EXPECT_NE(BodyDigest(File("a!firm.example!1!2", "body")),
            BodyDigest(File("a!other.example!1!2", "body")));
}

TEST(IsSettled, OnlyWhereAnotherImportWouldFindTheSame) {
  const struct {
    const char* why;
    std::vector<std::string> results;
    bool settled;
  } rows[] = {
      {"no signature", {}, true},
      {"its key is gone, as in any old archive",
       {"dkim=permerror (no key) header.d=google.com"},
       true},
      {"DNS did not answer: it may be a good signature",
       {"dkim=temperror (DNS has not answered yet) header.d=google.com"},
       false},
      {"a bad one: --vouch=all took it, --vouch would not",
       {"dkim=fail (body hash) header.d=google.com"},
       false},
      {"any of several",
       {"dkim=permerror header.d=a.example", "dkim=temperror header.d=b.example"},
       false},
  };
  for (const auto& row : rows) {
    store::Receipt receipt;
    receipt.dkim_results = row.results;
    EXPECT_EQ(IsSettled(receipt), row.settled) << row.why;
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
