// A submission whole: the mail, what was unpacked, the report and the rows, all at once.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "ingest/flow/mail_voucher.h"
#include "ingest/flow/process.h"
#include "ingest/unpack/gunzip.h"
#include "tests/support/dkim/signer.h"
#include "tests/unit/ingest/report/report_shapes.h"
#include "tests/unit/ingest/unpack/allocation_meter.h"
#include "tests/unit/ingest/unpack/mail_builder.h"

namespace tlsrpt::ingest {
namespace {

using testing::Build;
using testing::Repeat;
using testing::ReportPieces;
using testing::ReportShape;

// In most reports that are hostile nothing is left to file. In these all of it is.
const ReportShape kFiled[] = {
    {"policy results of a domain of ours",
     [](std::size_t bytes) {
       return testing::WithPolicies(
           Repeat(R"({"policy":{"policy-type":"sts","policy-domain":"firm.example"},)"
                  R"("summary":{"total-successful-session-count":1,)"
                  R"("total-failure-session-count":0}},)",
                  bytes));
     }},
    {"failure details of one policy result",
     [](std::size_t bytes) {
       ReportPieces pieces;
       pieces.details = "\"failure-details\":[" +
                        Repeat(R"({"result-type":"certificate-expired",)"
                               R"("receiving-mx-hostname":"mx.firm.example",)"
                               R"("failed-session-count":1},)",
                               bytes) +
                        R"({"result-type":"x"}])";
       return Build(pieces);
     }},
};

// The key of every name.
class OneKey final : public KeySource {
 public:
  std::optional<DkimKeyAnswer> Find(const std::string&) override {
    DkimKeyAnswer answer;
    answer.status = DkimKeyAnswer::Status::kFound;
    answer.records = {test::RecordOf(test::RsaKey(), "")};
    return answer;
  }
};

// Signed by so many: each signature is looked at.
std::string SignedMail(const std::string& headers, const std::string& body, int times) {
  std::string mail = "From: a@mail.example\r\nTo: tlsrpt@firm.example\r\n" + headers +
                     "\r\n" + body + "\r\n";
  for (int i = 0; i < times; ++i) {
    test::SignOptions options;
    options.key = test::RsaKey();
    options.domain = "mail.example";
    mail = test::Sign(mail, options);
  }
  return mail;
}

std::vector<ReportShape> Mails() {
  std::vector<ReportShape> mails;
  const auto add = [&](const ReportShape& shape) {
    mails.push_back({shape.why, [make = shape.make](std::size_t bytes) {
                       return SignedMail(
                           "Content-Type: application/tlsrpt+gzip\r\n"
                           "Content-Transfer-Encoding: base64\r\n",
                           testing::Base64(testing::Gzip(make(bytes))), 1);
                     }});
  };
  for (const ReportShape& shape : testing::kReportShapes) add(shape);
  for (const ReportShape& shape : kFiled) add(shape);
  mails.push_back({"an ordinary mail, signed twice", [](std::size_t bytes) {
                     return SignedMail("", Repeat("Hello  there \r\n", bytes), 2);
                   }});
  mails.push_back({"a report that nobody packed", [](std::size_t bytes) {
                     return SignedMail("Content-Type: application/tlsrpt+json\r\n",
                                       kFiled[1].make(bytes), 1);
                   }});
  return mails;
}

// Within four times the larger of what came and the largest report.
TEST(Memory, OfASubmission) {
  const store::OwnDomains own{{"firm.example"}, {"mx.firm.example"}};
  const std::set<std::string> counted;
  OneKey key;
  DomainViews views;
  views.Set({own, counted});
  const MailVoucher voucher({}, key, views);
  const ProcessContext context{
      .own = own, .voucher = voucher, .counted_reporters = counted, .node = "test"};
  for (const ReportShape& mail : Mails()) {
    SCOPED_TRACE(mail.why);
    SpoolEntry entry;
    entry.received_at = std::chrono::sys_days{std::chrono::year{2026} / 4 / 3};
    entry.transport = "smtp";
    entry.envelope_to = {"tlsrpt@firm.example"};
    entry.body = mail.make(kMaxReportBytes - 100'000);
    const std::size_t most = 4 * std::max(entry.body.size(), kMaxReportBytes);
    const testing::AllocationMeter meter;
    const store::ReceiptRecord record = Process(std::move(entry), context);
    EXPECT_LE(meter.PeakBytes(), most);
    // And it is said what became of it.
    EXPECT_TRUE(record.receipt.ordinary || !record.reports.empty() ||
                !record.receipt.reason_detail.empty());
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
