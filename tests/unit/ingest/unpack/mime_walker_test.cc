#include "ingest/unpack/mime_walker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace tlsrpt::ingest {
namespace {

// "position[*]type=body" of each leaf; the star marks a direct one.
std::vector<std::string> Leaves(const std::string& mail) {
  std::vector<std::string> leaves;
  for (const MimePart& part : WalkMime(mail).parts) {
    leaves.push_back(part.position + (part.direct ? "*" : "") + part.type.type + "=" +
                     std::string(part.body));
  }
  return leaves;
}

// "\n" of the table below becomes CRLF in the second round.
std::string WithCrlf(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

const char kReport[] =
    "Content-Type: multipart/report; report-type=tlsrpt; boundary=b\n\n";
const char kMixed[] = "Content-Type: multipart/mixed; boundary=b\n\n";

struct Row {
  const char* why;
  std::string mail;  // with LF
  std::vector<std::string> want;
};

TEST(MimeWalker, Table) {
  const std::string report = kReport, mixed = kMixed;
  const Row rows[] = {
      {"no multipart: the whole body (mox's test)",
       "Content-Type: application/tlsrpt+json\n\n{}",
       {"*application/tlsrpt+json={}"}},
      {"no Content-Type at all", "Subject: x\n\nhello", {"*=hello"}},
      {"no body", "Subject: x\n", {"*="}},
      {"two parts",
       report + "preamble\n--b\nContent-Type: text/plain\n\nhi\n--b\nContent-Type: "
                "application/tlsrpt+gzip\n\nxyz\n--b--\nepilogue",
       {"1*text/plain=hi", "2*application/tlsrpt+gzip=xyz"}},
      {"parts of another multipart are not direct", mixed + "--b\n\nhi\n--b--", {"1=hi"}},
      {"report-type of another kind is not direct",
       "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
       "--b\n\nhi\n--b--",
       {"1=hi"}},
      {"report-type on multipart/mixed is not direct",
       "Content-Type: multipart/mixed; report-type=tlsrpt; "
       "boundary=b\n\n--b\n\nhi\n--b--",
       {"1=hi"}},
      {"Mail.ru: never closed",
       report + "--b\n\nhi\n--b\n\nxyz\n",
       {"1*=hi", "2*=xyz\n"}},
      {"cut within a part", report + "--b\n\nhi", {"1*=hi"}},
      {"blanks after a delimiter, at which mimetic loses the header",
       report + "--b \t\nContent-Type: text/plain\n\nhi\n--b-- \n",
       {"1*text/plain=hi"}},
      {"a boundary inside a line is none, as mimetic thinks",
       report + "--b\n\nx--b\n --b\nhi\n--b--",
       {"1*=x--b\n --b\nhi"}},
      {"a boundary as a prefix is none",
       report + "--b\n\n--bc\n--b-\n--b--x\nhi\n--b--",
       {"1*=--bc\n--b-\n--b--x\nhi"}},
      {"Google: the close delimiter directly after the text",
       report + "--b\n\nhi\n--b--",
       {"1*=hi"}},
      {"an empty part", report + "--b\n\n--b--", {"1*="}},
      {"an empty part without its empty line", report + "--b\n--b--", {"1*="}},
      {"a header without a body",
       report + "--b\nContent-Type: text/plain\n--b--",
       {"1*text/plain="}},
      {"a header without a body, and a part after it",
       report + "--b\nContent-Type: text/plain\n--b\n\nhi\n--b--",
       {"1*text/plain=", "2*=hi"}},
      {"only the last line break belongs to the delimiter",
       report + "--b\n\nhi\n\n--b--",
       {"1*=hi\n"}},
      {"no part at all", report + "nothing here\n", {}},
      {"nested",
       mixed + "--b\nContent-Type: multipart/report; report-type=tlsrpt; "
               "boundary=c\n\n--c\n\n"
               "one\n--c\n\ntwo\n--c--\n--b\n\nthree\n--b--",
       {"1.1=one", "1.2=two", "2=three"}},
      {"a nested multipart is not direct even in a report",
       report + "--b\nContent-Type: multipart/report; report-type=tlsrpt; boundary=c\n\n"
                "--c\n\none\n--c--\n--b\n\ntwo\n--b--",
       {"1.1=one", "2*=two"}},
      {"RFC 2046, 5.1.2: an outer delimiter ends what is inside",
       mixed +
           "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\none\n--b\n\ntwo\n"
           "--b--",
       {"1.1=one", "2=two"}},
      {"the inner one has the same boundary",
       mixed + "--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n"
               "--b\n\ntwo\n--b--",
       {"1.1=one", "2=two"}},
      {"message/rfc822 is walked; nothing in it is direct",
       mixed + "--b\nContent-Type: message/rfc822\n\nSubject: x\nContent-Type: "
               "multipart/report; report-type=tlsrpt; boundary=c\n\n--c\n\none\n--c--\n"
               "--b--",
       {"1.1=one"}},
      {"a top-level message/rfc822",
       "Content-Type: message/rfc822\n\nContent-Type: application/tlsrpt+json\n\n{}",
       {"application/tlsrpt+json={}"}},
      {"an encoded message/rfc822 stays a leaf",
       mixed + "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
               "Rg==\n--b--",
       {"1message/rfc822=Rg=="}},
      {"a multipart without a boundary is a leaf",
       "Content-Type: multipart/mixed\n\n--b",
       {"*multipart/mixed=--b"}},
      {"a boundary of a comment is none",
       "Content-Type: multipart/mixed (;boundary=x); boundary=b\n\n--x\n--b\n\nhi\n--b--",
       {"1=hi"}},
      {"empty", "", {"*="}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(Leaves(row.mail), row.want);
    std::vector<std::string> want;
    for (const std::string& leaf : row.want) want.push_back(WithCrlf(leaf));
    EXPECT_EQ(Leaves(WithCrlf(row.mail)), want) << "with CRLF";
  }
}

TEST(MimeWalker, KnowsTheMessageAroundAPart) {
  const std::string mail =
      std::string(kMixed) +
      "--b\nContent-Type: message/rfc822\n\nSubject: inner\nContent-Type: "
      "multipart/report;"
      " report-type=tlsrpt; boundary=c\n\n--c\n\none\n--c--\n--b\n\ntwo\n--b--";
  const MimeWalk walk = WalkMime(mail);
  ASSERT_EQ(walk.messages.size(), 2u);
  EXPECT_FALSE(walk.messages[0].claims_tlsrpt);
  EXPECT_TRUE(walk.messages[1].claims_tlsrpt);
  ASSERT_EQ(walk.parts.size(), 2u);
  EXPECT_EQ(walk.messages[walk.parts[0].message].header.Value("Subject"), "inner");
  EXPECT_EQ(walk.parts[1].message, 0u);
}

// `levels` multiparts inside one another, a leaf in the innermost.
std::string Nested(int levels, bool closed) {
  std::string mail, tail;
  for (int i = 0; i < levels; ++i) {
    const std::string boundary = "b" + std::to_string(i);
    mail += "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" + boundary +
            "\n";
    if (closed) tail = "\n--" + boundary + "--" + tail;
  }
  return mail + "\nleaf" + tail + "\n";
}

TEST(MimeWalker, TheDepthLimitIsExact) {
  const std::string fits = Nested(kMaxMimeDepth, true);
  EXPECT_EQ(WalkMime(fits).parts.size(), 1u);
  EXPECT_TRUE(WalkMime(fits).left_out.empty());
  const std::string deeper = Nested(kMaxMimeDepth + 1, true);
  const MimeWalk walk = WalkMime(deeper);
  EXPECT_TRUE(walk.parts.empty());
  ASSERT_EQ(walk.left_out.size(), 1u);
  EXPECT_EQ(walk.left_out[0].kind, ErrorKind::kTooLarge);
  EXPECT_NE(walk.left_out[0].message.find("1.1.1.1.1.1.1.1"), std::string::npos);
}

TEST(MimeWalker, WhatStandsBesideTooDeepIsStillFound) {
  const std::string mail = std::string(kMixed) + "--b\n" + Nested(20, true) +
                           "--b\nContent-Type: application/tlsrpt+json\n\n{}\n--b--";
  const MimeWalk walk = WalkMime(mail);
  ASSERT_EQ(walk.parts.size(), 1u);
  EXPECT_EQ(walk.parts[0].position, "2");
}

TEST(MimeWalker, ThePartLimitIsExact) {
  for (const bool over : {false, true}) {
    SCOPED_TRACE(over);
    std::string mail = kMixed;
    for (std::size_t i = 0; i + 1 + (over ? 0 : 1) <= kMaxMimeParts; ++i) {
      mail += "--b\n\nhi\n";
    }
    const MimeWalk walk = WalkMime(mail);
    EXPECT_EQ(walk.parts.size(), kMaxMimeParts - 1);  // the mail itself is one
    EXPECT_EQ(walk.left_out.size(), over ? 1u : 0u);
  }
}

TEST(MimeWalker, EveryPrefixIsAnswered) {
  const std::string mail = WithCrlf(
      std::string(kReport) +
      "p\n--b\nContent-Type: message/rfc822\n\nA: b\n\nhi\n"
      "--b\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\nx\n--c--\n--b--\n");
  for (std::size_t n = 0; n < mail.size(); ++n) {
    const std::string cut(mail.substr(0, n));  // its own allocation, for ASan
    const MimeWalk walk = WalkMime(cut);
    EXPECT_FALSE(walk.messages.empty());
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
