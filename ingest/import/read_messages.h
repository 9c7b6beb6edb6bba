// The messages in a file, whatever its form: the first bytes say what it is, the name
// never does.
//
//   mbox                        each mail
//   JSON                        each report
//   zip                         each member, looked at in the same way
//   gzip of a mail, of an mbox  the mail, each mail
//   gzip of JSON                the file as it is; each report if there are several
//   all else                    the file as it is: what is no report is held in
//                               quarantine, where it can be seen
//
// An mbox and a zip may be of any size; a message may have kMaxImportBytes.
//
// Errors   go to the sink: with the origin, and the rest goes on.
// Threads  one.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "ingest/import/message_sink.h"

namespace tlsrpt::ingest {

// Reads `path`, or standard input where it is "-". `on_bytes`: so many more bytes of it
// have been read, about; for a progress bar.
void ReadMessages(const std::string& path, MessageSink& sink,
                  const std::function<void(std::uint64_t)>& on_bytes);

}  // namespace tlsrpt::ingest
