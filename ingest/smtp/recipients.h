// Whom this server takes mail for. Everybody else gets 550 5.1.1; it never relays.
//
//   tlsrpt@ each configured domain, or any domain below ".example.net"
//   the addresses that --recipient adds
//   sub-addresses of both: tlsrpt+google@firm.example
//   postmaster, bare or at whatever mail is taken for: one of the domains above, that of
//     an added address, the server's own name (RFC 5321, 4.5.1)
//
// Local parts are compared without case, as every mailbox here is ours to define. A
// domain is the same in either spelling, bücher.example (RFC 6531, 3.3) and its A-labels:
// what is not ASCII goes through `to_a_labels` first, which this room knows nothing of.
//
// Errors   kMalformed: an entry that is no domain or address; the message names it.
// Threads  Recipients is const. RecipientList swaps one for another from any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tlsrpt::ingest {

// A domain in A-labels; kMalformed where it is none. Called from any thread.
using ToALabels = std::function<Result<std::string>(std::string_view)>;

class Recipients {
 public:
  // Nobody but the bare postmaster.
  Recipients() = default;

  // `domains`: in any case, ".example.net" for every domain below it.
  // `addresses`: whole addresses. `host_name`: the server's own, may be empty.
  static Result<Recipients> Make(const std::vector<std::string>& domains,
                                 const std::vector<std::string>& addresses,
                                 const std::string& host_name,
                                 ToALabels to_a_labels = {});

  // `local_part` without quotes, `domain` empty for the bare postmaster.
  bool Accepts(std::string_view local_part, std::string_view domain) const;

 private:
  Result<std::string> StoredDomain(std::string_view domain) const;
  bool IsOurs(const std::string& domain) const;

  ToALabels to_a_labels_;  // empty: names that are not ASCII stay as they are
  std::set<std::string> domains_;
  std::set<std::string> parents_;    // of wildcards: "example.net"
  std::set<std::string> addresses_;  // lower case
  std::set<std::string> address_domains_;
  std::string host_name_;
};

// The Recipients in force, for sessions that live longer than the list does.
class RecipientList {
 public:
  explicit RecipientList(Recipients recipients = {});
  std::shared_ptr<const Recipients> Get() const;
  void Set(Recipients recipients);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Recipients> current_;
};

}  // namespace tlsrpt::ingest
