#include "ingest/unpack/unpack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/ingest/unpack/mail_builder.h"

namespace tlsrpt::ingest {
namespace {

using testing::Base64;
using testing::Gzip;
using testing::GzipPart;
using testing::Header;
using testing::Json;
using testing::kReportType;
using testing::Part;
using testing::ReportMail;
using testing::TextPart;
using testing::Zip;

const char kTlsrptGzip[] =
    "Content-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: base64";

std::string Report(const std::string& parts) {
  return Header() + std::string(kReportType) + parts + "--b--\r\n";
}

std::string WithoutCr(std::string text) {
  std::erase(text, '\r');
  return text;
}

// A mail of one part with no other sign of a report than that part.
std::string PlainMail(const std::string& part) {
  return "From: a@mail.example\r\nSubject: hello\r\n"
         "Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
         part + "--b--\r\n";
}

struct Row {
  const char* why;
  std::string bytes;
  std::size_t reports = 1;  // each of them is Json()
  bool vouchable = true;    // of the first
  const char* hint = "firm.example";
  const char* failure = "";  // part of the first; empty: there is none
  bool ordinary = false;
};

// The rows of the catalogue of reporters, section 2, and what follows from RFC 8460, 5.
TEST(Unpack, MailForms) {
  const std::string json = Json(), gz = Gzip(json);
  const std::string b64 = Base64(gz);
  const std::string hostless = "From: a@mail.example\r\nSubject: SMTP TLS report\r\n";
  const auto encoded_message = [](const std::string& mail) {
    return Part("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64",
                Base64(mail));
  };
  const Row rows[] = {
      {"RFC 8460, 5.3 as Google, Mail.ru and most send it", ReportMail()},
      {"LF line ends (mail-auth's and parsedmarc's samples)", WithoutCr(ReportMail())},
      {"report-type quoted, after the boundary",
       Header() +
           "Content-Type: multipart/report; boundary=b; report-type=\"tlsrpt\"\r\n"
           "\r\n" +
           GzipPart(json) + "--b--"},
      {"Halon: a double semicolon, base64 JSON named .json",
       Header() +
           "Content-Type: multipart/report; report-type=\"tlsrpt\";;\r\n"
           " boundary=\"b\"\r\n\r\n" +
           Part("Content-Type: application/tlsrpt+json; name=\"report.json\"\r\n"
                "Content-Transfer-Encoding: base64",
                Base64(json)) +
           "--b--"},
      {"hMailServer fork: JSON, no transfer encoding",
       Report(Part("Content-Type: application/tlsrpt+json; name=tls-report.json", json))},
      {"Microsoft: text/html first, filename= only, Content-Description",
       Report(Part("Content-Type: text/html\r\nContent-Transfer-Encoding: "
                   "quoted-printable",
                   "<p>=20report</p>") +
              Part("Content-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: "
                   "base64\r\nContent-Description: microsoft.example!firm.example!1!2!3."
                   "json.gz\r\nContent-Disposition: attachment; filename=\"microsoft."
                   "example!firm.example!1!2!3.json.gz\"",
                   b64))},
      {"a gateway's notice in the first part (Cisco)",
       Report(Part("Content-Type: text/plain\r\nContent-Transfer-Encoding: "
                   "quoted-printable",
                   "[External Email]=\r\n report") +
              GzipPart(json))},
      {"Mail.ru: the multipart is never closed",
       Header() + std::string(kReportType) + TextPart() + GzipPart(json)},
      {"Google: the close delimiter directly after the base64",
       Header() + std::string(kReportType) + "--b\r\n" + kTlsrptGzip + "\r\n\r\n" +
           Base64(gz, 0) + "\r\n--b--"},
      {"mox's test: no multipart, the whole body is the report",
       Header() + "Content-Type: application/tlsrpt+json\r\n\r\n" + json},
      {"no multipart, the whole body is gzip in base64",
       Header() + kTlsrptGzip + "\r\n\r\n" + b64},
      {"multipart/mixed in place of report is not vouched for (mox refuses it)",
       Header() + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + GzipPart(json) +
           "--b--",
       1, false},
      {"multipart/related in place of report",
       Header() + "Content-Type: multipart/related; boundary=b\r\n\r\n" + GzipPart(json) +
           "--b--",
       1, false},
      {"mail-auth: application/tlsrpt without suffix, no transfer encoding",
       Report(Part("Content-Type: application/tlsrpt", json)), 1, false},
      {"application/tlsrpt+zip",
       Report(Part("Content-Type: application/tlsrpt+zip\r\nContent-Transfer-Encoding: "
                   "base64",
                   Base64(Zip({{.name = "r.json", .bytes = json}}))))},
      {"application/tlsrpt+x-gzip",
       Report(
           Part("Content-Type: application/tlsrpt+x-gzip\r\nContent-Transfer-Encoding: "
                "base64",
                b64))},
      {"Amazon SES: application/octet-stream",
       Report(Part("Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: "
                   "base64",
                   b64)),
       1, false},
      {"application/gzip",
       Report(Part("Content-Type: application/gzip\r\nContent-Transfer-Encoding: base64",
                   b64)),
       1, false},
      {"application/x-zip-compressed",
       Report(Part("Content-Type: application/x-zip-compressed\r\n"
                   "Content-Transfer-Encoding: base64",
                   Base64(Zip({{.name = "r.json", .bytes = json}})))),
       1, false},
      {"text/plain attachment with JSON",
       Report(Part("Content-Type: text/plain; name=r.json", json)), 1, false},
      {"JSON in quoted-printable",
       Report(Part("Content-Type: application/tlsrpt+json\r\nContent-Transfer-Encoding: "
                   "quoted-printable",
                   "=7B" + json.substr(1, 60) + "=\r\n" + json.substr(61)))},
      {"type says gzip, payload is plain JSON (parsedmarc)",
       Report(Part("Content-Type: application/tlsrpt+gzip", json))},
      {"name says .json.gz, payload is JSON (the RFC's sample)",
       Report(Part("Content-Type: application/tlsrpt+json; name=a!b!1!2.json.gz", json))},
      {"type says JSON, payload is gzip",
       Report(Part("Content-Type: application/tlsrpt+json\r\nContent-Transfer-Encoding: "
                   "base64",
                   b64))},
      {"8-bit gzip (BINARYMIME)",
       Report(Part("Content-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: "
                   "binary",
                   gz))},
      {"base64 announced, but the payload is raw JSON", Report(Part(kTlsrptGzip, json))},
      {"base64 not announced",
       Report(Part("Content-Type: application/tlsrpt+gzip", b64))},
      {"base64 in lines that are no multiple of four (parsedmarc 549)",
       Report(Part(kTlsrptGzip, Base64(gz, 0).insert(3, "\r\n").insert(30, "\r\n ")))},
      {"base64 without its padding",
       Report(Part(kTlsrptGzip, WithoutCr(b64).substr(0, WithoutCr(b64).find('='))))},
      {"JSON with a byte order mark",
       Report(Part("Content-Type: application/tlsrpt+json", "\xEF\xBB\xBF" + json))},
      {"JSON after blank lines",
       Report(Part("Content-Type: application/tlsrpt+json", "\r\n \t" + json))},
      {"tlsrpt-reporter: no Date, no Message-ID; a name in RFC 2231",
       Report(Part("Content-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: "
                   "base64\r\nContent-Disposition: attachment; filename*=utf-8''Gro%C3%9F"
                   "e%20Firma!firm.example!1!2!1.json.gz",
                   b64))},
      {"mbox: a From line first, Status and Content-Length among the fields",
       "From x@mail.example Thu Apr  2 00:00:00 2026\r\nStatus: RO\r\nContent-Length: 9"
       "\r\n" +
           ReportMail()},
      {"an empty line before the header", "\r\n" + ReportMail()},

      // Where the policy domain comes from, for reports that leave it out.
      {"hint: TLS-Report-Domain first",
       "TLS-Report-Domain: one.example\r\nSubject: Report Domain: two.example Submitter: "
       "x"
       "\r\n" +
           std::string(kReportType) + GzipPart(json),
       1, true, "one.example"},
      {"hint: a folded subject (Mail.ru, Microsoft)",
       "Subject: Report\r\n Domain:\r\n Two.Example.\r\n Submitter: x\r\n" +
           std::string(kReportType) + GzipPart(json),
       1, true, "two.example"},
      {"hint: an unreadable TLS-Report-Domain is passed over",
       "TLS-Report-Domain: nonsense\r\nSubject: report domain: two.example\r\n" +
           std::string(kReportType) + GzipPart(json),
       1, true, "two.example"},
      {"hint: of two TLS-Report-Domain fields the first may be anybody's",
       "TLS-Report-Domain: victim.example\r\nTLS-Report-Domain: firm.example\r\n" +
           hostless + std::string(kReportType) +
           Part("Content-Type: application/tlsrpt+json", json),
       1, true, ""},
      {"hint: so the subject has to do",
       "TLS-Report-Domain: victim.example\r\ntls-report-domain: firm.example\r\n"
       "Subject: Report Domain: two.example\r\n" +
           std::string(kReportType) + Part("Content-Type: application/tlsrpt+json", json),
       1, true, "two.example"},
      {"hint: of two subjects neither",
       "Subject: Report Domain: victim.example\r\nSubject: Report Domain: "
       "two.example\r\n" +
           std::string(kReportType) + Part("Content-Type: application/tlsrpt+json", json),
       1, true, ""},
      {"hint: the file name", hostless + std::string(kReportType) + GzipPart(json), 1,
       true, "firm.example"},
      {"hint: none (a small server: subject \"SMTP TLS report\", tlsrpt.json)",
       hostless + std::string(kReportType) +
           Part("Content-Type: application/tlsrpt+json; name=tlsrpt.json", json),
       1, true, ""},
      {"hint: three fields are no report's file name",
       hostless + std::string(kReportType) +
           Part("Content-Type: application/tlsrpt+json; name=a!firm.example!1", json),
       1, true, ""},
      {"hint: the name inside a zip",
       hostless + std::string(kReportType) +
           Part("Content-Type: application/tlsrpt+zip\r\nContent-Transfer-Encoding: "
                "base64",
                Base64(Zip({{.name = "sub/a!zipped.example!1!2.json", .bytes = json}}))),
       1, true, "zipped.example"},
      {"hint: of the forwarded mail, not of the one around it",
       "TLS-Report-Domain: outer.example\r\nContent-Type: multipart/mixed; boundary=m\r\n"
       "\r\n--m\r\nContent-Type: message/rfc822\r\n\r\n" +
           ReportMail() + "--m--",
       1, false, "firm.example"},

      // Several, nested, wrapped.
      {"two reports in one mail", Report(GzipPart(json) + GzipPart(json)), 2},
      {"a zip with two reports and a README",
       Report(Part("Content-Type: application/tlsrpt+zip\r\nContent-Transfer-Encoding: "
                   "base64",
                   Base64(Zip({{.name = "a", .bytes = json},
                               {.name = "README", .bytes = "hello"},
                               {.name = "b.gz", .bytes = gz}})))),
       2},
      {"gzip in gzip", Report(Part(kTlsrptGzip, Base64(Gzip(gz))))},
      {"message/rfc822: a forwarder's wrapping is not vouched for",
       "Subject: Fwd\r\nContent-Type: multipart/mixed; "
       "boundary=m\r\n\r\n--m\r\n\r\nsee\r\n"
       "--m\r\nContent-Type: message/rfc822\r\n\r\n" +
           ReportMail() + "--m--",
       1, false},
      {"message/rfc822 in base64, which RFC 2046 forbids",
       "Subject: Fwd\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n"
       "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
           Base64(ReportMail()) + "\r\n--m--",
       1, false},
      {"a list server's multipart around it",
       "Subject: [list] x\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n" +
           std::string(kReportType) + GzipPart(json) +
           "--b--\r\n--m\r\n\r\nfooter\r\n"
           "--m--",
       1, false},
      {"the top says tlsrpt but the report is deeper",
       Header() +
           "Content-Type: multipart/report; report-type=tlsrpt; boundary=m\r\n\r\n"
           "--m\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
           GzipPart(json) + "--b--\r\n--m--",
       1, false},
      {"two Content-Type fields on top can be read in two ways",
       Header() + "Content-Type: text/plain\r\n" + std::string(kReportType) +
           GzipPart(json),
       0, false, "", "the mail says that it is a TLS report"},
      {"two on top, the first of them right",
       Header() +
           "Content-Type: multipart/report; report-type=tlsrpt; boundary=b\r\n"
           "Content-Type: text/plain\r\n\r\n" +
           GzipPart(json),
       1, false},
      {"two Content-Type fields on the part",
       Report(Part("Content-Type: application/tlsrpt+json\r\nContent-Type: text/plain",
                   json)),
       1, false},

      {"two Content-Transfer-Encoding fields on the part",
       Report(Part("Content-Type: application/tlsrpt+json\r\nContent-Transfer-Encoding: "
                   "8bit\r\nContent-Transfer-Encoding: base64",
                   json)),
       1, false},
      {"a header that was cut may have held another Content-Type",
       "X: " + std::string(10'000, 'x') + "\r\n" + ReportMail(), 1, false, "firm.example",
       "a header too long"},

      // What goes wrong stays with its part and is said.
      {"a poisoned part does not cost the other",
       Report(Part(kTlsrptGzip, "!!!!") + GzipPart(json)), 1, true, "firm.example",
       "part 1: base64: not of the alphabet at byte 0"},
      {"a cut gzip", Report(Part(kTlsrptGzip, Base64(gz.substr(0, gz.size() / 2)))), 0,
       false, "", "part 1: gzip: cut short"},
      {"the failure names the file",
       Report(Part("Content-Type: application/tlsrpt+gzip; name=\"r.gz\"\r\n"
                   "Content-Transfer-Encoding: base64",
                   "H4sIAAAA")),
       0, false, "", "part 1 (r.gz): gzip:"},
      {"an empty part", Report(Part("Content-Type: application/tlsrpt+gzip", "")), 0,
       false, "", "part 1: neither gzip, zip nor JSON: empty"},
      {"something else under the type",
       Report(Part("Content-Type: application/tlsrpt+gzip", "<html>")), 0, false, "",
       "neither gzip, zip nor JSON: starts with bytes 3c68746d"},
      {"gzip of something else", Report(Part(kTlsrptGzip, Base64(Gzip("<xml/>")))), 0,
       false, "", "neither gzip, zip nor JSON: starts with bytes 3c786d6c"},
      {"an encrypted zip",
       Report(Part("Content-Type: application/tlsrpt+zip\r\nContent-Transfer-Encoding: "
                   "base64",
                   Base64(Zip({{.name = "r", .bytes = json, .flags = 1}})))),
       0, false, "", "part 1: r: zip: encrypted"},
      {"packed too often", Report(Part(kTlsrptGzip, Base64(Gzip(Gzip(Gzip(gz)))))), 0,
       false, "", "packed more than 3 times over"},
      {"claims to be a report and holds none", Report(TextPart()), 0, false, "",
       "the mail says that it is a TLS report"},
      {"claims by its report-type alone",
       "Subject: x\r\n" + std::string(kReportType) + TextPart() + "--b--", 0, false, "",
       "the mail says that it is a TLS report"},
      {"claims by a TLS-Report field alone",
       "TLS-Report-Submitter: mail.example\r\n\r\nhello", 0, false, "",
       "the mail says that it is a TLS report"},

      {"claims by a Content-Type whose boundary is too long",
       "Subject: x\r\nContent-Type: multipart/report; report-type=tlsrpt; boundary=" +
           std::string(300, 'x') + "\r\n\r\n" + GzipPart(json),
       0, false, "", "the mail says that it is a TLS report"},
      {"claims by a Content-Type that cannot be read",
       "Subject: x\r\nContent-Type: multipart/report, report-type=tlsrpt, boundary=b"
       "\r\n\r\n" +
           GzipPart(json),
       0, false, "", "the mail says that it is a TLS report"},
      {"a boundary in sections (RFC 2231, 3)",
       "Subject: x\r\nContent-Type: multipart/report; report-type=tlsrpt;\r\n"
       " boundary*0=b; boundary*1=\"\"\r\n\r\n" +
           GzipPart(json),
       1},

      // Forwarded.
      {"a digest: its parts are messages (RFC 2046, 5.1.5)",
       "Subject: digest\r\nContent-Type: multipart/digest; "
       "boundary=m\r\n\r\n--m\r\n\r\n" +
           ReportMail() + "\r\n--m--",
       1, false},
      {"a digest's encoded message",
       "Subject: digest\r\nContent-Type: multipart/digest; boundary=m\r\n\r\n--m\r\n"
       "Content-Transfer-Encoding: base64\r\n\r\n" +
           Base64(ReportMail()) + "\r\n--m--",
       1, false},
      {"as a file, as webmail does",
       PlainMail(Part("Content-Type: application/octet-stream; name=\"Fwd.EML\"\r\n"
                      "Content-Transfer-Encoding: base64",
                      Base64(ReportMail()))),
       1, false},
      {"as a file, not encoded",
       PlainMail(
           Part("Content-Type: text/plain\r\n"
                "Content-Disposition: attachment; filename=a.eml",
                "Subject: x\r\nContent-Type: application/tlsrpt+json\r\n\r\n" + json)),
       1, false, ""},
      {"a report that is only called a mail",
       PlainMail(Part("Content-Type: application/octet-stream; name=a.eml\r\n"
                      "Content-Transfer-Encoding: base64",
                      b64)),
       1, false, ""},
      {"an encoded message that is damaged",
       PlainMail(Part("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64",
                      Base64(ReportMail()) + "\r\n-- \r\na list's footer")),
       0, false, "", "part 1: base64: "},
      {"an encoded message three deep",
       PlainMail(encoded_message(
           PlainMail(encoded_message(PlainMail(encoded_message(ReportMail())))))),
       0, false, "", "part 1: a mail within more than 2 others"},
      {"and two deep",
       PlainMail(encoded_message(PlainMail(encoded_message(ReportMail())))), 1, false},
      {"a report's mail in a zip",
       PlainMail(
           Part("Content-Type: application/zip\r\nContent-Transfer-Encoding: base64",
                Base64(Zip({{.name = "a.json", .bytes = json},
                            {.name = "b.eml", .bytes = ReportMail()}})))),
       1, false, "", "part 1: b.eml: a mail, which is not read in an archive"},
      {"a transfer encoding with a comment",
       PlainMail(Part("Content-Type: application/gzip\r\n"
                      "Content-Transfer-Encoding: \"Base64\" (as ever); x",
                      b64)),
       1, false, ""},
      {"JSON in capitals, as the parser takes it",
       PlainMail(Part("Content-Type: application/json; name=a.json",
                      "{\"POLICIES\": [], \"x\": " + json + "}")),
       1, false, ""},

      // Ordinary mail, and what is not.
      {"ordinary mail", "From: a@b.example\r\nSubject: hello\r\n\r\nhello\r\n", 0, false,
       "", "", true},
      {"ordinary: text that begins with a brace", "Subject: hello\r\n\r\n{ wave }\r\n", 0,
       false, "", "", true},
      {"ordinary: JSON of no report as text", "Subject: hello\r\n\r\n{\"a\": 1}\r\n", 0,
       false, "", "", true},
      {"ordinary: a picture in base64",
       PlainMail(Part("Content-Type: image/png\r\nContent-Transfer-Encoding: base64",
                      Base64("\x89PNG\r\n\x1a\n"))),
       0, false, "", "", true},
      {"ordinary: an attachment whose base64 is damaged",
       PlainMail(
           Part("Content-Type: image/png\r\nContent-Transfer-Encoding: base64", "!!!")),
       0, false, "", "", true},
      {"ordinary: a bounce (report-type=delivery-status)",
       "Subject: Undelivered\r\nContent-Type: multipart/report; "
       "report-type=delivery-status; boundary=b\r\n\r\n" +
           TextPart() + "--b--",
       0, false, "", "", true},
      {"a report as the text of an otherwise plain mail", "Subject: x\r\n\r\n" + json, 1,
       false, ""},
      {"ordinary: a DMARC report, which is no JSON",
       PlainMail(
           Part("Content-Type: application/gzip\r\nContent-Transfer-Encoding: base64",
                Base64(Gzip("<feedback/>")))),
       0, false, "", "", true},
      {"the same in a mail that claims to be a TLS report",
       "TLS-Report-Domain: firm.example\r\n" +
           PlainMail(
               Part("Content-Type: application/gzip\r\nContent-Transfer-Encoding: base64",
                    Base64(Gzip("<feedback/>")))),
       0, false, "", "part 1: neither gzip, zip nor JSON"},
      {"no sign but a gzip that is cut: it may be a report",
       PlainMail(
           Part("Content-Type: application/gzip\r\nContent-Transfer-Encoding: base64",
                Base64(Gzip("<feedback/>").substr(0, 14)))),
       0, false, "", "part 1: gzip"},
      {"no sign but a report in octet-stream",
       PlainMail(Part("Content-Type: application/octet-stream\r\n"
                      "Content-Transfer-Encoding: base64",
                      b64)),
       1, false, ""},
      {"ordinary: somebody's zip",
       PlainMail(
           Part("Content-Type: application/zip\r\nContent-Transfer-Encoding: base64",
                Base64(Zip({{.name = "a.txt", .bytes = "hi"}})))),
       0, false, "", "", true},
      {"ordinary: somebody's JSON file",
       PlainMail(Part("Content-Type: application/json; name=a.json", "{\"a\": 1}")), 0,
       false, "", "", true},
      {"ordinary: somebody's JSON in a gzip",
       PlainMail(
           Part("Content-Type: application/gzip\r\nContent-Transfer-Encoding: base64",
                Base64(Gzip("{\"a\": 1}")))),
       0, false, "", "", true},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const auto got = Unpack(row.bytes);
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_TRUE(got->is_mail);
    EXPECT_EQ(got->ordinary, row.ordinary);
    ASSERT_EQ(got->reports.size(), row.reports)
        << (got->failures.empty() ? "" : got->failures[0].message);
    for (const ReportPart& report : got->reports) {
      EXPECT_NE(report.json.find(json), std::string::npos);
    }
    if (row.reports > 0) {
      EXPECT_EQ(got->reports[0].vouchable, row.vouchable);
      EXPECT_EQ(got->reports[0].domain_hint, row.hint);
    }
    ASSERT_EQ(got->failures.empty(), std::string(row.failure).empty())
        << got->failures[0].message;
    if (!got->failures.empty()) {
      EXPECT_NE(got->failures[0].message.find(row.failure), std::string::npos)
          << got->failures[0].message;
    }
    // Nothing falls between the three.
    EXPECT_EQ(got->ordinary, got->reports.empty() && got->failures.empty());
  }
}

// A signature covers the body, and of the fields those that it names.
TEST(Unpack, HintsByWhereTheyStand) {
  const std::string fields =
      "TLS-Report-Domain: a.example\r\nSubject: Report Domain: b.example Submitter: "
      "x\r\n";
  const std::string typed =
      "Content-Type: application/tlsrpt+json; name=\"x!c.example!1!2.json\"";
  const auto in_part =
      Unpack(fields + std::string(kReportType) + Part(typed, Json()) + "--b--\r\n");
  ASSERT_EQ(in_part->reports.size(), 1u);
  EXPECT_EQ(in_part->reports[0].domain_hint, "a.example");
  const DomainHints& hints = in_part->reports[0].signable_hints;
  EXPECT_EQ(hints.report_domain, "a.example");
  EXPECT_EQ(hints.subject, "b.example");
  EXPECT_EQ(hints.file_name, "c.example");

  const auto whole = Unpack("From: a@b.example\r\n" + typed + "\r\n\r\n" + Json());
  ASSERT_EQ(whole->reports.size(), 1u);
  EXPECT_TRUE(whole->reports[0].vouchable);
  EXPECT_EQ(whole->reports[0].domain_hint, "c.example");
  EXPECT_EQ(whole->reports[0].signable_hints.file_name, "")
      << "that is a field of the mail";
}

struct FileRow {
  const char* why;
  std::string bytes;
  const char* file_name;
  std::size_t reports;
  const char* hint;
  const char* failure = "";
};

TEST(Unpack, FilesAndPosts) {
  const std::string json = Json(), gz = Gzip(json);
  const FileRow rows[] = {
      {"tlsrpt-reporter, Stalwart: gzip POSTed", gz, "", 1, ""},
      {"Halon: JSON POSTed", json, "", 1, ""},
      {"zip", Zip({{.name = "a!z.example!1!2.json", .bytes = json}}), "", 1, "z.example"},
      {"JSON with a byte order mark", "\xEF\xBB\xBF\r\n" + json, "", 1, ""},
      {"hint from the file name", gz, "/in/mail.example!firm.example!1!2!001.json.gz", 1,
       "firm.example"},
      {"folders are no part of a file's name", gz,
       "/a!b.example!c!d/mail.example!firm.example!1!2.json.gz", 1, "firm.example"},
      {"any JSON is left to the parser, which can say what it lacks", "{}", "", 1, ""},
      {"a list of reports is left to it too, and no mail", "[" + json + "]", "", 1, ""},
      {"an empty list before a report", "\xEF\xBB\xBF\n []" + json, "", 1, ""},
      {"a list in gzip", Gzip("[" + json + "]"), "", 1, ""},
      {"a list in a zip", Zip({{.name = "a", .bytes = "[" + json + "]"}}), "", 1, ""},
      {"a damaged gzip", gz.substr(0, 40), "", 0, "", "gzip: cut short"},
      {"an empty zip", Zip({}), "", 0, "", "zip: no JSON in it"},
  };
  for (const FileRow& row : rows) {
    SCOPED_TRACE(row.why);
    const auto got = Unpack(row.bytes, {row.file_name});
    ASSERT_TRUE(got.has_value()) << got.error().message;
    EXPECT_FALSE(got->is_mail);
    EXPECT_FALSE(got->ordinary);
    ASSERT_EQ(got->reports.size(), row.reports);
    if (row.reports > 0) {
      EXPECT_EQ(got->reports[0].domain_hint, row.hint);
      EXPECT_FALSE(got->reports[0].vouchable);
    } else {
      ASSERT_EQ(got->failures.size(), 1u);
      EXPECT_NE(got->failures[0].message.find(row.failure), std::string::npos)
          << got->failures[0].message;
    }
  }
}

// Beside a good one, too: only what is plainly no report is passed over in silence.
TEST(Unpack, AMemberThatMayBeAReportIsAFailure) {
  const std::string json = Json();
  std::string utf16 = "\xFF\xFE";
  for (const char c : json) utf16 += {c, '\0'};
  struct {
    const char* why;
    testing::ZipFile member;
    std::string failure;
  } const rows[] = {
      {"a README", {.name = "README", .bytes = "hello"}, ""},
      {"another in Latin script",
       {.name = "lies mich.txt",
        .bytes = "Gr\xC3\xBC\xC3\x9F"
                 "e"},
       ""},
      {"an empty file", {.name = "empty", .bytes = ""}, ""},
      {"what a Mac adds", {.name = "__MACOSX/._a.json", .bytes = {"\0\5\x16\7", 4}}, ""},
      {"UTF-16",
       {.name = "b", .bytes = utf16},
       "b: neither gzip, zip nor JSON: starts with "},
      {"xz",
       {.name = "b.xz",
        .bytes = {"\xFD"
                  "7zXZ\0",
                  6}},
       "b.xz: neither"},
      {"a report's name", {.name = "b.JSON", .bytes = "hello"}, "b.JSON: neither"},
      {"an empty report", {.name = "b.json.gz", .bytes = ""}, "b.json.gz: neither"},
      {"gzip of UTF-16", {.name = "b.gz", .bytes = Gzip(utf16)}, "b.gz: neither"},
      {"a report without its brace",
       {.name = "b", .bytes = json.substr(1)},
       "b: neither"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto got = Unpack(Zip({{.name = "a.json", .bytes = json}, row.member}));
    ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->reports.size(), 1u);
    ASSERT_EQ(got->failures.empty(), row.failure.empty());
    if (!row.failure.empty()) {
      EXPECT_EQ(got->failures[0].message.substr(0, row.failure.size()), row.failure);
    }
  }
}

TEST(Unpack, AFileHasTheLimitOfFilesToo) {
  const auto hundred = [](const std::string& bytes) {
    return Zip(std::vector<testing::ZipFile>(100, {.name = "a", .bytes = bytes}));
  };
  const std::size_t kArchives = 5;  // and their own 5 entries, so the last is cut
  std::vector<testing::ZipFile> archives(kArchives,
                                         {.name = "z", .bytes = hundred("{}")});
  const auto got = Unpack(Zip(archives));
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ(got->reports.size(), kMaxUnpackedFiles - kArchives - 1);
  ASSERT_EQ(got->failures.size(), 1u);
  EXPECT_EQ(got->failures[0].kind, ErrorKind::kTooLarge);
  EXPECT_EQ(got->failures[0].message, "more than 500 files; the rest was left out");
  // One less is read whole.
  archives.pop_back();
  const auto fewer = Unpack(Zip(archives));
  ASSERT_TRUE(fewer.has_value());
  EXPECT_EQ(fewer->reports.size(), 400u);
  EXPECT_TRUE(fewer->failures.empty());
}

TEST(Unpack, WhatIsNeitherIsRefused) {
  for (const std::string& bytes :
       {std::string(), std::string("\r\n\r\n"), std::string("hello\r\n"),
        std::string("<html>"), std::string("\0\0\0", 3)}) {
    const auto got = Unpack(bytes);
    ASSERT_FALSE(got.has_value()) << bytes;
    EXPECT_EQ(got.error().kind, ErrorKind::kNotFound);
  }
}

TEST(Unpack, AnomaliesSayHowTheMailDeparts) {
  const auto fields = [](const std::string& mail) {
    std::vector<std::string> fields;
    const auto got = Unpack(mail);
    for (const auto& anomaly : got->reports.at(0).anomalies) {
      EXPECT_EQ(anomaly.code, store::AnomalyCode::kMailForm);
      fields.push_back(anomaly.field);
    }
    return fields;
  };
  using Fields = std::vector<std::string>;
  const std::string json = Json();
  EXPECT_EQ(fields(ReportMail()), Fields{});
  EXPECT_EQ(fields(Report(Part("Content-Type: application/octet-stream", json))),
            Fields{"media type application/octet-stream, but it is json"});
  EXPECT_EQ(fields(PlainMail(GzipPart(json))),
            Fields{"not in a multipart/report; report-type=tlsrpt"});
  EXPECT_EQ(fields(Report(Part(kTlsrptGzip, json))),
            (Fields{"Content-Transfer-Encoding: base64, but it is not",
                    "media type application/tlsrpt+gzip, but it is json"}));
  EXPECT_EQ(
      fields(Report(Part("Content-Type: application/tlsrpt+gzip", Base64(Gzip(json))))),
      Fields{"base64 without a Content-Transfer-Encoding"});
}

TEST(Unpack, ReportsHowItWasCalled) {
  const auto got = Unpack(ReportMail());
  EXPECT_EQ(got->reports[0].media_type, "application/tlsrpt+gzip");
  EXPECT_EQ(got->reports[0].file_name, "mail.example!firm.example!1!2!001.json.gz");
}

TEST(Unpack, EveryPrefixAndEveryFlippedByteIsAnswered) {
  const std::string mail = ReportMail();
  for (std::size_t n = 0; n <= mail.size(); ++n) {
    const auto got = Unpack(std::string(mail.substr(0, n)));
    if (got) {
      EXPECT_EQ(got->ordinary, got->reports.empty() && got->failures.empty()) << n;
    }
  }
  for (std::size_t n = 0; n < mail.size(); ++n) {
    for (const int flip : {0x01, 0x20, 0x80, 0xff}) {
      std::string damaged = mail;
      damaged[n] = static_cast<char>(damaged[n] ^ flip);
      (void)Unpack(damaged);
    }
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
