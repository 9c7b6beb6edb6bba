#include "ingest/report/policy_domains.h"

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "store/model/domain_name.h"

namespace tlsrpt::ingest {
namespace {

constexpr std::string_view kBlank = " \t\r\n";
// Of a name in quotes: each byte may be an escape of six.
constexpr std::size_t kMaxQuotedBytes = 6 * (store::kMaxDomainBytes + 1) + 2;

// Walks a text from one token of interest to the next.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  // Goes behind the next `token`; false: there is none.
  bool GoBehind(std::string_view token) {
    const std::size_t found = text_.find(token, at_);
    if (found == std::string_view::npos) return false;
    at_ = found + token.size();
    return true;
  }
  // Passes blanks and then `c`; false, and only the blanks, where something else stands.
  bool Take(char c) {
    at_ = std::min(text_.find_first_not_of(kBlank, at_), text_.size());
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // Passes all up to a comma or a bracket.
  void SkipValue() { at_ = std::min(text_.find_first_of(",]}", at_), text_.size()); }

  // Passes a text in quotes that is a domain name, and gives it. Nothing where it is
  // none; a name that was cut off is not known.
  std::optional<std::string> TakeName() {
    if (!Take('"')) return std::nullopt;
    const std::size_t end = text_.find('"', at_);
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view quoted = text_.substr(at_ - 1, end + 2 - at_);
    at_ = end + 1;
    if (quoted.size() > kMaxQuotedBytes) return std::nullopt;
    // Names in another script are often written "f\u00efrm.example".
    const auto name = nlohmann::json::parse(quoted, nullptr, /*allow_exceptions=*/false);
    if (!name.is_string()) return std::nullopt;
    std::string_view said = Trim(name.get_ref<const std::string&>());
    if (said.starts_with("mx:")) said = Trim(said.substr(3));
    const auto domain = store::NormaliseDomain(said);
    return domain ? std::optional(*domain) : std::nullopt;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

// Names are matched in any case, as the parser does.

SaidDomains PolicyDomainsIn(std::string_view text) {
  const std::string lower = ToLowerAscii(text);
  std::set<std::string> domains;
  std::size_t unread = 0, policies = 0, named = 0;
  for (Cursor cursor(lower); cursor.GoBehind("\"policy-domain\"");) {
    if (!cursor.Take(':')) continue;
    ++named;
    auto domain = cursor.TakeName();
    if (domain) {
      domains.insert(std::move(*domain));
    } else {
      ++unread;
    }
  }
  for (Cursor cursor(lower); cursor.GoBehind("\"policy-type\"");) ++policies;
  const auto count = [&](char c) { return std::count(lower.begin(), lower.end(), c); };
  const bool closed = count('{') == count('}') && count('[') == count(']');
  return {{domains.begin(), domains.end()}, closed && unread == 0 && named >= policies};
}

std::vector<std::string> MxHostsIn(std::string_view text) {
  const std::string lower = ToLowerAscii(text);
  std::set<std::string> hosts;
  for (Cursor cursor(lower); cursor.GoBehind("\"mx-host");) {
    if (!cursor.GoBehind("\"") || !cursor.Take(':')) continue;
    const bool list = cursor.Take('[');
    do {
      if (auto host = cursor.TakeName()) hosts.insert(std::move(*host));
      if (list) cursor.SkipValue();
    } while (list && cursor.Take(','));
  }
  return {hosts.begin(), hosts.end()};
}

}  // namespace tlsrpt::ingest
