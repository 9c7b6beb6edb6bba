#include "store/model/observation_json.h"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace tlsrpt::store {
namespace {

using Json = nlohmann::json;

// Thrown and caught in this file alone.
struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Year 9999: later than that no date can be shown.
constexpr std::int64_t kLastMicrosecond = 253'402'300'799'999'999;

std::int64_t Micros(TimePoint time) { return time.time_since_epoch().count(); }

Json ToJson(const Certificate& certificate) {
  return {{"trusted", certificate.trusted},
          {"name_matches", certificate.name_matches},
          {"names", certificate.names},
          {"issuer", certificate.issuer},
          {"not_before", Micros(certificate.not_before)},
          {"not_after", Micros(certificate.not_after)},
          {"problem", certificate.problem}};
}

Json ToJson(const std::optional<Certificate>& certificate) {
  return certificate ? ToJson(*certificate) : Json(nullptr);
}

Json ToJson(const TxtLookup& lookup) {
  return {{"state", NameOf(lookup.state)},
          {"records", lookup.records},
          {"ttl", lookup.ttl.count()},
          {"dnssec", lookup.dnssec},
          {"problem", lookup.problem}};
}

Json ToJson(const MxLookup& lookup) {
  Json hosts = Json::array();
  for (const MxHost& host : lookup.hosts) {
    hosts.push_back({{"name", host.name}, {"preference", host.preference}});
  }
  return {{"state", NameOf(lookup.state)}, {"hosts", std::move(hosts)},
          {"implicit", lookup.implicit},   {"ttl", lookup.ttl.count()},
          {"dnssec", lookup.dnssec},       {"problem", lookup.problem}};
}

Json ToJson(const PolicyFetch& fetch) {
  return {{"outcome", NameOf(fetch.outcome)},
          {"status", fetch.status},
          {"location", fetch.location},
          {"content_type", fetch.content_type},
          {"body_bytes", fetch.body_bytes},
          {"body", fetch.body},
          {"certificate", ToJson(fetch.certificate)},
          {"problem", fetch.problem}};
}

Json ToJson(const MxAddressProbe& probe) {
  return {{"mx", probe.mx},
          {"address", probe.address},
          {"outcome", NameOf(probe.outcome)},
          {"reply_code", probe.reply_code},
          {"tls_version", NameOf(probe.tls_version)},
          {"tlsa", NameOf(probe.tlsa)},
          {"certificate", ToJson(probe.certificate)},
          {"problem", probe.problem}};
}

// One JSON object and the way to it, for messages.
class Members {
 public:
  Members(const Json& json, std::string path) : json_(json), path_(std::move(path)) {
    if (!json.is_object()) throw Refused(path_ + ": not an object");
  }

  void Read(const char* name, bool& value) const {
    if (const Json* member = Find(name)) {
      if (!member->is_boolean()) throw Refused(At(name) + ": not true or false");
      value = member->get<bool>();
    }
  }
  void Read(const char* name, std::string& value) const {
    if (const Json* member = Find(name)) value = Text(*member, At(name));
  }
  void Read(const char* name, std::vector<std::string>& value) const {
    for (const Json& item : List(name)) value.push_back(Text(item, At(name)));
  }
  void Read(const char* name, std::int32_t& value) const {
    value = static_cast<std::int32_t>(Number(name, value, 0, 1'000'000));
  }
  void Read(const char* name, std::int64_t& value) const {
    value = Number(name, value, 0, std::int64_t{1} << 40);
  }
  void Read(const char* name, std::chrono::seconds& value) const {
    // RFC 2181, 8: a TTL has 31 bits.
    value = std::chrono::seconds{Number(name, value.count(), 0, 0x7FFFFFFF)};
  }
  void Read(const char* name, TimePoint& value) const {
    const std::int64_t micros = Number(name, Micros(value), 0, kLastMicrosecond);
    value = TimePoint{std::chrono::microseconds{micros}};
  }
  template <class Code>
  void Read(const char* name, Code& value,
            std::optional<Code> (*code_of)(std::string_view)) const {
    const Json* member = Find(name);
    if (member == nullptr) return;
    const auto code = code_of(Text(*member, At(name)));
    if (!code) throw Refused(At(name) + ": not a word that is known");
    value = *code;
  }
  void Read(const char* name, std::optional<Certificate>& value) const {
    const Json* member = Find(name);
    if (member == nullptr || member->is_null()) return;
    const Members in(*member, At(name));
    Certificate& to = value.emplace();
    in.Read("trusted", to.trusted);
    in.Read("name_matches", to.name_matches);
    in.Read("names", to.names);
    in.Read("issuer", to.issuer);
    in.Read("not_before", to.not_before);
    in.Read("not_after", to.not_after);
    in.Read("problem", to.problem);
  }
  // Calls `read(members)` where the member is there.
  template <class F>
  void Inside(const char* name, F read) const {
    if (const Json* member = Find(name)) read(Members(*member, At(name)));
  }
  template <class F>
  void Each(const char* name, F read) const {
    for (const Json& item : List(name)) read(Members(item, At(name)));
  }

 private:
  std::string At(const char* name) const {
    return path_.empty() ? name : path_ + "." + name;
  }
  const Json* Find(const char* name) const {
    const auto at = json_.find(name);
    return at == json_.end() ? nullptr : &*at;
  }
  static std::string Text(const Json& json, const std::string& path) {
    if (!json.is_string()) throw Refused(path + ": not a text");
    return json.get<std::string>();
  }
  const Json& List(const char* name) const {
    static const Json kEmpty = Json::array();
    const Json* member = Find(name);
    if (member == nullptr) return kEmpty;
    if (!member->is_array()) throw Refused(At(name) + ": not a list");
    if (member->size() > kMaxObservedItems) {
      throw Refused(At(name) + ": more than " + std::to_string(kMaxObservedItems) +
                    " items");
    }
    return *member;
  }
  std::int64_t Number(const char* name, std::int64_t otherwise, std::int64_t low,
                      std::int64_t high) const {
    const Json* member = Find(name);
    if (member == nullptr) return otherwise;
    // Past 2^63 the library keeps an unsigned number, which would turn negative.
    const bool fits =
        member->is_number_unsigned()
            ? member->get<std::uint64_t>() <= static_cast<std::uint64_t>(high)
            : member->is_number_integer() && member->get<std::int64_t>() <= high;
    if (!fits || member->get<std::int64_t>() < low) {
      throw Refused(At(name) + ": not a whole number from " + std::to_string(low) +
                    " to " + std::to_string(high));
    }
    return member->get<std::int64_t>();
  }

  const Json& json_;
  const std::string path_;
};

void ReadTxt(const Members& in, TxtLookup& to) {
  in.Read("state", to.state, LookupStateOf);
  in.Read("records", to.records);
  in.Read("ttl", to.ttl);
  in.Read("dnssec", to.dnssec);
  in.Read("problem", to.problem);
}

void ReadMx(const Members& in, MxLookup& to) {
  in.Read("state", to.state, LookupStateOf);
  in.Each("hosts", [&](const Members& host) {
    to.hosts.emplace_back();
    host.Read("name", to.hosts.back().name);
    host.Read("preference", to.hosts.back().preference);
  });
  in.Read("implicit", to.implicit);
  in.Read("ttl", to.ttl);
  in.Read("dnssec", to.dnssec);
  in.Read("problem", to.problem);
}

void ReadFetch(const Members& in, PolicyFetch& to) {
  in.Read("outcome", to.outcome, FetchOutcomeOf);
  in.Read("status", to.status);
  in.Read("location", to.location);
  in.Read("content_type", to.content_type);
  in.Read("body_bytes", to.body_bytes);
  in.Read("body", to.body);
  in.Read("certificate", to.certificate);
  in.Read("problem", to.problem);
}

void ReadProbe(const Members& in, MxAddressProbe& to) {
  in.Read("mx", to.mx);
  in.Read("address", to.address);
  in.Read("outcome", to.outcome, ProbeOutcomeOf);
  in.Read("reply_code", to.reply_code);
  in.Read("tls_version", to.tls_version, TlsVersionOf);
  in.Read("tlsa", to.tlsa, TlsaMatchOf);
  in.Read("certificate", to.certificate);
  in.Read("problem", to.problem);
}

Observation Read(const Members& in) {
  Observation to;
  in.Read("observed_at", to.observed_at);
  in.Read("complete", to.complete);
  in.Inside("mta_sts", [&](const Members& txt) { ReadTxt(txt, to.mta_sts); });
  in.Inside("smtp_tls", [&](const Members& txt) { ReadTxt(txt, to.smtp_tls); });
  in.Inside("policy", [&](const Members& fetch) { ReadFetch(fetch, to.policy); });
  in.Inside("mx", [&](const Members& mx) { ReadMx(mx, to.mx); });
  in.Each("addresses",
          [&](const Members& probe) { ReadProbe(probe, to.addresses.emplace_back()); });
  return to;
}

}  // namespace

std::string ToJson(const Observation& observation) {
  Json addresses = Json::array();
  for (const MxAddressProbe& probe : observation.addresses) {
    addresses.push_back(ToJson(probe));
  }
  const Json json = {{"observed_at", Micros(observation.observed_at)},
                     {"complete", observation.complete},
                     {"mta_sts", ToJson(observation.mta_sts)},
                     {"smtp_tls", ToJson(observation.smtp_tls)},
                     {"policy", ToJson(observation.policy)},
                     {"mx", ToJson(observation.mx)},
                     {"addresses", std::move(addresses)}};
  // What a stranger's server sent need not be UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Observation> ObservationFromJson(std::string_view text) {
  if (text.size() > kMaxObservationBytes) {
    return Error{
        ErrorKind::kTooLarge,
        "observation: longer than " + std::to_string(kMaxObservationBytes) + " bytes"};
  }
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return Error{ErrorKind::kMalformed, "observation: no JSON"};
  try {
    return Read(Members(json, ""));
  } catch (const Refused& refused) {
    return Error{ErrorKind::kMalformed, std::string("observation: ") + refused.what()};
  }
}

}  // namespace tlsrpt::store
