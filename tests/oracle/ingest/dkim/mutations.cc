#include "tests/oracle/ingest/dkim/mutations.h"

#include <algorithm>
#include <initializer_list>
#include <random>
#include <string_view>
#include <vector>

#include "tests/support/dkim/signer.h"

namespace tlsrpt::test {
namespace {

using namespace std::chrono;

constexpr sys_seconds kNow = sys_days{2026y / November / 26} + 12h;

const std::string kUnsigned =
    "Received: from a.example by b.example; Thu, 26 Nov 2026 00:00:00 +0000\r\n"
    "From:  Reports\t<tlsrpt@firm.example>\r\n"
    "To: you@other.example\r\n"
    "Subject: Report  Domain: other.example\r\n"
    "\tSubmitter: firm.example \r\n"
    "X-Twice: first\r\n"
    "X-Twice: second\r\n"
    "\r\n"
    "Two  blanks,\ta tab, and blanks at the end. \t\r\n"
    "\r\n"
    "last line\r\n"
    "\r\n";

class Mutator {
 public:
  explicit Mutator(std::uint32_t seed) : random_(seed) {}

  SignedCase Run() {
    case_.now = kNow;
    MakeSigned();
    // A third stays as it was signed: its tags are strange enough.
    const std::size_t changes = Below(3);
    for (std::size_t i = 0; i < changes; ++i) Mutate();
    return std::move(case_);
  }

 private:
  // std::uniform_int_distribution differs between libraries.
  std::size_t Below(std::size_t n) { return random_() % n; }

  std::string OneOf(std::initializer_list<const char*> words) {
    return *(words.begin() + Below(words.size()));
  }

  void Note(const std::string& what) { case_.history += what + "; "; }

  void MakeSigned() {
    SignOptions options;
    const bool rsa = Below(3) != 0;
    options.key = rsa ? RsaKey() : Ed25519Key();
    options.form = OneOf({"simple/simple", "simple/relaxed", "relaxed/simple",
                          "relaxed/relaxed", "relaxed", "simple", ""});
    case_.record = RecordOf(options.key);
    if (Below(2) == 0) StrangeTags(&options);
    if (Below(4) == 0) StrangeRecord(options.key);
    case_.mail = Sign(kUnsigned, options);
    Note("c=" + options.form + " " + options.more + "h=" + options.signed_fields +
         " v=" + options.version + " d=" + options.domain);
  }

  void StrangeTags(SignOptions* options) {
    switch (Below(5)) {
      case 0:
        options->more = OneOf(
            {"t=1795690000; ", "t=1795690000; x=1795999999; ", "x=1795000000; ",
             "t=1795690000; x=1795690000; ", "t=1795999999; ", "t=x; ", "x=; ",
             "t=1795690000 ; x = 1795999999 ;", "x=1795694399; ", "x=1795694101; ",
             "x=1795694099; ", "t=-1; ", "x=99999999999999999999999; ", "t=0; x=1; "});
        break;
      case 1:
        options->more =
            OneOf({"i=@firm.example; ", "i=a@firm.example; ", "i=a@sub.firm.example; ",
                   "i=@other.example; ", "i=firm.example; ", "i=@Firm.Example; ",
                   "i=a=40b@firm.example; ", "i=@xfirm.example; ", "i=; ", "i=@; "});
        break;
      case 2:
        options->more =
            OneOf({"q=dns/txt; ", "q=dns; ", "q=dns/txt:http; ", "q=http; ", "q=; ",
                   "z=From:a|To:b; ", "z=; ", "n=unknown tag; ", "u=1; u=2; ", "; ",
                   "l=10; ", "l=0; ", "=x; ", "1a=x; ", "a_b=c; ", "d=other.example; "});
        break;
      case 3:
        options->signed_fields =
            OneOf({"From", "from:to:subject:x-twice",
                   "From:From:To:X-Twice:X-Twice:X-Twice", " From : To\r\n\t: Subject",
                   "To:Subject", "From:X-Absent:Date", "From:", ":From",
                   "From:DKIM-Signature", "From::To", "FROM:TO", "From:Received"});
        break;
      default:
        options->version = OneOf({"1", "1", "2", "0.5", "", "01"});
        options->domain = OneOf({"firm.example", "Firm.Example", "firm.example."});
        break;
    }
  }

  void StrangeRecord(const KeyPtr& key) {
    const std::string p = PublicBase64(key);
    const std::string k =
        case_.record.find("k=ed25519") != std::string::npos ? "k=ed25519; " : "";
    switch (Below(3)) {
      case 0:
        case_.record =
            k +
            OneOf({"s=email; ", "s=*; ", "s=tlsrpt; ", "s=other; ", "s=email:tlsrpt; ",
                   "t=y; ", "t=s; ", "t=y:s; ", "t=x; ", "h=sha256; ", "h=sha1; ",
                   "h=sha1:sha256; ", "n=note; ", "g=*; ", "g=; ", "v=DKIM1; "}) +
            "p=" + p;
        break;
      case 1:
        case_.record = OneOf({"v=DKIM1; ", "v=DKIM2; ", "v=dkim1; ", "v = DKIM1 ; "}) +
                       k + OneOf({"", " ", "\t"}) + "p=" + p +
                       OneOf({"", ";", " ; ", ";;"});
        break;
      default:
        case_.record = k +
                       OneOf({"p=", "p=;", "", "p", "p=AAAA", "p=*",
                              "k=rsa; p=", "k=dsa; p=", "k=RSA; p="}) +
                       (Below(2) == 0 ? p : "");
    }
    Note("record " + case_.record.substr(0, 40));
  }

  void Mutate() {
    std::string& mail = case_.mail;
    const std::size_t header_end = mail.find("\r\n\r\n");
    const std::size_t in_header =
        Below(header_end == std::string::npos ? mail.size() : header_end);
    const std::size_t at = Below(mail.size());
    switch (Below(13)) {
      case 0:
        mail[at] = static_cast<char>(mail[at] ^ (1 << Below(8)));
        return Note("flip " + std::to_string(at));
      case 1:
        mail.insert(at, OneOf({" ", "\t", "\r\n ", "\r\n", ";", ":", "=", "a", "\n", "\r",
                               "\r\n\t", "  "}));
        return Note("insert " + std::to_string(at));
      case 2:
        mail.erase(at, 1 + Below(3));
        return Note("erase " + std::to_string(at));
      case 3:
        return LineChange();
      case 4: {
        char& c = mail[in_header];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
          c = static_cast<char>(c ^ 0x20);
        }
        return Note("case " + std::to_string(in_header));
      }
      case 5: {
        const std::size_t blank = mail.find_first_of(" \t", at);
        if (blank == std::string::npos) return;
        mail.replace(blank, 1, OneOf({"  ", "\t", " \t ", "\r\n ", ""}));
        return Note("blank " + std::to_string(blank));
      }
      case 6:
        mail += OneOf({"\r\n", "\r\n\r\n", " \r\n", "\t", " ", "x\r\n", "\r\n \r\n"});
        return Note("append");
      case 7: {
        const std::size_t end = mail.find("\r\n", at);
        if (end == std::string::npos) return;
        mail.insert(end, OneOf({" ", "\t", "  "}));
        return Note("blank at line end " + std::to_string(end));
      }
      case 8: {
        const std::size_t end = mail.find("\r\n", at);
        if (end == std::string::npos) return;
        mail.erase(end, 1);
        return Note("LF at " + std::to_string(end));
      }
      case 9:
        mail.insert(
            0, OneOf({"From: other@firm.example\r\n", "To: other@firm.example\r\n",
                      "X-Twice: third\r\n", "X-Absent: now there\r\n",
                      "Date: Thu, 26 Nov 2026 00:00:00 +0000\r\n",
                      "Received: from x by y; date\r\n", "DKIM-Signature: v=1\r\n"}));
        return Note("field on top");
      case 10: {
        const std::size_t end = mail.find("\r\n\r\n");
        if (end == std::string::npos) return;
        mail.insert(end + 2, OneOf({"X-Twice: third\r\n", "To: x@firm.example\r\n",
                                    "X-Absent: now there\r\n", "Comment: unsigned\r\n"}));
        return Note("field below");
      }
      case 11:
        mail.resize(at);
        return Note("cut at " + std::to_string(at));
      default:
        if (case_.record.empty()) return;
        case_.record[Below(case_.record.size())] = static_cast<char>(' ' + Below(95));
        return Note("record changed");
    }
  }

  void LineChange() {
    std::vector<std::string> lines;
    for (std::size_t from = 0; from < case_.mail.size();) {
      std::size_t end = case_.mail.find('\n', from);
      end = end == std::string::npos ? case_.mail.size() : end + 1;
      lines.push_back(case_.mail.substr(from, end - from));
      from = end;
    }
    const std::size_t a = Below(lines.size()), b = Below(lines.size());
    switch (Below(3)) {
      case 0:
        lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(a), lines[b]);
        Note("line " + std::to_string(b) + " again at " + std::to_string(a));
        break;
      case 1:
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(a));
        Note("line gone " + std::to_string(a));
        break;
      default:
        std::swap(lines[a], lines[b]);
        Note("lines " + std::to_string(a) + " and " + std::to_string(b) +
             " change places");
    }
    case_.mail.clear();
    for (const std::string& line : lines) case_.mail += line;
    if (case_.mail.empty()) case_.mail = "\r\n";
  }

  std::mt19937 random_;
  SignedCase case_;
};

}  // namespace

SignedCase MakeCase(std::uint32_t seed) { return Mutator(seed).Run(); }

}  // namespace tlsrpt::test
