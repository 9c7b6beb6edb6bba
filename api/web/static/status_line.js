// The line at the top: what came in, what waits, and whether the database is there.

import {get} from './api.js';
import {count, counted} from './format.js';

const line = document.getElementById('state');

// Says nothing where the API does not: what is shown below says why.
export async function showState(signal) {
  try {
    line.textContent = sentence(await get(['status'], {}, signal));
  } catch (error) {
    if (error.name !== 'AbortError') line.textContent = '';
  }
}

function sentence(status) {
  const parts = [];
  if (status.database === 'away') parts.push('database away');
  if (status.reports_stored !== null) parts.push(`${counted(status.reports_stored, 'report')} stored`);
  if (status.spool_depth > 0) parts.push(`${count(status.spool_depth)} waiting`);
  if (status.reports_quarantined > 0) {
    parts.push(`${count(status.reports_quarantined)} in quarantine`);
  }
  return parts.join(' · ');
}
