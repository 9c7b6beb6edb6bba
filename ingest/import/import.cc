#include "ingest/import/import.h"

#include <algorithm>
#include <exception>
#include <map>
#include <utility>

#include "ingest/flow/process.h"
#include "ingest/flow/record_bytes.h"
#include "ingest/import/file_list.h"
#include "ingest/import/known_files.h"
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
                 .wildcard_names = parts.view.wildcard_names,
                 .profiles = &parts.view.profiles},
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
    batch_.push_back(EntryOf(std::move(origin), std::move(bytes)));
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
    return !summary_.interrupted && !look_up_failed_ && !writers_.Failed();
  }

  ImportSummary Finish() {
    Flush();
    summary_.failed = writers_.Finish();
    if (!summary_.failed) summary_.failed = std::move(look_up_failed_);
    summary_.written = writers_.Totals();
    summary_.messages = progress_.messages;
    return std::move(summary_);
  }

 private:
  SpoolEntry EntryOf(std::string origin, std::string bytes) const {
    SpoolEntry entry;
    entry.received_at = parts_.clock.Now();
    entry.receipt_id = MakeUuidV7(entry.received_at);
    entry.transport = "import";
    entry.peer = std::move(origin);
    entry.body = std::move(bytes);
    return entry;
  }

  using Known = std::map<Uuid, store::ImportedBody>;

  void Flush() {
    std::vector<SpoolEntry> entries = std::exchange(batch_, {});
    batch_bytes_ = 0;
    if (entries.empty()) return;
    std::vector<std::optional<Uuid>> digests(entries.size());
    if (parts_.imported_bodies != nullptr) {
      std::transform(entries.begin(), entries.end(), digests.begin(), BodyDigest);
    }
    auto known = FindKnown(digests);
    if (!known) {
      look_up_failed_ = std::move(known).error();
      return;
    }
    std::vector<store::ReceiptRecord> records;
    records.reserve(entries.size());
    std::size_t record_bytes = 0;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      std::string origin = entries[i].peer;
      try {
        records.push_back(RecordOf(std::move(entries[i]), digests[i], *known));
        record_bytes += BytesOf(records.back());
      } catch (const std::exception& e) {
        Unreadable(std::move(origin), std::string("internal error: ") + e.what());
      }
      if (record_bytes < options_.batch_memory_bytes) continue;
      writers_.Submit(std::exchange(records, {}));
      record_bytes = 0;
    }
    if (!records.empty()) writers_.Submit(std::move(records));
  }

  Result<Known> FindKnown(const std::vector<std::optional<Uuid>>& digests) const {
    if (parts_.imported_bodies == nullptr) return Known{};
    std::vector<Uuid> asked;
    for (const auto& digest : digests) asked.push_back(*digest);
    return parts_.imported_bodies->Find(
        asked, store::OldestDay(parts_.clock.Now(), options_.retention));
  }

  store::ReceiptRecord RecordOf(SpoolEntry entry, const std::optional<Uuid>& digest,
                                const Known& known) const {
    const auto at = digest ? known.find(*digest) : known.end();
    if (at != known.end() && !at->second.is_held) {
      return RecordKnown(std::move(entry), context_, at->second);
    }
    store::ReceiptRecord record = Process(std::move(entry), context_);
    if (at != known.end() && IsAllHeld(record)) {
      LeaveToHolder(record, at->second.receipt_id);
    } else if (IsSettled(record.receipt)) {
      record.body_digest = digest;
    }
    return record;
  }

  const ImportOptions& options_;
  const ImportParts& parts_;
  const ProcessContext context_;

  ImportProgress progress_;
  ImportSummary summary_;
  std::vector<SpoolEntry> batch_;
  std::size_t batch_bytes_ = 0;
  std::optional<Error> look_up_failed_;
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
