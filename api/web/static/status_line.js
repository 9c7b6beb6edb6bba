// The line at the top: what came in, what waits, and whether the database is there.

import {get} from './api.js';
import {append, h} from './dom.js';
import {count, counted} from './format.js';
import {link} from './route.js';

const line = document.getElementById('state');

// Says nothing where the API does not: what is shown below says why.
export async function showState(signal) {
  try {
    const status = await get(['status'], {}, signal);
    line.replaceChildren();
    append(line, joined(parts(status)));
  } catch (error) {
    if (error.name !== 'AbortError') line.textContent = '';
  }
}

function parts(status) {
  return [
    status.database === 'away' && 'database away',
    status.reports_stored !== null && `${counted(status.reports_stored, 'report')} stored`,
    status.spool_depth > 0 && `${count(status.spool_depth)} waiting`,
    status.reports_quarantined > 0 && h('a', {href: link(['quarantine'])},
      `${count(status.reports_quarantined)} in quarantine`),
  ].filter(Boolean);
}

function joined(parts) {
  return parts.map((part, i) => [i > 0 && ' · ', part]);
}
