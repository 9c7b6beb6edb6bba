// Who reports: the shipped list of counted reporters, whose successes may clear a
// domain. Any two cheap domains can sign reports; nobody but Google signs as
// google.com (DESIGN 3).
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

namespace tlsrpt::store {

struct ReporterProfile {
  std::string_view reporter;  // organisational domain
  std::string_view name;
  // The From addresses of its report mails. Such a reporter also signs other mail
  // (calendar invitations, say), which must not count. Empty where no such mail is
  // known yet: then no mail of it counts on its DKIM signature.
  std::span<const std::string_view> from_addresses;
};

std::span<const ReporterProfile> ShippedReporters();

// The shipped reporters and `also`.
std::set<std::string> CountedReporters(const std::set<std::string>& also = {});

// The organisational domain that "contact-info" names (RFC 8460, 4.4): of an address,
// or of the host of a URL, which Stalwart sends. Empty where it names none. Anybody can
// write it, so it says something only where an operator vouches for the report.
std::string ReporterOfContact(std::string_view contact);

}  // namespace tlsrpt::store
