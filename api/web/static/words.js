// What the API's names are called on this page. A name that is not here is shown as it is.
//
// `tone` is how something looks; its shape says the same, and so do the words.

const VERDICTS = {
  ready: {words: 'Ready to enforce', tone: 'good'},
  not_ready: {words: 'Not ready', tone: 'bad'},
  insufficient_evidence: {words: 'Not enough evidence', tone: 'unsure'},
  enforcing: {words: 'Enforcing', tone: 'good'},
  not_applicable: {words: 'No policy', tone: 'off'},
  unknown: {words: 'Not known', tone: 'unsure'},  // of a list; see its sentence
};
const AT_RISK = {words: 'Enforcing, at risk', tone: 'bad'};

export function verdictWords({verdict, health}) {
  if (health === 'at_risk') return AT_RISK;
  return VERDICTS[verdict] ?? {words: verdict, tone: 'off'};
}

const STATUSES = {
  pass: {words: 'pass', tone: 'good'},
  fail: {words: 'fail', tone: 'bad'},
  unknown: {words: 'unknown', tone: 'unsure'},
  waived: {words: 'waived', tone: 'waived'},
  off: {words: 'not asked', tone: 'off'},
};

export function statusWords(status) {
  return STATUSES[status] ?? {words: status, tone: 'off'};
}

const ABBREVIATIONS = {dns: 'DNS', mx: 'MX', id: 'Id', dane: 'DANE'};

// "mx_hosts_ready" -> "MX hosts ready"
export function criterionTitle(id) {
  const words = id.split('_').map((word) => ABBREVIATIONS[word] ?? word).join(' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

const PROVENANCES = {
  dkim: 'by its DKIM signature',
  authserv: 'by a relay of yours',
  operator: 'by you',
  none: 'by nobody',
};

export function provenanceWords(provenance) {
  return PROVENANCES[provenance] ?? provenance;
}

const POLICY_TYPES = {
  sts: 'MTA-STS (sts)',
  tlsa: 'DANE (tlsa)',
  'no-policy-found': 'no policy found',
  other: 'unknown policy type',
};

export function policyTypeWords(type) {
  return POLICY_TYPES[type] ?? type;
}

// What a result type of RFC 8460, 4.3 means at the MX.
const RESULT_TYPES = {
  'starttls-not-supported': 'the MX did not offer STARTTLS',
  'certificate-host-mismatch': 'the certificate names another host',
  'certificate-expired': 'the certificate had expired',
  'certificate-not-trusted': 'no trusted authority stands behind the certificate',
  'validation-failure': 'some other check failed',
  'tlsa-invalid': 'the TLSA record does not fit',
  'dnssec-invalid': 'the resolver found the DNSSEC chain broken',
  'dane-required': 'the sender demands DANE and found none',
  'sts-policy-fetch-error': 'the policy file could not be fetched',
  'sts-policy-invalid': 'the policy file could not be read',
  'sts-webpki-invalid': 'the policy host has a bad certificate',
  other: 'a result type that RFC 8460 does not know',
  unexplained: 'counted in the summary, explained by no detail',
};

export function resultTypeWords(type) {
  return RESULT_TYPES[type] ?? '';
}
