// A database with our tables and the partitions of some months, copied from one that is
// migrated once per test program.
#pragma once

#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include "store/schema/migrate.h"
#include "store/schema/partitions.h"
#include "tests/support/test_server.h"

namespace tlsrpt::test {

inline constexpr store::MonthRange kTestMonths{
    std::chrono::year(2026) / std::chrono::June,
    std::chrono::year(2026) / std::chrono::December};

inline TestDatabase MakeMigratedDatabase(store::MonthRange months = kTestMonths) {
  // A template lives as long as the server.
  static std::map<std::pair<std::chrono::year_month, std::chrono::year_month>,
                  std::string>
      templates;
  TestServer& server = TestServer::Get();
  std::string& source = templates[{months.first, months.last}];
  if (source.empty()) {
    const std::string name = server.NextName() + "_template";
    server.Admin("CREATE DATABASE " + name);
    auto administrator = OpenOrDie(server.server().DsnOf(name));
    auto migrated = store::Migrate(*administrator);
    if (!migrated) throw std::runtime_error(migrated.error().error.message);
    auto owner = OpenOrDie(server.server().DsnOf(name), "tlsrptd_owner");
    auto made = store::EnsurePartitions(*owner, months);
    if (!made) throw std::runtime_error(made.error().error.message);
    source = name;
  }
  TestDatabase database(server.NextName());
  server.Admin("CREATE DATABASE " + database.name() + " TEMPLATE " + source);
  return database;
}

// Takes out all that was received, and what is summed of it.
inline void EmptyReports(store::Connection& administrator) {
  const auto failed =
      Failure(administrator,
              "TRUNCATE report, policy_result, report_failure, domain_day, "
              "domain_day_failure, receipt, receipt_raw, node_counter");
  if (failed) throw std::runtime_error(failed->error.message);
}

}  // namespace tlsrpt::test
