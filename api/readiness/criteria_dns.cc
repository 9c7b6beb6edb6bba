// Row `dns_records_valid`: do senders find the policy and the address for reports?

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "api/readiness/criteria.h"
#include "api/readiness/format.h"
#include "store/model/sts_record.h"

namespace tlsrpt::api {
namespace {

using store::LookupState;
using store::TxtLookup;

// What a lookup found, before the record is read.
Finding JudgeLookup(const TxtLookup& lookup, const std::string& name) {
  switch (lookup.state) {
    case LookupState::kFound:
      return {Look::kPass, "", ""};
    case LookupState::kAbsent:
      return {Look::kFail, name + " has no TXT record",
              "Publish a TXT record at " + name};
    case LookupState::kBogus:
      return {Look::kFail, name + " is signed, and the signature is wrong",
              "Mend DNSSEC of the zone: senders that check it find nothing at " + name};
    case LookupState::kFailed:
    case LookupState::kNotTried:
      break;
  }
  return {Look::kUnknown,
          name + " could not be looked up" +
              (lookup.problem.empty() ? "" : " (" + lookup.problem + ")"),
          "See that every name server of the zone answers for " + name};
}

struct Record {
  Finding finding;
  std::vector<std::string> rua;
};

Record JudgeSts(const TxtLookup& lookup, const std::string& domain) {
  const std::string name = "_mta-sts." + domain;
  Record record{JudgeLookup(lookup, name), {}};
  if (record.finding.look != Look::kPass) {
    if (lookup.state == LookupState::kAbsent) {
      record.finding.remedy += ", such as \"v=STSv1; id=20260101T000000;\"";
    }
  } else if (const auto read = store::StsRecordOf(lookup.records); !read) {
    record.finding = {Look::kFail, name + ": " + read.error().message,
                      "Correct the TXT record at " + name + " (RFC 8461, 3.1)"};
  }
  return record;
}

Record JudgeTlsRpt(const TxtLookup& lookup, const std::string& domain) {
  const std::string name = "_smtp._tls." + domain;
  Record record{JudgeLookup(lookup, name), {}};
  if (record.finding.look != Look::kPass) {
    if (lookup.state == LookupState::kAbsent) {
      record.finding.remedy +=
          ", such as \"v=TLSRPTv1; rua=mailto:tlsrpt@" + domain + "\"";
    }
  } else if (const auto read = store::TlsRptRecordOf(lookup.records); !read) {
    record.finding = {Look::kFail, name + ": " + read.error().message,
                      "Correct the TXT record at " + name + " (RFC 8460, 3)"};
  } else {
    record.rua = read->rua;
  }
  return record;
}

// Advice, never in the way: do reports still come, and does Microsoft's?
std::vector<std::string> Advice(const Case& c, const std::vector<std::string>& rua) {
  std::vector<std::string> advice;
  const auto recent = [&](const store::EvidenceRow* row) {
    return row->received_at <= c.now &&
           c.now - row->received_at <= std::chrono::days{c.settings.arrival_days};
  };
  if (std::none_of(c.vouched.begin(), c.vouched.end(), recent)) {
    advice.push_back("No vouched report arrived in the last " +
                     Counted(c.settings.arrival_days, "day") + ".");
  }
  if (!rua.empty() && !c.settings.our_rua.empty() &&
      !c.settings.our_rua.contains(rua.front())) {
    const bool named = std::any_of(rua.begin(), rua.end(), [&](const std::string& uri) {
      return c.settings.our_rua.contains(uri);
    });
    advice.push_back(named ? "Our rua does not stand first, and Microsoft mails only the "
                             "first."
                           : "None of its rua is ours, so reports go elsewhere.");
  }
  return advice;
}

}  // namespace

Criterion DnsRecordsValid(const Case& c) {
  const std::string& domain = c.evidence.domain;
  Criterion answer = NewLiveCriterion(
      c, "dns_records_valid", "whether the _mta-sts and _smtp._tls records are valid",
      c.view.mta_sts() != nullptr && c.view.smtp_tls() != nullptr);
  if (!answer.sentence.empty()) return answer;
  const Record sts = JudgeSts(c.view.mta_sts()->mta_sts, domain);
  const Record tlsrpt = JudgeTlsRpt(c.view.smtp_tls()->smtp_tls, domain);
  answer.evidence = LookReferences({c.view.mta_sts(), c.view.smtp_tls()}, domain);
  std::vector<std::string> problems;
  std::vector<std::string> todo;
  answer.status = Status::kPass;
  for (const Record* record : {&sts, &tlsrpt}) {
    if (record->finding.look == Look::kPass) continue;
    problems.push_back(record->finding.problem);
    todo.push_back(record->finding.remedy + ".");
    if (record->finding.look == Look::kFail) {
      answer.status = Status::kFail;
    } else if (answer.status == Status::kPass) {
      answer.status = Status::kUnknown;
    }
  }
  answer.sentence =
      problems.empty() ? "Both TXT records are valid." : ListText(problems) + ".";
  for (const std::string& advice : Advice(c, tlsrpt.rua)) {
    answer.sentence += " " + advice;
    if (advice.starts_with("No vouched")) {
      todo.push_back(
          "See in the log whether reports are turned away, and that the mail server of "
          "the rua hands them on.");
    } else {
      todo.push_back("Put our rua first in the TXT record at _smtp._tls." + domain + ".");
    }
  }
  answer.remedy = JoinSentences(todo);
  return answer;
}

}  // namespace tlsrpt::api
