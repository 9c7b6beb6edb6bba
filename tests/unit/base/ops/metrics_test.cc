#include "base/ops/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace tlsrpt {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, EachKindIsWritten) {
  Metrics metrics;
  metrics.Add(Metric::kQueryErrors, {"status_totals"});
  metrics.Add(Metric::kQueryErrors, {"status_totals"}, 2);
  metrics.Set(Metric::kSpoolEntries, {}, 7);
  metrics.Observe(Metric::kBatchReceipts, {}, 150);
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("tlsrptd_query_errors_total{query=\"status_totals\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("tlsrptd_spool_entries 7\n"));
  EXPECT_THAT(text, HasSubstr("tlsrptd_batch_receipts_bucket{le=\"100\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("tlsrptd_batch_receipts_bucket{le=\"200\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE tlsrptd_spool_entries gauge\n"));
}

TEST(Metrics, ACounterOfSomebodyElseNeverGoesDown) {
  Metrics metrics;
  const auto line = [&] {
    const std::string text = metrics.Text();
    const auto at = text.find("\ntlsrptd_reports_stored_total ");
    return text.substr(at + 1, text.find('\n', at + 1) - at - 1);
  };
  metrics.RaiseTo(Metric::kReportsStored, {}, 5);
  metrics.RaiseTo(Metric::kReportsStored, {}, 5);
  EXPECT_EQ(line(), "tlsrptd_reports_stored_total 5");
  metrics.RaiseTo(Metric::kReportsStored, {}, 3);
  EXPECT_EQ(line(), "tlsrptd_reports_stored_total 5");
  metrics.RaiseTo(Metric::kReportsStored, {}, 9);
  EXPECT_EQ(line(), "tlsrptd_reports_stored_total 9");
}

TEST(Metrics, TwoScrapesAtOnceDoNotCountTwice) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int total = 1; total <= 1000; ++total) {
        metrics.RaiseTo(Metric::kReportsStored, {}, total);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(metrics.Text(), HasSubstr("tlsrptd_reports_stored_total 1000\n"));
}

TEST(Metrics, AGaugeThatIsRemovedIsNotWritten) {
  Metrics metrics;
  metrics.Remove(Metric::kFleetDomains, {"ready"});  // there is none yet
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("tlsrptd_fleet_domains{")));
  metrics.Set(Metric::kFleetDomains, {"ready"}, 3);
  metrics.Set(Metric::kFleetDomains, {"unknown"}, 4);
  metrics.Remove(Metric::kFleetDomains, {"ready"});
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("{state=\"ready\"}")));
  EXPECT_THAT(metrics.Text(), HasSubstr("tlsrptd_fleet_domains{state=\"unknown\"} 4\n"));
  metrics.Set(Metric::kFleetDomains, {"ready"}, 5);
  EXPECT_THAT(metrics.Text(), HasSubstr("tlsrptd_fleet_domains{state=\"ready\"} 5\n"));
}

// Of two scrapes at once one may have lost the database.
TEST(Metrics, AGaugeMayBeRemovedWhileItIsSetAndWritten) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int n = 0; n < 1000; ++n) {
        if (i % 2 == 0) {
          metrics.Set(Metric::kFleetDomains, {"ready"}, n);
        } else {
          metrics.Remove(Metric::kFleetDomains, {"ready"});
        }
        if (n % 50 == 0) (void)metrics.Text();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  metrics.Set(Metric::kFleetDomains, {"ready"}, 7);
  EXPECT_THAT(metrics.Text(), HasSubstr("tlsrptd_fleet_domains{state=\"ready\"} 7\n"));
}

TEST(Metrics, AWrongNumberOfLabelsIsOurBug) {
  Metrics metrics;
  EXPECT_THROW(metrics.Add(Metric::kQueryErrors, {}), std::logic_error);
  EXPECT_THROW(metrics.Set(Metric::kSpoolEntries, {"x"}, 1), std::logic_error);
  EXPECT_THROW(metrics.Remove(Metric::kSpoolEntries, {"x"}), std::logic_error);
}

TEST(Metrics, TheReferenceNamesAllOfThem) {
  const std::string help = HelpMetrics();
  for (const char* name :
       {"tlsrptd_build_info", "tlsrptd_receipts_total", "tlsrptd_domain_verdict",
        "{policy_type, result_type, vouched}", "histogram"}) {
    EXPECT_THAT(help, HasSubstr(name));
  }
  EXPECT_THAT(Metrics().Text(), Not(HasSubstr("domain=")));
}

}  // namespace
}  // namespace tlsrpt
