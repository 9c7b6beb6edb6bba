// Looks that the simulator took, into the table where `ingest/probe` puts its own, and by
// the same function.
//
//   store_looks DSN < LOOKS     a line a look: domain, TAB, JSON as in
//                               store/model/observation_json.h
//
// Exit status 0: all are there; 1: nothing was added, and standard error says why.

#include <cstdio>
#include <iostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "store/model/observation_json.h"
#include "store/pg/connection.h"
#include "store/writer/observations.h"

namespace {

using tlsrpt::store::ObservationRecord;

int Fail(const std::string& what) {
  std::fprintf(stderr, "store_looks: %s\n", what.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return Fail("usage: store_looks DSN < LOOKS");
  std::vector<ObservationRecord> records;
  for (std::string line; std::getline(std::cin, line);) {
    const std::string where = "line " + std::to_string(records.size() + 1) + ": ";
    const auto tab = line.find('\t');
    if (tab == std::string::npos) return Fail(where + "no TAB after the domain");
    auto look = tlsrpt::store::ObservationFromJson(line.substr(tab + 1));
    if (!look) return Fail(where + look.error().message);
    records.push_back({line.substr(0, tab), "simulated", *std::move(look)});
  }
  auto connection =
      tlsrpt::store::Connection::Open({.dsn = argv[1], .role = "tlsrptd_ingest"});
  if (!connection) return Fail(connection.error().error.message);
  const auto added = tlsrpt::store::AddObservations(**connection, records);
  if (!added) return Fail(added.error().error.message);
  if (*added != records.size()) {
    return Fail(std::to_string(records.size() - *added) + " looks were there before");
  }
  return 0;
}
