#include "store/model/anomaly.h"

namespace tlsrpt::store {

std::string_view NameOf(AnomalyCode code) {
  switch (code) {
    case AnomalyCode::kFieldMissing:
      return "field_missing";
    case AnomalyCode::kFieldNull:
      return "field_null";
    case AnomalyCode::kWrongType:
      return "wrong_type";
    case AnomalyCode::kUnreadable:
      return "unreadable";
    case AnomalyCode::kUnknownName:
      return "unknown_name";
    case AnomalyCode::kDuplicateName:
      return "duplicate_name";
    case AnomalyCode::kAlternativeName:
      return "alternative_name";
    case AnomalyCode::kTimeWithoutOffset:
      return "time_without_offset";
    case AnomalyCode::kCountClamped:
      return "count_clamped";
    case AnomalyCode::kTextChanged:
      return "text_changed";
    case AnomalyCode::kListCut:
      return "list_cut";
    case AnomalyCode::kNotAnAddress:
      return "not_an_address";
    case AnomalyCode::kDomainGuessed:
      return "domain_guessed";
    case AnomalyCode::kDomainRewritten:
      return "domain_rewritten";
    case AnomalyCode::kPolicyTextNested:
      return "policy_text_nested";
    case AnomalyCode::kDetailsExceedSummary:
      return "details_exceed_summary";
    case AnomalyCode::kUnexplainedFailures:
      return "unexplained_failures";
    case AnomalyCode::kPeriodUnusual:
      return "period_unusual";
    case AnomalyCode::kTextAfterJson:
      return "text_after_json";
    case AnomalyCode::kNameTaken:
      return "name_taken";
    case AnomalyCode::kMailForm:
      return "mail_form";
  }
  return "unknown";
}

std::string ToText(const Anomaly& anomaly) {
  std::string text(NameOf(anomaly.code));
  if (!anomaly.field.empty()) text += " " + anomaly.field;
  return text;
}

}  // namespace tlsrpt::store
