// Where the reader is inside a report, and what it had to tolerate there.
//
// Threads  one reader, one thread.
// Lifetime a Path points at its parent, on the stack of the caller.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/model/anomaly.h"

namespace tlsrpt::ingest {

// "policies[0].summary". Costs nothing until somebody asks for the text.
struct Path {
  const Path* parent = nullptr;
  std::string_view name;
  std::ptrdiff_t index = -1;  // "[0]" after the name

  Path Member(std::string_view member) const { return {this, member, -1}; }
  Path Element(std::string_view member, std::size_t i) const {
    return {this, member, static_cast<std::ptrdiff_t>(i)};
  }
  std::string ToString() const;
};

class Notes {
 public:
  // `detail`, if any, follows the path: "policies[0].policy-domain: <MY_DOMAIN>".
  void Add(store::AnomalyCode code, const Path& path, std::string_view detail = {});

  // At most kMaxAnomalies; a last kListCut says that there were more.
  std::vector<store::Anomaly> Take() { return std::move(anomalies_); }

  // The JSON needed mending, so texts with U+FFFD in them have lost something.
  bool mended = false;

 private:
  std::vector<store::Anomaly> anomalies_;
};

}  // namespace tlsrpt::ingest
