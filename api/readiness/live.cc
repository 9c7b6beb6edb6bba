#include "api/readiness/live.h"

#include <algorithm>
#include <map>
#include <utility>

#include "api/readiness/check_command.h"
#include "api/readiness/format.h"
#include "api/readiness/window.h"
#include "store/model/observation_json.h"

namespace tlsrpt::api {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using store::FetchOutcome;
using store::LookupState;
using store::MxAddressProbe;
using store::Observation;
using store::ProbeOutcome;
using store::TlsVersion;

Finding Fail(std::string problem, std::string remedy) {
  return {Look::kFail, std::move(problem), std::move(remedy)};
}

Finding Unknown(std::string problem, std::string remedy) {
  return {Look::kUnknown, std::move(problem), std::move(remedy)};
}

std::string In(const std::string& text) { return text.empty() ? "" : " (" + text + ")"; }

// A certificate of 90 days must have a week left, one of 6 days two days.
std::chrono::microseconds NeedLeft(const store::Certificate& certificate, days min_left) {
  return std::min<std::chrono::microseconds>(
      min_left, (certificate.not_after - certificate.not_before) / 3);
}

std::string FetchCommand(const std::string& host) {
  return " (curl -v https://" + host + "/.well-known/mta-sts.txt shows it)";
}

// Chain, name and time, in the order in which they are mended. A pass is the common case
// and makes no text.
Finding JudgeCertificate(const store::Certificate& certificate, TimePoint when,
                         days min_left, const std::string& host,
                         std::string (*check_command)(const std::string&)) {
  if (certificate.trusted && certificate.name_matches && certificate.not_before <= when &&
      when < certificate.not_after &&
      certificate.not_after - when >= NeedLeft(certificate, min_left)) {
    return {Look::kPass, "", ""};
  }
  const std::string check = check_command(host);
  if (!certificate.trusted) {
    return Fail("certificate not trusted" + In(certificate.problem),
                "Let " + host +
                    " present a certificate of a public CA with its whole chain" + check +
                    ".");
  }
  if (!certificate.name_matches) {
    return Fail("certificate is for another name" + In(ListText(certificate.names)),
                "Give " + host + " a certificate that names " + host + check + ".");
  }
  if (when < certificate.not_before) {
    return Fail(
        "certificate valid only from " + TimeText(certificate.not_before),
        "Check the clock of " + host + " and the certificate it loads" + check + ".");
  }
  if (when >= certificate.not_after) {
    return Fail("certificate expired at " + TimeText(certificate.not_after),
                "Renew the certificate of " + host +
                    ", reload the server, and see that renewal runs by itself" + check +
                    ".");
  }
  return Fail("certificate expires soon, at " + TimeText(certificate.not_after),
              "Renew the certificate of " + host +
                  " now and reload the server: what should have renewed it by itself "
                  "has not" +
                  check + ".");
}

}  // namespace

std::vector<TimePoint> DeadlinesOf(const store::Certificate& certificate, days min_left) {
  return {certificate.not_after - NeedLeft(certificate, min_left), certificate.not_after};
}

Finding JudgeAddress(const MxAddressProbe& probe, TimePoint when, days min_left) {
  const bool modern =
      probe.tls_version == TlsVersion::kTls12 || probe.tls_version == TlsVersion::kTls13;
  if (probe.outcome == ProbeOutcome::kTls && modern && probe.certificate) {
    return JudgeCertificate(*probe.certificate, when, min_left, probe.mx, CheckCommand);
  }
  const std::string check = CheckCommand(probe.mx);
  const std::string reply =
      probe.reply_code > 0 ? " (" + std::to_string(probe.reply_code) + ")" : "";
  const std::string unanswered =
      "See whether " + probe.mx +
      " answers senders at that address; if it does, allow this machine too.";
  switch (probe.outcome) {
    case ProbeOutcome::kNotTried:
      return Unknown("not tried" + In(probe.problem), "Wait for the next look.");
    case ProbeOutcome::kNoAddress:
      return Unknown(
          "the name has no address",
          "Give " + probe.mx + " an A or AAAA record, or remove it from the MX records.");
    case ProbeOutcome::kNoRoute:
      return Unknown("no route to it from here",
                     "Look from a machine that can reach that address.");
    case ProbeOutcome::kTimeout:
      return Unknown("no answer in time", unanswered);
    case ProbeOutcome::kRefused:
      return Unknown(
          "nobody listens on port 25",
          "Start the mail server of " + probe.mx + ", or remove it from the MX records.");
    case ProbeOutcome::kBannerRejected:
      return Unknown("it turned the connection away" + reply, unanswered);
    case ProbeOutcome::kEhloRejected:
      return Unknown("it turned EHLO away" + reply, unanswered);
    case ProbeOutcome::kStarttlsMissing:
      return Fail("STARTTLS is not offered",
                  "Make " + probe.mx +
                      " offer STARTTLS on port 25 to every sender, and look for a "
                      "firewall or proxy that strips it" +
                      check + ".");
    case ProbeOutcome::kStarttlsRejected:
      return Fail("STARTTLS is offered and then refused" + reply,
                  "Read the log of " + probe.mx +
                      ": its key or certificate may be unreadable" + check + ".");
    case ProbeOutcome::kHandshakeFailed:
      return Fail("the TLS handshake fails" + In(probe.problem),
                  "Read the log of " + probe.mx +
                      " and allow TLS 1.2 and 1.3 with common ciphers" + check + ".");
    case ProbeOutcome::kTls:
      break;
  }
  if (!modern) {
    return Fail("TLS " + std::string(NameOf(probe.tls_version)) + " only",
                "Allow TLS 1.2 and 1.3 on " + probe.mx + check + ".");
  }
  return Fail("no certificate", "Give " + probe.mx + " a certificate" + check + ".");
}

bool PassesUnderDane(const MxAddressProbe& probe) {
  return probe.outcome == ProbeOutcome::kTls &&
         (probe.tls_version == TlsVersion::kTls12 ||
          probe.tls_version == TlsVersion::kTls13) &&
         probe.tlsa == store::TlsaMatch::kDaneEe;
}

Finding JudgeFetch(const store::PolicyFetch& fetch, TimePoint when,
                   const std::string& domain) {
  const std::string host = "mta-sts." + domain;
  const std::string url = "https://" + host + "/.well-known/mta-sts.txt";
  const std::string check = FetchCommand(host);
  switch (fetch.outcome) {
    case FetchOutcome::kNotTried:
      return Unknown("not tried" + In(fetch.problem), "Wait for the next look.");
    case FetchOutcome::kNoAddress:
      return Fail(host + " has no address",
                  "Give " + host + " an A or AAAA record that leads to the policy.");
    case FetchOutcome::kUnreachable:
      return Unknown(host + " does not answer" + In(fetch.problem),
                     "Make " + url + " answer everybody within seconds" + check + ".");
    case FetchOutcome::kTlsFailed:
      return Fail("no TLS session with " + host + In(fetch.problem),
                  "Serve HTTPS with TLS 1.2 or newer at " + host + check + ".");
    case FetchOutcome::kCut:
      return Unknown("the answer of " + host + " was cut short" + In(fetch.problem),
                     "Make " + url + " answer everybody within seconds" + check + ".");
    case FetchOutcome::kAnswered:
      break;
  }
  if (!fetch.certificate) {
    return Fail("no certificate of " + host, "Serve the policy over HTTPS" + check + ".");
  }
  // A third of its life left is for mail hosts; here a short life refuses nothing.
  Finding certificate =
      JudgeCertificate(*fetch.certificate, when, days{0}, host, FetchCommand);
  if (certificate.look != Look::kPass) {
    certificate.problem = "policy host: " + certificate.problem;
    return certificate;
  }
  if (fetch.status >= 300 && fetch.status < 400) {
    return Fail(
        "status " + std::to_string(fetch.status) + ", a redirect" + In(fetch.location),
        "Serve the policy at " + url +
            " itself: senders do not follow redirects (RFC 8461, 3.3)" + check + ".");
  }
  if (fetch.status != 200) {
    return Fail("status " + std::to_string(fetch.status) + " instead of 200",
                "Make " + url + " answer 200" + check + ".");
  }
  if (fetch.body_bytes > static_cast<std::int64_t>(store::kMaxPolicyBytes)) {
    return Fail("the policy is larger than 64 KB",
                "Serve the policy alone, with one mx line for each host" + check + ".");
  }
  if (const auto policy = store::ParseStsPolicy(fetch.body); !policy) {
    return Fail("the policy file, " + policy.error().message,
                "Correct " + url + " (RFC 8461, 3.2).");
  }
  return {Look::kPass, "", ""};
}

LiveView::LiveView(const store::Evidence& evidence, const ReadinessSettings& settings,
                   TimePoint now)
    : settings_(settings), now_(now) {
  if (!settings.live) return;
  for (const Observation& look : evidence.observations) {
    if (look.observed_at <= now) all_.push_back(&look);
  }
  // Looks of one time stand in an order of their own, whatever order they came in.
  std::sort(all_.begin(), all_.end(), [](const Observation* a, const Observation* b) {
    if (a->observed_at != b->observed_at) return a->observed_at < b->observed_at;
    return store::ToJson(*a) < store::ToJson(*b);
  });
  for (const Observation* look : all_) {
    if (now - look->observed_at > settings.max_observation_age) continue;
    newest_ = look;
    if (look->mta_sts.state != LookupState::kNotTried) mta_sts_ = look;
    if (look->smtp_tls.state != LookupState::kNotTried) smtp_tls_ = look;
    if (look->policy.outcome != FetchOutcome::kNotTried) policy_ = look;
    if (look->mx.state != LookupState::kNotTried) mx_ = look;
  }
  if (policy_ != nullptr &&
      JudgeFetch(policy_->policy, now, evidence.domain).look == Look::kPass) {
    served_ = *store::ParseStsPolicy(policy_->policy.body);
  }
  FindAddedMx();
}

bool LiveView::RecordIsAbsent() const {
  return mta_sts_ != nullptr && mta_sts_->mta_sts.state == LookupState::kAbsent;
}

bool LiveView::RecordIsThere() const {
  return mta_sts_ != nullptr && mta_sts_->mta_sts.state == LookupState::kFound;
}

void LiveView::FindAddedMx() {
  std::map<std::string, TimePoint> last_seen;
  std::map<std::string, sys_days> added;
  const Observation* before = nullptr;
  for (const Observation* look : all_) {
    if (look->mx.state != LookupState::kFound) continue;
    for (const store::MxHost& host : look->mx.hosts) {
      const auto seen = last_seen.find(host.name);
      // The first look of all knows of no change.
      const bool is_new = before != nullptr &&
                          (seen == last_seen.end() || look->observed_at - seen->second >
                                                          days{settings_.mx_forget_days});
      const bool was_missing =
          before != nullptr &&
          std::none_of(before->mx.hosts.begin(), before->mx.hosts.end(),
                       [&](const store::MxHost& each) { return each.name == host.name; });
      if (is_new && was_missing) added[host.name] = DayOf(look->observed_at);
    }
    for (const store::MxHost& host : look->mx.hosts) {
      last_seen[host.name] = look->observed_at;
    }
    before = look;
  }
  if (before == nullptr) return;
  for (const store::MxHost& host : before->mx.hosts) {
    const auto at = added.find(host.name);
    if (at == added.end() || (mx_added_on_ && at->second <= *mx_added_on_)) continue;
    mx_added_on_ = at->second;
    mx_added_ = host.name;
  }
}

bool LiveView::MxPasses(const Observation& look, const std::string& mx, bool dane) const {
  bool any = false;
  for (const MxAddressProbe& probe : look.addresses) {
    if (probe.mx != mx) continue;
    any = true;
    const bool passes =
        JudgeAddress(probe, look.observed_at, settings_.min_certificate_left).look ==
            Look::kPass ||
        (dane && PassesUnderDane(probe));
    if (!passes) return false;
  }
  return any;
}

bool LiveView::AllPass(const Observation& look) const {
  return look.mx.state == LookupState::kFound && !look.mx.hosts.empty() &&
         std::all_of(
             look.mx.hosts.begin(), look.mx.hosts.end(),
             [&](const store::MxHost& host) { return MxPasses(look, host.name, false); });
}

bool LiveView::PassedSince(const std::string& mx, TimePoint since, bool dane) const {
  return std::any_of(all_.begin(), all_.end(), [&](const Observation* look) {
    // An incomplete look may not have tried every address.
    if (look->observed_at < since || !look->complete) return false;
    if (look->mx.state != LookupState::kFound || look->mx.hosts.empty()) return false;
    const bool ours = std::any_of(look->mx.hosts.begin(), look->mx.hosts.end(),
                                  [&](const auto& host) { return host.name == mx; });
    if (ours) return MxPasses(*look, mx, dane);
    return std::all_of(
        look->mx.hosts.begin(), look->mx.hosts.end(),
        [&](const auto& host) { return MxPasses(*look, host.name, dane); });
  });
}

std::optional<TimePoint> LiveView::last_pass() const {
  for (auto look = all_.rbegin(); look != all_.rend(); ++look) {
    if ((*look)->complete && AllPass(**look)) return (*look)->observed_at;
  }
  return std::nullopt;
}

std::set<sys_days> LiveView::PassingDays(const Window& within) const {
  std::set<sys_days> passing;
  std::set<sys_days> failing;
  for (const Observation* look : all_) {
    const sys_days day = DayOf(look->observed_at);
    if (!Contains(within, day)) continue;
    if (look->complete && AllPass(*look)) passing.insert(day);
    for (const MxAddressProbe& probe : look->addresses) {
      if (JudgeAddress(probe, look->observed_at, settings_.min_certificate_left).look ==
          Look::kFail) {
        failing.insert(day);
      }
    }
  }
  for (const sys_days day : failing) passing.erase(day);
  return passing;
}

std::vector<Finding> LiveView::FindingsAt(const std::string& mx) const {
  std::vector<Finding> findings;
  if (mx_ == nullptr) return findings;
  for (const MxAddressProbe& probe : mx_->addresses) {
    if (probe.mx != mx) continue;
    Finding finding = JudgeAddress(probe, now_, settings_.min_certificate_left);
    if (finding.look != Look::kPass && !probe.address.empty()) {
      finding.problem = probe.address + ": " + finding.problem;
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

std::string ReferenceTo(const Observation& look, const std::string& domain) {
  return domain + "/observation/" + TimeText(look.observed_at);
}

}  // namespace tlsrpt::api
