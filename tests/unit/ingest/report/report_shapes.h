// Reports that are hostile by their size: for each shape JSON of about as many bytes as
// are asked for. Time must grow with them, and memory stay within what the largest report
// may take.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "tests/unit/ingest/report/report_builder.h"

namespace tlsrpt::ingest::testing {

inline std::string Repeat(std::string_view text, std::size_t bytes) {
  std::string out;
  out.reserve(bytes + text.size());
  while (out.size() < bytes) out += text;
  return out;
}

inline std::string WithMember(const std::string& member) {
  const std::string whole = Build({});
  return whole.substr(0, whole.size() - 1) + "," + member + "}";
}

inline std::string WithPolicies(const std::string& policies) {
  ReportPieces pieces;
  pieces.policies = "\"policies\":[" + policies + "{}]";
  return Build(pieces);
}

struct ReportShape {
  const char* why;
  std::function<std::string(std::size_t)> make;  // about so many bytes of JSON
};

inline const ReportShape kReportShapes[] = {
    {"arrays in arrays", [](std::size_t bytes) { return std::string(bytes, '['); }},
    {"objects in objects", [](std::size_t bytes) { return Repeat("{\"a\":", bytes); }},
    {"empty arrays",
     [](std::size_t bytes) {
       return WithMember("\"x\":[" + Repeat("[],", bytes) + "0]");
     }},
    {"one string",
     [](std::size_t bytes) {
       return WithMember("\"x\":\"" + std::string(bytes, 'x') + "\"");
     }},
    {"one string of escapes",
     [](std::size_t bytes) {
       return WithMember("\"x\":\"" + Repeat("\\u0041", bytes) + "\"");
     }},
    {"one string of line breaks, which are mended",
     [](std::size_t bytes) {
       return WithMember("\"x\":\"" + std::string(bytes, '\n') + "\"");
     }},
    {"one string of invalid UTF-8, which is mended",
     [](std::size_t bytes) {
       return WithMember("\"x\":\"" + std::string(bytes / 3, '\xff') + "\"");
     }},
    {"one name",
     [](std::size_t bytes) {
       return WithMember("\"" + std::string(bytes, 'x') + "\":1");
     }},
    {"one number",
     [](std::size_t bytes) { return WithMember("\"x\":" + std::string(bytes, '9')); }},
    {"one report-id",
     [](std::size_t bytes) {
       return WithMember("\"report-id\":\"" + std::string(bytes, 'x') + "\"");
     }},
    {"names that are all the same",
     [](std::size_t bytes) {
       return "{" + Repeat("\"report-id\":\"1\",", bytes) + Build({}).substr(1);
     }},
    {"names that nobody knows",
     [](std::size_t bytes) {
       return "{" + Repeat("\"x\":1,", bytes) + Build({}).substr(1);
     }},
    {"blanks", [](std::size_t bytes) { return std::string(bytes, ' ') + Build({}); }},
    {"text behind it",
     [](std::size_t bytes) { return Build({}) + std::string(bytes, 'x'); }},
    {"details without a type",
     [](std::size_t bytes) {
       ReportPieces pieces;
       pieces.details = "\"failure-details\":[" + Repeat("0,", bytes) + "0]";
       return Build(pieces);
     }},
    {"details with all that can be wrong",
     [](std::size_t bytes) {
       ReportPieces pieces;
       pieces.details =
           "\"failure-details\":[" +
           Repeat(
               "{\"result-type\":0,\"sending-mta-ip\":\"?\",\"receiving-ip\":{},"
               "\"failed-session-count\":\"x\"},",
               bytes) +
           "0]";
       return Build(pieces);
     }},
    {"policies", [](std::size_t bytes) { return WithPolicies(Repeat("{},", bytes)); }},
    {"policy lines",
     [](std::size_t bytes) {
       return WithPolicies(
           "{\"policy\":{\"policy-type\":\"sts\",\"policy-domain\":"
           "\"firm.example\",\"policy-string\":\"" +
           Repeat("mx: a.example\\n", bytes) + "\"}},");
     }},
    {"a policy-string that looks nested",
     [](std::size_t bytes) {
       return WithPolicies(
           "{\"policy\":{\"policy-type\":\"tlsa\",\"policy-domain\":"
           "\"firm.example\",\"policy-string\":\"" +
           std::string(bytes, '[') + "\"}},");
     }},
    {"an MX host and a policy text, again and again",
     [](std::size_t bytes) {
       return WithPolicies(
           "{\"policy\":{\"policy-type\":\"sts\",\"policy-domain\":\"firm.example\"" +
           Repeat(",\"mx-host\":\"a.b\",\"policy-string\":\"x\"", bytes) + "}},");
     }},
    {"MX hosts",
     [](std::size_t bytes) {
       return WithPolicies(
           "{\"policy\":{\"policy-type\":\"sts\",\"policy-domain\":"
           "\"firm.example\",\"mx-host\":[" +
           Repeat("\"*.a.example\",", bytes) + "\"b.example\"]}},");
     }},
};

}  // namespace tlsrpt::ingest::testing
