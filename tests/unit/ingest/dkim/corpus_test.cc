// Real signed report mails. Their keys have been rotated away and are not known, so none
// can pass; two whose bodies came through unaltered show that the body is hashed as
// Google and Microsoft hash it.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "ingest/dkim/trusted_results.h"
#include "ingest/dkim/verify.h"
#include "ingest/dkim/vouch.h"
#include "ingest/mail/from_address.h"
#include "ingest/mail/header_block.h"
#include "ingest/mail/split_message.h"
#include "ingest/unpack/unpack.h"
#include "tests/support/dkim/keys.h"

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono;

constexpr sys_days kToday = sys_days{2026y / November / 26};

struct Row {
  const char* why;
  const char* file;
  sys_days received;  // the day after it was signed
  const char* domain;
  const char* selector;
  const char* outcome;  // with no key to be had, on the day it came
  const char* reason;
  const char* today;  // the same, imported today
  const char* vouch;  // why nobody vouches, on the day it came
};

const Row kRows[] = {
    {"unaltered; Content-Type is not signed", "mail-tls-rpt__google_2020.eml",
     sys_days{2020y / March / 20}, "google.com", "20161025", "permerror",
     "no key for signature", "permerror", "google.com: dkim=permerror (no key"},
    {"unaltered", "mox__microsoft_no-timezone.eml", sys_days{2023y / February / 4},
     "microsoft.com", "selector2", "permerror", "no key for signature", "permerror",
     "microsoft.com: dkim=permerror (no key"},
    {"a gateway put words in; x= is seven days on", "parsedmarc__google_no-policy.eml",
     sys_days{2024y / September / 5}, "google.com", "20230601", "fail",
     "body hash did not verify", "fail", "google.com: dkim=fail (body hash"},
    {"made anonymous; x=", "tlsrpt-digest__google_2.eml", sys_days{2026y / May / 14},
     "google.com", "20251104", "fail", "body hash did not verify", "fail",
     "google.com: dkim=fail (body hash"},
    {"another report in it; x=", "tlsrpt-digest__google_payload-mismatch.eml",
     sys_days{2026y / May / 14}, "google.com", "20251104", "fail",
     "body hash did not verify", "fail", "google.com: dkim=fail (body hash"},
    {"made anonymous", "tlsrpt-digest__microsoft_html-part.eml",
     sys_days{2026y / May / 15}, "microsoft.com", "selector2", "fail",
     "body hash did not verify", "fail", "microsoft.com: dkim=fail (body hash"},
    {"unsigned", "mail-auth__rpt01.eml", kToday, "", "", "", "", "", "no DKIM signature"},
    {"unsigned", "mox__rfc-message_plain-json-named-gz.eml", kToday, "", "", "", "", "",
     "no DKIM signature"},
};

std::filesystem::path Corpus() {
  const char* source = std::getenv("TLSRPTD_SOURCE_DIR");
  return std::filesystem::path(source != nullptr ? source : ".") / "../shared/corpus";
}

std::string Read(const std::string& name) {
  std::ifstream file(Corpus() / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class DkimCorpus : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(Corpus() / "MANIFEST.tsv")) {
      GTEST_SKIP() << "no corpus beside the source";
    }
  }
};

TEST_F(DkimCorpus, EveryMail) {
  std::set<std::string> known;
  for (const Row& row : kRows) {
    SCOPED_TRACE(std::string(row.file) + ": " + row.why);
    known.insert(row.file);
    const std::string mail = Read(row.file);
    const auto keys = test::LookupOf({});
    const auto results = VerifyDkim(mail, keys, row.received);
    const auto today = VerifyDkim(mail, keys, kToday);
    const bool signs = row.domain[0] != '\0';
    ASSERT_EQ(results.size(), signs ? 1u : 0u);
    ASSERT_EQ(today.size(), results.size());
    if (signs) {
      EXPECT_EQ(results[0].domain, row.domain);
      EXPECT_EQ(results[0].selector, row.selector);
      EXPECT_TRUE(results[0].signs_from);
      EXPECT_EQ(NameOf(results[0].outcome), row.outcome) << results[0].reason;
      EXPECT_EQ(results[0].reason, row.reason);
      EXPECT_EQ(NameOf(today[0].outcome), row.today) << today[0].reason;
    }
    const auto unpacked = Unpack(mail);
    ASSERT_TRUE(unpacked);
    const DkimVouch vouch =
        VouchOf(results, FromAddress(ReadHeaderBlock(SplitMessage(mail).header)));
    EXPECT_EQ(vouch.signature, nullptr);
    EXPECT_TRUE(vouch.why.starts_with(row.vouch)) << vouch.why;
    // But for the signature, it could be vouched for.
    for (const ReportPart& part : unpacked->reports) EXPECT_TRUE(part.vouchable);
  }
  for (const auto& entry : std::filesystem::directory_iterator(Corpus())) {
    if (entry.path().extension() == ".eml") {
      EXPECT_EQ(known.count(entry.path().filename()), 1u) << entry.path();
    }
  }
}

// Were the key there but DNS away, the aligned ones would wait.
TEST_F(DkimCorpus, TheUnalteredOnesWaitForDns) {
  const std::string mail = Read("mox__microsoft_no-timezone.eml");
  const auto results = VerifyDkim(
      mail, [](const std::string&) { return DkimKeyAnswer{}; }, kToday);
  EXPECT_TRUE(VouchOf(results, "tlsrpt-noreply@microsoft.com").undecided);
}

// The receiving mox wrote its results above its own Received line.
TEST_F(DkimCorpus, WhatItsReceiverSaid) {
  const std::string mail = Read("mox__microsoft_no-timezone.eml");
  const auto results = TrustedResults(mail, {.authserv_ids = {"komijn.test.xmox.nl"}});
  EXPECT_EQ(results.size(), 4u);
  EXPECT_EQ(VouchOf(results, "tlsrpt-noreply@microsoft.com").reporter, "microsoft.com");
  EXPECT_TRUE(TrustedResults(mail, {.authserv_ids = {"other.example"}}).empty());
}

}  // namespace
}  // namespace tlsrpt::ingest
