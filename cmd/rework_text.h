// What a run over receipts found, for people and as JSON.
#pragma once

#include <nlohmann/json.hpp>

#include "ingest/rework/rework.h"

namespace tlsrpt::cmd {

// {receipts, unchanged, changed, ..., anomalies: [{anomaly, gained, lost}],
//  fields: [{field, reports}], vouched: [{reporter, reports}]}
nlohmann::ordered_json ToJson(const ingest::ReworkSummary& summary, bool dry_run);

void Print(const ingest::ReworkSummary& summary, bool dry_run);

}  // namespace tlsrpt::cmd
