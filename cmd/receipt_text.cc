#include "cmd/receipt_text.h"

#include <cstdio>
#include <vector>

#include "base/day.h"
#include "base/text.h"
#include "ingest/report/report_parser.h"
#include "ingest/unpack/unpack.h"

namespace tlsrpt::cmd {
namespace {

using nlohmann::ordered_json;

// One part of a submission, or a failure to get at one.
struct Part {
  std::string what;   // "application/tlsrpt+gzip google.com!firm.example!...json.gz"
  std::string found;  // the report in it, or why there is none
  bool readable = false;
};

std::string Describe(const store::Report& report) {
  std::vector<std::string> domains;
  for (const store::PolicyResult& result : report.results) {
    domains.push_back(result.policy_domain.empty() ? "(no domain)"
                                                   : result.policy_domain);
  }
  return "report \"" + report.report_id + "\" of \"" + report.organisation + "\", " +
         TimeText(TimePoint(report.period_start)) + " to " +
         TimeText(TimePoint(report.period_end)) + ", about " + Join(domains, ", ");
}

std::vector<Part> PartsOf(const std::string& raw) {
  const auto unpacked = ingest::Unpack(raw);
  if (!unpacked) return {{"the whole", unpacked.error().message, false}};
  std::vector<Part> parts;
  for (const ingest::ReportPart& part : unpacked->reports) {
    const auto report =
        ingest::ParseReport(part.json, {.policy_domain = part.domain_hint});
    const std::string what =
        part.media_type + (part.file_name.empty() ? "" : " ") + part.file_name;
    parts.push_back({what.empty() ? "a report" : what,
                     report ? Describe(*report) : report.error().message,
                     report.has_value()});
  }
  for (const Error& failure : unpacked->failures) {
    parts.push_back({"a part", failure.message, false});
  }
  return parts;
}

// Strangers' words on a terminal: one line, nothing that it would obey.
std::string Plain(const std::string& text) {
  std::string plain = CleanUtf8(text, 4096);
  for (char& c : plain) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return plain;
}

std::string OrNobody(const store::Receipt& receipt) {
  if (!IsVouched(receipt.provenance)) return "nobody";
  const std::string how(NameOf(receipt.provenance));
  return receipt.reporter.empty() ? how : receipt.reporter + " (" + how + ")";
}

void Field(const char* name, const std::string& value) {
  if (!value.empty()) std::printf("%-12s %s\n", name, Plain(value).c_str());
}

}  // namespace

ordered_json ToJson(const store::ReceiptRow& row) {
  const store::Receipt& receipt = row.receipt;
  return {{"receipt_id", row.id.receipt_id.ToString()},
          {"received_at", TimeText(receipt.received_at)},
          {"transport", NameOf(receipt.transport)},
          {"peer", receipt.peer},
          {"envelope_from", receipt.envelope_from},
          {"envelope_to", receipt.envelope_to},
          {"provenance", NameOf(receipt.provenance)},
          {"reporter", receipt.reporter},
          {"outcome", NameOf(row.outcome)},
          {"reports", receipt.report_count},
          {"stored", row.stored_count},
          {"duplicate", row.duplicate_count},
          {"quarantined", receipt.quarantined_count},
          {"reason", receipt.reason},
          {"reason_detail", receipt.reason_detail},
          {"quarantined_domains", receipt.quarantined_domains},
          {"foreign_domains", receipt.foreign_domains},
          {"parser_version", row.parser_version},
          {"node", receipt.node}};
}

void PrintLine(const store::ReceiptRow& row) {
  const store::Receipt& receipt = row.receipt;
  std::printf(
      "%s  %s  %-14s  %s  from %s: %s\n", TimeText(receipt.received_at).c_str(),
      row.id.receipt_id.ToString().c_str(),
      receipt.reason.empty() ? "-" : receipt.reason.c_str(), OrNobody(receipt).c_str(),
      Plain(receipt.envelope_from.empty() ? receipt.peer : receipt.envelope_from).c_str(),
      Plain(receipt.reason_detail).c_str());
}

ordered_json ToJson(const store::ReceiptDetail& detail) {
  ordered_json json = ToJson(detail.row);
  auto drops = ordered_json::array();
  for (const store::QuarantineDrop& drop : detail.drops) {
    ordered_json one{{"dropped_at", TimeText(drop.dropped_at)},
                     {"reports", drop.count},
                     {"by", drop.by},
                     {"why", drop.why},
                     {"withdrawn_at", nullptr}};
    if (drop.withdrawn_at) one["withdrawn_at"] = TimeText(*drop.withdrawn_at);
    drops.push_back(std::move(one));
  }
  json["drops"] = std::move(drops);
  json["raw_bytes"] = nullptr;
  json["parts"] = ordered_json::array();
  if (!detail.raw) return json;
  json["raw_bytes"] = detail.raw->size();
  for (const Part& part : PartsOf(*detail.raw)) {
    json["parts"].push_back(
        {{"part", part.what}, {"readable", part.readable}, {"found", part.found}});
  }
  return json;
}

void Print(const store::ReceiptDetail& detail) {
  const store::ReceiptRow& row = detail.row;
  const store::Receipt& receipt = row.receipt;
  Field("receipt", row.id.receipt_id.ToString());
  Field("received", TimeText(receipt.received_at) + " by " + receipt.node + " over " +
                        std::string(NameOf(receipt.transport)) + " from " + receipt.peer);
  Field("from", receipt.envelope_from);
  Field("to", Join(receipt.envelope_to, ", "));
  Field("vouched by", OrNobody(receipt));
  Field("outcome", std::string(NameOf(row.outcome)) + ": " +
                       std::to_string(receipt.report_count) + " reports, " +
                       std::to_string(row.stored_count) + " stored, " +
                       std::to_string(row.duplicate_count) + " duplicate, " +
                       std::to_string(receipt.quarantined_count) + " in quarantine");
  Field("reason",
        receipt.reason.empty() ? "" : receipt.reason + ": " + receipt.reason_detail);
  Field("holds back", Join(receipt.quarantined_domains, ", "));
  Field("foreign", Join(receipt.foreign_domains, ", "));
  for (const store::QuarantineDrop& drop : detail.drops) {
    Field("dropped", TimeText(drop.dropped_at) + " by " + drop.by + ", " +
                         std::to_string(drop.count) + " reports: " + drop.why +
                         (drop.withdrawn_at
                              ? "; looked at again since " + TimeText(*drop.withdrawn_at)
                              : ""));
  }
  if (!detail.raw) {
    Field("bytes", "gone: past retention.raw_months");
    return;
  }
  Field("bytes", std::to_string(detail.raw->size()) + "; `--raw` writes them");
  for (const Part& part : PartsOf(*detail.raw)) {
    Field("part", part.what + (part.readable ? ": " : ": not readable: ") + part.found);
  }
}

}  // namespace tlsrpt::cmd
