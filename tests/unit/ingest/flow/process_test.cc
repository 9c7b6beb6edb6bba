#include "ingest/flow/process.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/ingest/unpack/mail_builder.h"

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono;  // NOLINT: literals

using testing::Gzip;

constexpr TimePoint kNow = sys_days{2026y / November / 23} + 6h;

std::string Policy(const std::string& domain, const std::string& type = "sts") {
  return R"({"policy":{"policy-type":")" + type + R"(","policy-domain":")" + domain +
         R"("},"summary":{"total-successful-session-count":3,)"
         R"("total-failure-session-count":0}})";
}

std::string Json(const std::vector<std::string>& policies,
                 const std::string& day = "2026-11-20") {
  std::string list;
  for (const std::string& policy : policies) list += (list.empty() ? "" : ",") + policy;
  return R"({"organization-name":"Google Inc.","date-range":{"start-datetime":")" + day +
         R"(T00:00:00Z","end-datetime":")" + day +
         R"(T23:59:59Z"},"contact-info":"a@google.com","report-id":"1","policies":[)" +
         list + "]}";
}

std::string Mail(const std::vector<std::string>& parts) {
  std::string mail =
      "From: noreply-smtp-tls-reporting@google.com\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/report; report-type=tlsrpt; boundary=b\r\n\r\n";
  for (const std::string& part : parts) {
    mail += "--b\r\nContent-Type: application/tlsrpt+json\r\n\r\n" + part + "\r\n";
  }
  return mail + "--b--\r\n";
}

// Vouches for everything as whoever it is told.
class Says final : public Voucher {
 public:
  explicit Says(Vouched vouched) : vouched_(std::move(vouched)) {}
  Vouched Vouch(const SpoolEntry&, const ReportPart&,
                const store::Report*) const override {
    return vouched_;
  }

 private:
  Vouched vouched_;
};

class ProcessTest : public ::testing::Test {
 protected:
  store::ReceiptRecord Run(std::string body, std::string to = "tlsrpt@firm.example") {
    SpoolEntry entry;
    entry.receipt_id = MakeUuidV7(kNow);
    entry.received_at = kNow;
    entry.transport = "smtp";
    entry.peer = "192.0.2.1:25";
    entry.envelope_to = {std::move(to)};
    entry.body = std::move(body);
    const ProcessContext context{.own = own_,
                                 .voucher = voucher_,
                                 .counted_reporters = counted_,
                                 .node = "test",
                                 .wildcard_names = wildcard_names_};
    return Process(std::move(entry), context);
  }

  store::OwnDomains own_{{"firm.example", "second.example", ".wild.example"}, {}};
  Says voucher_{{store::Provenance::kNone, "", "not said"}};
  std::set<std::string> counted_{"google.com"};
  std::size_t wildcard_names_ = 0;
};

TEST_F(ProcessTest, WhatBecomesOfASubmission) {
  struct Row {
    const char* why;
    std::string body;
    std::size_t filed;
    int reports;
    int quarantined;
    bool ordinary;
    std::string reason;
    std::string detail;  // a part of it
  };
  const Row rows[] = {
      {"a report", Mail({Json({Policy("firm.example")})}), 1, 1, 0, false, "", ""},
      {"two reports in a mail are both stored",
       Mail({Json({Policy("firm.example")}),
             Json({Policy("firm.example")}, "2026-11-19")}),
       2, 2, 0, false, "", ""},
      {"one report about two domains of ours is one report",
       Mail({Json({Policy("firm.example"), Policy("second.example")})}), 2, 1, 0, false,
       "", ""},
      {"a bad part costs that part",
       Mail({Json({Policy("firm.example")}), "{\"no\": \"report\"}"}), 1, 2, 1, false,
       "parse", "date-range"},
      {"a foreign part is held, the own part stored",
       Mail({Json({Policy("firm.example"), Policy("other.example")})}), 1, 1, 0, false,
       "", ""},
      {"a foreign report is held", Mail({Json({Policy("other.example")})}), 0, 1, 1,
       false, "foreign_domain", "other.example"},
      {"a period in the future", Mail({Json({Policy("firm.example")}, "2026-12-24")}), 0,
       1, 1, false, "file", "future"},
      {"a report mail without a report", Mail({}), 0, 1, 1, false, "unpack", ""},
      {"ordinary mail", "Subject: hello\r\n\r\nHow are you?\r\n", 0, 0, 0, true, "", ""},
      {"neither mail nor report", std::string("\x00\x01\x02", 3), 0, 1, 1, false,
       "unpack", ""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const store::ReceiptRecord record = Run(row.body);
    EXPECT_EQ(record.reports.size(), row.filed);
    EXPECT_EQ(record.receipt.report_count, row.reports);
    EXPECT_EQ(record.receipt.quarantined_count, row.quarantined);
    EXPECT_EQ(record.receipt.ordinary, row.ordinary);
    EXPECT_EQ(record.receipt.reason, row.reason);
    EXPECT_NE(record.receipt.reason_detail.find(row.detail), std::string::npos)
        << record.receipt.reason_detail;
    EXPECT_EQ(record.raw, row.body) << "the bytes are kept as they came";
  }
}

TEST_F(ProcessTest, PartsOfOneReportShareItsNumber) {
  const auto record = Run(Mail({Json({Policy("firm.example"), Policy("second.example")}),
                                Json({Policy("firm.example")}, "2026-11-19")}));
  ASSERT_EQ(record.reports.size(), 3u);
  EXPECT_EQ(record.reports[0].report_ix, 0);
  EXPECT_EQ(record.reports[1].report_ix, 0);
  EXPECT_EQ(record.reports[2].report_ix, 1);
}

TEST_F(ProcessTest, HeldForeignDomainsAreNamed) {
  const auto record = Run(Mail({Json({Policy("firm.example"), Policy("b.example"),
                                      Policy("a.example"), Policy("a.example")})}));
  EXPECT_EQ(record.receipt.foreign_domains,
            (std::vector<std::string>{"a.example", "b.example"}));
}

// What readiness has to wait for: ours, named by the report or by its recipient.
TEST_F(ProcessTest, QuarantineNamesOurDomains) {
  struct {
    const char* why;
    std::string body;
    std::vector<std::string> want;
  } rows[] = {
      {"by policy-domain",
       Mail({Json({Policy("second.example")}, "2026-12-24")}),
       {"second.example"}},
      {"by recipient, where the report cannot be read", Mail({"{}"}), {"firm.example"}},
      {"a foreign report says nothing about us", Mail({Json({Policy("a.example")})}), {}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(Run(row.body).receipt.quarantined_domains, row.want);
  }
}

// As the parser reads them: one name that is somebody else's, in a spelling that anybody
// reads, must not hide ours.
TEST_F(ProcessTest, QuarantineNamesWhatTheParserWouldHaveRead) {
  own_ = store::OwnDomains({"firm.example", "second.example"}, {"mx1.firm.example"});
  Vouched google{store::Provenance::kDkim, "google.com", ""};
  google.vouching.from_known = true;
  voucher_ = Says(google);
  const std::string others = Policy("b.example");
  const auto tlsa = [](const std::string& member) {
    return R"({"policy":{"policy-type":"tlsa","policy-domain":"b.example",)" + member +
           "}}";
  };
  const std::string future = "2026-12-24";
  using Names = std::vector<std::string>;
  struct {
    const char* why;
    std::string json;
    Names want;
  } rows[] = {
      {"blanks around it",
       Json({others, Policy(" second.example ")}, future),
       {"b.example", "second.example"}},
      {"no domain: the recipient's, and anybody's",
       Json({others, R"({"policy":{"policy-type":"sts"}})"}, future),
       {"*", "b.example", "firm.example"}},
      {"a domain that is no text",
       Json({others, R"({"policy":{"policy-domain":["second.example"]}})"}, future),
       {"*", "b.example", "firm.example"}},
      {"an MX host behind what is none",
       Json({tlsa(R"("mx-host":[null,"mx: mx1.firm.example"])")}, future),
       {"*.firm.example", "b.example", "mx1.firm.example"}},
      {"an MX host by another name",
       Json({tlsa(R"("mx-host-pattern":"mx1.firm.example")")}, future),
       {"*.firm.example", "b.example", "mx1.firm.example"}},
      {"cut off behind a domain of others",
       Json({others, Policy("second.example")}).substr(0, Json({others}).find("]}")),
       {"*", "b.example", "firm.example"}},
  };
  for (auto& row : rows) {
    SCOPED_TRACE(row.why);
    // Refused for the time, not for the day.
    if (const auto at = row.json.find(future + "T00"); at != std::string::npos) {
      row.json.replace(at + 11, 2, "25");
    }
    const auto record = Run(Mail({row.json}));
    EXPECT_EQ(record.receipt.reason, "parse");
    EXPECT_EQ(record.receipt.quarantined_domains, row.want);
  }
}

// Its domains know such a host by the pattern alone.
TEST_F(ProcessTest, QuarantineNamesThePatternOfAHost) {
  own_ = store::OwnDomains({"firm.example", "shop.firm.example"}, {"*.firm.example"});
  const auto held = [&](const std::string& policy) {
    return Run(Mail({Json({policy}, "2026-12-24")})).receipt.quarantined_domains;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(held(Policy("mx7.firm.example", "tlsa")), Names{"*.firm.example"});
  EXPECT_EQ(held(Policy("shop.firm.example")), Names{"shop.firm.example"})
      << "a domain of ours is none of that domain's MX hosts";
}

// One address may stand in the records of many domains, or be of none of them; the mail
// around a report says whom it is about.
TEST_F(ProcessTest, WhomAnUnreadableReportHoldsBack) {
  const Vouched google{store::Provenance::kDkim, "google.com", ""};
  Vouched forwarder{store::Provenance::kDkim, "forwarder.example", ""};
  forwarder.vouching.from_known = false;
  const std::string cut = Mail({std::string("\x1f\x8b\x08\x00\x00\x00", 6)});
  const std::string names = "Subject: Report Domain: Second.example Submitter: x\r\n";
  using Names = std::vector<std::string>;
  struct {
    const char* why;
    Vouched vouched;
    std::string to;
    std::string body;
    Names want;
  } rows[] = {
      {"a known reporter's, to an address that is no domain's of ours",
       google,
       "tlsrpt@reports.firm.example",
       cut,
       {"*"}},
      {"a known reporter's, to an address that others' records may name",
       google,
       "tlsrpt@firm.example",
       cut,
       {"*", "firm.example"}},
      {"the subject says whom it is about",
       google,
       "tlsrpt@firm.example",
       names + cut,
       {"firm.example", "second.example"}},
      {"and does so for any address",
       google,
       "tlsrpt@reports.firm.example",
       names + cut,
       {"second.example"}},
      {"text that is no JSON",
       google,
       "tlsrpt@reports.firm.example",
       Mail({"{\"x"}),
       {"*"}},
      {"anybody else's, to a domain of ours",
       forwarder,
       "tlsrpt@firm.example",
       cut,
       {"firm.example"}},
      {"anybody else's, to no domain of ours: one mail of his must not stop a fleet",
       forwarder,
       "tlsrpt@reports.firm.example",
       cut,
       {}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    voucher_ = Says(row.vouched);
    const auto record = Run(row.body, row.to);
    EXPECT_EQ(record.receipt.quarantined_count, 1);
    EXPECT_EQ(record.receipt.quarantined_domains, row.want);
  }
}

// A domain or an MX host may become ours while a report about it is in quarantine: then
// that report holds it back, as if it had been ours when it came.
TEST_F(ProcessTest, WhatIsHeldIsRememberedByNamesThatAreNotOursYet) {
  Vouched cheap{store::Provenance::kDkim, "cheap.example", ""};
  cheap.vouching.from_known = false;
  const Vouched nobody{store::Provenance::kNone, "", ""};
  const std::string future = "2026-12-24";
  const std::string mox =
      R"({"policy":{"policy-type":"tlsa","policy-domain":"b.example",)"
      R"("mx-host":["MX1.new.example","*"]}})";
  std::vector<std::string> many;
  for (int i = 0; i < 300; ++i) {
    many.push_back(Policy("a" + std::to_string(1000 + i) + ".example"));
  }
  many.push_back(Policy("second.example"));
  using Names = std::vector<std::string>;
  struct {
    const char* why;
    Vouched vouched;
    std::string body;
    Names want;
  } rows[] = {
      {"a domain", cheap, Mail({Json({Policy("new.example")}, future)}), {"new.example"}},
      {"in what is cut off, and may have been about whom he wrote to as well",
       cheap,
       Mail({R"({"policies":[{"policy-domain":"new.example")"}),
       {"firm.example", "new.example"}},
      {"an MX host, and the pattern by which its domain may name it",
       cheap,
       Mail({Json({mox}, future)}),
       {"*.new.example", "b.example", "mx1.new.example"}},
      {"an MX host in what is no JSON",
       cheap,
       Mail({R"({"policies":[)" + mox + ",]}"}),
       {"*.new.example", "b.example", "mx1.new.example"}},
      {"nobody vouches", nobody, Mail({Json({Policy("new.example")}, future)}), {}},
      {"a stranger's policy without a domain is about whom he wrote to",
       cheap,
       Mail({Json({R"({"policy":{"policy-type":"sts"}})"}, "2026-11-20")}),
       {"firm.example"}},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    voucher_ = Says(row.vouched);
    const auto record = Run(row.body);
    EXPECT_EQ(record.receipt.quarantined_count, 1);
    EXPECT_EQ(record.receipt.quarantined_domains, row.want);
  }
  voucher_ = Says(cheap);
  const auto record = Run(Mail({Json(many, future)}));
  EXPECT_EQ(record.receipt.quarantined_domains.size(), 101u) << "a hundred, and ours";
  EXPECT_EQ(record.receipt.quarantined_domains.back(), "second.example");
}

// A mail that is vouched for may have a part that is not.
TEST_F(ProcessTest, APartThatNobodyVouchesForHoldsNobodyBackUnnamed) {
  class Parts final : public Voucher {
   public:
    Vouched Vouch(const SpoolEntry&, const ReportPart&,
                  const store::Report* report) const override {
      Vouched vouched{store::Provenance::kDkim, "cheap.example", ""};
      vouched.vouching.from_known = false;
      return report != nullptr ? vouched : Vouched{store::Provenance::kNone, "", ""};
    }
  };
  const Parts parts;
  SpoolEntry entry;
  entry.receipt_id = MakeUuidV7(kNow);
  entry.received_at = kNow;
  entry.transport = "smtp";
  entry.envelope_to = {"tlsrpt@reports.firm.example"};
  entry.body =
      Mail({Json({Policy("firm.example")}), std::string("\x1f\x8b\x08\x00\x00\x00", 6)});
  const auto record = Process(
      std::move(entry),
      {.own = own_, .voucher = parts, .counted_reporters = counted_, .node = "test"});
  EXPECT_EQ(record.reports.size(), 1u);
  EXPECT_EQ(record.receipt.quarantined_count, 1);
  EXPECT_EQ(record.receipt.provenance, store::Provenance::kDkim);
  EXPECT_EQ(record.receipt.quarantined_domains, std::vector<std::string>{});
}

// Who gets google.com to sign an invitation with a report in it could guess the report-id
// of the next day's, tell of no failure, and come first.
TEST_F(ProcessTest, NoOtherMailOfACountedReporterTakesThePlaceOfItsReport) {
  const std::string body = Mail({Json({Policy("firm.example")})});
  const auto key_of = [&](const std::string& reporter, bool from_known) {
    Vouched vouched{store::Provenance::kDkim, reporter, ""};
    vouched.vouching.from_known = from_known;
    voucher_ = Says(vouched);
    const auto record = Run(body);
    EXPECT_EQ(record.reports.size(), 1u);
    EXPECT_EQ(record.reports.at(0).vouching.from_known, from_known);
    return record.reports.at(0).report_key;
  };
  const Uuid genuine = key_of("google.com", true);
  EXPECT_NE(key_of("google.com", false), genuine);
  EXPECT_EQ(key_of("google.com", false), key_of("google.com", false));
  EXPECT_EQ(key_of("forwarder.example", false), genuine)
      << "another signer's copy is told by its reporter";
}

// DNS gave no key in time: what google.com may have signed is nobody's only where nobody
// knows google.com, and a mail without a report holds up nobody.
TEST_F(ProcessTest, WhatACountedReporterMayHaveSignedIsHeldWithoutItsKey) {
  class Awaits final : public Voucher {
   public:
    explicit Awaits(std::string domain) : domain_(std::move(domain)) {}
    Vouched Vouch(const SpoolEntry&, const ReportPart&,
                  const store::Report*) const override {
      return {store::Provenance::kNone, "", "no key yet"};
    }
    std::string AwaitedDomain() const override { return domain_; }

   private:
    const std::string domain_;
  };
  const std::string report = Mail({Json({Policy("firm.example")})});
  const std::string nothing = "From: a@google.com\r\n\r\nhello\r\n";
  const store::ReporterProfiles shipped;
  struct {
    std::string signed_as;
    std::string body;
    const store::ReporterProfiles* profiles;
    std::string reason;
    std::size_t filed;
  } const rows[] = {
      {"google.com", report, &shipped, "key", 0},
      {"sender.example", report, &shipped, "", 1},
      {"", report, &shipped, "", 1},
      {"google.com", report, nullptr, "", 1},
      {"google.com", nothing, &shipped, "", 0},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.signed_as + " " + row.reason);
    const Awaits voucher(row.signed_as);
    SpoolEntry entry;
    entry.receipt_id = MakeUuidV7(kNow);
    entry.received_at = kNow;
    entry.transport = "import";
    entry.body = row.body;
    const auto record = Process(std::move(entry), {.own = own_,
                                                   .voucher = voucher,
                                                   .counted_reporters = counted_,
                                                   .node = "test",
                                                   .profiles = row.profiles});
    EXPECT_EQ(record.receipt.reason, row.reason);
    EXPECT_EQ(record.reports.size(), row.filed);
    EXPECT_EQ(record.raw, row.body);
    if (row.reason != "key") continue;
    EXPECT_EQ(record.receipt.quarantined_domains,
              std::vector<std::string>{"firm.example"});
    EXPECT_TRUE(store::MayHoldBack(record.receipt));
  }
}

// A file has no recipient. What it says about nobody by name, it may say about anybody.
TEST_F(ProcessTest, QuarantinedFilesHoldWhatTheyMayBeAbout) {
  voucher_ = Says({store::Provenance::kOperator, "google.com", ""});
  const std::string gzip_start("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x01", 11);
  std::string utf16;
  for (const char c : Json({Policy("firm.example")})) utf16 += {c, '\0'};
  struct {
    const char* why;
    std::string body;
    std::vector<std::string> want;
    std::string path = "/tmp/17";
  } rows[] = {
      {"no day, but a policy-domain",
       "{\"date-range\":{},\"policies\":[" + Policy("firm.example") + "]}",
       {"firm.example"}},
      {"a report that is cut before any name",
       "{\"organization-name\":\"x\",\"poli",
       {"*"}},
      {"a cut gzip", gzip_start, {"*"}},
      {"a policy without a domain",
       Json({"{\"policy\":{\"policy-type\":\"sts\"}}"}),
       {"*"}},
      {"somebody's own JSON", "{\"name\": \"package\"}", {}},
      {"a list of reports, by their names",
       "[\n" + Json({Policy("firm.example")}) + "\n]",
       {"firm.example"}},
      {"what cannot be unpacked: UTF-16", "\xFF\xFE" + utf16, {"*"}},
      {"the same in a gzip", Gzip("\xFF\xFE" + utf16), {"*"}},
      {"UTF-16 that begins like JSON", utf16, {"*"}},
      {"the same under the name of a report (RFC 8460, 5.1)",
       "\xFF\xFE" + utf16,
       {"second.example"},
       "/tmp/google.com!second.example!1!2!001.json"},
      {"a list that names nobody, under such a name",
       "[{\"report-id\"",
       {"second.example"},
       "/tmp/google.com!second.example!1!2!001.json"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    SpoolEntry entry;
    entry.receipt_id = MakeUuidV7(kNow);
    entry.received_at = kNow;
    entry.transport = "import";
    entry.peer = row.path;
    entry.body = row.body;
    const ProcessContext context{
        .own = own_, .voucher = voucher_, .counted_reporters = counted_, .node = "test"};
    const auto record = Process(std::move(entry), context);
    EXPECT_EQ(record.receipt.quarantined_count, 1);
    EXPECT_EQ(record.receipt.quarantined_domains, row.want);
    EXPECT_TRUE(store::MayHoldBack(record.receipt));
  }
}

// A bounce, spam, a note to postmaster; vouched for or not.
TEST_F(ProcessTest, OrdinaryMailHoldsNobodyBack) {
  for (const auto provenance : {store::Provenance::kNone, store::Provenance::kDkim,
                                store::Provenance::kOperator}) {
    voucher_ = Says({provenance, "google.com", ""});
    const auto record = Run("Subject: hello\r\n\r\nHow are you?\r\n");
    EXPECT_TRUE(record.receipt.ordinary);
    EXPECT_EQ(record.receipt.quarantined_count, 0);
    EXPECT_TRUE(record.receipt.quarantined_domains.empty());
  }
  voucher_ = Says({store::Provenance::kNone, "", ""});
  EXPECT_FALSE(store::MayHoldBack(Run("no mail at all").receipt)) << "by SMTP";
}

TEST_F(ProcessTest, NamesBelowAWildcard) {
  const std::string body = Mail({Json({Policy("new.wild.example")})});
  struct {
    const char* why;
    Vouched vouched;
    std::size_t names;
    std::size_t filed;
  } rows[] = {
      {"come into being on a counted reporter's word",
       {store::Provenance::kDkim, "google.com", ""},
       0,
       1},
      {"not on a stranger's", {store::Provenance::kNone, "", ""}, 0, 0},
      {"not on that of a reporter who is not counted",
       {store::Provenance::kDkim, "cheap.example", ""},
       0,
       0},
      {"an unvouched claim to be one is none",
       {store::Provenance::kNone, "google.com", ""},
       0,
       0},
      {"the last that fits",
       {store::Provenance::kDkim, "google.com", ""},
       kMaxWildcardNames - 1,
       1},
      {"not past the cap",
       {store::Provenance::kDkim, "google.com", ""},
       kMaxWildcardNames,
       0},
  };
  for (auto& row : rows) {
    SCOPED_TRACE(row.why);
    voucher_ = Says(row.vouched);
    wildcard_names_ = row.names;
    const auto record = Run(body);
    EXPECT_EQ(record.reports.size(), row.filed);
    EXPECT_EQ(record.new_names.size(), row.filed);
    EXPECT_EQ(record.receipt.foreign_domains.size(), 1 - row.filed);
  }
}

TEST_F(ProcessTest, AnMxHostOfOursBelowAWildcardIsNoNewDomain) {
  own_ = store::OwnDomains({".wild.example"}, {"mx.wild.example"});
  const auto filed_types = [](const store::ReceiptRecord& record) {
    std::vector<store::PolicyType> types;
    for (const auto& report : record.reports) {
      EXPECT_EQ(report.policy_domain, "mx.wild.example");
      for (const auto& result : report.results) types.push_back(result.policy_type);
    }
    return types;
  };
  using store::PolicyType;
  using Types = std::vector<PolicyType>;
  const std::string about_host = Policy("mx.wild.example", "tlsa");
  for (const char* reporter : {"cheap.example", "google.com"}) {
    SCOPED_TRACE(reporter);
    voucher_ = Says({store::Provenance::kDkim, reporter, ""});
    const auto record = Run(Mail({Json({about_host})}));
    EXPECT_EQ(filed_types(record), Types{PolicyType::kTlsa});
    EXPECT_TRUE(record.new_names.empty());
    EXPECT_TRUE(record.receipt.foreign_domains.empty());
    EXPECT_EQ(record.receipt.quarantined_count, 0);
  }
  // What is said of the same name as a domain waits, as for any other.
  voucher_ = Says({store::Provenance::kDkim, "cheap.example", ""});
  const auto both = Run(Mail({Json({about_host, Policy("mx.wild.example")})}));
  EXPECT_EQ(filed_types(both), Types{PolicyType::kTlsa});
  EXPECT_EQ(both.receipt.foreign_domains, std::vector<std::string>{"mx.wild.example"});
  const auto domain = Run(Mail({Json({Policy("mx.wild.example")})}));
  EXPECT_TRUE(domain.reports.empty());
  EXPECT_EQ(domain.receipt.reason, "foreign_domain");
}

TEST_F(ProcessTest, OperatorVouchesAsContactInfoSays) {
  const OperatorVouches operator_vouches;
  store::Report report;
  report.contact = "smtp-tls-reporting@google.com";
  const Vouched vouched = operator_vouches.Vouch({}, {}, &report);
  EXPECT_EQ(vouched.provenance, store::Provenance::kOperator);
  EXPECT_EQ(vouched.reporter, "google.com");
  report.contact.clear();
  EXPECT_EQ(operator_vouches.Vouch({}, {}, &report).reporter, "");
  EXPECT_EQ(NobodyVouches().Vouch({}, {}, &report).provenance, store::Provenance::kNone);
}

TEST_F(ProcessTest, StrangersBytesInTheEnvelopeAreCleaned) {
  SpoolEntry entry;
  entry.receipt_id = MakeUuidV7(kNow);
  entry.received_at = kNow;
  entry.transport = "smtp";
  entry.envelope_from = "caf\xE9@x.example";
  entry.envelope_to = {"tlsrpt@firm.example", std::string("a\0b", 3)};
  entry.body = Mail({"\xFF\xFE{"});
  const ProcessContext context{
      .own = own_, .voucher = voucher_, .counted_reporters = counted_, .node = "test"};
  const auto record = Process(std::move(entry), context);
  EXPECT_EQ(record.receipt.envelope_from, "caf\xEF\xBF\xBD@x.example");
  EXPECT_EQ(record.receipt.envelope_to[1],
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(record.receipt.reason_detail.find('\xFF'), std::string::npos);
}

TEST_F(ProcessTest, WhatIsNotLookedIntoIsHeldWhole) {
  SpoolEntry entry;
  entry.receipt_id = MakeUuidV7(kNow);
  entry.received_at = kNow;
  entry.envelope_to = {"tlsrpt@firm.example"};
  entry.body = Mail({Json({Policy("firm.example")})});
  const ProcessContext context{
      .own = own_, .voucher = voucher_, .counted_reporters = counted_, .node = "test"};
  const auto record =
      QuarantineUnparsed(std::move(entry), context, kReasonCrash, "three times");
  EXPECT_TRUE(record.reports.empty());
  EXPECT_EQ(record.receipt.report_count, 1);
  EXPECT_EQ(record.receipt.quarantined_count, 1);
  EXPECT_EQ(record.receipt.reason, "crash");
  // One address may be in the records of many domains.
  EXPECT_EQ(record.receipt.quarantined_domains,
            (std::vector<std::string>{std::string(store::kEveryDomain), "firm.example"}));
  EXPECT_FALSE(record.raw.empty());
}

}  // namespace
}  // namespace tlsrpt::ingest
