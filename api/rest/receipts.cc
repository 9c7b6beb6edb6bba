// /v1/receipts and /v1/quarantine: what was accepted and what became of it.
//
// A token with domains sees the receipts that speak of its domains alone. The others are
// passed over, and no cursor names one of them: its key is an id and a time, and anybody
// can read it.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "api/readiness/format.h"
#include "api/rest/cursor.h"
#include "api/rest/handlers.h"
#include "api/rest/parameters.h"
#include "api/rest/raw_bytes.h"
#include "base/day.h"
#include "base/text.h"
#include "base/uuid.h"
#include "store/model/quarantine_reason.h"
#include "store/queries/receipt_pages.h"

namespace tlsrpt::api {
namespace {

constexpr std::string_view kReceipts = "receipts";
constexpr std::string_view kQuarantine = "quarantine";

// For a token with domains, rows read at a time: most of them may be others'.
constexpr std::int64_t kRowsAtOnce = 500;
// Rows that one request looks at before it answers with what it has found: each costs a
// look for its reports in every month, and together about half a second.
constexpr std::int64_t kMaxRowsLookedAt = 5000;

using Place = store::ReceiptPageQuestion::Place;

Place PlaceOf(const store::ReceiptLine& line) {
  return {line.received_on, line.receipt.receipt_id};
}

// Before every receipt of the minute in which that at `place` was made: the end of a page
// that tells no receipt's id or time.
Place StartOfMinute(const Place& place) {
  Place start{
      place.received_on,
      MakeUuidV7(std::chrono::floor<std::chrono::minutes>(TimeOf(place.receipt_id)))};
  std::fill(start.receipt_id.bytes.begin() + 6, start.receipt_id.bytes.end(),
            std::uint8_t{0});
  return start;
}

struct Page {
  std::vector<store::ReceiptLine> lines;
  std::optional<Place> next;  // what the next page comes behind, where there is one
};

// The next `limit` receipts that the caller sees. Fewer, with a next page behind them,
// only where the bound ended it: at the start of a minute, which is behind whatever else
// came in within that minute. A bound that ended it at a row would tell of that row.
Rest<Page> ReadVisible(const Call& call, store::ReceiptPageQuestion question,
                       std::int64_t limit) {
  question.limit = limit + 1;  // one more says that there is a next page
  if (!call.caller.SeesAll()) question.limit = std::max(question.limit, kRowsAtOnce);
  Page page;
  std::int64_t looked_at = 0;
  std::optional<Place> end;
  for (;;) {
    auto rows = store::ReadReceiptPage(*call.database, question);
    if (!rows) return Refusal(std::move(rows).error());
    for (store::ReceiptLine& line : *rows) {
      const Place place = PlaceOf(line);
      question.after = place;
      if (end && place < *end) {
        page.next = end;
        return page;
      }
      if (++looked_at == kMaxRowsLookedAt) end = StartOfMinute(place);
      if (!SeesWhole(call.caller, line)) continue;
      if (std::ssize(page.lines) == limit) {
        page.next = PlaceOf(page.lines.back());
        return page;
      }
      page.lines.push_back(std::move(line));
    }
    if (std::ssize(*rows) < question.limit) return page;
  }
}

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
  if (const auto cursor = TextParameter(call, "cursor")) {
    const auto key = ReadCursor(list, 2, *cursor);
    if (!key) return Refusal(key.error());
    const auto day = ParseDate((*key)[0]);
    const auto id = ParseUuid((*key)[1]);
    if (!day || !id) return Refusal(400, "cursor is none of this list");
    question.after = Place{*day, *id};
  }
  const auto page = ReadVisible(call, std::move(question), *limit);
  if (!page) return page.error();
  std::optional<std::string> next;
  if (page->next) {
    next = MakeCursor(
        list, {DateText(page->next->received_on), page->next->receipt_id.ToString()});
  }
  Json items = Json::array();
  for (const store::ReceiptLine& line : page->lines) items.push_back(ToJson(line));
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
  if (const auto reason = TextParameter(call, "reason")) {
    const auto& reasons = store::kQuarantineReasons;
    if (std::find(reasons.begin(), reasons.end(), *reason) == reasons.end()) {
      return Refusal(400, "parameter reason=" + *reason + ": expected one of " +
                              Join({reasons.begin(), reasons.end()}, ", "));
    }
    question.reason = *reason;
  }
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
