#include "store/model/evidence_filter.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/model/digest.h"
#include "store/model/observation_json.h"

namespace tlsrpt::store {
namespace {

std::int64_t Number(std::chrono::sys_days day) { return day.time_since_epoch().count(); }
std::int64_t Number(TimePoint time) { return time.time_since_epoch().count(); }

// Absent is not zero.
template <class T>
std::string Optional(const std::optional<T>& value) {
  return value ? std::to_string(Number(*value)) : "-";
}

std::string Bytes(Digest& digest) { return std::string(digest.First16().AsBytes()); }

std::string DigestOf(const EvidenceRow& row) {
  Digest digest;
  digest.Add(row.report_key.AsBytes())
      .Add(row.filed_under)
      .Add(Number(row.day))
      .Add(Number(row.first_day))
      .Add(Number(row.last_day))
      .Add(row.reporter)
      .Add(std::int64_t{row.vouched})
      .Add(std::int64_t{row.from_known})
      .Add(Number(row.received_at))
      .Add(static_cast<std::int64_t>(row.policy_type))
      .Add(row.policy_hash ? row.policy_hash->AsBytes() : std::string_view("-"))
      .Add(row.success_sessions)
      .Add(row.failure_sessions)
      .Add(row.unexplained_sessions);
  // It decides nothing where it is empty, as it was of everything once.
  if (row.written_at) digest.Add(Number(*row.written_at));
  std::vector<std::string> groups;
  for (const FailureGroup& group : row.failures) {
    Digest of;
    of.Add(static_cast<std::int64_t>(group.result_type))
        .Add(group.result_type_text)
        .Add(group.receiving_mx)
        .Add(group.reason)
        .Add(group.failed_sessions);
    groups.push_back(Bytes(of));
  }
  std::sort(groups.begin(), groups.end());
  for (const std::string& group : groups) digest.Add(group);
  return Bytes(digest);
}

std::string DigestOf(const Observation& observation) {
  Digest digest;
  digest.Add(ToJson(observation));
  return Bytes(digest);
}

std::string DigestOf(const Waiver& waiver) {
  Digest digest;
  digest.Add(waiver.id)
      .Add(waiver.reporter)
      .Add(waiver.result_type)
      .Add(waiver.mx)
      .Add(waiver.reason)
      .Add(waiver.who)
      .Add(waiver.why)
      .Add(Number(waiver.made_at))
      .Add(Optional(waiver.withdrawn_at))
      .Add(waiver.withdrawn_by)
      .Add(Optional(waiver.until))
      .Add(waiver.max_sessions ? std::to_string(*waiver.max_sessions) : "-");
  return Bytes(digest);
}

std::string DigestOf(const Mute& mute) {
  Digest digest;
  digest.Add(mute.id)
      .Add(mute.reporter)
      .Add(mute.who)
      .Add(mute.why)
      .Add(Number(mute.made_at))
      .Add(Optional(mute.withdrawn_at))
      .Add(Number(mute.until));
  return Bytes(digest);
}

// The number of items and each of them, in an order of its own.
template <class Items>
void AddAll(Digest& digest, const Items& items) {
  std::vector<std::string> digests;
  for (const auto& item : items) digests.push_back(DigestOf(item));
  std::sort(digests.begin(), digests.end());
  digest.Add(static_cast<std::int64_t>(digests.size()));
  for (const std::string& each : digests) digest.Add(each);
}

template <class Acceptances>
void KeepKnown(Acceptances& acceptances, TimePoint time) {
  std::erase_if(acceptances, [&](const auto& each) { return each.made_at > time; });
  for (auto& each : acceptances) {
    if (!each.withdrawn_at || *each.withdrawn_at <= time) continue;
    each.withdrawn_at.reset();
    if constexpr (requires { each.withdrawn_by; }) each.withdrawn_by.clear();
  }
}

}  // namespace

Evidence KnownAt(Evidence evidence, TimePoint time) {
  std::erase_if(evidence.rows,
                [&](const EvidenceRow& row) { return row.received_at > time; });
  std::erase_if(evidence.observations, [&](const Observation& observation) {
    return observation.observed_at > time;
  });
  KeepKnown(evidence.waivers, time);
  KeepKnown(evidence.mutes, time);
  return evidence;
}

Uuid EvidenceDigest(const Evidence& evidence) {
  Digest digest;
  digest.Add(evidence.domain);
  AddAll(digest, evidence.rows);
  for (const auto& [hash, text] : evidence.policy_texts) {
    // The hash covers lines and patterns; what was read from them does not follow.
    digest.Add(hash.AsBytes())
        .Add(static_cast<std::int64_t>(text.mode))
        .Add(text.max_age ? std::to_string(text.max_age->count()) : "-");
  }
  AddAll(digest, evidence.observations);
  AddAll(digest, evidence.waivers);
  AddAll(digest, evidence.mutes);
  digest.Add(evidence.intake.vouched_quarantined).Add(evidence.intake.vouched_foreign);
  return digest.First16();
}

}  // namespace tlsrpt::store
