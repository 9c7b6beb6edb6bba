// Who reports: the profiles of counted reporters, whose successes may clear a domain. A
// shipped list, which an administrator extends. Any two cheap domains can sign reports;
// nobody but Google signs as google.com (DESIGN 3).
//
// Threads  values and pure functions.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tlsrpt::store {

struct ReporterProfile {
  std::string reporter;  // organisational domain
  std::string name;
  // d= of its signatures. Empty: none is known.
  std::vector<std::string> signing_domains;
  // The From addresses of its report mails, lower case. Such a reporter also signs other
  // mail (calendar invitations, say), which must not count. Empty where no such mail is
  // known yet: then no mail of it counts on its DKIM signature.
  std::vector<std::string> from_addresses;
  std::string cadence = {};  // what to expect of it, for people
  std::string quirks = {};   // what its reports lack or do differently
  bool shipped = true;       // false: added here
};

std::span<const ReporterProfile> ShippedReporters();

// The profiles in force: shipped ones, and those added. What is added for a shipped
// reporter completes its profile.
class ReporterProfiles {
 public:
  ReporterProfiles() : ReporterProfiles(std::vector<ReporterProfile>()) {}
  explicit ReporterProfiles(const std::vector<ReporterProfile>& added);

  // By reporter.
  const std::vector<ReporterProfile>& all() const { return profiles_; }
  // Null for a reporter without one.
  const ReporterProfile* Find(std::string_view reporter) const;
  // The names of all.
  std::set<std::string> Counted() const;

  // Whether a mail from `from_address`, signed by `signing_domain`, is a report mail of
  // `reporter`'s as its profile has them. False for a reporter without a profile.
  bool Knows(std::string_view reporter, std::string_view signing_domain,
             std::string_view from_address) const;
  // Whether any profile has it: its mail is worth more waiting than a stranger's.
  bool KnowsSigner(std::string_view signing_domain) const;

 private:
  std::vector<ReporterProfile> profiles_;
};

// The organisational domain that "contact-info" names (RFC 8460, 4.4): of an address,
// or of the host of a URL, which Stalwart sends. Empty where it names none. Anybody can
// write it, so it says something only where an operator vouches for the report.
std::string ReporterOfContact(std::string_view contact);

}  // namespace tlsrpt::store
