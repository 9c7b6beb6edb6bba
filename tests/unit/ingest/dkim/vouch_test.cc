#include "ingest/dkim/vouch.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

#include "ingest/dkim/organisation_cache.h"
#include "ingest/dkim/verify.h"

namespace tlsrpt::ingest {
namespace {

DkimResult Pass(const std::string& domain) {
  DkimResult result;
  result.outcome = DkimOutcome::kPass;
  result.domain = domain;
  result.signs_from = true;
  return result;
}

DkimResult Not(const std::string& domain, DkimOutcome outcome, const std::string& why) {
  DkimResult result = Pass(domain);
  result.outcome = outcome;
  result.reason = why;
  return result;
}

DkimResult Testing(DkimResult result) {
  result.testing = true;
  return result;
}

struct Row {
  const char* why;
  std::vector<DkimResult> results;
  const char* from;
  const char* reporter;  // "": none vouches
  const char* says;      // then: a part of the reason
  bool undecided = false;
};

const Row kRows[] = {
    {"Google",
     {Pass("google.com")},
     "noreply-smtp-tls-reporting@google.com",
     "google.com",
     ""},
    {"Mail.ru: d= below the organisation",
     {Pass("corp.mail.ru")},
     "noreply-smtp-tls-reporting@corp.mail.ru",
     "mail.ru",
     ""},
    {"d= above From", {Pass("mail.ru")}, "a@corp.mail.ru", "mail.ru", ""},
    {"d= beside From", {Pass("a.firm.co.uk")}, "a@b.firm.co.uk", "firm.co.uk", ""},
    {"case and a dot at the end",
     {Pass("google.com")},
     "a@Google.COM.",
     "google.com",
     ""},
    {"a U-label in From",
     {Pass("xn--frm-zma.example")},
     "a@f\xC3\xAFrm.example",
     "xn--frm-zma.example",
     ""},
    {"the second of two",
     {Pass("other.example"), Pass("google.com")},
     "a@google.com",
     "google.com",
     ""},
    {"one that fails beside one that passes",
     {Not("google.com", DkimOutcome::kFail, "x"), Pass("google.com")},
     "a@google.com",
     "google.com",
     ""},

    {"no signature", {}, "a@google.com", "", "no DKIM signature"},
    {"of somebody else",
     {Pass("evil.example")},
     "a@google.com",
     "",
     "no signature of google.com"},
    {"a domain that ends alike",
     {Pass("xgoogle.com")},
     "a@google.com",
     "",
     "no signature"},
    {"a domain that begins alike",
     {Pass("google.com.evil.example")},
     "a@google.com",
     "",
     "no signature"},
    {"a public suffix as d=", {Pass("com")}, "a@google.com", "", "no signature"},
    {"a public suffix of two labels",
     {Pass("co.uk")},
     "a@firm.co.uk",
     "",
     "no signature"},
    {"a public suffix as both", {Pass("co.uk")}, "a@co.uk", "", "public suffix"},
    {"the private section: two customers of a hoster",
     {Pass("evil.github.io")},
     "a@firm.github.io",
     "",
     "no signature of firm.github.io"},
    {"the hoster itself", {Pass("github.io")}, "a@firm.github.io", "", "no signature"},
    {"the hoster as both", {Pass("github.io")}, "a@github.io", "", "public suffix"},
    {"no From", {Pass("google.com")}, "", "", "no single From"},
    {"From without a domain", {Pass("google.com")}, "a@", "", "no single From"},
    {"it fails",
     {Not("google.com", DkimOutcome::kFail, "body hash did not verify")},
     "a@google.com",
     "",
     "dkim=fail (body hash did not verify)"},
    {"RFC 6376, 3.6.1: t=y is as if unsigned",
     {Testing(Pass("google.com"))},
     "a@google.com",
     "",
     "t=y"},
    {"DNS is away",
     {Not("google.com", DkimOutcome::kTempError, "key unavailable")},
     "a@google.com",
     "",
     "temperror",
     true},
    {"DNS is away for somebody else",
     {Not("evil.example", DkimOutcome::kTempError, "key unavailable")},
     "a@google.com",
     "",
     "no signature of google.com",
     false},
    {"DNS is away for one, the other fails",
     {Not("google.com", DkimOutcome::kFail, "x"),
      Not("google.com", DkimOutcome::kTempError, "y")},
     "a@google.com",
     "",
     "temperror",
     true},
    {"the same the other way round",
     {Not("google.com", DkimOutcome::kTempError, "y"),
      Not("google.com", DkimOutcome::kFail, "x")},
     "a@google.com",
     "",
     "temperror",
     true},
    {"DNS is away for one, the other passes",
     {Not("google.com", DkimOutcome::kTempError, "y"), Pass("google.com")},
     "a@google.com",
     "google.com",
     "",
     false},
    {"an unreadable signature has no domain",
     {Not("", DkimOutcome::kNeutral, "x")},
     "a@google.com",
     "",
     "no signature of google.com"},
};

TEST(Vouch, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const DkimVouch vouch = VouchOf(row.results, row.from);
    EXPECT_EQ(vouch.reporter, row.reporter);
    EXPECT_EQ(vouch.signature != nullptr, row.reporter[0] != '\0');
    EXPECT_EQ(vouch.undecided, row.undecided);
    EXPECT_NE(vouch.why.find(row.says), std::string::npos) << vouch.why;
    EXPECT_EQ(vouch.why.empty(), row.reporter[0] != '\0') << vouch.why;
  }
}

// Each twice, so that the second answer is from the cache.
TEST(Vouch, AsMuchWithACache) {
  OrganisationCache cache;
  for (int round = 0; round < 2; ++round) {
    for (const Row& row : kRows) {
      SCOPED_TRACE(row.why);
      const DkimVouch vouch = VouchOf(row.results, row.from, &cache);
      const DkimVouch without = VouchOf(row.results, row.from);
      EXPECT_EQ(vouch.signature, without.signature);
      EXPECT_EQ(vouch.reporter, without.reporter);
      EXPECT_EQ(vouch.undecided, without.undecided);
      EXPECT_EQ(vouch.why, without.why);
    }
  }
}

TEST(OrganisationCache, WhoSendsFromEverywhereDoesNotFillIt) {
  OrganisationCache cache;
  for (std::size_t i = 0; i < 3 * kMaxCachedOrganisations; ++i) {
    const std::string domain = "stranger" + std::to_string(i) + ".example";
    EXPECT_EQ(cache.Get("mail." + domain), domain);
  }
  EXPECT_LE(cache.size(), kMaxCachedOrganisations);
  EXPECT_EQ(cache.Get("co.uk"), "");
}

TEST(Vouch, NeitherWithoutFromNorWithALength) {
  std::vector<DkimResult> results = {Pass("google.com")};
  results[0].signs_from = false;
  EXPECT_EQ(VouchOf(results, "a@google.com").signature, nullptr);
  results[0].signs_from = true;
  results[0].body_length_limited = true;
  EXPECT_EQ(VouchOf(results, "a@google.com").signature, nullptr);
}

DkimResult Signs(DkimResult result, bool report_domain, bool subject) {
  result.signs_report_domain = report_domain;
  result.signs_subject = subject;
  return result;
}

TEST(Vouch, WhichFieldsAreSigned) {
  const DkimResult all = Signs(Pass("google.com"), true, true);
  const DkimResult failed =
      Signs(Not("google.com", DkimOutcome::kFail, "x"), true, false);
  const struct {
    const char* why;
    std::vector<DkimResult> results;
    bool by_relay;
    bool report_domain;
    bool subject;
  } rows[] = {
      {"no signature", {}, false, false, false},
      {"both", {all}, false, true, true},
      {"the Subject", {Signs(Pass("google.com"), false, true)}, false, false, true},
      {"what two have in common",
       {all, Signs(Pass("mail.google.com"), false, true)},
       false,
       false,
       true},
      {"another's says nothing",
       {Signs(Pass("evil.example"), true, true), Signs(Pass("google.com"), false, true)},
       false,
       false,
       true},
      {"nor one that did not pass", {failed}, false, false, false},
      {"unless a relay saw it pass", {failed}, true, true, false},
      {"it may have been another one",
       {failed, Signs(Not("google.com", DkimOutcome::kFail, "x"), true, true)},
       true,
       true,
       false},
      {"of which none is left", {}, true, false, false},
      {"or that is past those that we look at",
       std::vector<DkimResult>(kMaxSignatures, failed), true, false, false},
      {"one that passes says more than the relay", {failed, all}, true, true, true},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const SignedHints got = SignedHintsOf(row.results, "a@google.com", row.by_relay);
    EXPECT_EQ(got.report_domain, row.report_domain);
    EXPECT_EQ(got.subject, row.subject);
  }
  EXPECT_FALSE(SignedHintsOf({all}, "", false).subject);
  EXPECT_FALSE(SignedHintsOf({all}, "a@evil.example", false).subject);
}

}  // namespace
}  // namespace tlsrpt::ingest
