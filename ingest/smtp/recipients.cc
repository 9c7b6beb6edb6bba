#include "ingest/smtp/recipients.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "ingest/smtp/address.h"

namespace tlsrpt::ingest {
namespace {

// RFC 8460 names no local part; this is what the first-run text tells people to publish.
constexpr std::string_view kReportLocalPart = "tlsrpt";
constexpr std::string_view kPostmaster = "postmaster";

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool LooksLikeDomain(std::string_view text) {
  for (const std::string_view label : Split(text, '.')) {
    if (label.empty() || label.find_first_of(" \t@<>[]:,\"*/") != label.npos)
      return false;
  }
  return true;
}

}  // namespace

// Lower case, without the dot of an absolute name.
Result<std::string> Recipients::StoredDomain(std::string_view domain) const {
  if (domain.size() > 1 && domain.back() == '.') domain.remove_suffix(1);
  if (to_a_labels_ && !IsAscii(domain)) return to_a_labels_(domain);
  return ToLowerAscii(domain);
}

Result<Recipients> Recipients::Make(const std::vector<std::string>& domains,
                                    const std::vector<std::string>& addresses,
                                    const std::string& host_name, ToALabels to_a_labels) {
  Recipients made;
  made.to_a_labels_ = std::move(to_a_labels);
  // A machine may be called anything; nobody writes to a name that is none.
  if (auto name = made.StoredDomain(host_name)) made.host_name_ = *std::move(name);
  for (const std::string& entry : domains) {
    const bool wildcard = entry.starts_with('.');
    auto domain = made.StoredDomain(std::string_view(entry).substr(wildcard ? 1 : 0));
    if (!domain || !LooksLikeDomain(*domain)) {
      return Error{ErrorKind::kMalformed,
                   "domain \"" + entry +
                       "\": write firm.example, or .example.net for all below it"};
    }
    (wildcard ? made.parents_ : made.domains_).insert(*std::move(domain));
  }
  for (const std::string& entry : addresses) {
    const std::string bracketed = "<" + entry + ">";
    std::string_view rest = bracketed;
    const auto path = TakePath(rest);
    const auto domain = made.StoredDomain(path ? path->domain : "");
    if (!path || !rest.empty() || path->domain.empty() || !domain) {
      return Error{
          ErrorKind::kMalformed,
          "recipient \"" + entry + "\": write a whole address, reports@firm.example"};
    }
    made.addresses_.insert(ToLowerAscii(path->local_part) + "@" + *domain);
    made.address_domains_.insert(*domain);
  }
  return made;
}

bool Recipients::Accepts(std::string_view local_part, std::string_view domain) const {
  const std::string whole_local = ToLowerAscii(local_part);
  const std::string_view local =
      std::string_view(whole_local).substr(0, whole_local.find('+'));
  if (domain.empty()) return whole_local == kPostmaster;

  const auto known = StoredDomain(domain);
  if (!known) return false;
  const std::string& stored = *known;
  if (local == kReportLocalPart && IsOurs(stored)) return true;
  if (local == kPostmaster &&
      (stored == host_name_ || IsOurs(stored) || address_domains_.contains(stored))) {
    return true;
  }
  return addresses_.contains(whole_local + "@" + stored) ||
         addresses_.contains(std::string(local) + "@" + stored);
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
