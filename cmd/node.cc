// tlsrptd node list|remove: the processes that take reports in. A silent one keeps every
// verdict at "unknown" until it is back, or a person says that it is gone for good. Exit
// 0: done; 66: `remove` of a node that is not there.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/readiness/settings.h"
#include "base/clock.h"
#include "base/day.h"
#include "cmd/command.h"
#include "cmd/database.h"
#include "store/admin/nodes.h"

namespace tlsrpt::cmd {
namespace {

struct Unwanted {
  std::string node;
  std::string spool;  // the beginning of its id; empty: there is only one of that name
  bool lost = false;
};

// Of the future as well: that of a machine whose clock was ahead would never age. One
// that lives is not removed for it: store::RemoveNode() sees that it has beaten since.
bool IsSilent(const store::NodeRow& row, TimePoint now) {
  return std::chrono::abs(now - row.heartbeat_at) >
         api::ReadinessSettings{}.max_heartbeat_age;
}

Result<int> List(const Settings& settings) {
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleApi);
  if (!connection) return std::move(connection).error();
  const auto nodes = store::ReadNodes(**connection);
  if (!nodes) return nodes.error().error;
  const TimePoint now = SystemClock().Now();
  for (const store::NodeRow& row : *nodes) {
    std::printf("%s\t%s\t%s\t%s\t%lld\t%s\n", row.node.c_str(),
                row.spool_id.ToString().c_str(), IsSilent(row, now) ? "silent" : "alive",
                TimeText(row.heartbeat_at).c_str(),
                static_cast<long long>(row.spool_depth), row.version.c_str());
  }
  return kExitOk;
}

// The one that is meant, or why it must stay.
Result<store::NodeRow> Choose(std::vector<store::NodeRow> nodes, const Unwanted& unwanted,
                              TimePoint now) {
  std::erase_if(nodes, [&](const store::NodeRow& row) {
    return row.node != unwanted.node ||
           !row.spool_id.ToString().starts_with(unwanted.spool);
  });
  if (nodes.empty()) {
    return Error{ErrorKind::kNotFound,
                 "no node " + unwanted.node +
                     (unwanted.spool.empty() ? "" : " with a spool " + unwanted.spool) +
                     "; `tlsrptd node list` prints those there are"};
  }
  if (nodes.size() > 1) {
    return Error{
        ErrorKind::kMalformed,
        std::to_string(nodes.size()) + " nodes are called " + unwanted.node +
            "; say which with --spool, the second column of `tlsrptd node list`"};
  }
  store::NodeRow& row = nodes.front();
  if (!IsSilent(row, now)) {
    return Error{ErrorKind::kMalformed,
                 row.node + " lives: it was heard of at " + TimeText(row.heartbeat_at) +
                     ". Stop it first, and remove it ten minutes later"};
  }
  if (row.spool_depth > 0 && !unwanted.lost) {
    return Error{
        ErrorKind::kMalformed,
        row.node + " had accepted " + std::to_string(row.spool_depth) +
            " submissions that are not stored. Start it on its data directory "
            "to store them, or, if that is lost, say --lost: reports of failures "
            "may be among them"};
  }
  return std::move(row);
}

Result<int> Remove(const Settings& settings, const Unwanted& unwanted) {
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = database->Connect(kRoleAdmin);
  if (!connection) return std::move(connection).error();
  auto nodes = store::ReadNodes(**connection);
  if (!nodes) return std::move(nodes).error().error;
  const auto row = Choose(*std::move(nodes), unwanted, SystemClock().Now());
  if (!row) return row.error();
  const auto removed = store::RemoveNode(**connection, *row);
  if (!removed) return removed.error().error;
  if (!*removed) {
    return Error{ErrorKind::kMalformed, row->node + " has just been heard of: it lives"};
  }
  return kExitOk;
}

}  // namespace

void AddNode(CLI::App& app, Chosen& chosen) {
  CLI::App* node = app.add_subcommand("node", "The processes that take reports in");
  node->require_subcommand(1);
  auto flags = std::make_shared<FlagValues>();
  flags->AddTo(*node, StoreKeys());

  node->add_subcommand("list", "One a line: name, spool, state, last heard of, depth")
      ->callback([&chosen, flags] {
        chosen = [flags] {
          return RunWith(*flags, [](const Settings& s) { return List(s); });
        };
      });

  auto unwanted = std::make_shared<Unwanted>();
  CLI::App* remove = node->add_subcommand(
      "remove", "Wait for NAME no more: it is gone for good, and its spool with it");
  remove->add_option("NAME", unwanted->node)->required();
  remove->add_option("--spool", unwanted->spool, "Which, where several have that name");
  remove->add_flag("--lost", unwanted->lost,
                   "What it had accepted and not stored is lost");
  remove->callback([&chosen, flags, unwanted] {
    chosen = [flags, unwanted] {
      return RunWith(*flags, [&](const Settings& s) { return Remove(s, *unwanted); });
    };
  });
}

}  // namespace tlsrpt::cmd
