#include "ingest/dkim/verify.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/text.h"
#include "ingest/dkim/canonical.h"
#include "ingest/dkim/key_cache.h"
#include "ingest/dkim/key_record.h"
#include "ingest/dkim/signature_field.h"

namespace tlsrpt::ingest {
namespace {

// RFC 6376, 3.6.2.2 leaves several records undefined; a change of keys done wrongly has
// two.
constexpr std::size_t kMaxKeyRecords = 4;

// FNV-1a of a name in lower case: names are compared by it first.
std::uint32_t NameHash(std::string_view name) {
  std::uint32_t hash = 2166136261u;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(ToLowerAscii(c))) * 16777619u;
  }
  return hash;
}

// A mail that was read once for all of its signatures.
class SignedMail {
 public:
  SignedMail(std::string_view message, const SplitMail& split, const HeaderBlock& header,
             std::optional<TimePoint> received_at, RefusedBody refused)
      : refused_(refused),
        empty_line_first_(message.starts_with('\r') || message.starts_with('\n')),
        body_(split.body),
        header_(header) {
    for (std::size_t i = 0; i < header_.fields.size(); ++i) {
      if (signatures_.size() == kMaxSignatures) break;
      if (!EqualsIgnoreCase(header_.fields[i].name, "DKIM-Signature")) continue;
      signatures_.push_back({i, ReadSignatureField(header_.fields[i], received_at)});
    }
    if (signatures_.empty()) return;
    if (auto fault = FaultOfHeader()) {
      for (Signature& signature : signatures_) {
        if (!signature.field.fault) signature.field.fault = fault;
      }
    }
  }

  std::vector<std::string> KeyNames() const {
    std::vector<std::string> names;
    for (const Signature& signature : signatures_) {
      const std::string& name = signature.field.key_name;
      if (signature.field.fault) continue;
      if (std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(name);
      }
    }
    return names;
  }

  std::vector<DkimResult> Verify(const DkimKeyLookup& keys, DkimKeyCache* cache) {
    std::vector<DkimResult> results;
    results.reserve(signatures_.size());
    for (Signature& signature : signatures_) {
      results.push_back(Verify(signature, keys, cache));
    }
    return results;
  }

 private:
  struct Signature {
    std::size_t at;  // index of its field
    SignatureField field;
  };

  std::optional<DkimFault> FaultOfHeader() const {
    if (header_.cut) {
      return DkimFault{DkimOutcome::kPolicy, "a header past our limits"};
    }
    // RFC 5322, 2.1: then all that follows is body. Unpacking is less strict.
    if (empty_line_first_) {
      return DkimFault{DkimOutcome::kPermError, "an empty line before the header"};
    }
    // RFC 6376, 3.8: others may have mended or read such a mail in another way.
    if (header_.stray) {
      return DkimFault{DkimOutcome::kPermError, "a line of the header is no field"};
    }
    // RFC 5322, 3.6: exactly one. With a second From on top, a signature of the one
    // below would still verify (RFC 6376, 8.15).
    if (const std::size_t count = header_.Count("From"); count != 1) {
      return DkimFault{DkimOutcome::kPermError,
                       "not one From field but " + std::to_string(count)};
    }
    return std::nullopt;
  }

  DkimResult Verify(Signature& signature, const DkimKeyLookup& keys,
                    DkimKeyCache* cache) {
    const SignatureField& field = signature.field;
    DkimResult result = field.said;
    const auto give = [&result](DkimOutcome outcome, std::string reason) {
      result.outcome = outcome;
      result.reason = std::move(reason);
      return std::move(result);
    };
    const auto refuse = [&] { return give(field.fault->outcome, field.fault->reason); };
    const bool by_policy = field.fault && field.fault->outcome == DkimOutcome::kPolicy;
    if (field.fault && !(by_policy && refused_ == RefusedBody::kCompared)) {
      return refuse();
    }
    // Before the key: what was altered never passes, so nobody needs to wait for DNS. And
    // before our policy: whoever takes what has merely expired must not take another body
    // for it.
    const Sha256Bytes& body_hash = BodyHash(field.body_form);
    if (!std::equal(body_hash.begin(), body_hash.end(), field.body_hash.begin(),
                    field.body_hash.end(), [](std::uint8_t a, char b) {
                      return a == static_cast<std::uint8_t>(b);
                    })) {
      // Of the whole, whatever l= says: behind that anybody may have added a report.
      return give(DkimOutcome::kFail,
                  result.body_length_limited
                      ? "signature limited in length: l=, and not of the whole body"
                      : "body hash did not verify");
    }
    if (by_policy) return refuse();

    const DkimKeyAnswer answer = keys(field.key_name);
    result.dnssec = answer.dnssec;
    switch (answer.status) {
      case DkimKeyAnswer::Status::kTemporaryFailure:
        return give(DkimOutcome::kTempError, WithWhy("key unavailable", answer.why));
      case DkimKeyAnswer::Status::kBogus:
        // What SERVFAIL is to a resolver that validates: not the domain's word, and
        // most often mended within hours (RFC 4035, 5.5).
        return give(DkimOutcome::kTempError,
                    WithWhy("key not authentic by DNSSEC", answer.why));
      case DkimKeyAnswer::Status::kNone:
        return give(DkimOutcome::kPermError, "no key for signature");
      case DkimKeyAnswer::Status::kFound:
        break;
    }
    if (answer.records.empty()) {
      return give(DkimOutcome::kPermError, "no key for signature");
    }
    return TryKeys(signature, answer.records, cache, std::move(result));
  }

  // RFC 6376, 6.1.2: with several records, each may be tried. The one that came closest
  // has the word.
  DkimResult TryKeys(const Signature& signature, const std::vector<std::string>& records,
                     DkimKeyCache* cache, const DkimResult& so_far) {
    const Sha256Bytes hash = HeaderHash(signature);
    std::optional<DkimResult> best;
    for (std::size_t i = 0; i < std::min(records.size(), kMaxKeyRecords); ++i) {
      const auto key = cache != nullptr
                           ? cache->Get(records[i])
                           : std::make_shared<const DkimKey>(ParseDkimKey(records[i]));
      DkimResult result = so_far;
      result.key_bits = key->key ? key->key->bits() : 0;
      result.key_weak = key->weak();
      result.key_service = key->service;
      result.testing = key->testing;
      if (auto fault = FaultOfKey(signature.field, *key)) {
        result.outcome = fault->outcome;
        result.reason = std::move(fault->reason);
      } else if (key->key->Verify(hash, signature.field.signature)) {
        result.outcome = DkimOutcome::kPass;
        return result;
      } else {
        result.outcome = DkimOutcome::kFail;
        result.reason = "signature did not verify";
      }
      if (!best ||
          (best->outcome != DkimOutcome::kFail && result.outcome == DkimOutcome::kFail)) {
        best = std::move(result);
      }
    }
    return *best;
  }

  static std::optional<DkimFault> FaultOfKey(const SignatureField& field,
                                             const DkimKey& key) {
    if (key.fault) return key.fault;
    if (key.key->is_rsa() != field.rsa) {
      return DkimFault{DkimOutcome::kPermError,
                       "inappropriate key algorithm: k= is not that of a="};
    }
    if (key.same_domain_only && field.subdomain) {
      return DkimFault{DkimOutcome::kPermError,
                       "domain mismatch: i= is of a subdomain, and the key has t=s"};
    }
    return std::nullopt;
  }

  static std::string WithWhy(std::string reason, const std::string& why) {
    return why.empty() ? reason : reason + ": " + why;
  }

  const Sha256Bytes& BodyHash(Canonicalization form) {
    auto& known = body_hashes_[form == Canonicalization::kRelaxed ? 1 : 0];
    if (!known) known = CanonicalBodyHash(body_, form);
    return *known;
  }

  // RFC 6376, 3.7 and 5.4.2: the fields of h=, each name from the bottom up; a name for
  // which no field is left stands for none; last the signature itself without its b=.
  Sha256Bytes HeaderHash(const Signature& signature) {
    const auto& fields = header_.fields;
    if (name_hashes_.empty()) {
      name_hashes_.reserve(fields.size());
      for (const HeaderField& field : fields) {
        name_hashes_.push_back(NameHash(field.name));
      }
    }
    canonical_.clear();
    taken_.assign(fields.size(), false);
    taken_[signature.at] = true;
    for (const std::string_view name : signature.field.signed_fields) {
      const std::uint32_t hash = NameHash(name);
      for (std::size_t i = fields.size(); i-- > 0;) {
        if (name_hashes_[i] != hash || taken_[i] ||
            !EqualsIgnoreCase(fields[i].name, name)) {
          continue;
        }
        taken_[i] = true;
        AppendCanonicalField(fields[i].raw, signature.field.header_form, &canonical_);
        canonical_ += "\r\n";
        break;
      }
    }
    AppendCanonicalField(signature.field.unsigned_raw, signature.field.header_form,
                         &canonical_);
    return Sha256::Of(canonical_);
  }

  const RefusedBody refused_;
  bool empty_line_first_;
  std::string_view body_;
  const HeaderBlock& header_;
  std::vector<Signature> signatures_;
  std::array<std::optional<Sha256Bytes>, 2> body_hashes_;
  std::vector<std::uint32_t> name_hashes_;
  std::vector<bool> taken_;  // used again for each signature
  std::string canonical_;
};

}  // namespace

std::vector<std::string> DkimKeyNames(std::string_view message,
                                      std::optional<TimePoint> received_at) {
  const SplitMail split = SplitMessage(message);
  const HeaderBlock header = ReadHeaderBlock(split.header);
  return SignedMail(message, split, header, received_at, RefusedBody::kLeftAlone)
      .KeyNames();
}

std::vector<DkimResult> VerifyDkim(std::string_view message, const DkimKeyLookup& keys,
                                   std::optional<TimePoint> received_at,
                                   DkimKeyCache* cache) {
  const SplitMail split = SplitMessage(message);
  const HeaderBlock header = ReadHeaderBlock(split.header);
  return VerifyDkim(message, split, header, keys, received_at, cache,
                    RefusedBody::kCompared);
}

std::vector<DkimResult> VerifyDkim(std::string_view message, const SplitMail& split,
                                   const HeaderBlock& header, const DkimKeyLookup& keys,
                                   std::optional<TimePoint> received_at,
                                   DkimKeyCache* cache, RefusedBody refused) {
  return SignedMail(message, split, header, received_at, refused).Verify(keys, cache);
}

}  // namespace tlsrpt::ingest
