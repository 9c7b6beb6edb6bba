#include "ingest/mail/header_block.h"

#include <gtest/gtest.h>

#include <string>

#include "ingest/mail/from_address.h"

namespace tlsrpt::ingest {
namespace {

struct Row {
  const char* why;
  const char* text;
  const char* name;
  const char* want;
};

const Row kRows[] = {
    {"one field", "Subject: hello\r\n", "Subject", "hello"},
    {"any case", "SUBJECT: hello\r\n", "subject", "hello"},
    {"the first of two", "A: 1\r\nA: 2\r\n", "A", "1"},
    {"Mail.ru: folded after every word", "Subject: Report\r\n Domain:\r\n\tx\r\n",
     "Subject", "Report Domain:\tx"},
    {"LF", "Subject: a\n b\nTo: c\n", "Subject", "a b"},
    {"no line end at the end", "Subject: a", "Subject", "a"},
    {"RFC 822: a blank before the colon", "Subject : a\r\n", "Subject", "a"},
    {"nothing after the colon", "Subject:\r\nTo: c\r\n", "Subject", ""},
    {"a value on the next line", "Subject:\r\n a\r\n", "Subject", "a"},
    {"absent", "To: c\r\n", "Subject", ""},
    {"an mbox line before it", "From x@y Thu Jan 1\r\nSubject: a\r\n", "Subject", "a"},
    {"a line that is no field", "nonsense\r\nSubject: a\r\n", "Subject", "a"},
    {"a name with a blank is none", "My Subject: b\r\nSubject: a\r\n", "My Subject", ""},
    {"colons in the value", "Subject: a: b\r\n", "Subject", "a: b"},
};

TEST(HeaderBlock, Table) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.why);
    const HeaderBlock block = ReadHeaderBlock(row.text);
    EXPECT_EQ(block.Value(row.name), row.want);
    EXPECT_FALSE(block.cut);
  }
}

TEST(HeaderBlock, KeepsEachFieldAsSent) {
  const HeaderBlock block = ReadHeaderBlock("From x@y\r\n c\r\nA : 1\r\n 2\r\nB:3");
  ASSERT_EQ(block.fields.size(), 2u);
  EXPECT_EQ(block.fields[0].raw, "A : 1\r\n 2\r\n");
  EXPECT_EQ(block.fields[1].raw, "B:3");
}

TEST(HeaderBlock, ValuesHaveNoLineBreaks) {
  const HeaderBlock block = ReadHeaderBlock("A: 1\r\n\t2\n 3\r4\r\r\n 5 \r\nB: \r\n");
  EXPECT_EQ(block.Value("A"), "1\t2 34 5");
  EXPECT_EQ(block.Value("B"), "");
}

TEST(HeaderBlock, SaysWhetherALineIsNoField) {
  EXPECT_FALSE(ReadHeaderBlock("From x@y Thu Jan 1\r\nA: 1\r\n").stray);
  EXPECT_FALSE(ReadHeaderBlock("A: 1\r\n").stray);
  EXPECT_TRUE(ReadHeaderBlock("A: 1\r\nFrom x@y Thu Jan 1\r\n").stray);
  EXPECT_TRUE(ReadHeaderBlock(">From x@y Thu Jan 1\r\nA: 1\r\n").stray);
  EXPECT_TRUE(ReadHeaderBlock("A: 1\r\nnonsense\r\n").stray);
  EXPECT_TRUE(ReadHeaderBlock(" folded\r\nA: 1\r\n").stray);
}

TEST(HeaderBlock, Counts) {
  const HeaderBlock block = ReadHeaderBlock("A: 1\r\na: 2\r\nAB: 3\r\n");
  EXPECT_EQ(block.Count("A"), 2u);
  EXPECT_EQ(block.Count("B"), 0u);
}

TEST(HeaderBlock, AFieldTooLongIsLeftOutAlone) {
  const std::string longest = "X: " + std::string(kMaxFieldBytes - 5, 'x') + "\r\n";
  const std::string fitting = longest + "Subject: a\r\n";
  const HeaderBlock fits = ReadHeaderBlock(fitting);
  EXPECT_FALSE(fits.cut);
  EXPECT_EQ(fits.fields.size(), 2u);
  const std::string too_long = "X" + fitting;
  const HeaderBlock over = ReadHeaderBlock(too_long);
  EXPECT_TRUE(over.cut);
  EXPECT_EQ(over.Find("XX"), nullptr);
  EXPECT_EQ(over.Value("Subject"), "a");
}

TEST(HeaderBlock, WhatIsPastTheLimitIsLeftOut) {
  std::string text = "Subject: a\r\n";
  while (text.size() <= kMaxHeaderBytes) text += "X: y\r\n";
  text += "Late: b\r\n";
  const HeaderBlock block = ReadHeaderBlock(text);
  EXPECT_TRUE(block.cut);
  EXPECT_EQ(block.Value("Subject"), "a");
  EXPECT_EQ(block.Find("Late"), nullptr);
  for (const HeaderField& field : block.fields) {
    EXPECT_TRUE(field.value.ends_with("\r\n"));  // no half field
  }
}

struct AddressRow {
  const char* why;
  const char* header;
  const char* want;
};

const AddressRow kAddressRows[] = {
    {"Google: bare", "From: noreply@mail.example\r\n", "noreply@mail.example"},
    {"Microsoft: in angle brackets", "From: <noreply@mail.example>\r\n",
     "noreply@mail.example"},
    {"Stalwart: display name", "From: \"Report Subsystem\" <r@mail.example>\r\n",
     "r@mail.example"},
    {"a comma in a quoted name", "From: \"Doe, Jane\" <r@mail.example>\r\n",
     "r@mail.example"},
    {"a comment", "From: r@mail.example (Reports (all))\r\n", "r@mail.example"},
    {"folded", "From: Reports\r\n <r@mail.example>\r\n", "r@mail.example"},
    {"an address as display name", "From: a@b.example <r@mail.example>\r\n",
     "r@mail.example"},
    {"case is kept", "From: R@Mail.Example\r\n", "R@Mail.Example"},
    {"two authors", "From: a@mail.example, b@evil.example\r\n", ""},
    {"two in brackets", "From: <a@mail.example> <b@evil.example>\r\n", ""},
    {"two From fields", "From: a@mail.example\r\nFrom: b@evil.example\r\n", ""},
    {"no From field", "To: a@mail.example\r\n", ""},
    {"an empty group, which crashes mimetic", "From: g:\r\n", ""},
    {"a group of one", "From: g: a@mail.example;\r\n", ""},
    {"a lone colon", "From: :\r\n", ""},
    {"text after the brackets", "From: <a@mail.example> x\r\n", ""},
    {"two at signs", "From: a@b@mail.example\r\n", ""},
    {"a quoted local part", "From: \"a@b\"@mail.example\r\n", ""},
    {"a quoted local part in brackets", "From: <\"a\"@mail.example>\r\n", ""},
    {"no domain", "From: a@\r\n", ""},
    {"no local part", "From: <@mail.example>\r\n", ""},
    {"quotes that do not close", "From: \"a <a@mail.example>\r\n", ""},
    {"a comment that does not close", "From: (a <a@mail.example>\r\n", ""},
    {"empty", "From:\r\n", ""},
    {"empty brackets", "From: <>\r\n", ""},
};

TEST(FromAddress, Table) {
  for (const AddressRow& row : kAddressRows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(FromAddress(ReadHeaderBlock(row.header)), row.want);
  }
}

TEST(FromAddress, EveryPrefixIsAnswered) {
  const std::string whole = "From: \"Re(p\\\"orts\" (x\\)) <r@mail.example>\r\n";
  for (std::size_t n = 0; n < whole.size(); ++n) {
    (void)FromAddress(ReadHeaderBlock(std::string(whole.substr(0, n))));
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
