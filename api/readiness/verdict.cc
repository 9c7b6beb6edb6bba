#include "api/readiness/verdict.h"

namespace tlsrpt::api {

std::string_view NameOf(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::kReady:
      return "ready";
    case VerdictKind::kNotReady:
      return "not_ready";
    case VerdictKind::kInsufficientEvidence:
      return "insufficient_evidence";
    case VerdictKind::kEnforcing:
      return "enforcing";
    case VerdictKind::kNotApplicable:
      return "not_applicable";
  }
  return "insufficient_evidence";
}

std::string_view NameOf(Health health) {
  switch (health) {
    case Health::kNone:
      return "";
    case Health::kOk:
      return "ok";
    case Health::kAtRisk:
      return "at_risk";
  }
  return "at_risk";
}

std::string_view NameOf(Confidence confidence) {
  switch (confidence) {
    case Confidence::kNone:
      return "";
    case Confidence::kNormal:
      return "normal";
    case Confidence::kLow:
      return "low";
  }
  return "";
}

std::string_view NameOf(Status status) {
  switch (status) {
    case Status::kPass:
      return "pass";
    case Status::kFail:
      return "fail";
    case Status::kUnknown:
      return "unknown";
    case Status::kWaived:
      return "waived";
    case Status::kOff:
      return "off";
  }
  return "unknown";
}

std::string_view NameOf(Severity severity) {
  return severity == Severity::kAdvisory ? "advisory" : "blocking";
}

std::string_view NameOf(WaiverState state) {
  switch (state) {
    case WaiverState::kInForce:
      return "in_force";
    case WaiverState::kExpired:
      return "expired";
    case WaiverState::kOverrun:
      return "overrun";
    case WaiverState::kWithdrawn:
      return "withdrawn";
    case WaiverState::kInvalid:
      return "invalid";
  }
  return "invalid";
}

const Criterion* Find(const Verdict& verdict, std::string_view id) {
  for (const Criterion& criterion : verdict.criteria) {
    if (criterion.id == id) return &criterion;
  }
  return nullptr;
}

}  // namespace tlsrpt::api
