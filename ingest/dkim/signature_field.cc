#include "ingest/dkim/signature_field.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "ingest/dkim/tag_list.h"
#include "ingest/dkim/verify.h"
#include "ingest/mail/base64.h"
#include "store/model/domain_name.h"

namespace tlsrpt::ingest {
namespace {

using std::chrono::seconds;

// RFC 6376, 3.5: longer ones may be taken as infinite. The year 33658.
constexpr std::uint64_t kLatestSecond = 999'999'999'999;
// What is kept of i= and a= for people.
constexpr std::size_t kMaxIdentityBytes = 320;
constexpr std::size_t kMaxAlgorithmBytes = 40;

DkimFault Neutral(std::string reason) {
  return {DkimOutcome::kNeutral, std::move(reason)};
}
DkimFault SyntaxError(const std::string& what) {
  return Neutral("signature syntax error: " + what);
}
DkimFault Permanent(std::string reason) {
  return {DkimOutcome::kPermError, std::move(reason)};
}
DkimFault Policy(std::string reason) { return {DkimOutcome::kPolicy, std::move(reason)}; }

// dkim-quoted-printable (RFC 6376, 2.11), or nothing.
std::optional<std::string> DecodeQuoted(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (IsFws(c)) continue;
    if (c != '=') {
      decoded += c;
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = digit(text[i + 1]), low = digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

// The value of t= or x=, or nothing.
std::optional<TimePoint> ParseTime(std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(),
                                   [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  const std::uint64_t second = ParseUnsigned(text).value_or(kLatestSecond);
  return TimePoint(seconds(std::min(second, kLatestSecond)));
}

class Reader {
 public:
  Reader(const HeaderField& field, std::optional<TimePoint> received_at)
      : field_(field), received_at_(received_at) {}

  SignatureField Read() {
    auto tags = ParseTagList(field_.value);
    if (!tags) {
      out_.fault = SyntaxError(tags.error().message);
      return std::move(out_);
    }
    tags_ = std::move(*tags);
    out_.said.body_length_limited = tags_.Find("l") != nullptr;
    out_.said.algorithm = CleanUtf8(tags_.Value("a"), kMaxAlgorithmBytes);
    // In the order of RFC 6376, 6.1.1; the first that objects has the word. What says
    // whose signature it is goes before what is merely unknown, since it is recorded.
    using Step = std::optional<DkimFault> (Reader::*)();
    for (const Step step :
         {&Reader::Required, &Reader::Domain, &Reader::Identity, &Reader::Algorithm,
          &Reader::Forms, &Reader::SignedFields, &Reader::Bytes, &Reader::QueryMethod,
          &Reader::Times, &Reader::Length}) {
      if (auto fault = (this->*step)()) {
        out_.fault = std::move(fault);
        break;
      }
    }
    return std::move(out_);
  }

 private:
  std::optional<DkimFault> Required() {
    for (const char* name : {"v", "a", "b", "bh", "d", "h", "s"}) {
      if (tags_.Find(name) == nullptr) {
        return Permanent(std::string("signature missing required tag: ") + name + "=");
      }
    }
    if (tags_.Value("v") != "1") return Neutral("incompatible version");
    return std::nullopt;
  }

  std::optional<DkimFault> Domain() {
    const std::string_view d = tags_.Value("d");
    auto read = store::NormaliseDomain(d);
    if (!read || d.ends_with('.')) return SyntaxError("d= is no domain name");
    out_.said.domain = *std::move(read);
    const std::string& domain = out_.said.domain;
    // Through the whole name, which has to fit into DNS as one.
    constexpr std::string_view kBetween = "._domainkey.";
    auto key_name =
        store::NormaliseDomain(std::string(tags_.Value("s")).append(kBetween) + domain);
    if (!key_name) return SyntaxError("s= is no selector");
    out_.key_name = *std::move(key_name);
    out_.said.selector =
        out_.key_name.substr(0, out_.key_name.size() - kBetween.size() - domain.size());
    return std::nullopt;
  }

  std::optional<DkimFault> Identity() {
    const std::string& domain = out_.said.domain;
    out_.said.identity = "@" + domain;
    const Tag* tag = tags_.Find("i");
    if (tag == nullptr) return std::nullopt;
    const auto identity = DecodeQuoted(tag->value);
    // One "@": which of two parts the name from the domain is read in two ways.
    if (!identity || std::count(identity->begin(), identity->end(), '@') != 1) {
      return SyntaxError("i= is no address");
    }
    const auto of = store::DomainOfAddress(*identity);
    if (!of) return SyntaxError("i= is no address");
    out_.said.identity = CleanUtf8(*identity, kMaxIdentityBytes);
    out_.subdomain = *of != domain;
    if (out_.subdomain && !of->ends_with("." + domain)) {
      return Permanent("domain mismatch: i= is not of d=");
    }
    return std::nullopt;
  }

  std::optional<DkimFault> Algorithm() {
    const std::string_view algorithm = tags_.Value("a");
    out_.rsa = algorithm == "rsa-sha256";
    if (out_.rsa || algorithm == "ed25519-sha256") return std::nullopt;
    // RFC 8301, 3.1: has permanently failed.
    if (algorithm == "rsa-sha1") {
      return Permanent("inappropriate hash algorithm: rsa-sha1");
    }
    return Neutral("unknown signature algorithm");
  }

  std::optional<DkimFault> Forms() {
    // RFC 6376, 3.5: "simple/simple" if absent, "simple" for the body if not said.
    const auto forms = Split(tags_.Value("c", "simple"), '/');
    const auto read = [](std::string_view name, Canonicalization* form) {
      *form = name == "relaxed" ? Canonicalization::kRelaxed : Canonicalization::kSimple;
      return name == "relaxed" || name == "simple";
    };
    if (forms.size() > 2 || !read(forms[0], &out_.header_form) ||
        (forms.size() == 2 && !read(forms[1], &out_.body_form))) {
      return Neutral("unknown canonicalization");
    }
    return std::nullopt;
  }

  std::optional<DkimFault> SignedFields() {
    out_.signed_fields = ColonList(tags_.Value("h"));
    if (out_.signed_fields.size() > kMaxSignedFields) {
      return Neutral("more than " + std::to_string(kMaxSignedFields) + " fields in h=");
    }
    for (const std::string_view name : out_.signed_fields) {
      if (name.empty() ||
          std::any_of(name.begin(), name.end(), [](char c) { return IsFws(c); })) {
        return SyntaxError("h= holds what is no field name");
      }
      out_.said.signs_from |= EqualsIgnoreCase(name, "From");
      out_.said.signs_subject |= EqualsIgnoreCase(name, "Subject");
      out_.said.signs_report_domain |= EqualsIgnoreCase(name, "TLS-Report-Domain");
    }
    if (!out_.said.signs_from) return Permanent("From field not signed");
    return std::nullopt;
  }

  std::optional<DkimFault> Bytes() {
    auto body_hash = DecodeBase64(tags_.Value("bh"));
    if (!body_hash || body_hash->bytes.empty()) return SyntaxError("bh= is no base64");
    out_.body_hash = std::move(body_hash->bytes);
    const Tag* b = tags_.Find("b");
    auto signature = DecodeBase64(b->value);
    if (!signature || signature->bytes.empty()) return SyntaxError("b= is no base64");
    out_.signature = std::move(signature->bytes);

    const auto begin = static_cast<std::size_t>(b->space.data() - field_.raw.data());
    out_.unsigned_raw.reserve(field_.raw.size());
    out_.unsigned_raw = field_.raw.substr(0, begin);
    out_.unsigned_raw += field_.raw.substr(begin + b->space.size());
    return std::nullopt;
  }

  std::optional<DkimFault> QueryMethod() {
    const auto methods = ColonList(tags_.Value("q", "dns/txt"));
    if (std::find(methods.begin(), methods.end(), "dns/txt") == methods.end()) {
      return Neutral("unknown query method");
    }
    return std::nullopt;
  }

  std::optional<DkimFault> Times() {
    std::optional<TimePoint> signed_at, expires_at;
    if (const Tag* tag = tags_.Find("t")) {
      signed_at = ParseTime(tag->value);
      if (!signed_at) return SyntaxError("t= is no time");
    }
    if (const Tag* tag = tags_.Find("x")) {
      expires_at = ParseTime(tag->value);
      if (!expires_at) return SyntaxError("x= is no time");
    }
    if (signed_at && expires_at && *expires_at <= *signed_at) {
      return SyntaxError("x= is not after t=");
    }
    if (expires_at && !received_at_) {
      return Policy("signature expired: it has an x=, and nobody knows when it came");
    }
    if (expires_at && *received_at_ > *expires_at + kClockSkew) {
      return Policy("signature expired");
    }
    // RFC 6376, 3.5: signatures of the future may be taken as invalid.
    if (signed_at && received_at_ && *signed_at > *received_at_ + kClockSkew) {
      return Policy("signature of the future");
    }
    return std::nullopt;
  }

  std::optional<DkimFault> Length() {
    // RFC 8460, 3: must not be used.
    if (tags_.Find("l") != nullptr) return Policy("signature limited in length: l=");
    return std::nullopt;
  }

  const HeaderField& field_;
  std::optional<TimePoint> received_at_;
  TagList tags_;
  SignatureField out_;
};

}  // namespace

SignatureField ReadSignatureField(const HeaderField& field,
                                  std::optional<TimePoint> received_at) {
  return Reader(field, received_at).Read();
}

}  // namespace tlsrpt::ingest
