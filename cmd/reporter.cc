// tlsrptd reporter list|add|mute|unmute: who reports, who is counted, and who is not
// listened to for a while. A running server notices within seconds. Exit 0: done; 66:
// `unmute` of a reporter that is not muted.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/day.h"
#include "base/text.h"
#include "cmd/caller_name.h"
#include "cmd/command.h"
#include "cmd/database.h"
#include "cmd/option_checks.h"
#include "ingest/report/report_time.h"
#include "store/model/domain_name.h"
#include "store/model/mute.h"
#include "store/model/report_loop.h"
#include "store/model/reporter.h"
#include "store/queries/domain_page.h"
#include "store/queries/reporters.h"
#include "store/writer/reporter_list.h"

namespace tlsrpt::cmd {
namespace {

using nlohmann::ordered_json;
using std::chrono::sys_days;
using store::ReporterActivity;

// RFC 8301, 3.2: signers SHOULD use at least so many.
constexpr std::int32_t kSoundRsaBits = 2048;

struct ListWords {
  int days = 14;
  std::string domain;
  bool json = false;
};

struct AddWords {
  std::string reporter;
  std::string name;
  std::vector<std::string> from;
  std::vector<std::string> signing_domains;
};

struct MuteWords {
  std::string reporter;
  std::string until;
  std::string why;
  std::string who;
};

Result<std::unique_ptr<store::Connection>> Connect(const Database& database,
                                                   std::string_view role) {
  return database.Connect(role);
}

bool HoldsOn(const store::Mute& mute, TimePoint now) {
  return !mute.withdrawn_at && mute.until >= std::chrono::floor<std::chrono::days>(now);
}

// One reporter over all domains, or one reporter and domain.
struct Line {
  std::string reporter;
  std::string domain;  // empty: of all
  std::set<std::string> provenances;
  std::set<std::string> domains;
  std::int64_t reports = 0;
  std::int64_t days = 0;  // the most of any domain
  std::int64_t from_unknown = 0;
  std::int64_t sessions = 0;
  sys_days last_day{};
  TimePoint last_received_at{};
  bool vouched = false;
  bool dnssec = false;
  std::int32_t rsa_bits = 0;
  std::string why;
  std::int64_t loops = 0;  // domains that it may report to in a loop
};

void AddTo(Line& line, const ReporterActivity& of, int days_asked) {
  for (const store::Provenance provenance : of.provenances) {
    line.provenances.emplace(NameOf(provenance));
  }
  line.domains.insert(of.policy_domain);
  line.reports += of.reports;
  line.days = std::max(line.days, of.days);
  line.from_unknown += of.from_unknown;
  line.sessions += of.sessions;
  line.last_day = std::max(line.last_day, of.last_day);
  line.last_received_at = std::max(line.last_received_at, of.last_received_at);
  line.vouched = of.vouched;
  line.dnssec = line.dnssec || of.dnssec;
  if (of.rsa_bits > 0) {
    line.rsa_bits =
        line.rsa_bits == 0 ? of.rsa_bits : std::min(line.rsa_bits, of.rsa_bits);
  }
  line.why = of.why;
  if (of.vouched && store::LooksLikeReportLoop(static_cast<int>(of.days), days_asked,
                                               of.most_sessions)) {
    ++line.loops;
  }
}

// Why the reports of a line do not count, or what to know about them; in sentences.
std::vector<std::string> RemarksOn(const Line& line,
                                   const store::ReporterProfiles& profiles,
                                   const std::vector<store::Mute>& mutes, TimePoint now) {
  std::vector<std::string> remarks;
  if (!line.vouched) {
    remarks.push_back("nobody vouches, so they never count" +
                      (line.why.empty() ? "" : ": " + line.why));
  } else if (profiles.Find(line.reporter) == nullptr) {
    remarks.push_back("not counted: no profile (`tlsrptd reporter add` makes one)");
  } else if (line.from_unknown > 0) {
    remarks.push_back(std::to_string(line.from_unknown) +
                      " not counted: From is not an address of its profile");
  }
  for (const store::Mute& mute : mutes) {
    if (line.vouched && mute.reporter == line.reporter && HoldsOn(mute, now)) {
      remarks.push_back("muted until " + DateText(mute.until) + " by " + mute.who + ": " +
                        mute.why);
    }
  }
  if (line.rsa_bits > 0 && line.rsa_bits < kSoundRsaBits) {
    remarks.push_back("signs with an RSA key of " + std::to_string(line.rsa_bits) +
                      " bits, which is short (RFC 8301, 3.2)");
  }
  if (line.loops > 0) {
    remarks.push_back("may be report mail only (a report loop)");
  }
  return remarks;
}

ordered_json ToJson(const Line& line, const store::ReporterProfiles& profiles,
                    const std::vector<std::string>& remarks, bool demo) {
  return {{"reporter", line.reporter},
          {"demo", demo},
          {"counted", line.vouched && profiles.Find(line.reporter) != nullptr},
          {"provenance", line.provenances},
          {"domains", line.domains},
          {"reports", line.reports},
          {"days", line.days},
          {"sessions", line.sessions},
          {"from_unknown", line.from_unknown},
          {"last_day", DateText(line.last_day)},
          {"rsa_bits", line.rsa_bits},
          {"dnssec", line.dnssec},
          {"report_loop", line.loops > 0},
          {"remarks", remarks}};
}

void Print(const Line& line, const std::vector<std::string>& remarks) {
  const std::string domains = line.domains.size() == 1
                                  ? *line.domains.begin()
                                  : std::to_string(line.domains.size()) + " domains";
  std::printf("%-24s %-9s %s: %lld reports on %lld days, %lld sessions, last for %s\n",
              line.reporter.empty() ? "-" : line.reporter.c_str(),
              Join({line.provenances.begin(), line.provenances.end()}, "+").c_str(),
              domains.c_str(), static_cast<long long>(line.reports),
              static_cast<long long>(line.days), static_cast<long long>(line.sessions),
              DateText(line.last_day).c_str());
  for (const std::string& remark : remarks) std::printf("    %s\n", remark.c_str());
}

Result<int> List(const Settings& settings, const ListWords& words) {
  std::string domain;
  if (!words.domain.empty()) {
    auto name = store::NormaliseDomain(words.domain);
    if (!name) return std::move(name).error();
    domain = std::move(*name);
  }
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = Connect(*database, kRoleApi);
  if (!connection) return std::move(connection).error();
  bool demo = false;
  if (!domain.empty()) {
    const auto found = store::ReadDomain(**connection, domain);
    if (!found) return found.error().error;
    demo = *found && (*found)->row.demo;
  }
  const auto profiles = store::ReadProfiles(**connection);
  if (!profiles) return profiles.error().error;
  const auto mutes = store::ReadMutes(**connection);
  if (!mutes) return mutes.error().error;
  const TimePoint now = SystemClock().Now();
  const sys_days today = std::chrono::floor<std::chrono::days>(now);
  const auto activity = store::ReadReporterActivity(
      **connection, today - std::chrono::days(words.days), domain);
  if (!activity) return activity.error().error;

  // Vouched and not are two lines, whatever the name says.
  std::map<std::pair<bool, std::string>, Line> lines;
  for (const ReporterActivity& of : *activity) {
    Line& line = lines[{!of.vouched, of.reporter}];
    line.reporter = of.reporter;
    AddTo(line, of, words.days);
  }
  if (demo && !words.json) std::printf("DEMO, made up by `tlsrptd demo`:\n");
  ordered_json json = ordered_json::array();
  std::set<std::string> seen;
  for (const auto& [key, line] : lines) {
    const auto remarks = RemarksOn(line, *profiles, *mutes, now);
    words.json ? json.push_back(ToJson(line, *profiles, remarks, demo))
               : (Print(line, remarks), void());
    if (line.vouched) seen.insert(line.reporter);
  }
  for (const store::ReporterProfile& profile : profiles->all()) {
    if (seen.contains(profile.reporter)) continue;
    Line silent;
    silent.reporter = profile.reporter;
    silent.vouched = true;
    if (words.json) {
      json.push_back({{"reporter", profile.reporter}, {"counted", true}, {"reports", 0}});
    } else {
      std::printf("%-24s no report in %d days (%s, counted)\n", profile.reporter.c_str(),
                  words.days, profile.name.c_str());
    }
  }
  if (words.json) {
    std::printf("%s\n",
                json.dump(2, ' ', false, ordered_json::error_handler_t::replace).c_str());
  }
  return kExitOk;
}

// `name` as a reporter is called: an organisational domain.
Result<std::string> ReporterName(const std::string& text) {
  auto name = store::NormaliseDomain(text);
  if (!name) return name;
  const std::string organisation = store::OrganisationalDomain(*name);
  if (organisation == *name) return name;
  return Error{
      ErrorKind::kMalformed,
      organisation.empty()
          ? *name + " is a public suffix: everybody below it is somebody else"
          : *name + " is called " + organisation + " here, its organisational domain"};
}

Result<int> Add(const Settings& settings, const AddWords& words) {
  store::ReporterProfile profile;
  auto reporter = ReporterName(words.reporter);
  if (!reporter) return std::move(reporter).error();
  profile.reporter = *reporter;
  profile.name = words.name.empty() ? *reporter : words.name;
  // What is not of its own organisation could never vouch for it.
  const auto aligned = [&](const std::string& domain) -> Result<void> {
    if (store::OrganisationalDomain(domain) == *reporter) return {};
    return Error{ErrorKind::kMalformed, domain + " is not of " + *reporter};
  };
  for (const std::string& address : words.from) {
    const auto domain = store::DomainOfAddress(address);
    if (!domain) return domain.error();
    if (auto fits = aligned(*domain); !fits)
      return Wrap(fits.error(), "--from " + address);
    profile.from_addresses.push_back(ToLowerAscii(address));
  }
  for (const std::string& text : words.signing_domains) {
    const auto domain = store::NormaliseDomain(text);
    if (!domain) return domain.error();
    if (auto fits = aligned(*domain); !fits) return Wrap(fits.error(), "--signed-by");
    profile.signing_domains.push_back(*domain);
  }
  if (profile.signing_domains.empty()) profile.signing_domains.push_back(*reporter);

  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = Connect(*database, kRoleIngest);
  if (!connection) return std::move(connection).error();
  const auto added = store::AddReporter(**connection, profile, SystemClock().Now());
  if (!added) return added.error().error;
  std::printf("%s is counted from now on, for mail from %s signed by %s\n",
              reporter->c_str(), Join(profile.from_addresses, ", ").c_str(),
              Join(profile.signing_domains, ", ").c_str());
  return kExitOk;
}

Result<int> MuteOne(const Settings& settings, const MuteWords& words) {
  store::Mute mute;
  if (words.reporter != "-") {
    auto reporter = ReporterName(words.reporter);
    if (!reporter) return std::move(reporter).error();
    mute.reporter = std::move(*reporter);
  }
  const auto until = ingest::ParseReportTime(words.until + "T00:00:00Z");
  if (!until) {
    return Error{ErrorKind::kMalformed,
                 "--until " + words.until + ": expected a day, as in 2026-12-31"};
  }
  mute.until = std::chrono::floor<std::chrono::days>(*until);
  mute.who = words.who.empty() ? CallerName() : words.who;
  mute.why = words.why;
  mute.made_at = SystemClock().Now();
  if (auto sound = store::CheckMute(mute); !sound) return std::move(sound).error();
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = Connect(*database, kRoleIngest);
  if (!connection) return std::move(connection).error();
  const auto added = store::AddMute(**connection, mute);
  if (!added) return added.error().error;
  return kExitOk;
}

Result<int> Unmute(const Settings& settings, const MuteWords& words) {
  std::string reporter;
  if (words.reporter != "-") {
    auto name = ReporterName(words.reporter);
    if (!name) return std::move(name).error();
    reporter = std::move(*name);
  }
  auto database = Database::Open(settings);
  if (!database) return std::move(database).error();
  auto connection = Connect(*database, kRoleIngest);
  if (!connection) return std::move(connection).error();
  const auto ended = store::WithdrawMutes(**connection, reporter, SystemClock().Now());
  if (!ended) return ended.error().error;
  if (*ended == 0) {
    return Error{ErrorKind::kNotFound,
                 words.reporter + " is not muted; `tlsrptd reporter list` says who is"};
  }
  return kExitOk;
}

}  // namespace

void AddReporter(CLI::App& app, Chosen& chosen) {
  CLI::App* reporter =
      app.add_subcommand("reporter", "Who reports, who is counted, who is muted");
  reporter->require_subcommand(1);
  auto flags = std::make_shared<FlagValues>();
  flags->AddTo(*reporter, StoreKeys());
  const auto on = [&chosen, flags](CLI::App* command, auto words, auto run) {
    command->callback([&chosen, flags, words, run] {
      chosen = [flags, words, run] {
        return RunWith(*flags, [&](const Settings& s) { return run(s, *words); });
      };
    });
  };

  auto list_words = std::make_shared<ListWords>();
  CLI::App* list = reporter->add_subcommand(
      "list", "Who reported on what lately, vouched for how, and why it does not count");
  list->add_option("--days", list_words->days, "How far back")
      ->check(CLI::Range(1, 750))
      ->capture_default_str();
  list->add_option("--on", list_words->domain, "Only reports on this domain")
      ->check(NotEmpty());
  list->add_flag("--json", list_words->json, "As JSON");
  on(list, list_words, &List);

  auto add_words = std::make_shared<AddWords>();
  CLI::App* add = reporter->add_subcommand(
      "add", "Count the reports of REPORTER that arrive from now on");
  add->add_option("REPORTER", add_words->reporter, "Its organisational domain")
      ->required();
  // One value a flag: what stands behind it may be REPORTER.
  add->add_option("--from", add_words->from, "The address that its report mails are from")
      ->required()
      ->allow_extra_args(false);
  add->add_option("--signed-by", add_words->signing_domains,
                  "d= of their DKIM signatures; REPORTER where nothing is said")
      ->allow_extra_args(false);
  add->add_option("--name", add_words->name, "What to call it")->check(Name());
  on(add, add_words, &Add);

  auto mute_words = std::make_shared<MuteWords>();
  CLI::App* mute = reporter->add_subcommand(
      "mute",
      "Leave REPORTER out of every verdict, failures and successes; - for the nameless\n"
      "one that an operator vouched for");
  mute->add_option("REPORTER", mute_words->reporter)->required();
  mute->add_option("--until", mute_words->until, "The last day, at most 90 days ahead")
      ->required();
  mute->add_option("--why", mute_words->why, "Listed in every verdict")
      ->required()
      ->check(OneLine());
  mute->add_option("--who", mute_words->who, "Your name, if not that of the account")
      ->check(OneLine());
  on(mute, mute_words, &MuteOne);

  auto unmute_words = std::make_shared<MuteWords>();
  CLI::App* unmute = reporter->add_subcommand("unmute", "Listen to REPORTER again");
  unmute->add_option("REPORTER", unmute_words->reporter)->required();
  on(unmute, unmute_words, &Unmute);
}

}  // namespace tlsrpt::cmd
