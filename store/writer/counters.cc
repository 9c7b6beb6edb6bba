#include "store/writer/counters.h"

namespace tlsrpt::store {
namespace {

constexpr const char* kVouched = "/vouched";
constexpr const char* kUnvouched = "/unvouched";

}  // namespace

void Counters::AddReceipt(Transport transport, Outcome outcome) {
  ++deltas_["receipts/" + std::string(NameOf(transport)) + "/" +
            std::string(NameOf(outcome))];
}

void Counters::Add(const Rollup& rollup) {
  const auto add = [&](const std::string& name, std::int64_t sessions) {
    if (sessions != 0) deltas_[name] += sessions;
  };
  for (const auto& [key, day] : rollup.days()) {
    const std::int16_t kind = std::get<2>(key);
    if (kind == kKindDistinct) continue;
    const std::string name =
        "sessions/" + std::string(NameOf(static_cast<PolicyType>(kind)));
    add(name + "/success" + kVouched, day.vouched.sessions.success);
    add(name + "/failure" + kVouched, day.vouched.sessions.failure);
    add(name + "/success" + kUnvouched, day.unvouched.sessions.success);
    add(name + "/failure" + kUnvouched, day.unvouched.sessions.failure);
  }
  for (const auto& [key, failure] : rollup.failures()) {
    const auto& [domain, day, kind, result_type] = key;
    const std::string name = "failed_sessions/" +
                             std::string(NameOf(static_cast<PolicyType>(kind))) + "/" +
                             std::string(NameOf(static_cast<ResultType>(result_type)));
    add(name + kVouched, failure.vouched);
    add(name + kUnvouched, failure.unvouched);
  }
}

}  // namespace tlsrpt::store
