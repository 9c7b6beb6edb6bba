#include "dialogues.h"

namespace tlsrpt::ingest {
namespace {

SmtpLimits SmallLimits() {
  SmtpLimits limits;
  limits.max_message_bytes = 1000;
  limits.max_recipients = 3;
  limits.max_commands = 40;
  limits.max_line_bytes = 200;
  limits.max_errors = 5;
  return limits;
}

Uuid ReceiptId(std::size_t number) {
  Uuid id;
  id.bytes[15] = static_cast<std::uint8_t>(number);
  return id;
}

const std::string kEhlo = "EHLO mail.sender.example\r\n";
const std::string kEhloReply =
    "250-mx.firm.example\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n"
    "250-ENHANCEDSTATUSCODES\r\n250-CHUNKING\r\n250 SMTPUTF8\r\n";
const std::string kMail = "MAIL FROM:<tlsrpt@sender.example>\r\n";
const std::string kMailReply = "250 2.1.0 OK\r\n";
const std::string kRcpt = "RCPT TO:<tlsrpt@firm.example>\r\n";
const std::string kRcptReply = "250 2.1.5 OK\r\n";
const std::string kGo = "354 end with <CRLF>.<CRLF>\r\n";
const std::string kReceived =
    "250 2.6.0 00000000-0000-0000-0000-000000000001 received\r\n";
const std::string kReceived2 =
    "250 2.6.0 00000000-0000-0000-0000-000000000002 received\r\n";
const std::string kBare =
    "554 5.6.0 message refused: a CR or LF that is not part of a CRLF\r\n";
const std::string kBareCommand = "500 5.5.2 a CR or LF that is not part of a CRLF\r\n";
const std::string kOk = "250 2.0.0 OK\r\n";
const std::string kChunk = "250 2.0.0 chunk received\r\n";
const std::string kTooLarge = "552 5.3.4 message too large\r\n";
const std::string kBye = "221 2.0.0 bye\r\n";
const std::string kMailFirst = "503 5.5.1 say MAIL first\r\n";
const std::string kBadParameter = "501 5.5.4 wrong parameter\r\n";
const std::string kUnknown = "500 5.5.1 unknown command\r\n";
const std::string kNobody = "550 5.1.1 no such recipient here\r\n";

// EHLO, MAIL, RCPT, in one go.
const Turn kEnvelope = {kEhlo + kMail + kRcpt, kEhloReply + kMailReply + kRcptReply};

std::string Times(std::size_t count, const std::string& text) {
  std::string all;
  while (count-- > 0) all += text;
  return all;
}

// A DATA whose `content` is not to be taken, and proof that the session is in step.
Dialogue Smuggled(const char* why, const std::string& content) {
  return {
      why,
      {kEnvelope, {"DATA\r\n", kGo}, {content + "\r\n.\r\n", kBare}, {"NOOP\r\n", kOk}}};
}

Dialogue MailRow(const char* why, const std::string& line, const std::string& reply) {
  return {why, {{kEhlo, kEhloReply}, {line + "\r\n", reply}}};
}

Dialogue RcptRow(const char* why, const std::string& line, const std::string& reply) {
  return {why, {{kEhlo + kMail, kEhloReply + kMailReply}, {line + "\r\n", reply}}};
}

std::vector<Dialogue> Make() {
  const std::string report = "Subject: report\r\n\r\nbody\r\n";
  const std::string data = report + ".\r\n";
  const std::string long_text(999, 'x');
  const std::string line = std::string(98, 'x') + "\r\n";
  const std::string lines = Times(10, line);  // the largest message

  std::vector<Dialogue> all = {
      // --- a message ---
      {"RFC 5321, app. D.1: one message, turn by turn",
       {{kEhlo, kEhloReply},
        {kMail, kMailReply},
        {kRcpt, kRcptReply},
        {"DATA\r\n", kGo},
        {data, kReceived},
        {"QUIT\r\n", kBye}},
       {report},
       true},
      {"RFC 2920: all commands in one group",
       {{kEhlo, kEhloReply},
        {kMail + kRcpt + "DATA\r\n", kMailReply + kRcptReply + kGo},
        {data + "QUIT\r\n", kReceived + kBye}},
       {report},
       true},
      {"two messages in one session, pipelined behind each other",
       {{kEhlo + kMail + kRcpt + "DATA\r\n", kEhloReply + kMailReply + kRcptReply + kGo},
        {data + kMail + kRcpt + "DATA\r\n", kReceived + kMailReply + kRcptReply + kGo},
        {data, kReceived2}},
       {report, report}},
      {"HELO and verbs in any case",
       {{"helo x\r\n", "250 mx.firm.example\r\n"},
        {"mail from:<a@b.example>\r\nrcpt to:<TLSRPT@Firm.Example>\r\ndata\r\n",
         kMailReply + kRcptReply + kGo},
        {data, kReceived}},
       {report},
       false,
       1,
       true},
      {"an empty message: the CRLF of the DATA line counts as the first (RFC 5321, "
       "4.1.1.4)",
       {kEnvelope, {"DATA\r\n", kGo}, {".\r\n", kReceived}},
       {""}},
      {"RFC 5321, 4.5.2: dots",
       {kEnvelope, {"DATA\r\n", kGo}, {"..\r\n...\r\n.a\r\nb.\r\n.\r\n", kReceived}},
       {".\r\n..\r\na\r\nb.\r\n"}},
      {"dots between lines without",
       {kEnvelope,
        {"DATA\r\n", kGo},
        {"a\r\nb\r\n..c\r\nd\r\n..\r\n\r\n..\r\ne\r\n.\r\n", kReceived}},
       {"a\r\nb\r\n.c\r\nd\r\n.\r\n\r\n.\r\ne\r\n"}},
      {"a null sender is a bounce or a report, and welcome",
       {{kEhlo, kEhloReply},
        {"MAIL FROM:<>\r\n" + kRcpt + "DATA\r\n", kMailReply + kRcptReply + kGo},
        {data, kReceived}},
       {report}},
      {"lines of a message have no limit: DKIM forbids to fold them",
       {kEnvelope, {"DATA\r\n", kGo}, {std::string(900, 'y') + "\r\n.\r\n", kReceived}},
       {std::string(900, 'y') + "\r\n"}},
      {"NUL and 8 bit in a message are its own business",
       {kEnvelope, {"DATA\r\n", kGo}, {std::string("a\0b\xFF\r\n.\r\n", 9), kReceived}},
       {std::string("a\0b\xFF\r\n", 6)}},

      // --- order ---
      {"MAIL before EHLO", {{kMail, "503 5.5.1 say EHLO first\r\n"}}},
      {"RCPT and DATA before MAIL",
       {{kEhlo + kRcpt + "DATA\r\n", kEhloReply + kMailFirst + kMailFirst}}},
      {"MAIL twice", {kEnvelope, {kMail, "503 5.5.1 a message is under way\r\n"}}},
      {"RFC 2920, 3.1: DATA although every recipient was refused",
       {{kEhlo + kMail + "RCPT TO:<a@b.example>\r\nDATA\r\n",
         kEhloReply + kMailReply + kNobody + "554 5.5.1 no valid recipients\r\n"}}},
      {"RSET forgets the transaction",
       {kEnvelope, {"RSET\r\nDATA\r\n", kOk + kMailFirst}}},
      {"EHLO forgets the transaction (RFC 5321, 4.1.4)",
       {kEnvelope, {kEhlo + "DATA\r\n", kEhloReply + kMailFirst}}},
      {"a message forgets its envelope",
       {kEnvelope, {"DATA\r\n", kGo}, {data + "DATA\r\n", kReceived + kMailFirst}},
       {report}},
      {"nothing is read after QUIT", {{"QUIT\r\nNOOP\r\n", kBye}}, {}, true},

      // --- other commands ---
      {"VRFY, EXPN, HELP, NOOP",
       {{"VRFY tlsrpt\r\n", "252 2.5.2 send some mail and see\r\n"},
        {"EXPN list\r\n", "502 5.5.1 no lists here\r\n"},
        {"HELP\r\n", "214 2.0.0 takes SMTP TLS reports (RFC 8460), no other mail\r\n"},
        {"NOOP with words\r\n", kOk}}},
      {"unknown commands, AUTH and LMTP's LHLO among them",
       {{"AUTH PLAIN AAAA\r\n", kUnknown}, {"LHLO x\r\n", kUnknown}, {"\r\n", kUnknown}},
       {},
       false,
       1,
       true},
      {"commands that take no argument",
       {kEnvelope,
        {"DATA now\r\n", "501 5.5.4 DATA has no argument\r\n"},
        {"RSET now\r\n", "501 5.5.4 wrong argument\r\n"},
        {"QUIT now\r\n", "501 5.5.4 wrong argument\r\n"},
        {"STARTTLS now\r\n", "501 5.5.4 STARTTLS has no argument\r\n"}}},
      {"EHLO and VRFY need one",
       {{"EHLO\r\n", "501 5.5.4 say who you are: EHLO host.example\r\n"},
        {"EHLO a b\r\n", "501 5.5.4 say who you are: EHLO host.example\r\n"},
        {"VRFY\r\n", "501 5.5.4 wrong argument\r\n"}}},
      {"STARTTLS where there is none",
       {{"STARTTLS\r\n", "503 5.5.1 no TLS, or TLS already\r\n"}}},
      {"a browser that was talked into it",
       {{"POST / HTTP/1.1\r\nHost: x\r\n\r\nMAIL FROM:<a@b.example>\r\n",
         "421 4.7.0 this is a mail server\r\n"}},
       {},
       true},

      // --- MAIL ---
      MailRow("all parameters",
              "MAIL FROM:<a@b.example> SIZE=1000 BODY=8BITMIME SMTPUTF8", kMailReply),
      MailRow("blanks that many clients send", "MAIL FROM: <a@b.example>  body=7bit ",
              kMailReply),
      MailRow("a source route is dropped",
              "MAIL FROM:<@x.example,@y.example:a@b.example>", kMailReply),
      MailRow("no brackets", "MAIL FROM:a@b.example",
              "501 5.1.7 expected MAIL FROM:<address>\r\n"),
      MailRow("no domain", "MAIL FROM:<root>",
              "501 5.1.7 expected MAIL FROM:<address>\r\n"),
      MailRow("no FROM", "MAIL <a@b.example>",
              "501 5.5.4 expected MAIL FROM:<address>\r\n"),
      MailRow("text after the path", "MAIL FROM:<a@b.example>SIZE=1",
              "501 5.1.7 expected MAIL FROM:<address>\r\n"),
      MailRow("SIZE over the limit", "MAIL FROM:<a@b.example> SIZE=1001", kTooLarge),
      MailRow("SIZE past 64 bits", "MAIL FROM:<a@b.example> SIZE=99999999999999999999",
              kTooLarge),
      MailRow("SIZE of 21 digits", "MAIL FROM:<a@b.example> SIZE=100000000000000000000",
              kBadParameter),
      MailRow("SIZE without a number", "MAIL FROM:<a@b.example> SIZE=", kBadParameter),
      MailRow("SIZE with a sign", "MAIL FROM:<a@b.example> SIZE=-1", kBadParameter),
      MailRow("SIZE without =", "MAIL FROM:<a@b.example> SIZE", kBadParameter),
      MailRow("SIZE twice", "MAIL FROM:<a@b.example> SIZE=1 SIZE=1", kBadParameter),
      MailRow("BODY twice", "MAIL FROM:<a@b.example> BODY=7BIT BODY=7BIT", kBadParameter),
      MailRow("SMTPUTF8 with a value", "MAIL FROM:<a@b.example> SMTPUTF8=1",
              kBadParameter),
      MailRow("BINARYMIME is not offered", "MAIL FROM:<a@b.example> BODY=BINARYMIME",
              "555 5.5.4 parameter not offered\r\n"),
      MailRow("DSN is not offered (RFC 5321, 4.1.1.11)",
              "MAIL FROM:<a@b.example> RET=HDRS", "555 5.5.4 parameter not offered\r\n"),
      MailRow("UTF-8 address", "MAIL FROM:<j\xC3\xBCrgen@b.example> SMTPUTF8",
              kMailReply),
      MailRow("UTF-8 address, not announced (RFC 6531, 3.5)",
              "MAIL FROM:<j\xC3\xBCrgen@b.example>",
              "550 5.6.7 not ASCII, and SMTPUTF8 was not asked for\r\n"),
      MailRow("broken UTF-8", "MAIL FROM:<j\xC3@b.example> SMTPUTF8",
              "500 5.5.2 control characters or broken UTF-8\r\n"),

      // --- RCPT ---
      RcptRow("a sub-address", "RCPT TO:<tlsrpt+google@firm.example>", kRcptReply),
      RcptRow("postmaster (RFC 5321, 4.5.1)", "RCPT TO:<PostMaster>", kRcptReply),
      RcptRow("postmaster of a domain", "RCPT TO:<postmaster@firm.example>", kRcptReply),
      RcptRow("quoted", "RCPT TO:<\"tlsrpt\"@firm.example>", kRcptReply),
      RcptRow("a foreign domain: never relays", "RCPT TO:<tlsrpt@other.example>",
              kNobody),
      RcptRow("percent hack", "RCPT TO:<tlsrpt%other.example@firm.example>", kNobody),
      RcptRow("a source route does not relay either",
              "RCPT TO:<@firm.example:tlsrpt@other.example>", kNobody),
      RcptRow("somebody else here", "RCPT TO:<info@firm.example>", kNobody),
      RcptRow("empty path", "RCPT TO:<>", "501 5.1.3 expected RCPT TO:<address>\r\n"),
      RcptRow("no TO", "RCPT <tlsrpt@firm.example>",
              "501 5.5.4 expected RCPT TO:<address>\r\n"),
      RcptRow("parameters are not offered", "RCPT TO:<tlsrpt@firm.example> NOTIFY=NEVER",
              "555 5.5.4 parameter not offered\r\n"),
      {"UTF-8 recipients, announced; the next message announces anew",
       {{kEhlo + "MAIL FROM:<> SMTPUTF8\r\nRCPT TO:<\xC3\xBC@firm.example>\r\nRSET\r\n",
         kEhloReply + kMailReply + kNobody + kOk},
        {"MAIL FROM:<>\r\nRCPT TO:<\xC3\xBC@firm.example>\r\n",
         kMailReply + "550 5.6.7 not ASCII, and SMTPUTF8 was not asked for\r\n"}}},
      RcptRow("UTF-8 recipient, not announced", "RCPT TO:<\xC3\xBC@firm.example>",
              "550 5.6.7 not ASCII, and SMTPUTF8 was not asked for\r\n"),

      // --- limits ---
      {"RFC 5321, 4.5.3.1.10: one recipient too many is told to come again",
       {{kEhlo + kMail + kRcpt + kRcpt + kRcpt + kRcpt + "DATA\r\n",
         kEhloReply + kMailReply + kRcptReply + kRcptReply + kRcptReply +
             "452 4.5.3 too many recipients\r\n" + kGo},
        {data, kReceived}},
       {report},
       false,
       3},
      {"exactly the largest message: dots and the end do not count (RFC 1870, 4)",
       {kEnvelope,
        {"DATA\r\n", kGo},
        {".." + long_text.substr(0, 997) + "\r\n.\r\n", kReceived}},
       {"." + long_text.substr(0, 997) + "\r\n"}},
      {"the same in many lines",
       {kEnvelope,
        {"DATA\r\n", kGo},
        {lines.substr(0, 900) + ".." + line.substr(1) + ".\r\n", kReceived}},
       {lines.substr(0, 900) + "." + line.substr(1)}},
      {"many lines, and one byte more in the middle of them",
       {kEnvelope,
        {"DATA\r\n", kGo},
        {"x" + lines + lines + "..\r\n" + lines + ".\r\n", kTooLarge},
        {"NOOP\r\n", kOk}}},
      {"of two faults among many lines the first is told",
       {kEnvelope,
        {"DATA\r\n", kGo},
        {"x" + lines + line + "a\nb\r\n" + line + ".\r\n", kTooLarge},
        {kMail + kRcpt + "DATA\r\n", kMailReply + kRcptReply + kGo},
        {line + "a\nb\r\n" + lines + line + ".\r\n", kBare},
        {kMail + kRcpt + "DATA\r\n", kMailReply + kRcptReply + kGo},
        {line + "a\rb\r\n" + lines + line + ".\r\n", kBare}}},
      {"one byte more is read to its end and refused",
       {kEnvelope,
        {"DATA\r\n", kGo},
        {long_text + "\r\n" + long_text + "\r\n.\r\n", kTooLarge},
        {"NOOP\r\n", kOk}}},
      {"of two faults the first is told",
       {kEnvelope, {"DATA\r\n", kGo}, {long_text + "xx\r\na\nb\r\n.\r\n", kTooLarge}}},
      {"also where they are in one line",
       {kEnvelope,
        {"DATA\r\n", kGo},
        {long_text + "xx\nb\r\n.\r\n", kTooLarge},
        {kMail + kRcpt + "DATA\r\n", kMailReply + kRcptReply + kGo},
        {long_text + "x\n" + long_text + "\r\n.\r\n", kBare}}},
      {"the longest line, and one byte more",
       {{"NOOP " + std::string(195, 'a') + "\r\n", kOk},
        {"NOOP " + std::string(196, 'a') + "\r\n", "500 5.5.2 line too long\r\n"},
        {"NOOP " + std::string(600, 'a') + "\r\n", "500 5.5.2 line too long\r\n"},
        {"NOOP\r\n", kOk}}},
      {"the sixth error is the last",
       {{"A\r\nB\r\nC\r\nD\r\nE\r\nF\r\nNOOP\r\n", kUnknown + kUnknown + kUnknown +
                                                       kUnknown + kUnknown + kUnknown +
                                                       "421 4.7.0 too many errors\r\n"}},
       {},
       true},

      // --- smuggling: line endings in commands ---
      {"LF ends no command", {{"NOOP\nNOOP\r\n", kBareCommand}, {"NOOP\r\n", kOk}}},
      {"LF in front of a command", {{"\nNOOP\r\n", kBareCommand}}},
      {"CR ends no command", {{"NOOP\rNOOP\r\n", kBareCommand}}},
      {"CR CR LF", {{"NOOP\r\r\n", kBareCommand}}},
      {"a command cannot hide behind LF: one line, one reply",
       {kEnvelope, {"NOOP\nRSET\r\nDATA\r\n", kBareCommand + kGo}}},
      {"NUL and other controls in a command",
       {{std::string("NOOP\0\r\n", 7),
         "500 5.5.2 control characters or broken UTF-8\r\n"},
        {"NOOP \x7F\r\n", "500 5.5.2 control characters or broken UTF-8\r\n"},
        {"NOOP \x1B[2J\r\n", "500 5.5.2 control characters or broken UTF-8\r\n"}}},

      // --- smuggling: ends of a message that are none ---
      Smuggled("LF . LF", "a\n.\nMAIL FROM:<evil@x.example>"),
      Smuggled("LF . CRLF", "a\n.\r\nMAIL FROM:<evil@x.example>"),
      Smuggled("CRLF . LF", "a\r\n.\nMAIL FROM:<evil@x.example>"),
      Smuggled("CR . CR", "a\r.\rMAIL FROM:<evil@x.example>"),
      Smuggled("CR . CRLF", "a\r.\r\nMAIL FROM:<evil@x.example>"),
      Smuggled("CRLF . CR", "a\r\n.\rMAIL FROM:<evil@x.example>"),
      Smuggled("CRLF . CR CRLF", "a\r\n.\r\r\nMAIL FROM:<evil@x.example>"),
      Smuggled("LF CR . LF CR", "a\n\r.\n\rMAIL FROM:<evil@x.example>"),
      Smuggled("a lone LF", "a\nb"),
      Smuggled("a lone CR", "a\rb"),
      Smuggled("CR CR LF", "a\r\r\nb"),
      Smuggled("CR just before the end", "a\r"),
      Smuggled("LF just before the end", "a\n"),
      Smuggled("a lone LF between good lines", "a\r\nb\r\nc\nd\r\ne\r\n..f\r\ng"),
      Smuggled("a lone CR between good lines", "a\r\nb\r\nc\rd\r\ne\r\n..f\r\ng"),
      Smuggled("CR CR LF between good lines", "a\r\nb\r\r\nc\r\nd"),
      Smuggled("LF CR LF between good lines", "a\r\nb\n\r\nc\r\nd"),
      Smuggled("LF . CRLF between good lines", "a\r\nb\n.\r\nc\r\nd"),
      Smuggled("CRLF . LF between good lines", "a\r\nb\r\n.\nc\r\nd"),
      Smuggled("LF first of all", "\nb"),
      Smuggled("CR first of all", "\rb"),
      {"CR CRLF . CRLF has the real end in it, so it ends there",
       {kEnvelope, {"DATA\r\n", kGo}, {"a\r\r\n.\r\nNOOP\r\n", kBare + kOk}}},
      {"dot LF first of all", {kEnvelope, {"DATA\r\n", kGo}, {".\n\r\n.\r\n", kBare}}},

      // --- BDAT ---
      {"RFC 3030, 2: two chunks; what looks like an end or a dot is none",
       {kEnvelope,
        {"BDAT 9\r\na\r\n.\r\n..\r", kChunk},
        {"BDAT 3 LAST\r\n\nb.", kReceived}},
       {"a\r\n.\r\n..\r\nb."}},
      {"pipelined with everything else",
       {{kEhlo + kMail + kRcpt + "BDAT 3\r\nabcBDAT 0 last\r\nQUIT\r\n",
         kEhloReply + kMailReply + kRcptReply + kChunk + kReceived + kBye}},
       {"abc"},
       true},
      {"dots at the start of many lines are kept",
       {kEnvelope,
        {"BDAT 24 LAST\r\na\r\n..b\r\nc\r\n.\r\nd\r\n..\r\n.\r\nNOOP\r\n",
         kReceived + kOk}},
       {"a\r\n..b\r\nc\r\n.\r\nd\r\n..\r\n.\r\n"}},
      {"an empty message", {kEnvelope, {"BDAT 0 LAST\r\n", kReceived}}, {""}},
      {"RSET drops the chunks before it",
       {kEnvelope,
        {"BDAT 3\r\nabcRSET\r\n", kChunk + kOk},
        {kMail + kRcpt + "BDAT 1 LAST\r\nx", kMailReply + kRcptReply + kReceived}},
       {"x"}},
      {"DATA and BDAT do not mix (RFC 3030, 2)",
       {kEnvelope,
        {"BDAT 3\r\nabcDATA\r\n", kChunk + "503 5.5.1 BDAT has begun\r\n"},
        {"BDAT 0 LAST\r\n", kReceived}},
       {"abc"}},
      {"no more recipients or senders once BDAT has begun",
       {kEnvelope,
        {"BDAT 1\r\na" + kRcpt + kMail,
         kChunk + kMailFirst + "503 5.5.1 a message is under way\r\n"}}},
      {"BDAT where none may be: its bytes are no commands",
       {{"BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", kMailFirst + kOk},
        {kEhlo + kMail + "BDAT 6\r\nQUIT\r\nNOOP\r\n",
         kEhloReply + kMailReply + "554 5.5.1 no valid recipients\r\n" + kOk}}},
      {"BDAT without a size cannot be followed",
       {kEnvelope,
        {"BDAT LAST\r\nQUIT\r\n", "501 5.5.4 expected BDAT size [LAST]; closing\r\n"}},
       {},
       true},
      {"BDAT with a size past 64 bits",
       {kEnvelope,
        {"BDAT 99999999999999999999\r\n",
         "501 5.5.4 expected BDAT size [LAST]; closing\r\n"}},
       {},
       true},
      {"BDAT with other words",
       {kEnvelope,
        {"BDAT 3 FIRST\r\n", "501 5.5.4 expected BDAT size [LAST]; closing\r\n"}},
       {},
       true},
      {"a BDAT line that is too long: its chunk is not read as commands",
       {kEnvelope,
        {"bdat 6 LAST" + std::string(600, ' ') + "\r\nQUIT\r\n",
         "500 5.5.2 line too long; closing\r\n"}},
       {},
       true},
      {"a BDAT line with a control character",
       {kEnvelope,
        {"BDAT 6 LAST\x7F\r\nRSET\r\n",
         "500 5.5.2 control characters or broken UTF-8; closing\r\n"}},
       {},
       true},
      {"a BDAT line with a bare CR",
       {kEnvelope,
        {"BDAT 6\rLAST\r\nRSET\r\n",
         "500 5.5.2 a CR or LF that is not part of a CRLF; closing\r\n"}},
       {},
       true},
      {"a chunk too large is dropped; pipelined ones behind it find no transaction",
       {kEnvelope,
        {"BDAT 1001\r\n" + long_text + "\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n",
         kTooLarge + kMailFirst + kOk}}},
      {"chunks too large together",
       {kEnvelope,
        {"BDAT 999\r\n" + long_text, kChunk},
        {"BDAT 2 LAST\r\nxxNOOP\r\n", kTooLarge + kOk}}},
      {"chunks as large as may be",
       {kEnvelope, {"BDAT 999\r\n" + long_text, kChunk}, {"BDAT 1 LAST\r\nx", kReceived}},
       {long_text + "x"}},
      {"a bare LF in a chunk is binary content (RFC 3030, 3)",
       {kEnvelope, {"BDAT 3 LAST\r\na\nbNOOP\r\n", kBare + kOk}}},
      {"a bare CR at the end of all chunks",
       {kEnvelope, {"BDAT 2\r\na\r", kChunk}, {"BDAT 0 LAST\r\n", kBare}}},
      {"a bare CR between chunks",
       {kEnvelope, {"BDAT 2\r\na\r", kChunk}, {"BDAT 1\r\nb", kBare}}},
  };
  return all;
}

std::string Replaced(std::string text, std::string_view from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// What is another in LMTP: the greeting, the code of DATA without recipients
// (RFC 2033, 4.2), and one answer for each recipient.
Dialogue AsLmtp(Dialogue dialogue) {
  for (Turn& turn : dialogue.turns) {
    turn.client = Replaced(turn.client, "EHLO", "LHLO");
    turn.replies = Replaced(turn.replies, "EHLO", "LHLO");
    turn.replies = Replaced(turn.replies, "554 5.5.1 no valid", "503 5.5.1 no valid");
    turn.replies =
        Replaced(turn.replies, kReceived, Times(dialogue.recipients, kReceived));
  }
  return dialogue;
}

std::vector<Dialogue> MakeLmtp() {
  std::vector<Dialogue> all;
  for (const Dialogue& dialogue : Dialogues()) {
    if (!dialogue.smtp_only) all.push_back(AsLmtp(dialogue));
  }

  const std::string lhlo = "LHLO mail.sender.example\r\n";
  const std::string wrong_hello = "500 5.5.1 this is LMTP, say LHLO\r\n";
  const std::string data = "Subject: report\r\n\r\nbody\r\n.\r\n";
  const Turn two = {lhlo + kMail + kRcpt + "RCPT TO:<postmaster>\r\n",
                    kEhloReply + kMailReply + kRcptReply + kRcptReply};
  const std::vector<Dialogue> own = {
      {"RFC 2033, 4.2: one answer a recipient",
       {two, {"DATA\r\n", kGo}, {data + "QUIT\r\n", kReceived + kReceived + kBye}},
       {data.substr(0, data.size() - 3)},
       true},
      {"the same one twice is answered twice",
       {{lhlo + kMail + kRcpt + kRcpt, kEhloReply + kMailReply + kRcptReply + kRcptReply},
        {"DATA\r\n", kGo},
        {".\r\n", kReceived + kReceived}},
       {""}},
      {"a recipient that was refused is not answered",
       {{lhlo + kMail + "RCPT TO:<a@b.example>\r\n" + kRcpt,
         kEhloReply + kMailReply + kNobody + kRcptReply},
        {"DATA\r\n", kGo},
        {".\r\nNOOP\r\n", kReceived + kOk}},
       {""}},
      {"a message that is refused is refused for each",
       {two, {"DATA\r\n", kGo}, {"a\nb\r\n.\r\nNOOP\r\n", kBare + kBare + kOk}}},
      {"RFC 2033, 4.3: the last chunk has one answer a recipient, the others have one",
       {two,
        {"BDAT 2\r\nab", kChunk},
        {"BDAT 1 LAST\r\ncNOOP\r\n", kReceived + kReceived + kOk}},
       {"abc"}},
      {"a chunk that fails before the last has one answer",
       {two, {"BDAT 1001\r\n" + std::string(1001, 'x') + "NOOP\r\n", kTooLarge + kOk}}},
      {"the last chunk that fails has one for each",
       {two, {"BDAT 3 LAST\r\na\nbNOOP\r\n", kBare + kBare + kOk}}},
      {"a second message is answered for its own recipients",
       {two,
        {"DATA\r\n", kGo},
        {".\r\n" + kMail + kRcpt + "DATA\r\n",
         kReceived + kReceived + kMailReply + kRcptReply + kGo},
        {".\r\nNOOP\r\n", kReceived2 + kOk}},
       {"", ""}},
      {"RFC 2033, 4.1: HELO and EHLO are refused",
       {{"EHLO x\r\n", wrong_hello},
        {"HELO x\r\n", wrong_hello},
        {kMail, "503 5.5.1 say LHLO first\r\n"},
        {"lhlo x\r\n" + kMail, kEhloReply + kMailReply}}},
  };
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

}  // namespace

Owner::Owner(bool offer_starttls, SmtpProtocol protocol)
    : recipients_(Recipients::Make({"firm.example"}, {}, "mx.firm.example").value()),
      session_(settings_, offer_starttls) {
  settings_.protocol = protocol;
  settings_.host_name = "mx.firm.example";
  settings_.limits = SmallLimits();
  settings_.recipients = &recipients_;
  settings_.counters = &counters;
}

void Owner::Bring(std::string_view bytes) {
  for (;;) {
    const SmtpSession::Fed fed = session_.Feed(bytes, replies);
    bytes.remove_prefix(fed.taken);
    want = fed.want;
    if (want != SmtpWant::kMessage) return;
    messages.push_back(session_.TakeMessage());
    if (refuse_with) {
      session_.Refused(*refuse_with, "not taken", replies);
    } else {
      session_.Accepted(ReceiptId(messages.size()), replies);
    }
  }
}

std::string ReceiptText(std::size_t number) { return ReceiptId(number).ToString(); }

const std::vector<Dialogue>& Dialogues() {
  static const std::vector<Dialogue> all = Make();
  return all;
}

const std::vector<Dialogue>& LmtpDialogues() {
  static const std::vector<Dialogue> all = MakeLmtp();
  return all;
}

std::string WholeInput(const Dialogue& dialogue) {
  std::string input;
  for (const Turn& turn : dialogue.turns) input += turn.client;
  return input;
}

std::string WholeReplies(const Dialogue& dialogue) {
  std::string replies;
  for (const Turn& turn : dialogue.turns) replies += turn.replies;
  return replies;
}

}  // namespace tlsrpt::ingest
