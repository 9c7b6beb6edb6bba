#include "ingest/spool/pack.h"

#include <cstdint>
#include <utility>

#include "base/text.h"
#include "ingest/spool/netstring.h"

namespace tlsrpt::ingest {
namespace {

constexpr int kFields = 10;

std::optional<std::vector<std::string>> ReadList(std::string_view text) {
  std::vector<std::string> list;
  while (!text.empty()) {
    const auto one = TakeNetstring(text);
    if (!one) return std::nullopt;
    list.emplace_back(*one);
  }
  return list;
}

}  // namespace

void AppendEntry(std::string& pack, const SpoolEntry& entry) {
  std::string recipients;
  for (const std::string& recipient : entry.envelope_to) {
    AppendNetstring(recipients, recipient);
  }
  AppendNetstring(pack, entry.receipt_id.AsBytes());
  AppendNetstring(pack, std::to_string(entry.received_at.time_since_epoch().count()));
  AppendNetstring(pack, entry.transport);
  AppendNetstring(pack, entry.peer);
  AppendNetstring(pack, entry.helo);
  AppendNetstring(pack, entry.tls);
  AppendNetstring(pack, entry.envelope_from);
  AppendNetstring(pack, recipients);
  AppendNetstring(pack, entry.peer_trusted ? "1" : "0");
  AppendNetstring(pack, entry.body);
}

std::optional<SpoolEntry> TakeEntry(std::string_view& pack) {
  std::string_view fields[kFields];
  for (std::string_view& field : fields) {
    const auto taken = TakeNetstring(pack);
    if (!taken) return std::nullopt;
    field = *taken;
  }
  const auto& [receipt_id, received_at, transport, peer, helo, tls, envelope_from,
               envelope_to, peer_trusted, body] = fields;
  const auto id = UuidFromBytes(receipt_id);
  // A clock may stand before 1970.
  const bool negative = received_at.starts_with('-');
  const auto micros = ParseUnsigned(received_at.substr(negative ? 1 : 0));
  auto recipients = ReadList(envelope_to);
  if (!id || !micros || !recipients) return std::nullopt;
  const auto since_1970 = std::chrono::microseconds(static_cast<std::int64_t>(*micros));
  SpoolEntry entry;
  entry.receipt_id = *id;
  entry.received_at = TimePoint(negative ? -since_1970 : since_1970);
  entry.transport = transport;
  entry.peer = peer;
  entry.helo = helo;
  entry.tls = tls;
  entry.envelope_from = envelope_from;
  entry.envelope_to = std::move(*recipients);
  entry.body = body;
  entry.peer_trusted = peer_trusted == "1";
  return entry;
}

bool SkipEntry(std::string_view& pack) {
  for (int field = 0; field < kFields; ++field) {
    if (!TakeNetstring(pack)) return false;
  }
  return true;
}

}  // namespace tlsrpt::ingest
