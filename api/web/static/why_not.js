// Why a report does not count, as far as it says so itself; null where nothing speaks
// against it. `report` as /v1 lists it, `verdict` of the domain where there is one.
//
// Says {sentence, found}: `found` is what was wrong when it came, in words that may hold a
// stranger's.

const NOT_VOUCHED = 'Nobody vouches for it, so it never counts: a mailed report must carry a ' +
  'valid DKIM signature of its sender (RFC 8460, 3), and a post proves nothing about who sent it.';

export function whyNot(report, verdict) {
  if (report.repeats_vouched) {
    return because('A copy of a report that somebody vouches for; that one counts.');
  }
  if (!report.vouched) return because(NOT_VOUCHED, report.why_unvouched);
  if (report.from_known === false) {
    return because('It did not come from an address that its reporter reports from, so its ' +
      'successes clear nothing; its failures are looked into.');
  }
  return verdict ? whyNotHere(report, verdict) : null;
}

// In this verdict of this domain.
function whyNotHere(report, verdict) {
  const mute = verdict.mutes.find((one) => one.in_force && one.reporter === report.reporter);
  if (mute) return because('Its reporter is muted.');
  const reporter = verdict.coverage.reporters.find((one) => one.reporter === report.reporter);
  if (reporter && !reporter.counted) {
    return because('Vouched for by somebody who is not a counted reporter: its failures are ' +
      'looked into, its successes clear nothing.');
  }
  if (report.counts.every((of) => of.policy_type !== 'sts')) {
    return because('It tells of no session under your MTA-STS policy (sts); its failures are ' +
      'looked into.');
  }
  if (report.day < verdict.window.first_day) return because('Before the window of the verdict.');
  if (report.day > verdict.window.last_day) {
    return because('After the window of the verdict: its failures count, its successes not yet.');
  }
  return null;
}

function because(sentence, found = null) {
  return {sentence, found};
}
