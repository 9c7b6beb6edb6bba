#include "ingest/import/import.h"

#include <filesystem>
#include <fstream>
#include <optional>

#include "ingest/flow/process.h"
#include "ingest/flow/store_batch.h"

namespace tlsrpt::ingest {
namespace {

Result<std::string> ReadFile(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) {
    return Error{ErrorKind::kNotFound, "cannot be read: " + error.message()};
  }
  if (size > kMaxImportBytes) {
    return Error{ErrorKind::kTooLarge, "is larger than " +
                                           std::to_string(kMaxImportBytes >> 20) +
                                           " MB, which no report is"};
  }
  std::ifstream file(path, std::ios::binary);
  std::string bytes(size, '\0');
  if (!file.read(bytes.data(), static_cast<std::streamsize>(size))) {
    return Error{ErrorKind::kNotFound, "cannot be read"};
  }
  return bytes;
}

class Importer {
 public:
  Importer(const ProcessContext& context, store::Writer& writer, const Clock& clock,
           const ImportOptions& options)
      : context_(context), writer_(writer), clock_(clock), options_(options) {}

  Result<void> Add(const std::string& path) {
    ++summary_.files;
    auto bytes = ReadFile(path);
    if (!bytes) {
      if (summary_.unreadable.size() < kMaxReasons) {
        summary_.unreadable.emplace_back(path, bytes.error().message);
      }
      return {};
    }
    SpoolEntry entry;
    entry.received_at = clock_.Now();
    entry.receipt_id = MakeUuidV7(entry.received_at);
    entry.transport = "import";
    entry.peer = path;
    bytes_ += bytes->size();
    entry.body = std::move(*bytes);
    records_.push_back(Process(std::move(entry), context_));
    if (records_.size() < options_.batch_receipts && bytes_ < options_.batch_bytes) {
      return {};
    }
    return Flush();
  }

  Result<void> Flush() {
    if (records_.empty()) return {};
    const auto stored = StoreBatch(writer_, records_);
    if (!stored) return stored.error();
    if (!stored->no_partition.empty()) {
      return Error{ErrorKind::kInternal,
                   "a month has no partition; `tlsrptd migrate` makes it"};
    }
    summary_.counts += stored->counts;
    for (const store::ReceiptRecord& record : records_) {
      if (record.receipt.ordinary) ++summary_.ordinary;
    }
    for (const store::Receipt* receipt : stored->quarantined) {
      if (summary_.quarantined.size() == kMaxReasons) break;
      summary_.quarantined.emplace_back(receipt->peer, receipt->reason_detail);
    }
    records_.clear();
    bytes_ = 0;
    return {};
  }

  ImportSummary Summary() { return std::move(summary_); }

 private:
  const ProcessContext& context_;
  store::Writer& writer_;
  const Clock& clock_;
  const ImportOptions& options_;

  std::vector<store::ReceiptRecord> records_;
  std::size_t bytes_ = 0;
  ImportSummary summary_;
};

}  // namespace

Result<ImportSummary> Import(const std::vector<std::string>& paths,
                             const DomainView& view, const Voucher& voucher,
                             store::Writer& writer, const Clock& clock,
                             const ImportOptions& options) {
  const ProcessContext context{.own = view.own,
                               .voucher = voucher,
                               .counted_reporters = view.counted_reporters,
                               .node = options.node,
                               .wildcard_names = view.wildcard_names};
  Importer importer(context, writer, clock, options);
  for (const std::string& path : paths) {
    if (auto added = importer.Add(path); !added) return added.error();
  }
  if (auto flushed = importer.Flush(); !flushed) return flushed.error();
  return importer.Summary();
}

}  // namespace tlsrpt::ingest
