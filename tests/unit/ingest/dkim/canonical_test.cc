#include "ingest/dkim/canonical.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/support/dkim/signer.h"

namespace tlsrpt::ingest {
namespace {

constexpr auto kSimple = Canonicalization::kSimple;
constexpr auto kRelaxed = Canonicalization::kRelaxed;

struct FieldRow {
  const char* why;
  const char* raw;
  const char* simple;
  const char* relaxed;
};

const FieldRow kFields[] = {
    {"RFC 6376, 3.4.5", "A: X\r\n", "A: X", "a:X"},
    {"RFC 6376, 3.4.5: folded, blanks everywhere", "B : Y\t\r\n\tZ  \r\n",
     "B : Y\t\r\n\tZ  ", "b:Y Z"},
    {"nothing after the colon", "A:\r\n", "A:", "a:"},
    {"only blanks after the colon", "A: \t \r\n", "A: \t ", "a:"},
    {"folded at once", "A:\r\n b\r\n", "A:\r\n b", "a:b"},
    {"a line of blanks inside", "A: b\r\n \r\n c\r\n", "A: b\r\n \r\n c", "a:b c"},
    {"LF", "A: b\n c\n", "A: b\r\n c", "a:b c"},
    {"no line break at the end", "A: b", "A: b", "a:b"},
    {"a CR alone is a character", "A: b\rc\r\r\n", "A: b\rc\r", "a:b\rc\r"},
    {"case of the value stays", "SubJect: BiG\r\n", "SubJect: BiG", "subject:BiG"},
    {"colons in the value", "A: b : c\r\n", "A: b : c", "a:b : c"},
    {"bytes above ASCII", "A: \xC3\xBC \xA0\r\n", "A: \xC3\xBC \xA0", "a:\xC3\xBC \xA0"},
};

TEST(Canonical, Fields) {
  for (const FieldRow& row : kFields) {
    SCOPED_TRACE(row.why);
    std::string simple = "x", relaxed = "x";  // what is there stays there
    AppendCanonicalField(row.raw, kSimple, &simple);
    AppendCanonicalField(row.raw, kRelaxed, &relaxed);
    EXPECT_EQ(simple, std::string("x") + row.simple);
    EXPECT_EQ(relaxed, std::string("x") + row.relaxed);
  }
}

struct BodyRow {
  const char* why;
  std::string body;
  std::string simple;
  std::string relaxed;
};

const BodyRow kBodies[] = {
    {"RFC 6376, 3.4.5", " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n",
     " C\r\nD E\r\n"},
    {"RFC 6376, 3.4.3 and 3.4.4: no body", "", "\r\n", ""},
    {"a body of empty lines", "\r\n\r\n\r\n", "\r\n", ""},
    {"a body of blanks", " \t\r\n \r\n", " \t\r\n \r\n", ""},
    {"blanks without a line break", "  ", "  \r\n", ""},
    {"no line break at the end", "a", "a\r\n", "a\r\n"},
    {"empty lines inside stay", "a\r\n\r\n\r\nb\r\n", "a\r\n\r\n\r\nb\r\n",
     "a\r\n\r\n\r\nb\r\n"},
    {"lines of blanks inside are empty", "a\r\n \r\n\t\r\nb\r\n", "a\r\n \r\n\t\r\nb\r\n",
     "a\r\n\r\n\r\nb\r\n"},
    {"empty lines first", "\r\n\r\na\r\n", "\r\n\r\na\r\n", "\r\n\r\na\r\n"},
    {"LF alone", "a\nb \n\n\n", "a\r\nb \r\n", "a\r\nb\r\n"},
    {"LF after lines with CRLF", "a\r\n\nb\r\n\r\n\nc\n", "a\r\n\r\nb\r\n\r\n\r\nc\r\n",
     "a\r\n\r\nb\r\n\r\n\r\nc\r\n"},
    {"an empty line with LF between changed lines", "a \r\n\n\r\nb \r\n\r\nc\r\n",
     "a \r\n\r\n\r\nb \r\n\r\nc\r\n", "a\r\n\r\n\r\nb\r\n\r\nc\r\n"},
    {"a CR alone is a character", "a\rb\r\n\r", "a\rb\r\n\r\r\n", "a\rb\r\n\r\r\n"},
    {"more empty lines than are added at once", "a \r\n" + std::string(2001, '\n') + "b",
     [] {
       std::string lines = "a \r\n";
       for (int i = 0; i < 2001; ++i) lines += "\r\n";
       return lines + "b\r\n";
     }(),
     [] {
       std::string lines = "a\r\n";
       for (int i = 0; i < 2001; ++i) lines += "\r\n";
       return lines + "b\r\n";
     }()},
};

TEST(Canonical, Bodies) {
  for (const BodyRow& row : kBodies) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(CanonicalBodyHash(row.body, kSimple), Sha256::Of(row.simple));
    EXPECT_EQ(CanonicalBodyHash(row.body, kRelaxed), Sha256::Of(row.relaxed));
  }
}

TEST(Canonical, EveryPrefixIsThatOfTheSlowWay) {
  const std::string whole = "a \t b\r\n\r\n \r\nc\r\n\r\n\r\nd  \r\n\t\r\n\r\n";
  for (std::size_t n = 0; n <= whole.size(); ++n) {
    if (n < whole.size() && whole[n] == '\n') continue;  // the slow way wants whole CRLFs
    const std::string exact(whole.substr(0, n));
    EXPECT_EQ(CanonicalBodyHash(exact, kSimple),
              Sha256::Of(test::CanonicalBody(exact, false)))
        << n;
    EXPECT_EQ(CanonicalBodyHash(exact, kRelaxed),
              Sha256::Of(test::CanonicalBody(exact, true)))
        << n;
  }
}

TEST(Canonical, RandomBodiesAreThoseOfTheSlowWay) {
  std::mt19937 random(8460);
  const char* const pieces[] = {"\r\n", "\r\n", "a",        " ",
                                "\t",   "bc",   "\r\n\r\n", " \r\n"};
  for (int i = 0; i < 3000; ++i) {
    std::string body;
    for (std::size_t n = random() % 12; n > 0; --n) body += pieces[random() % 8];
    SCOPED_TRACE(body);
    EXPECT_EQ(CanonicalBodyHash(body, kSimple),
              Sha256::Of(test::CanonicalBody(body, false)));
    EXPECT_EQ(CanonicalBodyHash(body, kRelaxed),
              Sha256::Of(test::CanonicalBody(body, true)));
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
