// A departure of a report from RFC 8460 that was tolerated. Kept with the report, so
// that an administrator sees what was guessed and `reprocess` can say what changed.
#pragma once

#include <string>
#include <string_view>

namespace tlsrpt::store {

enum class AnomalyCode {
  kFieldMissing,          // a member the RFC requires is absent
  kFieldNull,             // present, but null
  kWrongType,             // a string for a number, an object for an array, ...
  kUnreadable,            // of the right type, but no value can be read from it
  kUnknownName,           // a policy-type, result-type or mode the RFC does not know
  kDuplicateName,         // a member twice in one object; the reading is conservative
  kAlternativeName,       // another spelling of a member was read
  kTimeWithoutOffset,     // read as UTC
  kCountClamped,          // negative, fractional or past kMaxSessions
  kTextChanged,           // invalid UTF-8, NUL or overlong text was cut
  kListCut,               // more policies, details or lines than we keep
  kNotAnAddress,          // an IP member that is no IP address
  kDomainGuessed,         // policy-domain absent; taken from the mail around it
  kDomainRewritten,       // U-label, upper case or trailing dot was normalised
  kPolicyTextNested,      // a JSON array inside a string of policy-string
  kDetailsExceedSummary,  // more failed sessions in details than in the summary
  kUnexplainedFailures,   // fewer failed sessions in details than in the summary
  kPeriodUnusual,         // not a UTC day: longer, shorter, or not on midnight
  kTextAfterJson,         // bytes after the JSON value
  kNameTaken,             // another report of this name tells other failures; only the
                          // failures of this one count
  kMailForm,              // the mail around the report departs from RFC 8460, 5.3
};

struct Anomaly {
  AnomalyCode code;
  std::string field;  // where: "policies[0].summary.total-failure-session-count"

  bool operator==(const Anomaly&) const = default;
};

// "field_missing"
std::string_view NameOf(AnomalyCode code);

// The stored form: "field_missing contact-info".
std::string ToText(const Anomaly& anomaly);

}  // namespace tlsrpt::store
