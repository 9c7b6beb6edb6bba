// The largest groups of failed sessions: vouched for, and apart from them what nobody
// vouches for. Groups of different policy types may hold the same sessions, so none are
// added up.

import {get} from './api.js';
import {h} from './dom.js';
import {count, counted, dayRange} from './format.js';
import {said} from './stranger.js';
import {later} from './states.js';
import {policyTypeWords, resultTypeWords} from './words.js';

const GROUPS = 20;

export function failuresSection({name, range, signal}) {
  const ask = (vouched) => () => get(['domains', name, 'failures'],
    {from: range.from, to: range.to, vouched, limit: GROUPS}, signal);
  return h('section', {class: 'card'},
    h('h2', {}, 'Top failures'),
    later('failures', ask('true'), (found) => found.items.length === 0
      ? h('p', {}, `No failed session was reported in the last ${range.days} days by anybody ` +
        'who is vouched for.')
      : table(found)),
    later('failures that nobody vouches for', ask('false'), (found) =>
      found.items.length > 0 && h('details', {},
        h('summary', {}, 'Failures that nobody vouches for'),
        h('p', {class: 'muted'}, 'Anybody can send these; they move no verdict.'),
        table(found))));
}

function table({items, groups_left_out: leftOut}) {
  return [
    h('table', {class: 'cards failures'},
      h('thead', {}, h('tr', {}, ['Result type', 'Sessions', 'MX', 'Reporter', 'Reason', 'Days']
        .map((text) => h('th', {scope: 'col'}, text)))),
      h('tbody', {}, items.map(row))),
    leftOut > 0 && h('p', {class: 'muted'}, `${counted(leftOut, 'smaller group')} not shown.`),
  ];
}

function row(group) {
  const {result_type: type, result_type_text: text} = group;
  return h('tr', {},
    h('th', {scope: 'row'}, h('code', {}, text === null ? type : said(text)),
      h('span', {class: 'under'}, resultTypeWords(type))),
    cell('Sessions', h('strong', {}, count(group.failed_sessions)),
      h('span', {class: 'under'}, policyTypeWords(group.policy_type))),
    cell('MX', said(group.receiving_mx)),
    cell('Reporter', said(group.reporter)),
    cell('Reason', said(group.reason)),
    cell('Days', dayRange(group.first_day, group.last_day)));
}

// The label stands in for the column's head where a row is shown as a card.
function cell(label, ...children) {
  return h('td', {'data-label': label}, children);
}
