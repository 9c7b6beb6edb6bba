// Scenarios: what a look at the live domain does to a clean history.

#include "api/readiness/live.h"

#include <gmock/gmock.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "tests/unit/api/readiness/row.h"

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using store::FetchOutcome;
using store::LookupState;
using store::Observation;
using store::PolicyMode;
using store::PolicyType;
using store::ProbeOutcome;
using store::ResultType;
using store::TlsVersion;
using ::testing::HasSubstr;

constexpr auto kReady = VerdictKind::kReady;
constexpr auto kNotReady = VerdictKind::kNotReady;
constexpr auto kInsufficient = VerdictKind::kInsufficientEvidence;
constexpr auto kNotApplicable = VerdictKind::kNotApplicable;
constexpr auto kEnforcing = VerdictKind::kEnforcing;

const std::vector<std::string> kAB = {"mx1.firm.example", "mx2.firm.example"};
constexpr const char* kMx1 = "mx1.firm.example";

// One look, this morning, at a clean domain.
struct LookRow {
  const char* why;
  std::function<void(Observation&)> change;
  VerdictKind want;
  std::vector<std::string> in_the_way = {};
  const char* says = "";  // in a sentence or remedy of what stands in the way
};

void CheckLooks(std::span<const LookRow> rows) {
  for (const LookRow& row : rows) {
    SCOPED_TRACE(row.why);
    const Verdict verdict = Decide(History::Clean().Look(2, row.change), Live(), kNow);
    EXPECT_EQ(NameOf(verdict.kind), NameOf(row.want)) << verdict.sentence;
    EXPECT_EQ(InTheWay(verdict), row.in_the_way);
    std::string said;
    for (const Criterion& criterion : verdict.criteria) {
      if (criterion.status != Status::kPass)
        said += criterion.sentence + criterion.remedy;
    }
    EXPECT_THAT(said, HasSubstr(row.says));
    ExpectWellFormed(verdict);
    // The reports alone do not care.
    EXPECT_EQ(Decide(History::Clean().Look(2, row.change), ReportsOnly(), kNow).kind,
              kReady);
  }
}

// Changes the second address of mx2.
std::function<void(Observation&)> OneAddress(
    std::function<void(store::MxAddressProbe&)> change) {
  return [change](Observation& look) { change(look.addresses.back()); };
}

std::function<void(Observation&)> Outcome(ProbeOutcome outcome, bool whole_host = false) {
  return [=](Observation& look) {
    for (store::MxAddressProbe& probe : look.addresses) {
      const bool last = &probe == &look.addresses.back();
      if (!last && !(whole_host && probe.mx == "mx2.firm.example")) continue;
      probe.outcome = outcome;
      probe.certificate.reset();
      probe.tls_version = TlsVersion::kUnknown;
    }
  };
}

TEST(Live, MxHosts) {
  const LookRow rows[] = {
      {"everything in order", {}, kReady},
      {"no STARTTLS at one address",
       Outcome(ProbeOutcome::kStarttlsMissing),
       kNotReady,
       {"mx_hosts_ready!"},
       "mx2.firm.example (2001:db8::1: STARTTLS is not offered)"},
      {"STARTTLS refused",
       Outcome(ProbeOutcome::kStarttlsRejected),
       kNotReady,
       {"mx_hosts_ready!"}},
      {"no handshake",
       Outcome(ProbeOutcome::kHandshakeFailed),
       kNotReady,
       {"mx_hosts_ready!"}},
      {"no route to an IPv6 address from here: the other address speaks for it",
       Outcome(ProbeOutcome::kNoRoute), kReady},
      {"a timeout at one address", Outcome(ProbeOutcome::kTimeout), kReady},
      {"a banner of 421 at one address", Outcome(ProbeOutcome::kBannerRejected), kReady},
      {"EHLO turned away at one address", Outcome(ProbeOutcome::kEhloRejected), kReady},
      {"one address dead, nobody reports it", Outcome(ProbeOutcome::kRefused), kReady},
      {"one address not tried", Outcome(ProbeOutcome::kNotTried), kReady},
      {"an MX with no address that passes",
       Outcome(ProbeOutcome::kTimeout, true),
       kInsufficient,
       {"mx_hosts_ready?"},
       "no answer in time"},
      {"an MX that turns us away",
       Outcome(ProbeOutcome::kBannerRejected, true),
       kInsufficient,
       {"mx_hosts_ready?"}},
      {"a dead MX that nobody reports",
       Outcome(ProbeOutcome::kRefused, true),
       kInsufficient,
       {"mx_hosts_ready?"},
       "nobody listens"},
      {"an MX that was not probed",
       [](Observation& look) {
         look.addresses.pop_back();
         look.addresses.pop_back();
       },
       kInsufficient,
       {"mx_hosts_ready?"},
       "Wait for a look that reaches mx2"},
      {"TLS 1.1",
       OneAddress([](auto& probe) { probe.tls_version = TlsVersion::kTls11; }),
       kNotReady,
       {"mx_hosts_ready!"},
       "TLS 1.1 only"},
      {"TLS 1.2", OneAddress([](auto& probe) { probe.tls_version = TlsVersion::kTls12; }),
       kReady},
      {"TLS of an unknown version",
       OneAddress([](auto& probe) { probe.tls_version = TlsVersion::kUnknown; }),
       kNotReady,
       {"mx_hosts_ready!"}},
      {"a session without a certificate",
       OneAddress([](auto& probe) { probe.certificate.reset(); }),
       kNotReady,
       {"mx_hosts_ready!"}},
      {"RFC 8461, 4.2: no chain to a public root",
       OneAddress([](auto& probe) { probe.certificate->trusted = false; }),
       kNotReady,
       {"mx_hosts_ready!"},
       "whole chain"},
      {"RFC 8461, 4.1: another name",
       OneAddress([](auto& probe) {
         probe.certificate->name_matches = false;
         probe.certificate->names = {"other.example"};
       }),
       kNotReady,
       {"mx_hosts_ready!"},
       "for another name (other.example)"},
      {"expired",
       OneAddress([](auto& probe) { probe.certificate->not_after = kNow; }),
       kNotReady,
       {"mx_hosts_ready!"},
       "certificate expired at 2026-11-23T10:00:00Z"},
      {"not valid yet",
       OneAddress([](auto& probe) { probe.certificate->not_before = kNow + seconds{1}; }),
       kNotReady,
       {"mx_hosts_ready!"},
       "valid only from"},
      {"7 days left of 90", OneAddress([](auto& probe) {
         probe.certificate->not_after = kNow + days{7};
         probe.certificate->not_before = kNow - days{83};
       }),
       kReady},
      {"a second less",
       OneAddress([](auto& probe) {
         probe.certificate->not_after = kNow + days{7} - seconds{1};
         probe.certificate->not_before = kNow - days{83};
       }),
       kNotReady,
       {"mx_hosts_ready!"},
       "expires soon"},
      {"a certificate of 6 days with 2 left", OneAddress([](auto& probe) {
         probe.certificate->not_after = kNow + days{2};
         probe.certificate->not_before = kNow - days{4};
       }),
       kReady},
      {"a certificate of 6 days with less than 2 left",
       OneAddress([](auto& probe) {
         probe.certificate->not_after = kNow + days{2} - seconds{1};
         probe.certificate->not_before = kNow - days{4};
       }),
       kNotReady,
       {"mx_hosts_ready!"}},
      {"DANE-EE does not help a sender that goes by the policy",
       OneAddress([](auto& probe) {
         probe.certificate->trusted = false;
         probe.tlsa = store::TlsaMatch::kDaneEe;
       }),
       kNotReady,
       {"mx_hosts_ready!"}},
      {"the MX lookup failed",
       [](Observation& look) {
         look.mx = {};
         look.mx.state = LookupState::kFailed;
       },
       kInsufficient,
       {"policy_served?", "mx_hosts_ready?"}},
      {"no MX and no address",
       [](Observation& look) {
         look.mx = {};
         look.mx.state = LookupState::kAbsent;
       },
       kNotReady,
       {"policy_served?", "mx_hosts_ready!"}},
      {"found, and empty",
       [](Observation& look) { look.mx.hosts.clear(); },
       kInsufficient,
       {"mx_hosts_ready?"}},
      {"a look that tried nothing",
       [](Observation& look) {
         const TimePoint at = look.observed_at;
         look = {};
         look.observed_at = at;
       },
       kInsufficient,
       {"policy_in_testing?", "policy_retrievable?", "dns_records_valid?",
        "policy_served?", "mx_hosts_ready?", "id_in_step?"}},
  };
  CheckLooks(rows);
}

TEST(Live, RecordsAndPolicyFile) {
  const auto body = [](const std::string& text) {
    return [=](Observation& look) {
      look.policy.body = text;
      look.policy.body_bytes = static_cast<std::int64_t>(text.size());
    };
  };
  const std::vector<std::string> kNotServed = {"policy_in_testing?",
                                               "policy_retrievable!", "policy_served!"};
  const std::vector<std::string> kNotReached = {
      "policy_in_testing?", "policy_retrievable!", "policy_served?", "id_in_step?"};
  const LookRow rows[] = {
      {"no _mta-sts record",
       [](Observation& look) {
         look.mta_sts = {LookupState::kAbsent, {}, {}, false, ""};
       },
       kNotReady,
       {"dns_records_valid!", "id_in_step?"},
       "_mta-sts.firm.example has no TXT"},
      {"two _mta-sts records: senders take neither",
       [](Observation& look) { look.mta_sts.records.push_back("v=STSv1; id=9;"); },
       kNotReady,
       {"dns_records_valid!", "id_in_step?"},
       "leave one"},
      {"an invalid id",
       [](Observation& look) { look.mta_sts.records = {"v=STSv1; id=2026-01-01;"}; },
       kNotReady,
       {"dns_records_valid!", "id_in_step?"},
       "2026-01-01"},
      {"a bogus signature",
       [](Observation& look) {
         look.mta_sts = {LookupState::kBogus, {}, {}, false, ""};
       },
       kNotReady,
       {"dns_records_valid!", "id_in_step?"},
       "DNSSEC"},
      {"the lookup failed",
       [](Observation& look) {
         look.mta_sts = {LookupState::kFailed, {}, {}, false, "timeout"};
       },
       kInsufficient,
       {"dns_records_valid?", "id_in_step?"},
       "(timeout)"},
      {"no _smtp._tls record",
       [](Observation& look) {
         look.smtp_tls = {LookupState::kAbsent, {}, {}, false, ""};
       },
       kNotReady,
       {"dns_records_valid!"},
       "v=TLSRPTv1; rua=mailto:tlsrpt@firm.example"},
      {"no rua",
       [](Observation& look) { look.smtp_tls.records = {"v=TLSRPTv1;"}; },
       kNotReady,
       {"dns_records_valid!"}},
      {"_smtp._tls not looked up",
       [](Observation& look) { look.smtp_tls = {}; },
       kInsufficient,
       {"dns_records_valid?"}},
      {"404",
       [](Observation& look) { look.policy.status = 404; },
       kNotReady,
       {"policy_in_testing?", "policy_retrievable!", "policy_served!", "id_in_step?"},
       "status 404 instead of 200"},
      {"RFC 8461, 3.3: a redirect",
       [](Observation& look) {
         look.policy.status = 301;
         look.policy.location = "https://www.firm.example/";
       },
       kNotReady,
       {"policy_in_testing?", "policy_retrievable!", "policy_served!", "id_in_step?"},
       "a redirect (https://www.firm.example/)"},
      {"an untrusted policy host",
       [](Observation& look) { look.policy.certificate->trusted = false; }, kNotReady,
       kNotServed, "policy host: certificate not trusted"},
      {"a policy host of another name",
       [](Observation& look) { look.policy.certificate->name_matches = false; },
       kNotReady, kNotServed},
      {"an expired policy host",
       [](Observation& look) { look.policy.certificate->not_after = kNow; }, kNotReady,
       kNotServed},
      {"a policy host whose certificate has a day left",
       [](Observation& look) { look.policy.certificate->not_after = kNow + days{1}; },
       kReady},
      {"no certificate at all",
       [](Observation& look) { look.policy.certificate.reset(); }, kNotReady, kNotServed},
      {"HTML",
       [](Observation& look) { look.policy.content_type = "text/html"; },
       kNotReady,
       {"policy_served!"},
       "\"text/html\", and not as text/plain"},
      {"no media type",
       [](Observation& look) { look.policy.content_type = ""; },
       kNotReady,
       {"policy_served!"}},
      {"capitals in the media type",
       [](Observation& look) { look.policy.content_type = "Text/Plain;charset=ascii"; },
       kReady},
      {"65,537 bytes", [](Observation& look) { look.policy.body_bytes = 65537; },
       kNotReady, kNotServed, "larger than 64 KB"},
      {"65,536 bytes", [](Observation& look) { look.policy.body_bytes = 65536; }, kReady},
      {"a policy without mode",
       body("version: STSv1\nmx: mx1.firm.example\nmax_age: 1\n"), kNotReady, kNotServed,
       "no \"mode\""},
      {"the name of the policy host does not resolve",
       [](Observation& look) {
         look.policy = {};
         look.policy.outcome = FetchOutcome::kNoAddress;
       },
       kNotReady,
       {"policy_in_testing?", "policy_retrievable!", "policy_served!", "id_in_step?"},
       "mta-sts.firm.example has no address"},
      {"no TLS at the policy host",
       [](Observation& look) {
         look.policy = {};
         look.policy.outcome = FetchOutcome::kTlsFailed;
       },
       kNotReady,
       {"policy_in_testing?", "policy_retrievable!", "policy_served!", "id_in_step?"}},
      {"the policy host does not answer: the fetch fails",
       [](Observation& look) {
         look.policy = {};
         look.policy.outcome = FetchOutcome::kUnreachable;
       },
       kNotReady, kNotReached},
      {"the answer was cut",
       [](Observation& look) { look.policy.outcome = FetchOutcome::kCut; }, kNotReady,
       kNotReached},
      {"an MX that no line covers",
       [](Observation& look) {
         look.mx.hosts.push_back({"mx3.firm.example", 20});
         look.addresses.push_back(look.addresses.front());
         look.addresses.back().mx = "mx3.firm.example";
       },
       kNotReady,
       {"policy_served!"},
       "Add \"mx: mx3.firm.example\""},
      {"the null MX is not covered",
       [](Observation& look) {
         look.mx.hosts.push_back({"", 0});
       },
       kNotReady,
       {"policy_served!", "mx_hosts_ready?"}},
      {"served in enforce: that decides",
       body("version: STSv1\nmode: enforce\nmx: *.firm.example\nmax_age: 86400\n"),
       kEnforcing,
       {"days_covered?", "reporters_seen?", "sessions_seen?"}},
      {"served in none: that decides",
       body("version: STSv1\nmode: none\nmax_age: 86400\n"),
       kNotApplicable,
       {"policy_in_testing!", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"}},
      {"served with a pattern less: reports trail, and their text covers more",
       body("version: STSv1\nmode: testing\nmx: mx1.firm.example\nmax_age: 86400\n"),
       kNotReady,
       {"testing_long_enough?", "days_covered?", "reporters_seen?", "sessions_seen?",
        "policy_served!"}},
      {"served with a pattern more, and another order",
       body("version: STSv1\nmode: testing\nmx: *.firm.example\nmx: mx2.firm.example\n"
            "mx: mx1.firm.example\nmax_age: 604800\n"),
       kReady},
  };
  CheckLooks(rows);
}

TEST(Live, WildcardsStandForOneLabel) {
  History history;
  history.Testing({"*.firm.example"}).MxHosts({"a.mx.firm.example"});
  history.Ok(kGoogle, -13, 0).Ok(kMicrosoft, -13, 0).Look(2);
  EXPECT_EQ(InTheWay(Decide(history, Live(), kNow)),
            (std::vector<std::string>{"policy_served!"}));
}

TEST(Live, WhenItWasLooked) {
  const auto at = [](TimePoint time) {
    return History::Clean().Look(2, [=](Observation& look) { look.observed_at = time; });
  };
  const std::vector<std::string> kNothing = {"policy_in_testing?", "policy_retrievable?",
                                             "dns_records_valid?", "policy_served?",
                                             "mx_hosts_ready?",    "id_in_step?"};
  const Row rows[] = {
      {"26 hours ago", at(kNow - hours{26}), kReady, {}, Live()},
      {"a second more: too old to say anything about now",
       at(kNow - hours{26} - seconds{1}), kInsufficient, kNothing, Live()},
      {"in the future of the question", at(kNow + seconds{1}), kInsufficient, kNothing,
       Live()},
      {"now", at(kNow), kReady, {}, Live()},
      {"bad yesterday, good today",
       History::Clean().Look(1, Outcome(ProbeOutcome::kStarttlsMissing)).Look(2),
       kReady,
       {},
       Live()},
      {"good yesterday, bad today",
       History::Clean().Look(1).Look(2, Outcome(ProbeOutcome::kStarttlsMissing)),
       kNotReady,
       {"mx_hosts_ready!"},
       Live()},
      {"today's look got no further than DNS: yesterday's still speaks for the rest",
       History::Clean()
           .Look(1, [](Observation& look) { look.observed_at = kNow - hours{20}; })
           .Look(2,
                 [](Observation& look) {
                   look.complete = false;
                   look.policy = {};
                   look.mx = {};
                   look.addresses.clear();
                 }),
       kReady,
       {},
       Live()},
      {"two looks at one time, one bad: the order they came in does not matter",
       History::Clean().Look(2).Look(2),
       kReady,
       {},
       Live()},
  };
  Check(rows);
}

TEST(Live, MxThatIsNew) {
  const auto before = [](int from, int to, std::vector<std::string> names) {
    History history = History::Clean(-20);
    history.MxHosts(std::move(names)).Looks(from, to);
    history.MxHosts(kAB);
    return history;
  };
  const Row rows[] = {
      {"both since the first look",
       before(-30, -20, kAB).Looks(-19, 2),
       kReady,
       {},
       Live()},
      {"looks began a week ago: nobody knows of a change",
       History::Clean().Looks(-5, 2),
       kReady,
       {},
       Live()},
      {"mx2 is new on the day before the window",
       before(-30, -15, {kMx1}).Looks(-14, 2),
       kReady,
       {},
       Live()},
      {"mx2 is new on the first window day",
       before(-30, -14, {kMx1}).Looks(-13, 2),
       kInsufficient,
       {"testing_long_enough?"},
       Live()},
      {"mx2 is new yesterday: nothing in testing spoke to it",
       before(-30, 0, {kMx1}).Looks(1, 2),
       kInsufficient,
       {"testing_long_enough?", "days_covered?", "reporters_seen?", "sessions_seen?"},
       Live()},
      {"mx2 was away for 30 days",
       [&] {
         History history = History::Clean(-20);
         history.Looks(-31, -31).MxHosts({kMx1}).Looks(-30, -2).MxHosts(kAB);
         return history.Looks(-1, 2);
       }(),
       kReady,
       {},
       Live()},
      {"mx2 was away for 31 days",
       [&] {
         History history = History::Clean(-20);
         history.Looks(-32, -32).MxHosts({kMx1}).Looks(-31, -2).MxHosts(kAB);
         return history.Looks(-1, 2);
       }(),
       kInsufficient,
       {"testing_long_enough?", "days_covered?", "reporters_seen?", "sessions_seen?"},
       Live()},
      {"an MX that came and went again",
       [&] {
         History history = History::Clean(-20);
         history.Looks(-30, -6).MxHosts({kMx1, "mx2.firm.example", "mx9.firm.example"});
         history.Look(-5).MxHosts(kAB);
         return history.Looks(-4, 2);
       }(),
       kReady,
       {},
       Live()},
      {"dropping an MX restarts nothing",
       [&] {
         History history = History::Clean(-20);
         return history.Looks(-30, -6).MxHosts({kMx1}).Looks(-5, 2);
       }(),
       kReady,
       {},
       Live()},
  };
  Check(rows);
}

TEST(Live, IdInStep) {
  const auto with_id = [](const char* id, const char* max_age, seconds at) {
    return [=](Observation& look) {
      look.observed_at = kNow - at;
      look.mta_sts.records = {std::string("v=STSv1; id=") + id};
      look.policy.body =
          std::string("version: STSv1\nmode: testing\n") +
          "mx: mx1.firm.example\nmx: mx2.firm.example\nmax_age: " + max_age + "\n";
    };
  };
  const auto history = [&](std::vector<std::function<void(Observation&)>> looks) {
    History made = History::Clean();
    for (const auto& look : looks) made.Look(2, look);
    return made;
  };
  const Row rows[] = {
      {"nothing changed",
       history({with_id("1", "1", hours{20}), with_id("1", "1", hours{1})}),
       kReady,
       {},
       Live()},
      {"both changed",
       history({with_id("1", "1", hours{20}), with_id("2", "2", hours{1})}),
       kReady,
       {},
       Live()},
      {"the body first, the id before the next look but one",
       history({with_id("1", "1", hours{20}), with_id("1", "2", hours{10}),
                with_id("2", "2", hours{1})}),
       kReady,
       {},
       Live()},
      {"the body changed just now: the id has until TTL + 1 h",
       history({with_id("1", "1", hours{20}), with_id("1", "2", hours{1})}),
       kInsufficient,
       {"id_in_step?"},
       Live()},
      {"the body changed and the id has not, hours later",
       history({with_id("1", "1", hours{20}), with_id("1", "2", hours{10}),
                with_id("1", "2", hours{1})}),
       kNotReady,
       {"id_in_step!"},
       Live()},
      {"the id has TTL (300 s) + 1 h: a second is left",
       history({with_id("1", "1", hours{20}), with_id("1", "2", hours{10}),
                with_id("1", "2", hours{10} - seconds{3899})}),
       kInsufficient,
       {"id_in_step?"},
       Live()},
      {"the id has TTL (300 s) + 1 h: none is left",
       history({with_id("1", "1", hours{20}), with_id("1", "2", hours{10}),
                with_id("1", "2", hours{10} - seconds{3900})}),
       kNotReady,
       {"id_in_step!"},
       Live()},
      {"the id first, the body after it: senders hold the old body under the new id",
       history({with_id("1", "1", hours{20}), with_id("2", "1", hours{12}),
                with_id("2", "2", hours{10}), with_id("2", "2", hours{1})}),
       kNotReady,
       {"id_in_step!"},
       Live()},
      {"the id alone: advice at most",
       history({with_id("1", "1", hours{20}), with_id("2", "1", hours{1})}),
       kReady,
       {},
       Live()},
      {"blanks and order in the body are no change",
       [&] {
         History made = history({with_id("1", "1", hours{20})});
         return made.Look(2, [](Observation& look) {
           look.mta_sts.records = {"v=STSv1; id=1"};
           look.policy.body =
               "version:STSv1\r\nmax_age:1\r\nmx:mx2.firm.example\r\n"
               "mx:mx1.firm.example\r\nmode:testing";
         });
       }(),
       kReady,
       {},
       Live()},
  };
  Check(rows);
}

TEST(Live, WhatALaterLookSettles) {
  const ResultType expired = ResultType::kCertificateExpired;
  const auto at_mx = [&](PolicyType type, int day, const char* mx = kMx1) {
    History history = History::Clean();
    history.Type(type).Fail(kGoogle, day, expired, 1, mx);
    history.Type(PolicyType::kSts);
    return history;
  };
  const auto dane_ee = [](Observation& look) {
    for (store::MxAddressProbe& probe : look.addresses) {
      probe.tlsa = store::TlsaMatch::kDaneEe;
    }
    look.addresses.front().certificate->name_matches = false;
  };
  const Row rows[] = {
      {"under tlsa, and every address passes since",
       at_mx(PolicyType::kTlsa, -3).Look(2),
       kReady,
       {},
       Live()},
      {"without a policy, and every address passes since",
       at_mx(PolicyType::kNoPolicyFound, -3).Look(2),
       kReady,
       {},
       Live()},
      {"the look was on the day of the failure: it may have come before",
       at_mx(PolicyType::kTlsa, 2).Look(2),
       kInsufficient,
       {"failures_at_mx?"},
       Live()},
      {"a look when the longest period of that day has ended",
       at_mx(PolicyType::kTlsa, 0)
           .Look(2, [](Observation& look) { look.observed_at = Day(1) + hours{18}; }),
       kReady,
       {},
       Live()},
      {"a second before: the period may have begun at noon",
       at_mx(PolicyType::kTlsa, 0)
           .Look(2,
                 [](Observation& look) {
                   look.observed_at = Day(1) + hours{18} - seconds{1};
                 }),
       kInsufficient,
       {"failures_at_mx?"},
       Live()},
      {"a period that ends on the day of the look",
       at_mx(PolicyType::kTlsa, -1).Period(-4, 2).Look(2),
       kInsufficient,
       {"failures_at_mx?"},
       Live()},
      {"one address of that MX did not answer",
       at_mx(PolicyType::kTlsa, -3, "mx2.firm.example")
           .Look(2, Outcome(ProbeOutcome::kTimeout)),
       kInsufficient,
       {"failures_at_mx?", "mx_hosts_ready?"},
       Live()},
      {"an address of another MX did not answer",
       at_mx(PolicyType::kTlsa, -3).Look(2, Outcome(ProbeOutcome::kTimeout)),
       kReady,
       {},
       Live()},
      {"no MX named, and one address of one MX did not answer",
       at_mx(PolicyType::kTlsa, -3, "").Look(2, Outcome(ProbeOutcome::kTimeout)),
       kInsufficient,
       {"failures_at_mx?"},
       Live()},
      {"no MX named, and every MX passes",
       at_mx(PolicyType::kTlsa, -3, "").Look(2),
       kReady,
       {},
       Live()},
      {"an MX that is none any more, and every MX passes",
       at_mx(PolicyType::kTlsa, -3, "old.firm.example").Look(2),
       kReady,
       {},
       Live()},
      {"an incomplete look settles nothing",
       at_mx(PolicyType::kTlsa, -3)
           .Look(2, [](Observation& look) { look.complete = false; }),
       kInsufficient,
       {"failures_at_mx?"},
       Live()},
      {"it passed once since, and not today",
       at_mx(PolicyType::kTlsa, -3).Look(0).Look(2, Outcome(ProbeOutcome::kTimeout)),
       kReady,
       {},
       Live()},
      {"RFC 7672, 3.1.1: DANE-EE settles what a DANE sender met; the name still counts",
       at_mx(PolicyType::kTlsa, -3).Look(0, dane_ee).Look(2, dane_ee),
       kNotReady,
       {"mx_hosts_ready!"},
       Live()},
      {"DANE-EE does not settle what a sender without a policy met",
       at_mx(PolicyType::kNoPolicyFound, -3).Look(2, dane_ee),
       kNotReady,
       {"failures_at_mx?", "mx_hosts_ready!"},
       Live()},
      {"an uncounted reporter under sts, and every address passes since",
       History::Clean().Fail(kOther, -3, expired).Look(2),
       kReady,
       {},
       Live()},
      {"the same with a look from before",
       History::Clean().Fail(kOther, 2, expired).Look(2),
       kInsufficient,
       {"uncorroborated_failures?"},
       Live()},
      {"a counted reporter under sts: nothing settles it",
       History::Clean().Fail(kGoogle, -3, expired).Look(2),
       kNotReady,
       {"no_refused_sessions!"},
       Live()},
      {"reports only: nothing settles it",
       at_mx(PolicyType::kTlsa, -3).Look(2),
       kInsufficient,
       {"failures_at_mx?"},
       ReportsOnly()},
      {"dead from here and reported",
       at_mx(PolicyType::kTlsa, -3, "mx2.firm.example")
           .Look(2, Outcome(ProbeOutcome::kRefused, true)),
       kNotReady,
       {"failures_at_mx?", "mx_hosts_ready!"},
       Live()},
      {"silent from here and reported",
       at_mx(PolicyType::kTlsa, -3, "mx2.firm.example")
           .Look(2, Outcome(ProbeOutcome::kTimeout, true)),
       kInsufficient,
       {"failures_at_mx?", "mx_hosts_ready?"},
       Live()},
  };
  Check(rows);
}

// Only a look after the day of the failure can settle it.
TEST(Live, EarliestReadyAfterAFailureAtAnMx) {
  History history = History::Clean();
  history.Type(PolicyType::kTlsa).Fail(kGoogle, 2, ResultType::kCertificateExpired);
  history.Type(PolicyType::kSts).Look(2);
  EXPECT_EQ(Decide(history, Live(), kNow).earliest_ready.day, Day(3));
}

TEST(Live, ServedAndReported) {
  const Row rows[] = {
      {"served in testing, reported in enforce: senders still hold that",
       [] {
         History history;
         history.Enforce(kAB).Ok(kGoogle, -13, 0).Ok(kMicrosoft, -13, 0);
         return history.Testing(kAB).Look(2);
       }(),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"},
       Live()},
      {"the record is there, the fetch fails, no report: never not applicable",
       History().Look(2, [](Observation& look) { look.policy.status = 500; }),
       kNotReady,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?", "policy_retrievable!", "policy_served!", "id_in_step?"},
       Live()},
      {"the record is there, and every report says that there is no policy",
       History().Type(PolicyType::kNoPolicyFound).Ok(kGoogle, -13, 0).Look(2),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"},
       Live()},
      {"no record and no report: nothing to enforce",
       History().Look(2,
                      [](Observation& look) {
                        look.mta_sts = {LookupState::kAbsent, {}, {}, false, ""};
                        look.policy = {};
                        look.policy.outcome = FetchOutcome::kNoAddress;
                      }),
       kNotApplicable,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?", "policy_retrievable!", "dns_records_valid!", "policy_served!",
        "id_in_step?"},
       Live()},
      {"no record, the fetch fails, and reports in enforce: still enforcing",
       [] {
         History history;
         history.Enforce(kAB).Ok(kGoogle, -13, 0);
         return history.Look(2, [](Observation& look) {
           look.mta_sts = {LookupState::kAbsent, {}, {}, false, ""};
           look.policy.status = 404;
         });
       }(),
       kEnforcing,
       {"reporters_seen?", "policy_retrievable!", "dns_records_valid!", "policy_served!",
        "id_in_step?"},
       Live()},
      {"newest reports say none, but testing is served",
       [] {
         History history;
         history.Policy(PolicyMode::kNone, {}).Ok(kGoogle, -13, 0).Ok(kMicrosoft, -13, 0);
         return history.Testing(kAB).Look(2);
       }(),
       kInsufficient,
       {"policy_in_testing?", "testing_long_enough?", "days_covered?", "reporters_seen?",
        "sessions_seen?"},
       Live()},
  };
  Check(rows);
}

TEST(Live, AdviceOnReports) {
  ReadinessSettings ours = Live();
  ours.our_rua = {"mailto:tlsrpt@firm.example"};
  const auto sentence = [&](const History& history) {
    const Verdict verdict = Decide(history, ours, kNow);
    EXPECT_EQ(verdict.kind, kReady) << "advice never stands in the way";
    return Find(verdict, "dns_records_valid")->sentence;
  };
  const auto rua = [](const char* text) {
    return [=](Observation& look) {
      look.smtp_tls.records = {std::string("v=TLSRPTv1; rua=") + text};
    };
  };
  EXPECT_EQ(sentence(History::Clean().Look(2)), "Both TXT records are valid.");
  EXPECT_THAT(sentence(History::Clean().Look(
                  2, rua("https://other.example/, mailto:tlsrpt@firm.example"))),
              HasSubstr("does not stand first"));
  EXPECT_THAT(sentence(History::Clean().Look(2, rua("mailto:x@other.example"))),
              HasSubstr("None of its rua is ours"));
  History late = History::Clean().Look(2);
  for (auto& row : late.evidence().rows) row.received_at = kNow - days{3};
  EXPECT_EQ(sentence(late), "Both TXT records are valid.");
  for (auto& row : late.evidence().rows) row.received_at = kNow - days{3} - seconds{1};
  EXPECT_THAT(sentence(late), HasSubstr("No vouched report arrived in the last 3 days."));
}

TEST(Live, HealthOfAnEnforcingDomain) {
  const ResultType expired = ResultType::kCertificateExpired;
  const auto enforcing = [] {
    History history;
    history.Enforce(kAB).Ok(kGoogle, -13, 0).Ok(kMicrosoft, -13, 0);
    return history;
  };
  const struct {
    const char* why;
    History history;
    Health want;
  } rows[] = {
      {"served and in order", enforcing().Look(2), Health::kOk},
      {"an MX fails", enforcing().Look(2, Outcome(ProbeOutcome::kStarttlsMissing)),
       Health::kAtRisk},
      {"the fetch fails, and reports say enforce",
       enforcing().Look(2, [](Observation& look) { look.policy.status = 500; }),
       Health::kAtRisk},
      {"a record is gone",
       enforcing().Look(2,
                        [](Observation& look) {
                          look.smtp_tls = {LookupState::kAbsent, {}, {}, false, ""};
                        }),
       Health::kAtRisk},
      {"refused 8 days before the window's end, and looks passed since",
       enforcing().Fail(kGoogle, -8, expired).Look(2), Health::kOk},
      {"refused 8 days before the window's end, and no look passed since",
       enforcing()
           .Fail(kGoogle, -8, expired)
           .Look(-9)
           .Look(2, Outcome(ProbeOutcome::kTimeout)),
       Health::kAtRisk},
      {"refused before the window, and no look passed since",
       enforcing()
           .Fail(kGoogle, -16, expired)
           .Look(-20)
           .Look(-10, Outcome(ProbeOutcome::kTimeout))
           .Look(2, Outcome(ProbeOutcome::kTimeout)),
       Health::kAtRisk},
      {"refused before the window, and no look ever passed",
       enforcing().Fail(kGoogle, -16, expired).Look(2, Outcome(ProbeOutcome::kTimeout)),
       Health::kAtRisk},
      {"refused before the window, and a look passed since",
       enforcing()
           .Fail(kGoogle, -16, expired)
           .Look(-14)
           .Look(2, Outcome(ProbeOutcome::kTimeout)),
       Health::kOk},
      {"refused 7 days ago, though looks pass: mail was refused",
       enforcing().Fail(kGoogle, -6, expired).Look(2), Health::kAtRisk},
      {"enforce is served, reports still say testing: that is evidence too",
       History::Clean().Enforce(kAB).Look(2), Health::kOk},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const Verdict verdict = Decide(row.history, Live(), kNow);
    EXPECT_EQ(NameOf(verdict.kind), NameOf(kEnforcing)) << verdict.sentence;
    EXPECT_EQ(NameOf(verdict.health), NameOf(row.want)) << verdict.sentence;
    ExpectWellFormed(verdict);
  }
}

}  // namespace
}  // namespace tlsrpt::api
