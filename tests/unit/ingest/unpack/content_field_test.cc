#include "ingest/unpack/content_field.h"

#include <gtest/gtest.h>

#include <string>

#include "ingest/mail/header_block.h"

namespace tlsrpt::ingest {
namespace {

struct TypeRow {
  const char* why;
  std::string value;
  const char* type;
  const char* boundary = "";
  const char* report_type = "";
  const char* name = "";
};

TEST(ContentType, Table) {
  const TypeRow rows[] = {
      {"RFC 8460, 5.3", "multipart/report; report-type=\"tlsrpt\"; boundary=\"b\"",
       "multipart/report", "b", "tlsrpt"},
      {"unquoted, boundary first", "multipart/report; boundary=b; report-type=tlsrpt",
       "multipart/report", "b", "tlsrpt"},
      {"any case", "Multipart/Report; Boundary=\"Bb\"; REPORT-TYPE=TLSRPT",
       "multipart/report", "Bb", "tlsrpt"},
      {"tlsrpt-reporter's boundary",
       "multipart/report; report-type=tlsrpt; "
       "boundary=\"===============0123==\"",
       "multipart/report", "===============0123==", "tlsrpt"},
      {"Halon: a double semicolon",
       "multipart/report; report-type=\"tlsrpt\";; boundary=\"b\"", "multipart/report",
       "b", "tlsrpt"},
      {"no blank after a semicolon", "multipart/report;report-type=tlsrpt;boundary=b",
       "multipart/report", "b", "tlsrpt"},
      {"a semicolon at the end", "text/plain;", "text/plain"},
      {"Google: a blank and a tab before name=",
       "application/tlsrpt+gzip; \tname=\"a!b!1!2!001.json.gz\"",
       "application/tlsrpt+gzip", "", "", "a!b!1!2!001.json.gz"},
      {"a quoted semicolon, at which mimetic splits",
       "multipart/mixed; boundary=\"a;b\"; name=\"x;report-type=tlsrpt\"",
       "multipart/mixed", "a;b", "", "x;report-type=tlsrpt"},
      {"escapes in a quoted value", "text/plain; name=\"a\\\"b\\\\c\"", "text/plain", "",
       "", "a\"b\\c"},
      {"comments, which mimetic keeps",
       "multipart/report (x;boundary=no (y)) ; boundary=b (z\\))", "multipart/report",
       "b"},
      {"blanks around =", "text/plain; name = \"a\"", "text/plain", "", "", "a"},
      {"a boundary with inner blanks", "multipart/mixed; boundary=\"a b\"",
       "multipart/mixed", "a b"},
      {"the first of two boundaries", "multipart/mixed; boundary=a; boundary=b",
       "multipart/mixed", "a"},
      {"RFC 2231, 4", "text/plain; name*=utf-8''f%C3%BCrm.json", "text/plain", "", "",
       "f\xc3\xbcrm.json"},
      {"no boundary", "multipart/report; report-type=tlsrpt", "multipart/report", "",
       "tlsrpt"},
      {"empty", "", ""},
      {"no subtype", "text", ""},
      {"a slash alone", "/", ""},
      {"no type", "/plain", ""},
      {"semicolons alone", ";;;", ""},
      {"an equals sign alone", "text/plain; =", "text/plain"},
      {"a quote that does not close", "text/plain; name=\"a", "text/plain", "", "", "a"},
      {"a comment that does not close", "text/plain (a", "text/plain"},
      {"NUL, which cuts mimetic's value", std::string("text/plain\0; name=a", 19),
       "text/plain", "", "", "a"},
      {"a control character is no mark of ours",
       "text/plain; name=\x01"
       "0; boundary=\"q\"",
       "text/plain", "q", "", "0"},
      {"too long for a field", "text/plain; name=" + std::string(kMaxFieldBytes, 'x'),
       ""},
      {"a boundary too long", "multipart/mixed; boundary=" + std::string(300, 'x'),
       "multipart/mixed", ""},
  };
  for (const TypeRow& row : rows) {
    SCOPED_TRACE(row.why);
    const ContentType got = ParseContentType(row.value);
    EXPECT_EQ(got.type, row.type);
    EXPECT_EQ(got.boundary, row.boundary);
    EXPECT_EQ(got.report_type, row.report_type);
    EXPECT_EQ(got.name, row.name);
  }
}

struct DispositionRow {
  const char* why;
  std::string value;
  const char* type;
  const char* file_name = "";
};

TEST(ContentDisposition, Table) {
  const DispositionRow rows[] = {
      {"RFC 8460, 5.3", "attachment; filename=\"a!b!1!2.json.gz\"", "attachment",
       "a!b!1!2.json.gz"},
      {"unquoted", "attachment; filename=a!b!1!2.json.gz", "attachment",
       "a!b!1!2.json.gz"},
      {"no name", "inline", "inline"},
      {"RFC 2231, 4: one piece, percent-encoded (tlsrpt-reporter before 0.6)",
       "attachment; filename*=utf-8''Gro%C3%9Fe%20Firma%21b.example%211%212.json.gz",
       "attachment",
       "Gro\xc3\x9f"
       "e Firma!b.example!1!2.json.gz"},
      {"RFC 2231, 4: Latin-1", "attachment; filename*=iso-8859-1'de'Gro%DFe",
       "attachment",
       "Gro\xc3\x9f"
       "e"},
      {"RFC 2231, 3: continued", "attachment; filename*0=\"a!b\"; filename*1=\"!1!2\"",
       "attachment", "a!b!1!2"},
      {"RFC 2231, 4.1: continued and encoded",
       "attachment; filename*0*=utf-8''a%21b; filename*1=\"!1%21\"; filename*2*=%212",
       "attachment", "a!b!1%21!2"},
      {"continued in another order", "attachment; filename*1=b; filename*0=a",
       "attachment", "ab"},
      {"a missing piece ends it", "attachment; filename*0=a; filename*2=c", "attachment",
       "a"},
      {"both forms: the extended one", "attachment; filename=a; filename*=utf-8''b",
       "attachment", "b"},
      {"an extended value without a charset", "attachment; filename*=a%21b", "attachment",
       "a!b"},
      {"percent signs that encode nothing", "attachment; filename*=utf-8''100%zz%4",
       "attachment", "100%zz%4"},
      {"invalid UTF-8", "attachment; filename*=utf-8''%ff", "attachment", "\xef\xbf\xbd"},
      {"NUL from an escape", "attachment; filename*=utf-8''a%00b", "attachment",
       "a\xef\xbf\xbd"
       "b"},
      {"empty", "", ""},
  };
  for (const DispositionRow& row : rows) {
    SCOPED_TRACE(row.why);
    const ContentDisposition got = ParseContentDisposition(row.value);
    EXPECT_EQ(got.type, row.type);
    EXPECT_EQ(got.file_name, row.file_name);
  }
}

TEST(ContentDisposition, NamesAreBounded) {
  const auto got =
      ParseContentDisposition("attachment; filename=" + std::string(4000, 'x'));
  EXPECT_EQ(got.file_name.size(), 255u);
}

TEST(ContentType, EveryPrefixAndEveryFlippedByteIsAnswered) {
  const std::string whole =
      "multipart/report (c) ; report-type=\"tl\\\"s\"; boundary=b; name*0*=utf-8''a%20";
  for (std::size_t n = 0; n < whole.size(); ++n) {
    (void)ParseContentType(std::string(whole.substr(0, n)));
    (void)ParseContentDisposition(std::string(whole.substr(0, n)));
    for (int flip = 1; flip < 256; ++flip) {
      std::string damaged = whole;
      damaged[n] = static_cast<char>(damaged[n] ^ flip);
      (void)ParseContentType(damaged);
    }
  }
}

TEST(ContentType, ManyParametersAreBounded) {
  std::string value = "multipart/mixed";
  while (value.size() + 4 < kMaxFieldBytes) value += ";a=b";
  const ContentType got = ParseContentType(value + "; boundary=late");
  EXPECT_EQ(got.boundary, "");
  EXPECT_EQ(ParseContentType(value).type, "multipart/mixed");
}

}  // namespace
}  // namespace tlsrpt::ingest
