#include "ingest/import/import.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "ingest/flow/process.h"
#include "ingest/import/file_list.h"
#include "ingest/import/message_sink.h"
#include "ingest/import/read_messages.h"

namespace tlsrpt::ingest {
namespace {

class Importer final : public MessageSink {
 public:
  Importer(const ImportOptions& options, const ImportParts& parts)
      : options_(options),
        parts_(parts),
        context_{.own = parts.view.own,
                 .voucher = parts.voucher,
                 .counted_reporters = parts.view.counted_reporters,
                 .node = options.node,
                 .retention = options.retention,
                 .wildcard_names = parts.view.wildcard_names},
        writers_(options.jobs, parts.make_writer) {}

  void Read(const FileList& list) {
    progress_.files_total = list.files.size();
    progress_.bytes_total = list.bytes;
    for (const auto& [path, why] : list.unreadable) Unreadable(path, why);
    std::uint64_t bytes_before = 0;
    for (const ListedFile& file : list.files) {
      if (!GoOn()) return;
      ReadMessages(file.path, *this, [&](std::uint64_t more) {
        // Of a file that grows while it is read, no more than was counted on.
        progress_.bytes_done =
            std::min(progress_.bytes_done + more, bytes_before + file.bytes);
      });
      bytes_before += file.bytes;
      progress_.bytes_done = bytes_before;
      ++progress_.files_done;
    }
  }

  void Message(std::string origin, std::string bytes) override {
    ++progress_.messages;
    batch_bytes_ += bytes.size();
    try {
      batch_.push_back(Process(EntryOf(origin, std::move(bytes)), context_));
    } catch (const std::exception& e) {
      Unreadable(std::move(origin), std::string("internal error: ") + e.what());
    }
    if (batch_.size() >= options_.batch_receipts ||
        batch_bytes_ >= options_.batch_bytes) {
      Flush();
    }
  }

  void Unreadable(std::string origin, std::string why) override {
    ++summary_.unreadable_count;
    if (summary_.unreadable.size() < kMaxReasons) {
      summary_.unreadable.emplace_back(std::move(origin), std::move(why));
    }
  }

  bool GoOn() override {
    if (parts_.on_progress) parts_.on_progress(progress_);
    if (parts_.stop_wanted && parts_.stop_wanted()) summary_.interrupted = true;
    return !summary_.interrupted && !writers_.Failed();
  }

  ImportSummary Finish() {
    Flush();
    summary_.failed = writers_.Finish();
    summary_.written = writers_.Totals();
    summary_.messages = progress_.messages;
    return std::move(summary_);
  }

 private:
  SpoolEntry EntryOf(const std::string& origin, std::string bytes) const {
    SpoolEntry entry;
    entry.received_at = parts_.clock.Now();
    entry.receipt_id = MakeUuidV7(entry.received_at);
    entry.transport = "import";
    entry.peer = origin;
    entry.body = std::move(bytes);
    return entry;
  }

  void Flush() {
    if (!batch_.empty()) writers_.Submit(std::exchange(batch_, {}));
    batch_bytes_ = 0;
  }

  const ImportOptions& options_;
  const ImportParts& parts_;
  const ProcessContext context_;

  ImportProgress progress_;
  ImportSummary summary_;
  std::vector<store::ReceiptRecord> batch_;
  std::size_t batch_bytes_ = 0;
  BatchWriters writers_;
};

}  // namespace

ImportSummary Import(const std::vector<std::string>& paths, const ImportOptions& options,
                     const ImportParts& parts) {
  const FileList list = ListFiles(paths);
  Importer importer(options, parts);
  importer.Read(list);
  ImportSummary summary = importer.Finish();
  summary.files = list.files.size() + list.unreadable.size();
  return summary;
}

}  // namespace tlsrpt::ingest
