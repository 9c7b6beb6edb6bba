// One day of one domain in the words of several senders: the JSON that each would send
// (RFC 8460, 4.4), with what each does in its own way.
//
// Real reporters by name, since a verdict counts no others, and an invented reporter that
// counted would count for everybody. That is safe because what is written here is only
// ever filed under domains of the demo (store/model/demo.h).
//
// Units    sessions.
// Threads  pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/model/vocabulary.h"

namespace tlsrpt::ingest {

// The forger writes in Google's name.
enum class Sender { kGoogle, kMicrosoft, kMailRu, kComcast, kPostfix, kForger };

// Failures of one kind, of the day's sessions.
struct ToldFailure {
  store::ResultType result_type = store::ResultType::kOther;
  std::string mx;  // empty: it did not get as far as an MX
  std::int64_t sessions = 0;
  std::string reason;
};

// What happened to the mail of one sender on one day.
struct ToldDay {
  std::string domain;
  std::chrono::sys_days day;
  store::PolicyMode mode = store::PolicyMode::kTesting;
  std::vector<std::string> mx;  // patterns of the policy, and the hosts
  bool dane = false;            // the MX hosts have TLSA records
  std::int64_t sessions = 0;
  std::optional<ToldFailure> failure;
};

std::string ReportOf(Sender sender, const ToldDay& told);

// "Google", for the seed of its numbers.
std::string_view NameOf(Sender sender);

}  // namespace tlsrpt::ingest
