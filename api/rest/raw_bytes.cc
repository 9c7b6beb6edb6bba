#include "api/rest/raw_bytes.h"

#include <algorithm>
#include <utility>

namespace tlsrpt::api {
namespace {

// Whether Domains() are those of all that is in its bytes.
bool AllDomainsAreKnown(const store::ReceiptLine& line) {
  if (line.duplicate_count > 0 || line.duplicate_key_count > 0 || line.dropped) {
    return false;
  }
  const store::Receipt& receipt = line.receipt;
  if (receipt.quarantined_count == 0) return true;
  return receipt.report_count == 1 && !receipt.quarantined_domains.empty();
}

}  // namespace

bool SeesWhole(const Caller& caller, const store::ReceiptLine& receipt) {
  if (caller.SeesAll()) return true;
  const auto domains = receipt.Domains();
  return !domains.empty() && AllDomainsAreKnown(receipt) &&
         std::all_of(domains.begin(), domains.end(),
                     [&](const std::string& domain) { return caller.Sees(domain); });
}

Rest<Answer> RawBytesOf(const Call& call, const store::ReceiptLine& receipt) {
  const std::string id = receipt.receipt.receipt_id.ToString();
  if (!SeesWhole(call.caller, receipt)) {
    return Refusal(
        403, "receipt " + id + " may speak about domains that are not this token's");
  }
  auto body = store::ReadRawBytes(*call.database, receipt.received_on,
                                  receipt.receipt.receipt_id);
  if (!body) return Refusal(std::move(body).error());
  if (!*body) {
    return Refusal(
        404, "the raw bytes of receipt " + id + " are gone: their retention has ended");
  }
  // Never a type that a browser would show: the bytes are a stranger's.
  Answer answer{.status = 200,
                .content_type = "application/octet-stream",
                .body = **std::move(body),
                .cacheable = false};
  answer.headers.emplace_back("Content-Disposition",
                              "attachment; filename=\"" + id + ".raw\"");
  return answer;
}

}  // namespace tlsrpt::api
