#include "ingest/dkim/key_record.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "ingest/dkim/tag_list.h"
#include "ingest/mail/base64.h"

namespace tlsrpt::ingest {
namespace {

// A service name is a word; what is recorded of a longer list is its start.
constexpr std::size_t kMaxServiceBytes = 100;

DkimFault Unusable(std::string reason) {
  return {DkimOutcome::kPermError, std::move(reason)};
}

bool Contains(const std::vector<std::string_view>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// What is wrong with the tags other than p=, if anything.
std::optional<DkimFault> FaultOfTags(const TagList& tags) {
  if (const Tag* version = tags.Find("v")) {
    // RFC 6376, 3.6.1: first, "DKIM1" in that case, or the record is to be discarded.
    if (version != &tags.tags.front() || version->value != "DKIM1") {
      return Unusable("key syntax error: v= is not DKIM1, or not first");
    }
  }
  const std::string_view service = tags.Value("s", "*");
  const auto services = ColonList(service);
  if (!Contains(services, "*") && !Contains(services, "email") &&
      !Contains(services, "tlsrpt")) {
    return Unusable("inapplicable key: s= allows neither mail nor reports");
  }
  if (const Tag* hashes = tags.Find("h")) {
    if (!Contains(ColonList(hashes->value), "sha256")) {
      return Unusable("inappropriate hash algorithm: h= of the key leaves out sha256");
    }
  }
  return std::nullopt;
}

}  // namespace

DkimKey ParseDkimKey(std::string_view record) {
  DkimKey parsed;
  const auto give = [&](DkimFault fault) {
    parsed.fault = std::move(fault);
    return std::move(parsed);
  };
  if (record.size() > kMaxKeyRecordBytes) {
    return give(Unusable("key syntax error: a record of more than " +
                         std::to_string(kMaxKeyRecordBytes) + " bytes"));
  }
  const auto tags = ParseTagList(record);
  if (!tags) return give(Unusable("key syntax error: " + tags.error().message));

  parsed.service = CleanUtf8(tags->Value("s"), kMaxServiceBytes);
  const auto flags = ColonList(tags->Value("t"));
  parsed.testing = Contains(flags, "y");
  parsed.same_domain_only = Contains(flags, "s");
  if (auto fault = FaultOfTags(*tags)) return give(std::move(*fault));

  const Tag* data = tags->Find("p");
  if (data == nullptr) return give(Unusable("key syntax error: no p="));
  if (data->value.empty()) return give(Unusable("key revoked"));
  const auto bytes = DecodeBase64(data->value);
  if (!bytes) return give(Unusable("key syntax error: p=: " + bytes.error().message));

  const std::string_view type = tags->Value("k", "rsa");
  if (type != "rsa" && type != "ed25519") {
    return give(Unusable("inappropriate key algorithm: an unknown k="));
  }
  auto key =
      type == "rsa" ? PublicKey::Rsa(bytes->bytes) : PublicKey::Ed25519(bytes->bytes);
  if (!key) {
    const bool limit = key.error().kind == ErrorKind::kTooLarge;
    return give({limit ? DkimOutcome::kPolicy : DkimOutcome::kPermError,
                 (limit ? "key not acceptable: " : "key syntax error: p=: ") +
                     key.error().message});
  }
  // RFC 8301, 3.2: verifiers must not consider such signatures valid.
  if (key->is_rsa() && key->bits() < kMinRsaBits) {
    return give({DkimOutcome::kPolicy, "key not acceptable: an RSA key of " +
                                           std::to_string(key->bits()) + " bits"});
  }
  parsed.key = std::move(*key);
  return parsed;
}

}  // namespace tlsrpt::ingest
