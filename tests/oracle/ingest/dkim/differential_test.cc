// Our verdict and libopendkim's on twelve thousand mails that are a little off. Where the
// two differ, the class of the case is in the table, with the sentence that decides it;
// anything else fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <string>

#include "base/text.h"
#include "ingest/dkim/verify.h"
#include "ingest/mail/header_block.h"
#include "ingest/mail/split_message.h"
#include "tests/oracle/ingest/dkim/mutations.h"
#include "tests/oracle/ingest/dkim/opendkim.h"

namespace tlsrpt::ingest {
namespace {

using test::OpenDkimResult;
using test::SignedCase;

constexpr std::uint32_t kCases = 12'000;
constexpr char kKeyName[] = "sel._domainkey.firm.example";

bool HasBareCr(const SignedCase& c) {
  for (std::size_t at = 0; (at = c.mail.find('\r', at)) != std::string::npos; ++at) {
    if (c.mail.substr(at, 2) != "\r\n") return true;
  }
  return false;
}

// Of the DKIM-Signature fields of the mail, as their values.
std::string Signatures(const SignedCase& c) {
  std::string all;
  for (const auto& field : ReadHeaderBlock(SplitMessage(c.mail).header).fields) {
    if (EqualsIgnoreCase(field.name, "DKIM-Signature")) all += field.value;
  }
  return all;
}

struct Class {
  const char* sentence;
  bool ours_passes;
  // Ours where it does not pass, theirs else: how it says so begins with this.
  const char* word;
  std::function<bool(const SignedCase&)> holds;
};

bool Always(const SignedCase&) { return true; }

const Class kClasses[] = {
    // We are stricter.
    {"RFC 8460, 3: signatures MUST NOT use l=", false, "signature limited in length",
     Always},
    {"RFC 5322, 3.6: From min 1, max 1; RFC 6376, 3.8: SHOULD NOT validate a message "
     "that is not conformant",
     false, "not one From field", Always},
    {"RFC 5322, 2.2: a header is fields, of a name of printable characters without "
     "blanks; RFC 6376, 3.8: SHOULD NOT validate a message that is not conformant",
     false, "a line of the header is no field", Always},
    {"RFC 5322, 2.3: CR and LF MUST only occur together; RFC 6376, 2.8: white space is "
     "SP and HTAB, so a CR alone stays in what is hashed",
     false, "signature did not verify", HasBareCr},
    {"the same, in a body", false, "body hash did not verify", HasBareCr},
    {"RFC 6376, 3.2: tag-name = ALPHA *ALNUMPUNC", false,
     "signature syntax error: what stands before", Always},
    {"the same, of a key", false, "key syntax error: what stands before", Always},
    {"RFC 6376, 3.2: with a duplicate name the entire tag-list is invalid", false,
     "signature syntax error: the tag", Always},
    {"the same, of a key", false, "key syntax error: the tag", Always},
    {"RFC 6376, 3.5: h= is hdr-name *( [FWS] \":\" [FWS] hdr-name ), none of them empty",
     false, "signature syntax error: h=", Always},
    {"RFC 6376, 3.5: b= is base64string, and RFC 6376, 2.10 has no other characters",
     false, "signature syntax error: b=", Always},
    {"RFC 6376, 3.6.1: p= is base64string", false, "key syntax error: p=: base64",
     Always},
    {"RFC 6376, 3.6.1: k= is rsa if absent; an Ed25519 key is no RSA key", false,
     "key syntax error: p=: no RSA key",
     [](const SignedCase& c) {
       return c.record.find("k=ed25519;") == std::string::npos ||
              c.record.find("vk=") != std::string::npos;
     }},
    {"RFC 6376, 3.6.1: v= MUST be the first tag in the record", false,
     "key syntax error: v=", Always},
    {"RFC 6376, 3.2: values MUST be processed as case sensitive (k=RSA)", false,
     "inappropriate key algorithm: an unknown k=", Always},
    {"RFC 6376, 3.5: the only valid q= is \"dns/txt\"; unrecognised ones are ignored",
     false, "unknown query method", Always},
    // They are stricter, or wrong.
    {"RFC 8460, 3: a key of reports has s=tlsrpt", true, "not an e-mail key",
     [](const SignedCase& c) { return c.record.find("s=tlsrpt") != std::string::npos; }},
    {"RFC 6376, 3.5: times longer than 12 digits MAY be taken as infinite", true, "",
     [](const SignedCase& c) {
       return Signatures(c).find("x=9999999999999") != std::string::npos;
     }},
    {"RFC 6376, 6.1: verifiers SHOULD continue to check signatures; one that cannot be "
     "read is no reason to refuse the others",
     true, "",
     [](const SignedCase& c) {
       return ReadHeaderBlock(SplitMessage(c.mail).header).Count("DKIM-Signature") > 1;
     }},
    {"RFC 5322, 2.2: a field name is of all printable characters but the colon", true, "",
     [](const SignedCase& c) {
       const HeaderBlock header = ReadHeaderBlock(SplitMessage(c.mail).header);
       return std::any_of(header.fields.begin(), header.fields.end(),
                          [](const HeaderField& field) {
                            return field.name.find(';') != std::string_view::npos;
                          });
     }},
    {"RFC 6376, 3.5: h= MUST NOT include the DKIM-Signature field that is verified, so "
     "in h= it means another",
     true, "signature verification failed",
     [](const SignedCase& c) {
       return Signatures(c).find("From:DKIM-Signature") != std::string::npos;
     }},
    {"RFC 6376, 3.7: the value of the b= tag is deleted, not that of a tag whose name "
     "ends with b",
     true, "signature verification failed",
     [](const SignedCase& c) {
       return Signatures(c).find("a_b=c") != std::string::npos;
     }},
};

TEST(Differential, ClassesDecideEveryDisagreement) {
  int used[std::size(kClasses)] = {};
  int both = 0, neither = 0, differ = 0;
  for (std::uint32_t seed = 0; seed < kCases; ++seed) {
    const SignedCase c = test::MakeCase(seed);
    const auto keys = test::LookupOf({{kKeyName, {c.record}}});
    const auto ours = VerifyDkim(c.mail, keys, c.now);
    const auto theirs = test::OpenDkimVerify(c.mail, keys, c.now);
    for (std::size_t i = 0; i < std::max(ours.size(), theirs.size()); ++i) {
      const DkimResult our = i < ours.size() ? ours[i] : DkimResult{};
      const OpenDkimResult their = i < theirs.size() ? theirs[i] : OpenDkimResult{};
      const bool pass = our.outcome == DkimOutcome::kPass;
      if (pass == their.pass) {
        ++(pass ? both : neither);
        continue;
      }
      ++differ;
      const auto row = std::find_if(
          std::begin(kClasses), std::end(kClasses), [&](const Class& candidate) {
            const std::string& word = pass ? their.error : our.reason;
            return candidate.ours_passes == pass && word.starts_with(candidate.word) &&
                   (candidate.word[0] != '\0' || word.empty()) && candidate.holds(c);
          });
      if (row == std::end(kClasses)) {
        ADD_FAILURE() << "seed " << seed << ", signature " << i << ": ours "
                      << NameOf(our.outcome) << " (" << our.reason << "), theirs "
                      << (their.pass ? "pass" : "no pass") << " (" << their.error << ")\n"
                      << c.history << "\n"
                      << c.record << "\n"
                      << c.mail;
      } else {
        ++used[row - std::begin(kClasses)];
      }
    }
  }
  // A comparison of failures alone would show little.
  EXPECT_GT(both, 3000);
  EXPECT_GT(neither, 3000);
  for (std::size_t i = 0; i < std::size(kClasses); ++i) {
    EXPECT_GT(used[i], 0) << "no case is left of: " << kClasses[i].sentence;
  }
  RecordProperty("both_pass", both);
  RecordProperty("neither_passes", neither);
  RecordProperty("differ", differ);
}

}  // namespace
}  // namespace tlsrpt::ingest
