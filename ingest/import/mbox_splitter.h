// The mails of an mbox, from its bytes in pieces of any size.
//
//   mbox   = *( from-line mail [empty-line] )
//
// A from-line begins with "From ", stands at the start or after an empty line, and holds
// a time of day and a year ("From a@b.example Mon Apr  1 12:00:00 2024"). The mbox forms
// that quote write every other such line as ">From "; those that do not (mboxcl2) give a
// Content-Length instead, which is not trusted: one wrong number would lose every mail
// behind it. The time is what tells their prose ("From now on, ...") from a from-line.
//
// Unquoting takes one ">" from lines of ">", more ">"s and "From ": right for mboxrd,
// and for mboxo wherever nobody wrote ">From " himself. It brings back the bytes that
// were signed. The empty line before the next from-line is the mbox's, not the mail's.
//
// Units    bytes.
// Errors   a mail beyond the limit is reported and skipped; the next one is taken.
// Threads  one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tlsrpt::ingest {

class MboxSplitter {
 public:
  // `offset`: of the from-line.
  using OnMail = std::function<void(std::uint64_t offset, std::string mail)>;
  using OnTooLarge = std::function<void(std::uint64_t offset)>;

  MboxSplitter(std::size_t max_mail_bytes, OnMail on_mail, OnTooLarge on_too_large);

  void Feed(std::string_view bytes);
  // No more comes: the last mail.
  void Finish();

 private:
  void Line(std::string_view line);
  void Append(std::string_view bytes);
  void EndMail();

  const std::size_t max_mail_bytes_;
  const OnMail on_mail_;
  const OnTooLarge on_too_large_;

  std::uint64_t offset_ = 0;     // of what comes next
  std::string line_;             // the part of a line that has come
  bool in_long_line_ = false;    // it has been appended, but for its end
  bool after_empty_ = true;      // the line before was empty, or there was none
  std::size_t empty_bytes_ = 0;  // how long that one was; 0: there was none

  bool in_mail_ = false;
  bool too_large_ = false;
  std::uint64_t mail_at_ = 0;
  std::string mail_;
};

// Whether `line` is one that could separate mails. Its end may be missing.
bool IsFromLine(std::string_view line);

}  // namespace tlsrpt::ingest
