// Keeps the running server in step with the list of domains in the database: who may be
// a recipient, and whose reports are filed. Every node polls; there is nothing to
// restart after `tlsrptd domain add`.
//
// The list is also kept in a file, so that a start while the database is away takes mail
// for the same recipients as before, instead of refusing reports for ever with 550.
//
// Errors   Poll(): what the connection says; the old list stays in force then. That the
//          file cannot be written goes to the log, once; each Poll() tries again.
// Threads  Poll() from one thread; the views it fills are read from any.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/ops/log.h"
#include "base/result.h"
#include "cmd/database.h"
#include "ingest/flow/domain_view.h"
#include "ingest/smtp/recipients.h"
#include "store/model/reporter.h"
#include "store/queries/domains.h"

namespace tlsrpt::cmd {

// What `list` makes ours and who is counted, as the flow asks for it.
ingest::DomainView ViewOf(const store::DomainList& list,
                          store::ReporterProfiles profiles);

class DomainWatch {
 public:
  DomainWatch(const Database& database, const Settings& settings,
              ingest::RecipientList& recipients, ingest::DomainViews& views, Logger& log);

  // Recipients from the file of an earlier run and from the settings. False: there is
  // no such file, or nobody in both, so it is not known yet who is a recipient.
  Result<bool> LoadCached();

  // Reads the list and puts it in force where it changed.
  Result<void> Poll();

 private:
  Result<void> SetRecipients(const std::vector<std::string>& domains);
  void WriteCache(const std::string& content);

  const Database& database_;
  const Settings& settings_;
  ingest::RecipientList& recipients_;
  ingest::DomainViews& views_;
  Logger& log_;
  std::unique_ptr<store::Connection> connection_;
  std::string in_force_;  // the list as it was last put in force
  std::string cached_;    // the file as it was last written
  bool cache_stale_ = false;
};

}  // namespace tlsrpt::cmd
