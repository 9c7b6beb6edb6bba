// A whole SMTP or LMTP session, beside a slow reading of where messages end.
//
// The first byte of the input says what kind of server it is and how its owner behaves,
// the second how TCP cuts the rest.
#include "ingest/smtp/session.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/check.h"

namespace {

using namespace tlsrpt;
using namespace tlsrpt::ingest;

constexpr std::size_t kMaxMessageBytes = 2000;

struct Server {
  bool lmtp, tls, refuses, full;
  explicit Server(std::uint8_t byte)
      : lmtp(byte & 1), tls(byte & 2), refuses(byte & 4), full(byte & 8) {}
};

SmtpSettings SettingsOf(const Server& server) {
  static const RecipientList recipients(
      Recipients::Make({"firm.example"}, {}, "mx.firm.example").value());
  SmtpSettings settings;
  settings.protocol = server.lmtp ? SmtpProtocol::kLmtp : SmtpProtocol::kSmtp;
  settings.host_name = "mx.firm.example";
  settings.limits.max_message_bytes = kMaxMessageBytes;
  settings.limits.max_recipients = 3;
  settings.limits.max_line_bytes = 500;
  settings.recipients = &recipients;
  if (server.full) {
    settings.has_room = [](std::uint64_t bytes) -> Result<void> {
      if (bytes % 2 == 0) return {};
      return Error{ErrorKind::kUnavailable, "full"};
    };
  }
  return settings;
}

bool HasBareLineEnding(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) return true;
    if (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')) return true;
  }
  return false;
}

// RFC 5321, 4.5.2, of the bytes between DATA's own CRLF and the final dot, by lines.
std::string WithoutDots(std::string_view text) {
  std::string body;
  bool line_start = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!(line_start && text[i] == '.')) body += text[i];
    line_start = text[i] == '\n' && i > 0 && text[i - 1] == '\r';
  }
  return body;
}

// What owns a session: it finds messages durable, or not.
class Owner {
 public:
  explicit Owner(const Server& server)
      : server_(server), settings_(SettingsOf(server)), session_(settings_, server.tls) {
    session_.Greet(replies);
  }

  bool closed() const { return closed_; }

  void Bring(std::string_view bytes) {
    while (!closed_) {
      const SmtpSession::Fed fed = session_.Feed(bytes, replies);
      FUZZ_CHECK(fed.taken <= bytes.size());
      FUZZ_CHECK(session_.held_bytes() <= kMaxMessageBytes);
      bytes.remove_prefix(fed.taken);
      if (fed.want == SmtpWant::kMessage) {
        TakeOne();
        continue;
      }
      closed_ = fed.want == SmtpWant::kClose;
      FUZZ_CHECK(closed_ || bytes.empty());
      if (fed.want == SmtpWant::kStartTls) {
        FUZZ_CHECK(server_.tls && !in_tls_);
        in_tls_ = true;
        session_.TlsStarted();
      }
      return;
    }
  }

  std::string replies;
  std::vector<std::string> bodies;  // of the messages that came out
  std::size_t promised = 0;         // answers that say "received"

 private:
  void TakeOne() {
    const SmtpMessage message = session_.TakeMessage();
    FUZZ_CHECK(message.body.size() <= kMaxMessageBytes);
    FUZZ_CHECK(!HasBareLineEnding(message.body));
    FUZZ_CHECK(!message.to.empty() && message.to.size() <= 3);
    bodies.push_back(message.body);
    if (server_.refuses && bodies.size() % 2 == 0) {
      session_.Refused(ErrorKind::kUnavailable, "not now", replies);
      return;
    }
    promised += server_.lmtp ? message.to.size() : 1;
    session_.Accepted(Uuid{}, replies);
  }

  const Server server_;
  const SmtpSettings settings_;
  SmtpSession session_;
  bool in_tls_ = false;
  bool closed_ = false;
};

std::vector<std::string_view> Lines(std::string_view replies) {
  std::vector<std::string_view> lines;
  while (!replies.empty()) {
    const std::size_t end = replies.find("\r\n");
    FUZZ_CHECK(end != replies.npos);
    lines.push_back(replies.substr(0, end));
    replies.remove_prefix(end + 2);
  }
  return lines;
}

// A 250 for a message is worth a stored one, and no reply can be taken for two.
void CheckReplies(const Owner& owner) {
  std::size_t promised = 0;
  for (const std::string_view line : Lines(owner.replies)) {
    // RFC 5321, 4.5.3.1.5 and 4.2.
    FUZZ_CHECK(line.size() + 2 <= 512 && line.size() >= 4);
    FUZZ_CHECK(line[0] >= '2' && line[0] <= '5');
    FUZZ_CHECK(std::all_of(line.begin(), line.end(),
                           [](char c) { return c >= ' ' && c <= '~'; }));
    promised += line.ends_with(" received") && line.starts_with("250 2.6.0 ");
  }
  FUZZ_CHECK(promised == owner.promised);
}

// Byte by byte, so that it is seen here where DATA begins and what ends it.
void CheckData(const Server& server, std::string_view input, const Owner& want) {
  Owner owner(server);
  bool in_data = false;
  std::string sent;  // since the CRLF of DATA, which counts as the first line break
  for (const char c : input) {
    if (owner.closed()) break;
    const std::size_t replies = owner.replies.size();
    const std::size_t messages = owner.bodies.size();
    owner.Bring({&c, 1});
    if (in_data) {
      sent += c;
      const bool ends = sent.ends_with("\r\n.\r\n");
      FUZZ_CHECK(ends == (owner.replies.size() > replies));  // there, and nowhere else
      if (!ends) continue;
      in_data = false;
      // Without that first line break and the dot's own line.
      const std::string_view text = std::string_view(sent).substr(2, sent.size() - 5);
      const std::string body = WithoutDots(text);
      const bool good = !HasBareLineEnding(text) && body.size() <= kMaxMessageBytes;
      FUZZ_CHECK(owner.bodies.size() == messages + good);
      FUZZ_CHECK(!good || owner.bodies.back() == body);
    } else if (std::string_view(owner.replies).substr(replies).starts_with("354 ")) {
      in_data = true;
      sent = "\r\n";
    }
  }
  FUZZ_CHECK(owner.replies == want.replies && owner.bodies == want.bodies);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Server server(data[0]);
  const std::size_t piece = 2 + data[1] % 100;
  const std::string input(reinterpret_cast<const char*>(data) + 2, size - 2);

  // STARTTLS drops what came in one piece with it, so there cuts make a difference.
  Owner whole(server);
  whole.Bring(input);
  CheckReplies(whole);
  Owner cut(server);
  for (std::string_view rest = input; !rest.empty();) {
    const std::string bytes(rest.substr(0, piece));  // its own allocation, for ASan
    cut.Bring(bytes);
    rest.remove_prefix(bytes.size());
  }
  CheckReplies(cut);
  if (server.tls) return 0;
  FUZZ_CHECK(cut.replies == whole.replies && cut.bodies == whole.bodies);
  CheckData(server, input, whole);
  return 0;
}
