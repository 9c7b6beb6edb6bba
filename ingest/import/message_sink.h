// Where the readers of this room put what they find: messages, and what could not be
// read. A message is what will be one receipt: a mail, or the bytes of a report.
//
// An origin names where bytes came from, for people and for the receipt's `peer`:
//
//   origin = path | "-"              a file, standard input
//          | origin ":" offset       a mail of an mbox, a report of several in one file;
//                                    the byte its "From " line or its "{" is at, once
//                                    unpacked
//          | origin "!/" member      a file in a zip
//
// The part after the last "/" is so always the file name that may hold a policy domain
// (RFC 8460, 5.1), which has "!" in it itself.
//
// Threads  called on the thread that reads.
#pragma once

#include <cstddef>
#include <string>

namespace tlsrpt::ingest {

// What a mail may be; what is larger is no report.
inline constexpr std::size_t kMaxImportBytes = 25u << 20;

class MessageSink {
 public:
  virtual ~MessageSink() = default;

  // May wait until there is room.
  virtual void Message(std::string origin, std::string bytes) = 0;
  virtual void Unreadable(std::string origin, std::string why) = 0;

  // Asked between messages and between chunks of what takes long. False: stop reading,
  // and say nothing about what was left.
  virtual bool GoOn() = 0;
};

// Of a message beyond kMaxImportBytes.
inline std::string TooLargeToImport() {
  return "is larger than " + std::to_string(kMaxImportBytes >> 20) +
         " MB, which no report is";
}

}  // namespace tlsrpt::ingest
