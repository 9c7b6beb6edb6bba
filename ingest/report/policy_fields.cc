#include "ingest/report/policy_fields.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "ingest/report/fields.h"
#include "ingest/report/policy_text.h"
#include "store/model/domain_name.h"

namespace tlsrpt::ingest {
namespace {

using store::AnomalyCode;
using store::PolicyType;

enum Slot : std::size_t { kType, kDomain, kString, kMxHost };

constexpr MemberName kNames[] = {
    {"policy-type", kType},
    {"policy-domain", kDomain},
    {"policy-string", kString},
    {"mx-host", kMxHost},
    {"mx-host-pattern", kMxHost, true},  // the field list of RFC 8460, 4.4
};

void ReadType(const Members& members, const Path& policy, Notes& notes,
              store::PolicyResult* result) {
  const Path path = policy.Member("policy-type");
  const std::string text =
      ReadText(members.First(kType), Presence::kRequired, path, notes);
  const std::optional<PolicyType> type = store::PolicyTypeOf(Trim(text));
  bool same = true;
  members.ForEach(kType, [&](const JsonValue& value) {
    same = same && value.Is(JsonKind::kString) &&
           store::PolicyTypeOf(Trim(value.text())) == type;
  });
  if (members.IsRepeated(kType) && !same) {
    result->policy_type_text = text;  // kDuplicateName is noted
  } else if (type) {
    result->policy_type = *type;
  } else {
    if (!text.empty()) notes.Add(AnomalyCode::kUnknownName, path, text);
    result->policy_type_text = text;
  }
}

std::string ReadDomain(const Members& members, const Path& policy,
                       const ReportHints& hints, Notes& notes) {
  const Path path = policy.Member("policy-domain");
  const JsonValue& value = members.First(kDomain);
  const bool nothing = value.Is(JsonKind::kAbsent) || value.Is(JsonKind::kNull) ||
                       (value.Is(JsonKind::kString) && Trim(value.text()).empty());
  if (nothing && !members.IsRepeated(kDomain)) {
    if (hints.policy_domain.empty()) {
      notes.Add(value.Is(JsonKind::kNull) ? AnomalyCode::kFieldNull
                                          : AnomalyCode::kFieldMissing,
                path);
    } else {
      notes.Add(AnomalyCode::kDomainGuessed, path);
    }
    return hints.policy_domain;
  }

  std::optional<std::string> domain;
  bool readable = true;
  members.ForEach(kDomain, [&](const JsonValue& sent) {
    if (!sent.Is(JsonKind::kString)) {
      notes.Add(AnomalyCode::kWrongType, path);
      readable = false;
      return;
    }
    Result<std::string> read = store::NormaliseDomain(Trim(sent.text()));
    if (!read) {
      notes.Add(AnomalyCode::kUnreadable, path, sent.text());
      readable = false;
      return;
    }
    if (*read != sent.text()) notes.Add(AnomalyCode::kDomainRewritten, path, sent.text());
    // Two different domains: whose sessions these are, nobody can say.
    if (domain && *domain != *read) readable = false;
    domain = std::move(*read);
  });
  return readable && domain ? std::move(*domain) : std::string();
}

}  // namespace

void ReadPolicy(const Members& result_members, std::size_t policy_slot, const Path& path,
                const ReportHints& hints, Notes& notes, store::PolicyResult* result) {
  Members members(kNames);
  bool object = false;
  result_members.ForEach(policy_slot, [&](const JsonValue& value) {
    if (value.Is(JsonKind::kObject)) {
      object = true;
      members.Read(value, path, notes);
    } else {
      notes.Add(
          value.Is(JsonKind::kNull) ? AnomalyCode::kFieldNull : AnomalyCode::kWrongType,
          path);
    }
  });
  if (!object) {
    if (result_members.IsAbsent(policy_slot)) {
      notes.Add(AnomalyCode::kFieldMissing, path);
    }
    result->policy_domain = hints.policy_domain;
    if (!hints.policy_domain.empty()) notes.Add(AnomalyCode::kDomainGuessed, path);
    return;
  }

  ReadType(members, path, notes, result);
  result->policy_domain = ReadDomain(members, path, hints, notes);
  result->mx_hosts = ReadMxHosts(members, kMxHost, path.Member("mx-host"), notes);
  const Path string_path = path.Member("policy-string");
  bool first = true;
  members.ForEach(kString, [&](const JsonValue& value) {
    if (!first && !result->policy) return;  // and will not become one again
    auto policy = ReadPolicyString(value, result->policy_type, result->mx_hosts,
                                   string_path, notes);
    if (first) {
      result->policy = std::move(policy);
    } else if (policy != result->policy) {
      result->policy.reset();  // two policies are none
    }
    first = false;
  });
  // Once, at the end: a text of one byte, a million times over, must not copy a hundred
  // hosts each time.
  if (result->policy && result->policy_type != PolicyType::kTlsa &&
      result->policy->mx_patterns.empty()) {
    result->policy->mx_patterns = result->mx_hosts;
  }
}

}  // namespace tlsrpt::ingest
