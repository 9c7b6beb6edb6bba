// Puts reports together from pieces, so that a test names only the piece it is about.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "store/model/anomaly.h"
#include "store/model/report.h"

namespace tlsrpt::ingest::testing {

// Each piece is JSON text; an empty one is left out. The default is a report without
// any departure.
struct ReportPieces {
  std::string organisation = R"("organization-name":"Mail Example")";
  std::string date_range = R"("date-range":{"start-datetime":"2026-04-01T00:00:00Z",)"
                           R"("end-datetime":"2026-04-01T23:59:59Z"})";
  std::string contact = R"("contact-info":"tlsrpt@mail.example")";
  std::string report_id = R"("report-id":"1")";
  std::string policies;  // empty: one policy result of the pieces below
  std::string policy = R"("policy":{"policy-type":"sts","policy-string":)"
                       R"(["version: STSv1","mode: testing","mx: mx.firm.example",)"
                       R"("max_age: 86400"],"policy-domain":"firm.example",)"
                       R"("mx-host":["mx.firm.example"]})";
  std::string summary = R"("summary":{"total-successful-session-count":7,)"
                        R"("total-failure-session-count":0})";
  std::string details;
};

inline std::string JoinPieces(const std::vector<std::string>& pieces) {
  std::string joined;
  for (const std::string& piece : pieces) {
    if (piece.empty()) continue;
    if (!joined.empty()) joined += ",";
    joined += piece;
  }
  return joined;
}

inline std::string Build(const ReportPieces& pieces) {
  const std::string policies =
      !pieces.policies.empty()
          ? pieces.policies
          : "\"policies\":[{" +
                JoinPieces({pieces.policy, pieces.summary, pieces.details}) + "}]";
  return "{" +
         JoinPieces({pieces.organisation, pieces.date_range, pieces.contact,
                     pieces.report_id, policies}) +
         "}";
}

// "field_missing contact-info" each, in order.
inline std::vector<std::string> Texts(const std::vector<store::Anomaly>& anomalies) {
  std::vector<std::string> texts;
  for (const store::Anomaly& anomaly : anomalies) texts.push_back(ToText(anomaly));
  return texts;
}

}  // namespace tlsrpt::ingest::testing
