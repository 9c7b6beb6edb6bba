#include "store/model/vocabulary.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "base/text.h"
#include "store/model/anomaly.h"

namespace tlsrpt::store {
namespace {

template <class Code>
struct Row {
  Code code;
  std::int16_t number;  // what PostgreSQL holds: never changes, never used again
  std::string_view name;
  bool readable;  // whether the name is read back
};

std::string Capitals(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

template <class Code, std::size_t N, class Parse>
void Check(const Row<Code> (&rows)[N], Parse parse) {
  std::set<std::string_view> names;
  for (const Row<Code>& row : rows) {
    SCOPED_TRACE(std::string(row.name));
    EXPECT_EQ(static_cast<std::int16_t>(row.code), row.number);
    EXPECT_EQ(NameOf(row.code), row.name);
    EXPECT_TRUE(names.insert(row.name).second);
    EXPECT_EQ(parse(row.name).has_value(), row.readable);
    if (row.readable) {
      EXPECT_EQ(parse(row.name), row.code);
      EXPECT_EQ(parse(Capitals(row.name)), row.code) << "seen in capitals";
    }
    EXPECT_FALSE(parse(std::string(row.name) + " ").has_value());
  }
  EXPECT_FALSE(parse("").has_value());
  EXPECT_FALSE(parse("Testing1").has_value());
}

TEST(Vocabulary, PolicyTypes) {
  const Row<PolicyType> rows[] = {
      {PolicyType::kOther, 0, "other", false},
      {PolicyType::kSts, 1, "sts", true},
      {PolicyType::kTlsa, 2, "tlsa", true},
      {PolicyType::kNoPolicyFound, 3, "no-policy-found", true},
  };
  Check(rows, PolicyTypeOf);
}

// RFC 8460, 4.3.
TEST(Vocabulary, ResultTypes) {
  const Row<ResultType> rows[] = {
      {ResultType::kOther, 0, "other", false},
      {ResultType::kStarttlsNotSupported, 1, "starttls-not-supported", true},
      {ResultType::kCertificateHostMismatch, 2, "certificate-host-mismatch", true},
      {ResultType::kCertificateExpired, 3, "certificate-expired", true},
      {ResultType::kCertificateNotTrusted, 4, "certificate-not-trusted", true},
      {ResultType::kValidationFailure, 5, "validation-failure", true},
      {ResultType::kTlsaInvalid, 6, "tlsa-invalid", true},
      {ResultType::kDnssecInvalid, 7, "dnssec-invalid", true},
      {ResultType::kDaneRequired, 8, "dane-required", true},
      {ResultType::kStsPolicyFetchError, 9, "sts-policy-fetch-error", true},
      {ResultType::kStsPolicyInvalid, 10, "sts-policy-invalid", true},
      {ResultType::kStsWebpkiInvalid, 11, "sts-webpki-invalid", true},
      // A stranger must not be able to write our own word.
      {ResultType::kUnexplained, 100, "unexplained", false},
  };
  Check(rows, ResultTypeOf);

  // A false `ready` hangs on this set: these three, and no other, are not refusals.
  const std::set<ResultType> retrieval = {ResultType::kStsPolicyFetchError,
                                          ResultType::kStsPolicyInvalid,
                                          ResultType::kStsWebpkiInvalid};
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(row.name));
    EXPECT_EQ(IsPolicyRetrieval(row.code), retrieval.contains(row.code));
  }
}

TEST(Vocabulary, PolicyModes) {
  const Row<PolicyMode> rows[] = {
      {PolicyMode::kUnknown, 0, "unknown", false},
      {PolicyMode::kNone, 1, "none", true},
      {PolicyMode::kTesting, 2, "testing", true},
      {PolicyMode::kEnforce, 3, "enforce", true},
  };
  Check(rows, PolicyModeOf);
}

TEST(Vocabulary, Transports) {
  const Row<Transport> rows[] = {
      {Transport::kSmtp, 1, "smtp", true},
      {Transport::kLmtp, 2, "lmtp", true},
      {Transport::kHttps, 3, "https", true},
      {Transport::kImport, 4, "import", true},
  };
  Check(rows, TransportOf);
}

TEST(Vocabulary, Provenances) {
  const Row<Provenance> rows[] = {
      {Provenance::kNone, 0, "none", false},
      {Provenance::kDkim, 1, "dkim", false},
      {Provenance::kAuthserv, 2, "authserv", false},
      {Provenance::kOperator, 3, "operator", false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(row.name));
    EXPECT_EQ(static_cast<std::int16_t>(row.code), row.number);
    EXPECT_EQ(NameOf(row.code), row.name);
    EXPECT_EQ(IsVouched(row.code), row.code != Provenance::kNone);
  }
}

TEST(Vocabulary, Outcomes) {
  const Row<Outcome> rows[] = {
      {Outcome::kStored, 1, "stored", false},
      {Outcome::kDuplicate, 2, "duplicate", false},
      {Outcome::kQuarantined, 3, "quarantined", false},
      {Outcome::kOrdinary, 4, "ordinary", false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(std::string(row.name));
    EXPECT_EQ(static_cast<std::int16_t>(row.code), row.number);
    EXPECT_EQ(NameOf(row.code), row.name);
  }
}

TEST(Anomaly, EveryCodeHasANameOfItsOwn) {
  std::set<std::string_view> names;
  // kMailForm is the last.
  for (int i = 0; i <= static_cast<int>(AnomalyCode::kMailForm); ++i) {
    const std::string_view name = NameOf(static_cast<AnomalyCode>(i));
    EXPECT_NE(name, "unknown") << i;
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_EQ(name, ToLowerAscii(name));
    EXPECT_EQ(name.find(' '), std::string_view::npos) << "the stored form splits there";
  }
}

TEST(Anomaly, StoredForm) {
  EXPECT_EQ(ToText({AnomalyCode::kFieldMissing, "contact-info"}),
            "field_missing contact-info");
  EXPECT_EQ(ToText({AnomalyCode::kTextAfterJson, ""}), "text_after_json");
}

}  // namespace
}  // namespace tlsrpt::store
