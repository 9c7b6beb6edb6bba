#include "base/ops/greeting_name.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "base/plain_text.h"
#include "base/text.h"

namespace tlsrpt::ops {
namespace {

bool IsLabelByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         c == '-' || c == '_';
}

bool IsHostName(std::string_view name) {
  if (name.size() > kMaxNameBytes) return false;
  for (const std::string_view label : Split(name, '.')) {
    if (label.empty()) return false;
    if (!std::all_of(label.begin(), label.end(), IsLabelByte)) return false;
  }
  return true;
}

// RFC 5321, 4.1.3.
bool IsAddressLiteral(std::string_view name) {
  constexpr std::string_view kIpv6 = "IPv6:";
  if (!name.starts_with('[') || !name.ends_with(']')) return false;
  std::string_view inner = name.substr(1, name.size() - 2);
  const bool is_ipv6 = StartsWithIgnoreCase(inner, kIpv6);
  if (is_ipv6) inner.remove_prefix(kIpv6.size());
  // inet_pton() would not see what stands behind a NUL.
  if (inner.find('\0') != inner.npos) return false;
  in6_addr ignored;
  return inet_pton(is_ipv6 ? AF_INET6 : AF_INET, std::string(inner).c_str(), &ignored) ==
         1;
}

}  // namespace

Result<void> CheckGreetingName(std::string_view name) {
  if (IsHostName(name) || IsAddressLiteral(name)) return {};
  return Error{ErrorKind::kMalformed,
               "expected the name of a host in ASCII, such as mx.firm.example, or its "
               "address as [192.0.2.1] or [IPv6:2001:db8::1]"};
}

}  // namespace tlsrpt::ops
