// tlsrptd spool list|replay: what waits here for PostgreSQL, and what may go there again.
// Both work beside a running server and without one. Exit 0: done.

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/day.h"
#include "cmd/command.h"
#include "cmd/option_checks.h"
#include "cmd/paths.h"
#include "cmd/time_text.h"
#include "ingest/spool/spool_list.h"
#include "ingest/spool/spool_replay.h"
#include "ingest/spool/spool_stats.h"

namespace tlsrpt::cmd {
namespace {

using nlohmann::ordered_json;

// A server that runs looks for the request every second, and brings back some ten
// thousand entries in one.
constexpr std::chrono::seconds kWaitForServer{60};

struct ListQuestion {
  std::int64_t limit = 100;
  bool json = false;
};

ordered_json ToJson(const ingest::SpoolListEntry& entry) {
  ordered_json json{{"entry_id", entry.entry_id},
                    {"receipt_id", entry.receipt_id.ToString()},
                    {"received_at", TimeText(entry.received_at)},
                    {"state", entry.state},
                    {"crashes", entry.crashes},
                    {"not_before", nullptr},
                    {"bytes", entry.bytes},
                    {"peer", entry.peer},
                    {"envelope_from", entry.envelope_from}};
  if (entry.not_before) json["not_before"] = TimeText(*entry.not_before);
  return json;
}

Result<int> List(const Settings& settings, const ListQuestion& question) {
  const std::string path = SpoolPath(settings);
  const auto stats = ingest::ReadSpoolStats(path);
  if (!stats) return stats.error();
  if (!*stats) {
    return Error{ErrorKind::kNotFound, path + ": no spool; `tlsrptd serve` makes it"};
  }
  const auto entries = ingest::ListSpool(path, question.limit);
  if (!entries) return entries.error();
  const auto done = ingest::CountDone(path, TimePoint::min());
  if (!done) return done.error();
  if (question.json) {
    ordered_json json{{"depth", (*stats)->depth},  {"waiting", (*stats)->waiting},
                      {"done", done->kept},        {"oldest_at", nullptr},
                      {"oldest_done_at", nullptr}, {"entries", ordered_json::array()}};
    if ((*stats)->oldest_at) json["oldest_at"] = TimeText(*(*stats)->oldest_at);
    if (done->oldest_at) json["oldest_done_at"] = TimeText(*done->oldest_at);
    for (const auto& entry : *entries) json["entries"].push_back(ToJson(entry));
    std::printf("%s\n",
                json.dump(2, ' ', false, ordered_json::error_handler_t::replace).c_str());
    return kExitOk;
  }
  std::printf("%lld waiting, the oldest since %s; %lld done and kept\n",
              static_cast<long long>((*stats)->depth),
              (*stats)->oldest_at ? TimeText(*(*stats)->oldest_at).c_str() : "-",
              static_cast<long long>(done->kept));
  for (const auto& entry : *entries) {
    std::printf("%s  %s  %-8s crashes %lld  %8llu bytes  not before %s\n",
                entry.receipt_id.ToString().c_str(), TimeText(entry.received_at).c_str(),
                entry.state.c_str(), static_cast<long long>(entry.crashes),
                static_cast<unsigned long long>(entry.bytes),
                entry.not_before ? TimeText(*entry.not_before).c_str() : "-");
  }
  return kExitOk;
}

// The server deletes the request once it has done it.
Result<bool> AskServer(const std::string& path, TimePoint since) {
  if (auto asked = ingest::RequestReplay(path, since); !asked) return asked.error();
  const std::string request = ingest::ReplayRequestPath(path);
  const auto end = std::chrono::steady_clock::now() + kWaitForServer;
  while (access(request.c_str(), F_OK) == 0) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return true;
}

Result<int> Replay(const Settings& settings, const std::string& since_text) {
  const auto since = ParseTime("--since", since_text);
  if (!since) return since.error();
  const std::string path = SpoolPath(settings);
  const auto found = ingest::CountDone(path, *since);
  if (!found) return found.error();
  if (found->kept == 0 || (found->oldest_at && *found->oldest_at > *since)) {
    std::fprintf(
        stderr,
        "tlsrptd: the spool goes back to %s (setting spool.keep); what was stored "
        "before that cannot come from here\n",
        found->oldest_at ? TimeText(*found->oldest_at).c_str() : "now");
  }
  if (found->since == 0) {
    std::printf("nothing was stored since %s\n", TimeText(*since).c_str());
    return kExitOk;
  }
  // Without a server the lock is free, and there is nobody to ask.
  const auto replayed = ingest::ReplayNow(path, *since, SystemClock().Now());
  if (replayed) {
    std::printf("%lld entries are stored again when `tlsrptd serve` starts\n",
                static_cast<long long>(*replayed));
    return kExitOk;
  }
  if (replayed.error().kind != ErrorKind::kUnavailable) return replayed.error();
  const auto done = AskServer(path, *since);
  if (!done) return done.error();
  if (!*done) {
    return Error{ErrorKind::kUnavailable,
                 "the server has the request and has not done it yet (" +
                     replayed.error().message + "); its log says what is in the way"};
  }
  std::printf("%lld entries are stored again by the running server\n",
              static_cast<long long>(found->since));
  return kExitOk;
}

}  // namespace

void AddSpool(CLI::App& app, Chosen& chosen) {
  CLI::App* spool =
      app.add_subcommand("spool", "What was acknowledged and waits here for PostgreSQL");
  spool->require_subcommand(1);
  auto flags = std::make_shared<FlagValues>();
  // The database is not asked; an administrator gives every call the same flags.
  flags->AddTo(*spool, StoreKeys());

  auto question = std::make_shared<ListQuestion>();
  CLI::App* list = spool->add_subcommand("list", "What waits, the oldest first");
  list->add_option("--limit", question->limit, "At most so many entries")
      ->check(CLI::Range(std::int64_t{1}, kMostListed));
  list->add_flag("--json", question->json, "As JSON");
  list->callback([&chosen, flags, question] {
    chosen = [flags, question] {
      return RunWith(
          *flags, [&](const Settings& s) { return List(s, *question); }, NoStore::kMake);
    };
  });

  auto since = std::make_shared<std::string>();
  CLI::App* replay = spool->add_subcommand("replay",
                                           "Store again what was stored since a time: "
                                           "for a database that was set back to it.\n"
                                           "What is there is not stored twice");
  replay->add_option("--since", *since, "2026-11-23, or 2026-11-23T10:00:00Z")
      ->required()
      ->check(NotEmpty());
  replay->callback([&chosen, flags, since] {
    chosen = [flags, since] {
      return RunWith(
          *flags, [&](const Settings& s) { return Replay(s, *since); }, NoStore::kMake);
    };
  });
}

}  // namespace tlsrpt::cmd
