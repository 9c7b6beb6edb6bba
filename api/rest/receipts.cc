// /v1/receipts and /v1/quarantine: what was accepted and what became of it.
//
// A token with domains sees the receipts that speak of its domains alone; the others are
// left out, so one of its pages may be short, or empty, with a next one behind it.

#include <utility>

#include "api/readiness/format.h"
#include "api/rest/cursor.h"
#include "api/rest/handlers.h"
#include "api/rest/parameters.h"
#include "api/rest/raw_bytes.h"
#include "base/day.h"
#include "store/queries/receipt_pages.h"

namespace tlsrpt::api {
namespace {

constexpr std::string_view kReceipts = "receipts";
constexpr std::string_view kQuarantine = "quarantine";

Json ToJson(const store::ReceiptLine& line) {
  const store::Receipt& receipt = line.receipt;
  Json reports = Json::array();
  for (const store::ReportRef& ref : line.reports) reports.push_back(store::ToText(ref));
  return {{"id", receipt.receipt_id.ToString()},
          {"received_at", TimeText(receipt.received_at)},
          {"node", receipt.node},
          {"transport", std::string(store::NameOf(receipt.transport))},
          {"peer", TextOrNull(receipt.peer)},
          {"envelope_from", TextOrNull(receipt.envelope_from)},
          {"envelope_to", receipt.envelope_to},
          {"provenance", std::string(store::NameOf(receipt.provenance))},
          {"outcome", std::string(store::NameOf(line.outcome))},
          {"report_count", receipt.report_count},
          {"stored_count", line.stored_count},
          {"duplicate_count", line.duplicate_count},
          {"quarantined_count", receipt.quarantined_count},
          {"reason", TextOrNull(receipt.reason)},
          {"reason_detail", TextOrNull(receipt.reason_detail)},
          {"foreign_domains", receipt.foreign_domains},
          {"quarantined_domains", receipt.quarantined_domains},
          {"reports", std::move(reports)}};
}

Rest<Answer> List(const Call& call, std::string_view list,
                  store::ReceiptPageQuestion question) {
  const auto range = DaysParameter(call);
  if (!range) return range.error();
  const auto limit = NumberParameter(call, "limit", kDefaultLimit, 1, kMaxLimit);
  if (!limit) return limit.error();
  question.first_day = range->first;
  question.last_day = range->last;
  question.limit = *limit + 1;  // one more says that there is a next page
  if (const auto cursor = TextParameter(call, "cursor")) {
    const auto key = ReadCursor(list, 2, *cursor);
    if (!key) return Refusal(key.error());
    const auto day = ParseDate((*key)[0]);
    const auto id = ParseUuid((*key)[1]);
    if (!day || !id) return Refusal(400, "cursor is none of this list");
    question.after = store::ReceiptPageQuestion::Place{*day, *id};
  }
  auto page = store::ReadReceiptPage(*call.database, question);
  if (!page) return Refusal(std::move(page).error());
  std::optional<std::string> next;
  if (std::ssize(*page) > *limit) {
    page->resize(static_cast<std::size_t>(*limit));
    const store::ReceiptLine& last = page->back();
    next = MakeCursor(list,
                      {DateText(last.received_on), last.receipt.receipt_id.ToString()});
  }
  Json items = Json::array();
  for (const store::ReceiptLine& line : *page) {
    if (SeesWhole(call.caller, line)) items.push_back(ToJson(line));
  }
  return JsonAnswer(PageOf(std::move(items), next));
}

Rest<store::ReceiptLine> FindReceipt(const Call& call) {
  const auto id = ParseUuid(call.path.at(0));
  if (!id) return Refusal(404, "this is the id of no receipt");
  auto found = store::ReadReceiptLine(*call.database, *id);
  if (!found) return Refusal(std::move(found).error());
  // The same answer for one that is not the caller's: an id may not be probed.
  if (!*found || !SeesWhole(call.caller, **found)) {
    return Refusal(404, "there is no such receipt, or no longer");
  }
  return **std::move(found);
}

}  // namespace

Rest<Answer> ListReceipts(const Call& call) {
  store::ReceiptPageQuestion question;
  if (const auto name = TextParameter(call, "outcome")) {
    for (const auto outcome : {store::Outcome::kStored, store::Outcome::kDuplicate,
                               store::Outcome::kQuarantined, store::Outcome::kOrdinary}) {
      if (store::NameOf(outcome) == *name) question.outcome = outcome;
    }
    if (!question.outcome) {
      return Refusal(400, "parameter outcome=" + *name +
                              ": expected stored, duplicate, quarantined or ordinary");
    }
  }
  if (const auto name = TextParameter(call, "transport")) {
    question.transport = store::TransportOf(*name);
    if (!question.transport) {
      return Refusal(
          400, "parameter transport=" + *name + ": expected smtp, lmtp, https or import");
    }
  }
  return List(call, kReceipts, std::move(question));
}

Rest<Answer> ListQuarantine(const Call& call) {
  store::ReceiptPageQuestion question;
  question.quarantined_only = true;
  question.reason = TextParameter(call, "reason");
  const auto vouched = BoolParameter(call, "vouched");
  if (!vouched) return vouched.error();
  question.vouched = *vouched;
  return List(call, kQuarantine, std::move(question));
}

Rest<Answer> GetReceipt(const Call& call) {
  const auto receipt = FindReceipt(call);
  if (!receipt) return receipt.error();
  return JsonAnswer(ToJson(*receipt));
}

Rest<Answer> GetReceiptRaw(const Call& call) {
  const auto receipt = FindReceipt(call);
  if (!receipt) return receipt.error();
  return RawBytesOf(call, *receipt);
}

}  // namespace tlsrpt::api
