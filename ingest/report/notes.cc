#include "ingest/report/notes.h"

#include "base/text.h"
#include "ingest/report/report_parser.h"

namespace tlsrpt::ingest {
namespace {

// Of what was sent, in an anomaly: enough to recognise it.
constexpr std::size_t kMaxDetailBytes = 120;

}  // namespace

std::string Path::ToString() const {
  std::string text;
  if (parent != nullptr && !(parent->parent == nullptr && parent->name.empty())) {
    text = parent->ToString() + ".";
  }
  text += name;
  if (index >= 0) text += "[" + std::to_string(index) + "]";
  return text;
}

void Notes::Add(store::AnomalyCode code, const Path& path, std::string_view detail) {
  if (anomalies_.size() >= kMaxAnomalies) return;
  if (anomalies_.size() + 1 == kMaxAnomalies) {
    anomalies_.push_back({store::AnomalyCode::kListCut, "anomalies"});
    return;
  }
  std::string field = path.ToString();
  if (!detail.empty()) field += ": " + CleanUtf8(detail, kMaxDetailBytes);
  anomalies_.push_back({code, std::move(field)});
}

}  // namespace tlsrpt::ingest
