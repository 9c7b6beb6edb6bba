#include "store/writer/counters.h"

namespace tlsrpt::store {
namespace {

constexpr const char* kVouched = "/vouched";
constexpr const char* kUnvouched = "/unvouched";

}  // namespace

void Counters::AddReceipt(Transport transport, Outcome outcome) {
  ++receipts_[{transport, outcome}];
}

void Counters::Add(const Rollup& rollup) {
  for (const auto& [key, day] : rollup.days()) {
    const std::int16_t kind = std::get<2>(key);
    if (kind == kKindDistinct) continue;
    Rollup::Day& sum = sessions_[static_cast<PolicyType>(kind)];
    sum.vouched.Add(day.vouched.sessions, 1);
    sum.unvouched.Add(day.unvouched.sessions, 1);
  }
  for (const auto& [key, failure] : rollup.failures()) {
    const auto& [domain, day, kind, result_type] = key;
    Rollup::Failure& sum = failed_sessions_[{static_cast<PolicyType>(kind),
                                             static_cast<ResultType>(result_type)}];
    sum.vouched += failure.vouched;
    sum.unvouched += failure.unvouched;
  }
}

std::map<std::string, std::int64_t> Counters::Deltas() const {
  std::map<std::string, std::int64_t> deltas;
  for (const auto& [key, receipts] : receipts_) {
    const auto& [transport, outcome] = key;
    deltas["receipts/" + std::string(NameOf(transport)) + "/" +
           std::string(NameOf(outcome))] += receipts;
  }
  const auto add = [&](const std::string& name, std::int64_t sessions) {
    if (sessions != 0) deltas[name] += sessions;
  };
  for (const auto& [type, day] : sessions_) {
    const std::string name = "sessions/" + std::string(NameOf(type));
    add(name + "/success" + kVouched, day.vouched.sessions.success);
    add(name + "/failure" + kVouched, day.vouched.sessions.failure);
    add(name + "/success" + kUnvouched, day.unvouched.sessions.success);
    add(name + "/failure" + kUnvouched, day.unvouched.sessions.failure);
  }
  for (const auto& [key, failure] : failed_sessions_) {
    const auto& [type, result] = key;
    const std::string name = "failed_sessions/" + std::string(NameOf(type)) + "/" +
                             std::string(NameOf(result));
    add(name + kVouched, failure.vouched);
    add(name + kUnvouched, failure.unvouched);
  }
  return deltas;
}

}  // namespace tlsrpt::store
