// From the answer of /summary to what the chart draws: one number a day, vouched and
// unvouched apart, of one way of counting. Numbers of different policy types are never
// added: a sender may report the same sessions under two.

import {daysBetween} from './format.js';
import {policyTypeWords} from './words.js';

export const DISTINCT = 'distinct';

// [{id, words}], what this answer can be counted by; the first is the usual one.
export function choicesOf(summary) {
  const own = summary.rows.filter((row) => row.policy_domain === summary.domain);
  const types = [...new Set(own.map((row) => row.policy_type))].sort();
  const hosts = [...new Set(summary.mx_host_days.map((day) => day.mx_host))].sort();
  return [
    {id: DISTINCT, words: 'Distinct sessions'},
    ...types.map((type) => ({id: type, words: `Only ${policyTypeWords(type)}`})),
    ...hosts.map((host) => ({id: `mx:${host}`, words: `About MX host ${host}`})),
  ];
}

// [{day, vouched, unvouched}], a row a day of the range; each of the two is {reports,
// success, failure, unexplained}, or null where nobody reported.
export function seriesOf(summary, choice) {
  const rows = rowsOf(summary, choice);
  return daysBetween(summary.from, summary.to).map((day) => ({
    day,
    vouched: null,
    unvouched: null,
    ...rows.get(day),
  }));
}

function rowsOf(summary, choice) {
  if (choice === DISTINCT) return byDay(summary.days);
  if (choice.startsWith('mx:')) {
    return byDay(summary.mx_host_days.filter((day) => `mx:${day.mx_host}` === choice));
  }
  const rows = new Map();
  for (const row of summary.rows) {
    if (row.policy_type !== choice || row.policy_domain !== summary.domain) continue;
    const day = rows.get(row.day) ?? {};
    const side = row.vouched ? 'vouched' : 'unvouched';
    rows.set(row.day, {...day, [side]: added(day[side], sumsOf(row))});
  }
  return rows;
}

function byDay(days) {
  return new Map(days.map((day) => [day.day, {
    vouched: sumsOf(day.vouched),
    unvouched: sumsOf(day.unvouched),
  }]));
}

function sumsOf(sums) {
  if (sums === null || sums.reports === 0) return null;
  return {
    reports: sums.reports,
    success: sums.success_sessions,
    failure: sums.failure_sessions,
    unexplained: sums.unexplained_sessions,
  };
}

// Of reporters of one policy type: theirs are different sessions.
function added(sums, more) {
  if (!sums) return more;
  return Object.fromEntries(Object.keys(sums).map((key) => [key, sums[key] + more[key]]));
}

// All days of one side together.
export function totalOf(series, side) {
  return series.map((day) => day[side]).filter(Boolean)
    .reduce(added, {reports: 0, success: 0, failure: 0, unexplained: 0});
}
