#include "ingest/smtp/recipients.h"

#include <utility>

#include "base/text.h"
#include "ingest/smtp/address.h"

namespace tlsrpt::ingest {
namespace {

// RFC 8460 names no local part; this is what the first-run text tells people to publish.
constexpr std::string_view kReportLocalPart = "tlsrpt";
constexpr std::string_view kPostmaster = "postmaster";

// Lower case, without the dot of an absolute name.
std::string StoredDomain(std::string_view domain) {
  if (domain.size() > 1 && domain.back() == '.') domain.remove_suffix(1);
  return ToLowerAscii(domain);
}

bool LooksLikeDomain(std::string_view text) {
  for (const std::string_view label : Split(text, '.')) {
    if (label.empty() || label.find_first_of(" \t@<>[]:,\"*/") != label.npos)
      return false;
  }
  return true;
}

}  // namespace

Result<Recipients> Recipients::Make(const std::vector<std::string>& domains,
                                    const std::vector<std::string>& addresses,
                                    const std::string& host_name) {
  Recipients made;
  made.host_name_ = StoredDomain(host_name);
  for (const std::string& entry : domains) {
    std::string domain = StoredDomain(entry);
    const bool wildcard = domain.starts_with('.');
    if (wildcard) domain.erase(0, 1);
    if (!LooksLikeDomain(domain)) {
      return Error{ErrorKind::kMalformed,
                   "domain \"" + entry +
                       "\": write firm.example, or .example.net for all below it"};
    }
    (wildcard ? made.parents_ : made.domains_).insert(std::move(domain));
  }
  for (const std::string& entry : addresses) {
    const std::string bracketed = "<" + entry + ">";
    std::string_view rest = bracketed;
    const auto path = TakePath(rest);
    if (!path || !rest.empty() || path->domain.empty()) {
      return Error{
          ErrorKind::kMalformed,
          "recipient \"" + entry + "\": write a whole address, reports@firm.example"};
    }
    made.addresses_.insert(ToLowerAscii(path->local_part) + "@" +
                           StoredDomain(path->domain));
  }
  return made;
}

bool Recipients::Accepts(std::string_view local_part, std::string_view domain) const {
  const std::string whole_local = ToLowerAscii(local_part);
  const std::string local = whole_local.substr(0, whole_local.find('+'));
  if (domain.empty()) return whole_local == kPostmaster;

  const std::string stored = StoredDomain(domain);
  if (addresses_.contains(whole_local + "@" + stored) ||
      addresses_.contains(local + "@" + stored)) {
    return true;
  }
  if (local == kReportLocalPart) return IsOurs(stored);
  return local == kPostmaster && (stored == host_name_ || IsOurs(stored));
}

bool Recipients::IsOurs(const std::string& domain) const {
  if (domains_.contains(domain)) return true;
  for (std::size_t dot = domain.find('.'); dot != domain.npos;
       dot = domain.find('.', dot + 1)) {
    if (dot > 0 && parents_.contains(domain.substr(dot + 1))) return true;
  }
  return false;
}

RecipientList::RecipientList(Recipients recipients) { Set(std::move(recipients)); }

std::shared_ptr<const Recipients> RecipientList::Get() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void RecipientList::Set(Recipients recipients) {
  auto next = std::make_shared<const Recipients>(std::move(recipients));
  const std::lock_guard lock(mutex_);
  current_ = std::move(next);
}

}  // namespace tlsrpt::ingest
