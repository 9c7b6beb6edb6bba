// The reports themselves: who sent them, who vouches, and why one does not count.

import {get} from './api.js';
import {shape} from './badge.js';
import {append, h} from './dom.js';
import {count, time} from './format.js';
import {link} from './route.js';
import {said} from './stranger.js';
import {failed, later} from './states.js';
import {whyNot} from './why_not.js';
import {provenanceWords} from './words.js';

const PAGE = 25;

export function reportsSection({name, range, signal, verdict}) {
  const ask = (cursor) => get(['domains', name, 'reports'],
    {from: range.from, to: range.to, limit: PAGE, cursor}, signal);
  return h('section', {class: 'card'},
    h('h2', {}, 'Reports'),
    later('reports', () => ask(null), (page) => page.items.length === 0
      ? h('p', {}, `None of the last ${range.days} days.`)
      : list(page, ask, name, verdict)));
}

function list(page, ask, name, verdict) {
  const rows = h('tbody', {});
  const foot = h('div', {});
  const show = ({items, next_cursor: next}) => {
    append(rows, items.map((report) => row(report, name, verdict)));
    foot.replaceChildren();
    if (next !== null) foot.append(more(() => ask(next), show));
  };
  show(page);
  return [
    h('table', {class: 'cards reports'},
      h('thead', {}, h('tr', {}, ['Day', 'From', 'Sessions', 'Counts?']
        .map((text) => h('th', {scope: 'col'}, text)))),
      rows),
    foot,
  ];
}

function more(ask, show) {
  const element = h('p', {}, h('button', {type: 'button', on: {click: async () => {
    try {
      show(await ask());
    } catch (error) {
      if (error.name !== 'AbortError') element.after(failed(error, () => element.nextSibling.remove()));
    }
  }}}, 'Show more'));
  return element;
}

// What is filed under an MX host leads back to the domain, too.
function row(report, name, verdict) {
  const of = report.policy_domain === name ? null : name;
  return h('tr', {class: report.vouched ? '' : 'unvouched'},
    h('th', {scope: 'row'}, h('a', {href: link(['reports', report.id], {of})}, report.day),
      h('span', {class: 'under'}, `came ${time(report.received_at)}`)),
    h('td', {'data-label': 'From'}, said(report.organisation),
      h('span', {class: 'under'}, 'vouched for ', provenanceWords(report.provenance),
        report.reporter !== null && [': ', said(report.reporter)]),
      h('span', {class: 'under'}, said(report.report_id))),
    h('td', {'data-label': 'Sessions'}, report.counts.map((of) => h('div', {},
      `${of.policy_type}: ${count(of.success_sessions)} ok, ${count(of.failure_sessions)} failed`))),
    h('td', {'data-label': 'Counts?'}, countsCell(whyNot(report, verdict))));
}

// What was wrong with it when it came.
export function found(text) {
  return h('span', {class: 'under'}, 'Found: ', said(text), '.');
}

function countsCell(why) {
  return h('span', {class: 'counts'}, shape(why === null ? 'good' : 'off'),
    h('span', {}, why?.sentence ?? 'yes, if under the current policy', why?.found && found(why.found)));
}
