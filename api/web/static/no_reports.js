// Where no report has come in: the record that asks senders for them.

import {get} from './api.js';
import {copyable} from './copyable.js';
import {h} from './dom.js';
import {daysBefore} from './format.js';
import {later, notice} from './states.js';

// As far back as one question reaches (api/rest/parameters.h).
const LONG_DAYS = 800;

export function noReports({name, range, signal}) {
  const newest = () => get(['domains', name, 'reports'],
    {from: daysBefore(new Date(), LONG_DAYS - 1), to: range.to, limit: 1}, signal);
  return later('what came in', newest, ({items}) => {
    if (items.length === 0) return firstSteps(name);
    return items[0].day < range.from &&
      h('p', {class: 'warning'}, `The newest report is of ${items[0].day}. A sender reports a ` +
        'day only if it sent mail on it; a long silence usually means that reports do not ' +
        'reach this server.');
  });
}

function firstSteps(name) {
  return notice('No report yet',
    h('p', {}, 'This record in your DNS asks senders for a report a day (RFC 8460, 3):'),
    copyable(`_smtp._tls.${name}. TXT "v=TLSRPTv1; rua=mailto:tlsrpt@${name}"`, 'the record'),
    h('p', {}, 'They mail it to that address, so its mail must arrive at this server, on ' +
      'port 25. If the MX of the domain is elsewhere (Google, Microsoft 365), use a name of ' +
      'its own for reports, with an MX record that points here:'),
    copyable(`_smtp._tls.${name}. TXT "v=TLSRPTv1; rua=mailto:tlsrpt@reports.${name}"`,
      'the record for reports elsewhere'),
    h('p', {}, 'and start tlsrptd with ', h('code', {}, `--recipient tlsrpt@reports.${name}`),
      '. The first reports come a day after the first mail, sent by those who report.'));
}
