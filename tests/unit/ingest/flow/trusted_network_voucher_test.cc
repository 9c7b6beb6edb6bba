#include "ingest/flow/trusted_network_voucher.h"

#include <gtest/gtest.h>

namespace tlsrpt::ingest {
namespace {

using store::Provenance;

// What is not POSTed is somebody else's question: here he says yes to everything.
class AlwaysDkim final : public Voucher {
 public:
  Vouched Vouch(const SpoolEntry&, const ReportPart&,
                const store::Report*) const override {
    return {Provenance::kDkim, "signer.example", ""};
  }
};

struct Row {
  const char* why;
  const char* transport;
  bool peer_trusted;
  const char* contact;
  Provenance provenance;
  const char* reporter;
};

const Row kRows[] = {
    {"POSTed from a trusted network", "https", true, "rpt@mail.sender.example",
     Provenance::kOperator, "sender.example"},
    {"which says nothing about a report without contact", "https", true, "",
     Provenance::kOperator, ""},
    {"POSTed from anywhere else", "https", false, "rpt@mail.sender.example",
     Provenance::kNone, ""},
    {"mail", "smtp", false, "rpt@mail.sender.example", Provenance::kDkim,
     "signer.example"},
    {"a network vouches for no mail", "smtp", true, "rpt@mail.sender.example",
     Provenance::kDkim, "signer.example"},
    {"nor for one that comes by LMTP", "lmtp", true, "rpt@mail.sender.example",
     Provenance::kDkim, "signer.example"},
    {"a file", "import", false, "rpt@mail.sender.example", Provenance::kDkim,
     "signer.example"},
};

TEST(TrustedNetworkVouches, Table) {
  const AlwaysDkim otherwise;
  const TrustedNetworkVouches voucher(otherwise);
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    SpoolEntry entry;
    entry.transport = row.transport;
    entry.peer_trusted = row.peer_trusted;
    store::Report report;
    report.contact = row.contact;
    const Vouched vouched = voucher.Vouch(entry, ReportPart{}, &report);
    EXPECT_EQ(vouched.provenance, row.provenance);
    EXPECT_EQ(vouched.reporter, row.reporter);
    EXPECT_EQ(vouched.why.empty(), row.provenance != Provenance::kNone);
  }
}

// The answer for bytes that are no report: whose quarantined words they are.
TEST(TrustedNetworkVouches, WithoutAReport) {
  const AlwaysDkim otherwise;
  SpoolEntry entry;
  entry.transport = "https";
  entry.peer_trusted = true;
  const Vouched vouched =
      TrustedNetworkVouches(otherwise).Vouch(entry, ReportPart{}, nullptr);
  EXPECT_EQ(vouched.provenance, Provenance::kOperator);
  EXPECT_EQ(vouched.reporter, "");
}

}  // namespace
}  // namespace tlsrpt::ingest
