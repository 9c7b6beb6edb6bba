// Receipts as an administrator sees them: a line each in a list, everything of one.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "store/queries/receipts.h"

namespace tlsrpt::cmd {

nlohmann::ordered_json ToJson(const store::ReceiptRow& row);
// Time, id, reason, reporter, sender and the sentence.
void PrintLine(const store::ReceiptRow& row);

// With what is readable in its bytes today: each part, and the report in it or why not.
nlohmann::ordered_json ToJson(const store::ReceiptDetail& detail);
void Print(const store::ReceiptDetail& detail);

}  // namespace tlsrpt::cmd
