#include "ingest/unpack/unpack.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "ingest/mail/base64.h"
#include "ingest/unpack/domain_hint.h"
#include "ingest/unpack/mime_walker.h"
#include "ingest/unpack/payload.h"
#include "ingest/unpack/quoted_printable.h"

namespace tlsrpt::ingest {
namespace {

// So much of an encoded part is decoded to see whether it is worth decoding whole.
constexpr std::size_t kSniffBytes = 256;
// A mail that was forwarded as an encoded message/rfc822 or a file, and that again.
constexpr int kMaxEncodedMessages = 2;

store::Anomaly MailForm(std::string what) {
  return {store::AnomalyCode::kMailForm, std::move(what)};
}

bool IsTlsrptType(std::string_view type) {
  return type == "application/tlsrpt" || type.starts_with("application/tlsrpt+");
}

// A leaf with the things asked of it more than once.
struct Leaf {
  const MimePart& part;
  std::string encoding;
  std::string file_name;
  bool typed = false;       // sent as a report
  bool attachment = false;  // sent as a file, or as something that is not text
};

Leaf Look(const MimePart& part) {
  const HeaderBlock& header = part.header;
  Leaf leaf{part,
            ParseTransferEncoding(header.Value("Content-Transfer-Encoding")),
            {},
            false,
            false};
  ContentDisposition disposition =
      ParseContentDisposition(header.Value("Content-Disposition"));
  leaf.file_name =
      !disposition.file_name.empty() ? std::move(disposition.file_name) : part.type.name;
  leaf.typed = IsTlsrptType(part.type.type);
  leaf.attachment = disposition.type == "attachment" || !leaf.file_name.empty() ||
                    (!part.type.type.empty() && !part.type.type.starts_with("text/") &&
                     !part.type.type.starts_with("multipart/"));
  return leaf;
}

// Enough of a base64 text for Sniff(): whole groups, without line breaks.
std::string_view Prefix(std::string_view text, std::string* buffer) {
  for (const char c : text.substr(0, kSniffBytes)) {
    if (c != '\r' && c != '\n' && c != ' ' && c != '\t') *buffer += c;
  }
  buffer->resize(buffer->size() / 4 * 4);
  return *buffer;
}

// Takes the transfer encoding off. nullopt: nothing that could be a report.
std::optional<Result<std::string>> Decode(const Leaf& leaf,
                                          std::vector<store::Anomaly>* anomalies) {
  const std::string_view body = leaf.part.body;
  bool base64 = leaf.encoding == "base64";
  if (base64) {
    // Neither "{" nor the gzip magic is of the base64 alphabet.
    const Magic magic = Sniff(body);
    if (magic == Magic::kJson || magic == Magic::kGzip) {
      base64 = false;
      anomalies->push_back(MailForm("Content-Transfer-Encoding: base64, but it is not"));
      return std::string(body);
    }
  } else if (leaf.encoding == "quoted-printable") {
    if (!leaf.typed &&
        Sniff(DecodeQuotedPrintable(body.substr(0, kSniffBytes))) == Magic::kNone) {
      return std::nullopt;
    }
    return DecodeQuotedPrintable(body);
  } else if (leaf.typed && Trim(body.substr(0, kSniffBytes)).starts_with("H4sI")) {
    // The gzip magic in base64.
    base64 = true;
    anomalies->push_back(MailForm("base64 without a Content-Transfer-Encoding"));
  }
  if (!base64) {
    if (!leaf.typed && Sniff(body) == Magic::kNone) return std::nullopt;
    return std::string(body);
  }

  if (!leaf.typed) {
    std::string buffer;
    const auto start = DecodeBase64(Prefix(body, &buffer));
    if (!start || Sniff(start->bytes) == Magic::kNone) return std::nullopt;
  }
  Result<Base64Bytes> decoded = DecodeBase64(body);
  if (!decoded) return decoded.error();
  if (decoded->padding_missing) anomalies->push_back(MailForm("base64 without padding"));
  return std::move(decoded->bytes);
}

class MailReader {
 public:
  Unpacked Read(std::string_view mail) {
    ReadMail(mail, 0);
    unpacked_.is_mail = true;
    if (unwrapper_.left_out) unpacked_.failures.push_back(*unwrapper_.left_out);
    if (unpacked_.reports.empty() && unpacked_.failures.empty()) {
      unpacked_.ordinary = !claims_;
      if (claims_) {
        unpacked_.failures.push_back(
            {ErrorKind::kMalformed,
             "the mail says that it is a TLS report, but no part of it holds one"});
      }
    }
    return std::move(unpacked_);
  }

 private:
  void ReadMail(std::string_view mail, int encoded_messages) {
    mail.remove_prefix(std::min(mail.find_first_not_of("\r\n"), mail.size()));
    const MimeWalk walk = WalkMime(mail);
    for (const Error& error : walk.left_out) {
      if (unwrapper_.TakeFile()) unpacked_.failures.push_back(error);
    }
    for (const MimeMessage& message : walk.messages) {
      claims_ |= message.claims_tlsrpt;
      for (const HeaderField& field : message.header.fields) {
        claims_ |= StartsWithIgnoreCase(field.name, "TLS-Report-");
      }
    }
    for (const MimePart& part : walk.parts) {
      const Leaf leaf = Look(part);
      if (!IsMail(leaf) || !ReadMailIn(leaf, encoded_messages)) {
        ReadLeaf(leaf, walk, encoded_messages > 0);
      }
    }
  }

  // Sent as a mail: encoded, though RFC 2046, 5.2.1 forbids it (else it has been walked
  // already), or as a file.
  static bool IsMail(const Leaf& leaf) {
    return IsEncodedMessage(leaf) || ToLowerAscii(leaf.file_name).ends_with(".eml");
  }

  static bool IsEncodedMessage(const Leaf& leaf) {
    return leaf.part.type.type.starts_with("message/") &&
           (leaf.encoding == "base64" || leaf.encoding == "quoted-printable");
  }

  // False: it is none.
  bool ReadMailIn(const Leaf& leaf, int encoded_messages) {
    std::string mail;
    if (leaf.encoding == "base64") {
      Result<Base64Bytes> decoded = DecodeBase64(leaf.part.body);
      if (!decoded) {
        if (unwrapper_.TakeFile()) Fail(leaf, decoded.error());
        return true;
      }
      mail = std::move(decoded->bytes);
    } else if (leaf.encoding == "quoted-printable") {
      mail = DecodeQuotedPrintable(leaf.part.body);
    } else {
      mail = leaf.part.body;
    }
    if (!LooksLikeMail(mail)) return false;
    if (encoded_messages < kMaxEncodedMessages) {
      ReadMail(mail, encoded_messages + 1);
    } else if (unwrapper_.TakeFile()) {
      Fail(leaf, {ErrorKind::kTooLarge, "a mail within more than " +
                                            std::to_string(kMaxEncodedMessages) +
                                            " others, each encoded or a file"});
    }
    return true;
  }

  void ReadLeaf(const Leaf& leaf, const MimeWalk& walk, bool wrapped) {
    std::vector<store::Anomaly> anomalies;
    const std::optional<Result<std::string>> decoded = Decode(leaf, &anomalies);
    if (!decoded) return;
    if (!*decoded) {
      if (unwrapper_.TakeFile()) Fail(leaf, decoded->error());
      return;
    }
    const std::string& bytes = **decoded;
    const Magic magic = Sniff(bytes);
    // Text that begins with a brace is a sign of nothing.
    if (!leaf.typed && !leaf.attachment && magic == Magic::kJson &&
        !LooksLikeReport(bytes)) {
      return;
    }
    NoteMailForm(leaf, walk, magic, &anomalies);

    unwrapper_.payloads.clear();
    unwrapper_.failures.clear();
    unwrapper_.Unwrap(bytes, leaf.file_name);
    for (const Error& error : unwrapper_.failures) Fail(leaf, error);
    for (Payload& payload : unwrapper_.payloads) {
      if (!leaf.typed && !LooksLikeReport(payload.json)) {
        Fail(leaf, {ErrorKind::kNotFound, "JSON, but no member of a TLS report in it"});
        continue;
      }
      ReportPart report;
      report.json = std::move(payload.json);
      report.signable_hints =
          DomainHintsOf(walk.messages[leaf.part.message].header, payload.file_name);
      report.domain_hint = report.signable_hints.First();
      if (leaf.part.position.empty()) report.signable_hints.file_name.clear();
      report.file_name = std::move(payload.file_name);
      report.media_type = leaf.part.type.type;
      report.vouchable = !wrapped && IsVouchable(leaf.part, walk);
      report.anomalies = anomalies;
      unpacked_.reports.push_back(std::move(report));
    }
  }

  // RFC 8460, 5.3; see ReportPart. A header that can be read in two ways vouches for
  // nothing.
  static bool IsVouchable(const MimePart& part, const MimeWalk& walk) {
    const auto plain = [](const HeaderBlock& header) {
      return !header.cut && header.Count("Content-Type") == 1 &&
             header.Count("Content-Transfer-Encoding") <= 1;
    };
    return part.direct && part.type.type.starts_with("application/tlsrpt+") &&
           plain(part.header) && plain(walk.messages.front().header);
  }

  static void NoteMailForm(const Leaf& leaf, const MimeWalk& walk, Magic magic,
                           std::vector<store::Anomaly>* anomalies) {
    const std::string& type = leaf.part.type.type;
    const std::string fitting = "application/tlsrpt+" + std::string(NameOf(magic));
    if (type != fitting) {
      anomalies->push_back(MailForm("media type " + (type.empty() ? "absent" : type) +
                                    ", but it is " + std::string(NameOf(magic))));
    }
    const ContentType& top = walk.messages.front().type;
    if (top.type != "multipart/report" || top.report_type != "tlsrpt") {
      anomalies->push_back(MailForm("not in a multipart/report; report-type=tlsrpt"));
    }
  }

  void Fail(const Leaf& leaf, Error error) {
    if (error.kind == ErrorKind::kNotFound) {
      // Somebody's spreadsheet, a DMARC report: no failure of a mail that claims nothing.
      if (!leaf.typed && !claims_) return;
      // Sent as a report, so one that cannot be read.
      error.kind = ErrorKind::kMalformed;
    }
    std::string where =
        leaf.part.position.empty() ? "the mail's body" : "part " + leaf.part.position;
    if (!leaf.file_name.empty()) where += " (" + leaf.file_name + ")";
    unpacked_.failures.push_back(Wrap(std::move(error), where));
  }

  Unpacked unpacked_;
  Unwrapper unwrapper_;
  bool claims_ = false;
};

Unpacked ReadFile(std::string_view bytes, const UnpackHints& hints) {
  Unwrapper unwrapper;
  unwrapper.Unwrap(bytes, hints.file_name);
  Unpacked unpacked;
  unpacked.failures = std::move(unwrapper.failures);
  if (unwrapper.left_out) unpacked.failures.push_back(*unwrapper.left_out);
  for (Payload& payload : unwrapper.payloads) {
    ReportPart report;
    report.json = std::move(payload.json);
    report.domain_hint = DomainHint(payload.file_name);
    report.file_name = std::move(payload.file_name);
    unpacked.reports.push_back(std::move(report));
  }
  return unpacked;
}

}  // namespace

bool LooksLikeMail(std::string_view bytes) {
  const std::size_t start = bytes.find_first_not_of("\r\n");
  if (start == std::string_view::npos) return false;
  const std::string_view line =
      bytes.substr(start, std::min(bytes.find('\n', start), bytes.size()) - start);
  if (line.starts_with("From ")) return true;
  return !ReadHeaderBlock(line.substr(0, kMaxFieldBytes)).fields.empty();
}

Result<Unpacked> Unpack(std::string_view bytes, const UnpackHints& hints) {
  if (Sniff(bytes) != Magic::kNone) return ReadFile(bytes, hints);
  if (LooksLikeMail(bytes)) return MailReader().Read(bytes);
  return Error{ErrorKind::kNotFound,
               bytes.empty()
                   ? std::string("empty: no bytes at all")
                   : "neither a mail nor gzip, zip or JSON: starts with bytes " +
                         ToHex(bytes.substr(0, 4))};
}

}  // namespace tlsrpt::ingest
