#include "ingest/dkim/verify.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>

#include "ingest/dkim/key_cache.h"
#include "ingest/mail/header_block.h"
#include "tests/support/dkim/keys.h"
#include "tests/support/dkim/signer.h"

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono;
using test::Ed25519Key;
using test::RecordOf;
using test::RsaKey;
using test::SignOptions;

constexpr sys_seconds kNow = sys_days{2026y / November / 26} + 12h;
constexpr char kKeyName[] = "sel._domainkey.firm.example";

const std::string kMail =
    "From: Reports <tlsrpt@firm.example>\r\n"
    "To: you@other.example\r\n"
    "Subject: Report\r\n"
    "X-Twice: first\r\n"
    "X-Twice: second\r\n"
    "\r\n"
    "body\r\n";

std::string At(sys_seconds time) {
  return std::to_string(time.time_since_epoch().count());
}

// The one result for a mail whose key has that record.
DkimResult Verify(const std::string& mail, const std::string& record,
                  std::optional<TimePoint> received_at = kNow) {
  const auto results =
      VerifyDkim(mail, test::LookupOf({{kKeyName, {record}}}), received_at);
  EXPECT_EQ(results.size(), 1u);
  return results.empty() ? DkimResult{} : results[0];
}

struct Row {
  const char* why;
  SignOptions sign;
  DkimOutcome outcome;
  const char* reason = "";  // how it begins
};

constexpr auto kPass = DkimOutcome::kPass;
constexpr auto kFail = DkimOutcome::kFail;
constexpr auto kPolicy = DkimOutcome::kPolicy;
constexpr auto kNeutral = DkimOutcome::kNeutral;
constexpr auto kPerm = DkimOutcome::kPermError;

const Row kRows[] = {
    // Forms.
    {"RFC 6376, 3.5: simple/simple if c= is absent", {.form = ""}, kPass},
    {"simple for the body if not said", {.form = "relaxed"}, kPass},
    {"an unknown form", {.form = "relaxed/nofws"}, kNeutral, "unknown canonicalization"},
    {"a form too many",
     {.form = "simple/simple/simple"},
     kNeutral,
     "unknown canonicalization"},
    {"an empty form", {.form = "/simple"}, kNeutral, "unknown canonicalization"},
    // v=, a=.
    {"RFC 6376, 3.5: v= is 1", {.version = "2"}, kNeutral, "incompatible version"},
    {"v=1 and nothing else", {.version = "1.0"}, kNeutral, "incompatible version"},
    {"RFC 8301, 3.1: rsa-sha1",
     {.algorithm = "rsa-sha1"},
     kPerm,
     "inappropriate hash algorithm"},
    {"an algorithm nobody knows",
     {.algorithm = "rsa-sha512"},
     kNeutral,
     "unknown signature algorithm"},
    {"RFC 6376, 3.2: case of values counts",
     {.algorithm = "RSA-SHA256"},
     kNeutral,
     "unknown signature algorithm"},
    {"a= of another kind than the key",
     {.algorithm = "ed25519-sha256"},
     kPerm,
     "inappropriate key algorithm: k= is not that of a="},
    // h=.
    {"h= with blanks and line breaks",
     {.signed_fields = "From : To\r\n\t: Subject"},
     kPass},
    {"case of names does not count", {.signed_fields = "FROM:to"}, kPass},
    {"RFC 6376, 5.4.2: from the bottom up", {.signed_fields = "From:X-Twice"}, kPass},
    {"both of two fields", {.signed_fields = "From:X-Twice:X-Twice"}, kPass},
    {"RFC 6376, 8.15: signed once more than it is there",
     {.signed_fields = "From:From:X-Twice:X-Twice:X-Twice"},
     kPass},
    {"a field that is not there", {.signed_fields = "From:X-Absent"}, kPass},
    {"RFC 6376, 3.5: DKIM-Signature in h= is never the one that is verified",
     {.signed_fields = "From:DKIM-Signature"},
     kPass},
    {"From alone", {.signed_fields = "From"}, kPass},
    {"RFC 6376, 5.4: From must be signed",
     {.signed_fields = "To:Subject"},
     kPerm,
     "From field not signed"},
    {"an empty h=", {.signed_fields = ""}, kNeutral, "signature syntax error: h="},
    {"an empty name in h=",
     {.signed_fields = "From::To"},
     kNeutral,
     "signature syntax error: h="},
    {"a blank in a name of h=",
     {.signed_fields = "From:X Twice"},
     kNeutral,
     "signature syntax error: h="},
    // d=, s=, i=.
    {"case of d= does not count", {.domain = "Firm.Example"}, kPass},
    {"d= with a dot at the end",
     {.domain = "firm.example."},
     kNeutral,
     "signature syntax error: d="},
    {"d= of one label", {.domain = "example"}, kNeutral, "signature syntax error: d="},
    {"an IP address as d=",
     {.domain = "192.0.2.1"},
     kNeutral,
     "signature syntax error: d="},
    {"case of s= does not count", {.selector = "SEL"}, kPass},
    {"an empty s=", {.selector = ""}, kNeutral, "signature syntax error: s="},
    {"an empty label in s=",
     {.selector = "a..b"},
     kNeutral,
     "signature syntax error: s="},
    {"a name that is too long for DNS",
     {.selector = std::string(64, 'a')},
     kNeutral,
     "signature syntax error: s="},
    {"a selector without a key", {.selector = "other"}, kPerm, "no key for signature"},
    {"i= of the domain", {.more = "i=@firm.example; "}, kPass},
    {"i= of a subdomain", {.more = "i=a@Sub.firm.example; "}, kPass},
    {"RFC 6376, 2.11: i= in quoted-printable",
     {.more = "i=J=C3=B6rg@firm.example; "},
     kPass},
    {"i= of another domain", {.more = "i=@other.example; "}, kPerm, "domain mismatch"},
    {"i= of a domain that ends alike",
     {.more = "i=@xfirm.example; "},
     kPerm,
     "domain mismatch"},
    {"i= of the parent",
     {.more = "i=@example; "},
     kNeutral,
     "signature syntax error: i="},
    {"i= without @",
     {.more = "i=firm.example; "},
     kNeutral,
     "signature syntax error: i="},
    {"i= with two @",
     {.more = "i=a@other.example=40firm.example; "},
     kNeutral,
     "signature syntax error: i="},
    {"i= that is no quoted-printable",
     {.more = "i=a=4@firm.example; "},
     kNeutral,
     "signature syntax error: i="},
    // Other tags.
    {"q=dns/txt", {.more = "q=dns/txt; "}, kPass},
    {"q= with another beside it", {.more = "q=http/well-known : dns/txt; "}, kPass},
    {"q= of something else",
     {.more = "q=http/well-known; "},
     kNeutral,
     "unknown query method"},
    {"z= and tags nobody knows", {.more = "z=From:a|To:b; bb=c; Bh=x; "}, kPass},
    {"RFC 6376, 3.2: a tag twice",
     {.more = "d=other.example; "},
     kNeutral,
     "signature syntax error: the tag \"d\" twice"},
    {"a tag twice, the second folded",
     {.more = "b\r\n =; "},
     kNeutral,
     "signature syntax error: the tag \"b\" twice"},
    {"RFC 8460, 3: l= of the whole body",
     {.more = "l=6; "},
     kPolicy,
     "signature limited in length"},
    {"l= of nothing", {.more = "l=0; "}, kFail, "signature limited in length"},
    // Times. kNow is 1795694400.
    {"t= of now", {.more = "t=1795694400; "}, kPass},
    {"t= ahead by the skew", {.more = "t=1795694700; "}, kPass},
    {"t= a second more", {.more = "t=1795694701; "}, kPolicy, "signature of the future"},
    {"x= later", {.more = "t=1795694400; x=1796299200; "}, kPass},
    {"x= past by the skew", {.more = "x=1795694100; "}, kPass},
    {"x= a second more", {.more = "x=1795694099; "}, kPolicy, "signature expired"},
    {"RFC 6376, 3.5: x= must be after t=",
     {.more = "t=1795694400; x=1795694400; "},
     kNeutral,
     "signature syntax error: x= is not after t="},
    {"x= that never comes", {.more = "x=999999999999999999999999; "}, kPass},
    {"t= that never comes",
     {.more = "t=999999999999999999999999; "},
     kPolicy,
     "signature of the future"},
    {"t= that is no number", {.more = "t=1e9; "}, kNeutral, "signature syntax error: t="},
    {"x= that is negative", {.more = "x=-1; "}, kNeutral, "signature syntax error: x="},
    {"an empty x=", {.more = "x=; "}, kNeutral, "signature syntax error: x="},
    // b=, bh=.
    {"a body hash that is another",
     {.body_hash = "AAAA"},
     kFail,
     "body hash did not verify"},
    {"bh= that is no base64",
     {.body_hash = "!"},
     kNeutral,
     "signature syntax error: bh="},
    {"bh= of nothing", {.body_hash = " "}, kNeutral, "signature syntax error: bh="},
    {"a signature that is another",
     {.signature = std::string(172, 'A')},
     kFail,
     "signature did not verify"},
    {"a signature too short", {.signature = "AAAA"}, kFail, "signature did not verify"},
    {"a signature too long",
     {.signature = std::string(4000, 'A')},
     kFail,
     "signature did not verify"},
    {"b= that is no base64", {.signature = "!"}, kNeutral, "signature syntax error: b="},
    {"b= of nothing", {.signature = " "}, kNeutral, "signature syntax error: b="},
};

TEST(Verify, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    SignOptions options = row.sign;
    options.key = RsaKey();
    const DkimResult result = Verify(test::Sign(kMail, options), RecordOf(RsaKey()));
    EXPECT_EQ(NameOf(result.outcome), NameOf(row.outcome)) << result.reason;
    EXPECT_TRUE(result.reason.starts_with(row.reason)) << result.reason;
    EXPECT_EQ(result.reason.empty(), row.outcome == kPass);
  }
}

TEST(Verify, EveryRequiredTagIsRequired) {
  const std::string mail = test::Sign(kMail, {.key = RsaKey()});
  for (const char* tag : {"v=1", "a=rsa", "d=", "s=", "h=", "bh=", "b="}) {
    std::string without = mail;
    // A name nobody knows in its place.
    const std::size_t at = without.find(std::string(" ") + tag) != std::string::npos
                               ? without.find(std::string(" ") + tag) + 1
                               : without.find(tag);
    without.insert(at, "zz");
    const DkimResult result = Verify(without, RecordOf(RsaKey()));
    EXPECT_EQ(result.outcome, kPerm) << tag;
    EXPECT_TRUE(result.reason.starts_with("signature missing required tag")) << tag;
  }
}

struct RecordRow {
  const char* why;
  const char* tags;
  const char* identity;
  DkimOutcome outcome;
  const char* reason;
};

const RecordRow kRecords[] = {
    {"s=tlsrpt", "s=tlsrpt", "@firm.example", kPass, ""},
    {"s=email", "s=email", "@firm.example", kPass, ""},
    {"s= of something else", "s=chat", "@firm.example", kPerm, "inapplicable key"},
    {"t=s and i= of the domain", "t=s", "a@firm.example", kPass, ""},
    {"RFC 6376, 3.6.1: t=s and i= of a subdomain", "t=s", "a@sub.firm.example", kPerm,
     "domain mismatch: i= is of a subdomain"},
    {"t=y is said, not judged here", "t=y", "@firm.example", kPass, ""},
    {"h= without sha256", "h=sha1", "@firm.example", kPerm,
     "inappropriate hash algorithm"},
};

TEST(Verify, Records) {
  for (const RecordRow& row : kRecords) {
    SCOPED_TRACE(row.why);
    const std::string mail = test::Sign(
        kMail, {.key = RsaKey(), .more = std::string("i=") + row.identity + "; "});
    const DkimResult result = Verify(mail, RecordOf(RsaKey(), row.tags));
    EXPECT_EQ(NameOf(result.outcome), NameOf(row.outcome)) << result.reason;
    EXPECT_TRUE(result.reason.starts_with(row.reason)) << result.reason;
  }
}

TEST(Verify, WhatIsSaid) {
  const std::string mail = test::Sign(
      kMail, {.key = Ed25519Key(), .domain = "Firm.Example", .selector = "Sel"});
  DkimResult result = Verify(mail, RecordOf(Ed25519Key(), "t=y; s=tlsrpt"));
  EXPECT_EQ(result.domain, "firm.example");
  EXPECT_EQ(result.selector, "sel");
  EXPECT_EQ(result.identity, "@firm.example");
  EXPECT_EQ(result.algorithm, "ed25519-sha256");
  EXPECT_EQ(result.key_service, "tlsrpt");
  EXPECT_TRUE(result.testing);
  EXPECT_TRUE(result.signs_from);
  EXPECT_TRUE(result.signs_subject);
  EXPECT_FALSE(result.signs_report_domain);
  EXPECT_FALSE(result.key_weak);
  EXPECT_FALSE(result.body_length_limited);

  result = Verify(
      test::Sign(kMail, {.key = RsaKey(), .signed_fields = "From:tls-report-domain"}),
      RecordOf(RsaKey()));
  EXPECT_FALSE(result.signs_subject);
  EXPECT_TRUE(result.signs_report_domain);

  result = Verify(test::Sign(kMail, {.key = RsaKey(), .more = "l=6; "}), "");
  EXPECT_TRUE(result.body_length_limited);
  EXPECT_EQ(result.domain, "firm.example");
  EXPECT_EQ(
      Verify(test::Sign(kMail, {.key = RsaKey(2048)}), RecordOf(RsaKey(2048))).key_bits,
      2048);
}

struct MailRow {
  const char* why;
  std::function<std::string(std::string)> change;  // of the signed mail
  DkimOutcome outcome;
  const char* reason;
};

std::string Replace(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

const MailRow kMails[] = {
    {"as it was signed", [](std::string m) { return m; }, kPass, ""},
    {"trace fields above it", [](std::string m) { return "Received: by x\r\n" + m; },
     kPass, ""},
    {"a field below that is not signed",
     [](std::string m) {
       return Replace(m, "X-Twice: first", "X-New: a\r\nX-Twice: first");
     },
     kPass, ""},
    {"an mbox line above it",
     [](std::string m) { return "From a@b Thu Nov 26 00:00:00 2026\r\n" + m; }, kPass,
     ""},
    {"a second From on top", [](std::string m) { return "From: a@evil.example\r\n" + m; },
     kPerm, "not one From field but 2"},
    {"a second From below",
     [](std::string m) {
       return Replace(m, "\r\nTo:", "\r\nFrom: a@evil.example\r\nTo:");
     },
     kPerm, "not one From field but 2"},
    {"no From", [](std::string m) { return Replace(m, "\r\nFrom:", "\r\nX-From:"); },
     kPerm, "not one From field but 0"},
    {"another From",
     [](std::string m) { return Replace(m, "tlsrpt@firm", "tlsrpt@evil"); }, kFail,
     "signature did not verify"},
    {"another field that is signed",
     [](std::string m) { return Replace(m, "Subject: R", "Subject: r"); }, kFail,
     "signature did not verify"},
    {"a second field of a name that is signed once, on top",
     [](std::string m) { return "Subject: other\r\n" + m; }, kPass, ""},
    {"the same below",
     [](std::string m) { return Replace(m, "X-Twice", "Subject: other\r\nX-Twice"); },
     kFail, "signature did not verify"},
    {"the signature field changed",
     [](std::string m) { return Replace(m, "v=1;", "v=1; zz=1;"); }, kFail,
     "signature did not verify"},
    {"another body", [](std::string m) { return Replace(m, "body", "Body"); }, kFail,
     "body hash did not verify"},
    {"more body", [](std::string m) { return m + "more\r\n"; }, kFail,
     "body hash did not verify"},
    {"empty lines after the body", [](std::string m) { return m + "\r\n\r\n"; }, kPass,
     ""},
    {"an empty line in the header",
     [](std::string m) { return Replace(m, "\r\nTo:", "\r\n\r\nTo:"); }, kFail,
     "body hash did not verify"},
    {"an empty line before the header", [](std::string m) { return "\r\n" + m; }, kPerm,
     "an empty line before the header"},
    {"a line that is no field",
     [](std::string m) { return Replace(m, "\r\nTo:", "\r\nnonsense\r\nTo:"); }, kPerm,
     "a line of the header is no field"},
    {"a field past the limit",
     [](std::string m) { return "X: " + std::string(kMaxFieldBytes, 'x') + "\r\n" + m; },
     kPolicy, "a header past our limits"},
};

TEST(Verify, Mails) {
  const std::string mail =
      test::Sign(kMail, {.key = RsaKey(), .signed_fields = "From:To:Subject"});
  for (const MailRow& row : kMails) {
    SCOPED_TRACE(row.why);
    const DkimResult result = Verify(row.change(mail), RecordOf(RsaKey()));
    EXPECT_EQ(NameOf(result.outcome), NameOf(row.outcome)) << result.reason;
    EXPECT_TRUE(result.reason.starts_with(row.reason)) << result.reason;
  }
}

// Whoever takes a signature all the same, for it has merely expired, must know that the
// body is another. Nobody asks for a key.
TEST(Verify, WhatIsRefusedByPolicyMayBeAlteredAsWell) {
  for (const char* more : {"x=1795694099; ", "t=1795694701; ", "l=6; "}) {
    SCOPED_TRACE(more);
    const std::string mail = test::Sign(kMail, {.key = RsaKey(), .more = more});
    EXPECT_EQ(NameOf(Verify(mail, "").outcome), NameOf(kPolicy));
    for (const std::string& changed :
         {Replace(mail, "body", "Body"), mail + "more\r\n"}) {
      EXPECT_EQ(NameOf(Verify(changed, "").outcome), NameOf(kFail));
    }
  }
}

// RFC 6376, 3.5: the value of b= goes, "including all surrounding whitespace", even where
// the form of the header keeps every blank.
TEST(Verify, BlanksAroundASignatureAreNoneOfTheField) {
  const std::string mail = test::Sign(kMail, {.key = RsaKey(), .form = "simple/simple"});
  const std::string from = "\r\nFrom:";
  for (const std::string& changed :
       {Replace(mail, "\r\n b=", "\r\n b= "), Replace(mail, "\r\n b=", "\r\n b=\r\n\t"),
        Replace(mail, from, " \t" + from), Replace(mail, from, "\r\n " + from)}) {
    EXPECT_EQ(Verify(changed, RecordOf(RsaKey())).outcome, kPass) << changed;
  }
  EXPECT_EQ(Verify(Replace(mail, "\r\n b=", "\r\n  b="), RecordOf(RsaKey())).outcome,
            kFail);
}

TEST(Verify, OverSigningKeepsFieldsOut) {
  const std::string mail = test::Sign(
      kMail, {.key = RsaKey(), .signed_fields = "From:Subject:Subject:Reply-To"});
  EXPECT_EQ(Verify(mail, RecordOf(RsaKey())).outcome, kPass);
  for (const char* field : {"Subject: other\r\n", "Reply-To: a@evil.example\r\n"}) {
    EXPECT_EQ(Verify(field + mail, RecordOf(RsaKey())).outcome, kFail) << field;
  }
}

TEST(Verify, AnImportWithoutATime) {
  const std::string record = RecordOf(RsaKey());
  const std::string plain = test::Sign(kMail, {.key = RsaKey(), .more = "t=1; "});
  EXPECT_EQ(Verify(plain, record, std::nullopt).outcome, kPass);
  const std::string expires =
      test::Sign(kMail, {.key = RsaKey(), .more = "x=" + At(kNow + 24h) + "; "});
  EXPECT_EQ(Verify(expires, record, std::nullopt).outcome, kPolicy);
  EXPECT_EQ(Verify(expires, record, TimePoint(kNow)).outcome, kPass);
}

struct AnswerRow {
  const char* why;
  DkimKeyAnswer answer;
  DkimOutcome outcome;
  const char* reason;
};

TEST(Verify, Answers) {
  using Status = DkimKeyAnswer::Status;
  const std::string good = RecordOf(RsaKey());
  const std::string other = RecordOf(Ed25519Key());
  const AnswerRow rows[] = {
      {"found", {Status::kFound, {good}}, kPass, ""},
      {"no name", {Status::kNone, {}}, kPerm, "no key for signature"},
      {"found, but nothing in it", {Status::kFound, {}}, kPerm, "no key for signature"},
      {"no answer",
       {Status::kTemporaryFailure, {}, false, "timeout"},
       DkimOutcome::kTempError,
       "key unavailable: timeout"},
      {"RFC 4035, 5.5: bogus",
       {Status::kBogus, {good}},
       DkimOutcome::kTempError,
       "key not authentic by DNSSEC"},
      {"revoked", {Status::kFound, {"v=DKIM1; p="}}, kPerm, "key revoked"},
      {"the right one of two", {Status::kFound, {other, good}}, kPass, ""},
      {"in any order", {Status::kFound, {good, other}}, kPass, ""},
      {"beside a record of something else",
       {Status::kFound, {"v=spf1 -all", good}},
       kPass,
       ""},
      {"beside a revoked one", {Status::kFound, {"p=", good}}, kPass, ""},
      {"the one that came closest has the word",
       {Status::kFound, {"p=", RecordOf(RsaKey(2048))}},
       kFail,
       "signature did not verify"},
      {"of none, the first", {Status::kFound, {"p=", "hello"}}, kPerm, "key revoked"},
      {"past the limit of records",
       {Status::kFound, {"p=", "p=", "p=", "p=", good}},
       kPerm,
       "key revoked"},
  };
  const std::string mail = test::Sign(kMail, {.key = RsaKey()});
  for (const AnswerRow& row : rows) {
    SCOPED_TRACE(row.why);
    const auto results = VerifyDkim(
        mail, [&row](const std::string&) { return row.answer; }, kNow);
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(NameOf(results[0].outcome), NameOf(row.outcome)) << results[0].reason;
    EXPECT_TRUE(results[0].reason.starts_with(row.reason)) << results[0].reason;
  }
}

TEST(Verify, DnssecIsRecorded) {
  const std::string mail = test::Sign(kMail, {.key = RsaKey()});
  const auto results = VerifyDkim(
      mail,
      [](const std::string&) {
        return DkimKeyAnswer{
            DkimKeyAnswer::Status::kFound, {RecordOf(RsaKey())}, true, ""};
      },
      kNow);
  EXPECT_TRUE(results.at(0).dnssec);
}

// What was altered never passes, so nobody is asked for its key, and nothing waits.
TEST(Verify, AnAlteredBodyNeedsNoKey) {
  const std::string mail = test::Sign(kMail, {.key = RsaKey()}) + "more\r\n";
  const auto results = VerifyDkim(
      mail,
      [](const std::string&) {
        ADD_FAILURE() << "asked";
        return DkimKeyAnswer{};
      },
      kNow);
  EXPECT_EQ(results.at(0).outcome, kFail);
}

TEST(Verify, SeveralSignatures) {
  std::string mail = test::Sign(kMail, {.key = RsaKey(), .selector = "rsa"});
  mail = test::Sign(mail, {.key = Ed25519Key(), .selector = "ed"});
  mail = test::Sign(mail, {.key = RsaKey(), .version = "9"});
  EXPECT_EQ(DkimKeyNames(mail, kNow),
            (std::vector<std::string>{"ed._domainkey.firm.example",
                                      "rsa._domainkey.firm.example"}));
  const auto results = VerifyDkim(
      mail,
      test::LookupOf({{"rsa._domainkey.firm.example", {RecordOf(RsaKey())}},
                      {"ed._domainkey.firm.example", {RecordOf(Ed25519Key())}}}),
      kNow);
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].outcome, kNeutral);
  EXPECT_EQ(results[1].outcome, kPass);
  EXPECT_EQ(results[2].outcome, kPass);
}

// A signature that signs another signature, as a list server's does.
TEST(Verify, AFieldOfAnotherSignatureMayBeSigned) {
  std::string mail = test::Sign(kMail, {.key = RsaKey()});
  mail = test::Sign(mail, {.key = RsaKey(), .signed_fields = "From:DKIM-Signature"});
  for (const DkimResult& result :
       VerifyDkim(mail, test::LookupOf({{kKeyName, {RecordOf(RsaKey())}}}), kNow)) {
    EXPECT_EQ(result.outcome, kPass) << result.reason;
  }
}

TEST(Verify, NoMoreSignaturesThanTheLimit) {
  std::string mail = kMail;
  for (std::size_t i = 0; i < kMaxSignatures + 3; ++i) {
    mail = test::Sign(mail, {.key = RsaKey(), .selector = "s" + std::to_string(i)});
  }
  EXPECT_EQ(DkimKeyNames(mail, kNow).size(), kMaxSignatures);
  EXPECT_EQ(VerifyDkim(mail, test::LookupOf({}), kNow).size(), kMaxSignatures);
}

TEST(KeyNames, OnlyOfWhatCouldPass) {
  const auto names = [](const SignOptions& options) {
    return DkimKeyNames(test::Sign(kMail, options), kNow);
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names({.key = RsaKey(), .domain = "Firm.Example", .selector = "A.B"}),
            Names{"a.b._domainkey.firm.example"});
  EXPECT_EQ(names({.key = RsaKey(), .more = "l=1; "}), Names{});
  EXPECT_EQ(names({.key = RsaKey(), .more = "x=1; "}), Names{});
  EXPECT_EQ(names({.key = RsaKey(), .signed_fields = "To"}), Names{});
  // RFC 8616, 4: U-labels become A-labels.
  EXPECT_EQ(names({.key = RsaKey(), .domain = "f\xC3\xAFrm.example"}),
            Names{"sel._domainkey.xn--frm-zma.example"});
  const std::string twice =
      test::Sign(test::Sign(kMail, {.key = RsaKey()}), {.key = RsaKey()});
  EXPECT_EQ(DkimKeyNames(twice, kNow), Names{kKeyName});
  EXPECT_EQ(DkimKeyNames("From: a@other.example\r\n" + twice, kNow), Names{});
  EXPECT_EQ(DkimKeyNames(kMail, kNow), Names{});
  EXPECT_EQ(DkimKeyNames("", kNow), Names{});
}

TEST(Verify, EveryTwoPartCutOfASignatureIsAnswered) {
  const std::string mail = test::Sign(
      kMail, {.key = Ed25519Key(), .more = "i=@firm.example; t=1; x=1896299200; "});
  const std::size_t end = mail.find("\r\nFrom:");
  DkimKeyCache cache;
  const auto keys = test::LookupOf({{kKeyName, {RecordOf(Ed25519Key())}}});
  for (std::size_t at = 0; at < end; ++at) {
    // A fold, a new field, nothing at all from there on.
    for (const std::string& cut : {mail.substr(0, at) + "\r\n " + mail.substr(at),
                                   mail.substr(0, at) + "\r\n" + mail.substr(at),
                                   mail.substr(0, at) + mail.substr(end)}) {
      (void)VerifyDkim(cut, keys, kNow, &cache);
      (void)DkimKeyNames(cut, kNow);
    }
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
