#include "store/writer/imported_bodies.h"

#include <utility>

#include "store/model/filed_report.h"
#include "store/model/vocabulary.h"

namespace tlsrpt::store {
namespace {

using std::chrono::sys_days;

std::map<Uuid, ImportedBody> Find(Transaction& tx, const std::vector<Uuid>& digests,
                                  sys_days oldest_day) {
  std::map<sys_days, std::map<Uuid, Uuid>> by_day;  // digest of each receipt
  for (const Row row : tx.Query("imported_bodies", {digests, oldest_day})) {
    by_day[row.Date("received_on")].emplace(row.Uuid("receipt_id"), row.Uuid("digest"));
  }
  // A day is one partition. Asked for in one join with the digests, PostgreSQL would
  // plan for all of them, and read them from end to end.
  std::map<Uuid, ImportedBody> found;
  for (const auto& [received_on, digest_of] : by_day) {
    std::vector<Uuid> receipt_ids;
    for (const auto& [receipt_id, digest] : digest_of) receipt_ids.push_back(receipt_id);
    for (const Row row : tx.Query("receipts_all_stored",
                                  {received_on, receipt_ids, kParserVersion,
                                   static_cast<std::int64_t>(Provenance::kOperator)})) {
      const Uuid receipt_id = row.Uuid("receipt_id");
      found.emplace(
          digest_of.at(receipt_id),
          ImportedBody{receipt_id, static_cast<std::int32_t>(row.Int64("report_count")),
                       std::string(row.Text("reporter")), row.Bool("is_held")});
    }
  }
  return found;
}

}  // namespace

ImportedBodies::ImportedBodies(ConnectOptions options) : options_(std::move(options)) {}

Result<std::map<Uuid, ImportedBody>> ImportedBodies::Find(
    const std::vector<Uuid>& digests, sys_days oldest_day) {
  if (connection_ == nullptr || connection_->IsBroken()) {
    connection_.reset();
    auto opened = Connection::Open(options_);
    if (!opened) return std::move(opened).error().error;
    connection_ = std::move(*opened);
  }
  auto found = connection_->Transact(
      [&](Transaction& tx) { return store::Find(tx, digests, oldest_day); });
  if (!found) return std::move(found).error().error;
  return std::move(*found);
}

}  // namespace tlsrpt::store
