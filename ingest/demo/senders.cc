#include "ingest/demo/senders.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/day.h"
#include "ingest/demo/dice.h"

namespace tlsrpt::ingest {
namespace {

using nlohmann::ordered_json;
using store::ResultType;

constexpr std::string_view kTlsaRecord =
    "3 1 1 9C6A3B54E0F7D18A25B7C0E14F93D86A7B21C5E8F0437D9A6E1B82C4D5F07A31";

std::string At(std::chrono::sys_days day, std::string_view time) {
  return DateText(day) + "T" + std::string(time);
}

// Both ends of a UTC day, the second as 23:59:59.
ordered_json WholeDay(const ToldDay& told) {
  return {{"start-datetime", At(told.day, "00:00:00Z")},
          {"end-datetime", At(told.day, "23:59:59Z")}};
}

std::int64_t Failed(const ToldDay& told) {
  return told.failure ? told.failure->sessions : 0;
}

ordered_json Summary(const ToldDay& told) {
  return {{"total-successful-session-count", told.sessions - Failed(told)},
          {"total-failure-session-count", Failed(told)}};
}

ordered_json PolicyLines(const ToldDay& told) {
  ordered_json lines = {"version: STSv1",
                        "mode: " + std::string(store::NameOf(told.mode))};
  for (const std::string& mx : told.mx) lines.push_back("mx: " + mx);
  lines.push_back("max_age: 604800");
  return lines;
}

ordered_json StsPolicy(const ToldDay& told) {
  ordered_json policy{{"policy-type", "sts"}};
  // Who could not fetch it has no text to tell.
  if (!told.failure || !store::IsPolicyRetrieval(told.failure->result_type)) {
    policy["policy-string"] = PolicyLines(told);
  }
  policy["policy-domain"] = told.domain;
  return policy;
}

ordered_json Detail(const ToldFailure& failure, std::string_view sending_ip) {
  ordered_json detail{{"result-type", std::string(store::NameOf(failure.result_type))}};
  if (!sending_ip.empty()) detail["sending-mta-ip"] = sending_ip;
  if (!failure.mx.empty()) detail["receiving-mx-hostname"] = failure.mx;
  detail["failed-session-count"] = failure.sessions;
  if (!failure.reason.empty()) detail["failure-reason-code"] = failure.reason;
  return detail;
}

ordered_json Entry(ordered_json policy, const ToldDay& told,
                   std::string_view sending_ip) {
  ordered_json entry{{"policy", std::move(policy)}, {"summary", Summary(told)}};
  // Left out where nothing failed, as most do.
  if (told.failure) {
    entry["failure-details"] = ordered_json::array({Detail(*told.failure, sending_ip)});
  }
  return entry;
}

ordered_json Google(const ToldDay& told) {
  ordered_json policy = StsPolicy(told);
  policy["mx-host"] = told.mx;
  return {{"organization-name", "Google Inc."},
          {"date-range", WholeDay(told)},
          {"contact-info", "smtp-tls-reporting@google.com"},
          {"report-id", At(told.day, "00:00:00Z_") + told.domain},
          {"policies",
           ordered_json::array({Entry(std::move(policy), told, "209.85.219.198")})}};
}

// Every session twice where there is DANE: under sts and under tlsa, whose records are
// one string with a JSON array in it. No mx-host, no sending-mta-ip.
ordered_json Microsoft(const ToldDay& told) {
  ordered_json policies = ordered_json::array({Entry(StsPolicy(told), told, "")});
  if (told.dane) {
    ToldDay under_dane = told;
    under_dane.failure.reset();  // DANE-EE asks neither name nor expiry (RFC 7672, 3.1.1)
    policies.push_back(Entry(
        {{"policy-type", "tlsa"},
         {"policy-string",
          ordered_json::array({ordered_json::array({std::string(kTlsaRecord)}).dump()})},
         {"policy-domain", told.domain}},
        under_dane, ""));
  }
  // Windows' FILETIME: 100 ns since 1601.
  const auto seconds = told.day.time_since_epoch() / std::chrono::seconds(1);
  return {{"organization-name", "Microsoft Corporation"},
          {"date-range", WholeDay(told)},
          {"contact-info", "tlsrpt-noreply@microsoft.com"},
          {"report-id",
           std::to_string((seconds + 11'644'473'600) * 10'000'000) + "+" + told.domain},
          {"policies", std::move(policies)}};
}

std::string DicedUuid(const ToldDay& told) {
  const std::string words = "Mail.ru id|" + told.domain + "|" + DateText(told.day);
  char text[37];
  const std::uint64_t high = Dice(words);
  const std::uint64_t low = Dice(words + "|low");
  std::snprintf(text, sizeof text, "%08x-%04x-4%03x-8%03x-%012llx",
                static_cast<unsigned>(high >> 32),
                static_cast<unsigned>(high >> 16 & 0xFFFF),
                static_cast<unsigned>(high & 0xFFF), static_cast<unsigned>(low >> 52),
                static_cast<unsigned long long>(low & 0xFFFF'FFFF'FFFF));
  return text;
}

// The period ends at the next midnight, and the report begins with it.
ordered_json MailRu(const ToldDay& told) {
  return {{"date-range",
           {{"start-datetime", At(told.day, "00:00:00Z")},
            {"end-datetime", At(told.day + std::chrono::days{1}, "00:00:00Z")}}},
          {"organization-name", "Mail.ru"},
          {"contact-info", "tls_support@corp.mail.ru"},
          {"policies", ordered_json::array({Entry(StsPolicy(told), told, "")})},
          {"report-id", DicedUuid(told) + "@mail.ru"}};
}

// No report of its was ever seen: the form of the RFC.
ordered_json Comcast(const ToldDay& told) {
  ordered_json policy = StsPolicy(told);
  policy["mx-host"] = told.mx;
  return {{"organization-name", "Comcast"},
          {"date-range", WholeDay(told)},
          {"contact-info", "tlsrpt@comcast.net"},
          {"report-id", DateText(told.day) + "." + told.domain + "@comcast.net"},
          {"policies",
           ordered_json::array({Entry(std::move(policy), told, "96.114.154.163")})}};
}

// Postfix with tlsrpt-reporter, as a neighbour with mailcow runs it: DANE where there is
// DANE, filed under the MX host, and details that are there though empty.
ordered_json Postfix(const ToldDay& told) {
  ordered_json entry = Entry({{"policy-type", "tlsa"},
                              {"policy-string", ordered_json::array({kTlsaRecord})},
                              {"policy-domain", told.mx.front()},
                              {"mx-host", ordered_json::array({told.mx.front()})}},
                             told, "198.51.100.25");
  if (!told.failure) entry["failure-details"] = ordered_json::array();
  return {{"organization-name", "mail.neighbour.example"},
          {"date-range", WholeDay(told)},
          {"contact-info", "smtp-tls-reporting@neighbour.example"},
          {"report-id", At(told.day, "00:00:00Z_idx1_") + told.domain},
          {"policies", ordered_json::array({std::move(entry)})}};
}

// As whoever has seen one of Google's; it can say anything but that Google signed it.
ordered_json Forger(const ToldDay& told) {
  ordered_json report = Google(told);
  report["report-id"] = At(told.day, "00:00:00Z_") + told.domain + "_1";
  return report;
}

}  // namespace

std::string ReportOf(Sender sender, const ToldDay& told) {
  switch (sender) {
    case Sender::kGoogle:
      return Google(told).dump();
    case Sender::kMicrosoft:
      return Microsoft(told).dump();
    case Sender::kMailRu:
      return MailRu(told).dump();
    case Sender::kComcast:
      return Comcast(told).dump();
    case Sender::kPostfix:
      return Postfix(told).dump(2);
    case Sender::kForger:
      return Forger(told).dump();
  }
  return {};
}

std::string_view NameOf(Sender sender) {
  switch (sender) {
    case Sender::kGoogle:
      return "Google";
    case Sender::kMicrosoft:
      return "Microsoft";
    case Sender::kMailRu:
      return "Mail.ru";
    case Sender::kComcast:
      return "Comcast";
    case Sender::kPostfix:
      return "Postfix";
    case Sender::kForger:
      return "forger";
  }
  return "";
}

}  // namespace tlsrpt::ingest
