// Real and published reports, kept outside the project because of their licences. Each
// file is unpacked and parsed as `import` would do it. Skipped where they are absent.

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "ingest/mail/base64.h"
#include "ingest/mail/from_address.h"
#include "ingest/mail/header_block.h"
#include "ingest/mail/split_message.h"
#include "ingest/report/report_parser.h"
#include "ingest/unpack/unpack.h"
#include "tests/unit/ingest/report/report_builder.h"

namespace tlsrpt::ingest {
namespace {

using testing::Texts;
using Strings = std::vector<std::string>;

struct Row {
  const char* file;
  const char* why;  // what is special about it
  const char* organisation;
  const char* report_id;
  // "type domain mode success/failure/unexplained details" of each policy result.
  Strings results;
  Strings anomalies = {};
  // Of the mail around it.
  const char* from = "";
  const char* hint = "";
};

const Strings kAppendixB = {"sts company-y.example testing 5326/303/0 3"};

const Row kRows[] = {
    {"dmarc-report-viewer__google.json",
     "wildcard mx-host; no failure-details",
     "Google Inc.",
     "2025-05-22T00:00:00Z_foo-bar.io",
     {"sts foo-bar.io enforce 1/0/0 0"}},
    {"dmarc-report-viewer__microsoft_sts+tlsa.json",
     "the same sessions under sts and tlsa; a JSON array in a string",
     "Microsoft Corporation",
     "133925885310113267+random.net",
     {"sts random.net enforce 2/0/0 0", "tlsa random.net unknown 2/0/0 0"},
     {"policy_text_nested policies[1].policy.policy-string"}},
    {"dmarc-report-viewer__no-contact.json",
     "Stalwart: contact-info null; mx: in mx-host",
     "server.com",
     "123_456",
     {"sts server.com enforce 1/0/0 0"},
     {"field_null contact-info"}},
    {"draft-2018-02_mode-report.json",
     "a raw line break in a string; mode report; a leading dot; failure-error-code",
     "Company-X",
     "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
     {"sts company-y.example unknown 5326/303/0 3"},
     {"text_changed json", "unknown_name policies[0].policy.policy-string: report",
      "alternative_name policies[0].failure-details[2].failure-error-code"}},
    {"draft-23_appendix-b_literal.json",
     "a raw line break in a string; mx-host string",
     "Company-X",
     "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
     kAppendixB,
     {"text_changed json",
      "alternative_name policies[0].failure-details[2].failure-error-code"}},
    {"issue__google_empty-sending-ip_partial.json",
     "sending-mta-ip \"\"; details sum to 4 of 10",
     "Google Inc.",
     "2024-08-02T00:00:00Z_icewolf.li",
     {"sts icewolf.li enforce 0/10/6 1"},
     {"unexplained_failures policies[0].summary"}},
    {"issue__google_migadu.json",
     "plain success",
     "Google Inc.",
     "2025-06-01T00:00:00Z_maxchernoff.ca",
     {"sts maxchernoff.ca enforce 3/0/0 0"}},
    {"issue__microsoft_tlsa-first.json",
     "tlsa before sts, the same 7 sessions",
     "Microsoft Corporation",
     "133742711803146449+ueber.net",
     {"tlsa ueber.net unknown 7/0/0 0", "sts ueber.net enforce 7/0/0 0"},
     {"policy_text_nested policies[0].policy.policy-string"}},
    {"issue__stalwart_refluxstop_contact-null.json",
     "Stalwart: contact-info null",
     "refluxstop.de",
     "1768089600_5665667737528564296",
     {"sts hin.ch enforce 1/0/0 0"},
     {"field_null contact-info"}},
    {"issue__tlsrpt-reporter_no-policy-domain.json",
     "policy-domain missing",
     "sonne.floppy.org",
     "2025-09-20T00:00:00Z_idx1_mpi-klsb.mpg.de",
     {"no-policy-found - - 1/0/0 0"},
     {"field_missing policies[0].policy.policy-domain"}},
    {"mail-auth__rpt01.eml",
     "a Date that is none; gzip with a file name; folded with 4 blanks; LF",
     "Company-X",
     "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
     kAppendixB,
     {},
     "tlsrpt@mail.sender.example.com",
     "example.net"},
    {"mail-auth__rpt01.json", "blanks in the URI", "Company-X",
     "5065427c-23d3-47ca-b6e0-946ea0e8c4be", kAppendixB},
    {"mail-auth__rpt03_unknown-policy-type.json",
     "no policy-domain; no failure count; an unknown policy-type",
     "Google Inc.",
     "2019-04-14T00:00:00Z_example.org",
     {"no-policy-found - - 1/0/0 0", "other - - 1/0/0 0"},
     {"field_missing policies[0].policy.policy-domain",
      "field_missing policies[0].summary.total-failure-session-count",
      "unknown_name policies[1].policy.policy-type: invalid-policy-type",
      "field_missing policies[1].policy.policy-domain",
      "field_missing policies[1].summary.total-failure-session-count"}},
    {"mail-tls-rpt__google_2020.eml",
     "a mail of 2020",
     "Google Inc.",
     "2020-03-02T00:00:00Z_fastmaildmarc.com",
     {"no-policy-found fastmaildmarc.com - 343/0/0 0"},
     {},
     "noreply-smtp-tls-reporting@google.com",
     "fastmaildmarc.com"},
    {"mail-tls-rpt__report.json.gz.b64",
     "base64 of a gzip, decoded first",
     "Google Inc.",
     "2020-03-02T00:00:00Z_fastmaildmarc.com",
     {"no-policy-found fastmaildmarc.com - 343/0/0 0"}},
    {"mox__microsoft_no-timezone.eml",
     "times without offset",
     "Microsoft Corporation",
     "133198585438131172+test.xmox.nl",
     {"sts test.xmox.nl enforce 2/0/0 0"},
     {"time_without_offset date-range.start-datetime",
      "time_without_offset date-range.end-datetime"},
     "tlsrpt-noreply@microsoft.com",
     "test.xmox.nl"},
    {"mox__minimal_no-policy.json",
     "a report-id of one digit",
     "Example.org",
     "1",
     {"no-policy-found xmox.nl - 1/0/0 0"}},
    {"mox__rfc-message_plain-json-named-gz.eml",
     "JSON named .json.gz; parts of the subject are fields of their own",
     "Company-X",
     "5065427c-23d3-47ca-b6e0-946ea0e8c4be",
     kAppendixB,
     {},
     "tlsrpt@mail.sender.example.com",
     "example.net"},
    {"mta-sts-exporter__google.json",
     "mx-host array",
     "Google Inc.",
     "2024-02-17T00:00:00Z_example.com",
     {"sts example.com enforce 53/0/0 0"}},
    {"mta-sts-exporter__microsoft.json",
     "times with Z",
     "Microsoft Corporation",
     "133526718584528772+example.com",
     {"sts example.com enforce 18/0/0 0"}},
    {"mta-sts-exporter__rfc-errata-6241.json", "mx-host array", "Company-X",
     "5065427c-23d3-47ca-b6e0-946ea0e8c4be", kAppendixB},
    {"page__microsoft_reason-codes_partial.json",
     "placeholders in <>; no summary, no report-id: filing quarantines it for its domain",
     "Microsoft Corporation",
     "",
     {"sts - testing 0/2/0 2"},
     {"field_missing report-id",
      "unreadable policies[0].policy.policy-domain: <MY_DOMAIN>",
      "unreadable policies[0].policy.policy-string: <MY_DOMAIN>",
      "field_missing policies[0].summary",
      "not_an_address policies[0].failure-details[1].receiving-ip: <MY_MAILSERVER_IP>"}},
    {"parsedmarc__google_no-policy.eml",
     "a gateway's text in part 1; LF",
     "Google Inc.",
     "2024-09-03T00:00:00Z_cardinalhealth.ca",
     {"no-policy-found cardinalhealth.ca - 48/0/0 0"},
     {},
     "noreply-smtp-tls-reporting@google.com",
     "cardinalhealth.ca"},
    {"parsedmarc__mail.ru_fetch-error.json",
     "no policy-string; details sum to 2, the summary to 1",
     "Mail.ru",
     "b28254de-7b2e-be36-bb5c-4c3b92da8b25@mail.ru",
     {"sts example.com - 0/1/0 2"},
     {"details_exceed_summary policies[0].summary"}},
    {"parsedmarc__rfc8460_mx-host-string.json", "mx-host a string", "Company-X",
     "5065427c-23d3-47ca-b6e0-946ea0e8c4be", kAppendixB},
    {"tlsrpt-be__failures-without-details.json",
     "failures without details",
     "Example Inc.",
     "report-id-from-report.json",
     {"no-policy-found xn--gpher-jua.test - 99/102/102 0"},
     {"unexplained_failures policies[0].summary"}},
    {"tlsrpt-be__idn_mx-host-string.json",
     "an A-label; mx-host a string",
     "Company-X",
     "report-id-of-report-over-email-1234",
     {"sts xn--gpher-jua.test testing 5326/303/0 3"}},
    {"tlsrpt-be__report-2.json",
     "plain success",
     "Example LLC.",
     "2025-08-04T00:00:00Z_example.org",
     {"no-policy-found example.org - 13/0/0 0"}},
    {"tlsrpt-digest__google_2.eml",
     "an ARC set; mx-host array",
     "Google Inc.",
     "2026-05-12T00:00:00Z_example.com",
     {"sts example.com enforce 4/0/0 0"},
     {},
     "noreply-smtp-tls-reporting@google.com",
     "example.com"},
    {"tlsrpt-digest__google_payload-mismatch.eml",
     "payload and subject disagree: the payload counts",
     "Google Inc.",
     "2026-02-08T00:00:00Z_example.com",
     {"sts example.com enforce 4523/2/0 1"},
     {},
     "noreply-smtp-tls-reporting@google.com",
     "example.com"},
    {"tlsrpt-digest__microsoft_html-part.eml",
     "text/html first",
     "Microsoft Corporation",
     "134232617934286362+example.com",
     {"sts example.com enforce 2/0/0 0"},
     {},
     "tlsrpt-noreply@microsoft.com",
     "example.com"},
};

std::filesystem::path Corpus() {
  const char* source = std::getenv("TLSRPTD_SOURCE_DIR");
  return std::filesystem::path(source != nullptr ? source : ".") / "../shared/corpus";
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Summary(const store::PolicyResult& result) {
  return std::string(NameOf(result.policy_type)) + " " +
         (result.policy_domain.empty() ? "-" : result.policy_domain) + " " +
         (result.policy ? std::string(NameOf(result.policy->mode)) : "-") + " " +
         std::to_string(result.success_sessions) + "/" +
         std::to_string(result.failure_sessions) + "/" +
         std::to_string(result.unexplained_sessions) + " " +
         std::to_string(result.details.size());
}

TEST(Corpus, EveryFile) {
  if (!std::filesystem::exists(Corpus() / "MANIFEST.tsv")) {
    GTEST_SKIP() << "no corpus beside the source";
  }
  for (const Row& row : kRows) {
    SCOPED_TRACE(std::string(row.file) + ": " + row.why);
    std::string bytes = ReadFile(Corpus() / row.file);
    const bool mail = std::string(row.file).ends_with(".eml");
    if (std::string(row.file).ends_with(".b64")) bytes = DecodeBase64(bytes)->bytes;
    const auto unpacked = Unpack(bytes);
    ASSERT_TRUE(unpacked.has_value()) << unpacked.error().message;
    EXPECT_TRUE(unpacked->failures.empty());
    EXPECT_EQ(unpacked->is_mail, mail);
    EXPECT_EQ(FromAddress(ReadHeaderBlock(SplitMessage(bytes).header)), row.from);
    ASSERT_EQ(unpacked->reports.size(), 1u);
    const ReportPart& part = unpacked->reports[0];
    EXPECT_EQ(part.vouchable, mail);
    EXPECT_EQ(part.domain_hint, row.hint);
    EXPECT_TRUE(part.anomalies.empty());

    const auto report = ParseReport(part.json);
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_EQ(report->organisation, row.organisation);
    EXPECT_EQ(report->report_id, row.report_id);
    Strings results;
    for (const auto& result : report->results) results.push_back(Summary(result));
    EXPECT_EQ(results, row.results);
    EXPECT_EQ(Texts(report->anomalies), row.anomalies);
  }
}

TEST(Corpus, TheTableNamesEveryFile) {
  if (!std::filesystem::exists(Corpus() / "MANIFEST.tsv")) {
    GTEST_SKIP() << "no corpus beside the source";
  }
  std::set<std::string> known = {"MANIFEST.tsv"};
  for (const Row& row : kRows) known.insert(row.file);
  for (const auto& entry : std::filesystem::directory_iterator(Corpus())) {
    EXPECT_EQ(known.count(entry.path().filename()), 1u) << entry.path().filename();
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
