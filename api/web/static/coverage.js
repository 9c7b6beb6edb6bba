// Who reported on which day of the window.

import {h} from './dom.js';
import {count, daysBetween} from './format.js';
import {said, sentence} from './stranger.js';

export function coverageSection({coverage, window}) {
  const days = daysBetween(window.first_day, window.last_day);
  return h('section', {class: 'card'},
    h('h2', {}, 'Who reported'),
    h('p', {}, sentence(coverage.sentence)),
    coverage.reporters.length > 0 && h('table', {class: 'cards'},
      h('thead', {}, h('tr', {}, ['Reporter', 'Days of the window', 'Last day', 'Sessions',
        'Of them evidence'].map((text) => h('th', {scope: 'col'}, text)))),
      h('tbody', {}, coverage.reporters.map((one) => row(one, days)))));
}

function row(one, days) {
  return h('tr', {},
    h('th', {scope: 'row'}, one.reporter === null ? 'nameless, vouched for by you'
      : said(one.reporter),
    h('span', {class: 'under'}, one.counted ? one.cadence
      : `${one.cadence}; not a counted reporter: its successes clear nothing`)),
    h('td', {'data-label': 'Days'}, calendar(one, days)),
    h('td', {'data-label': 'Last day'}, one.last_day),
    h('td', {'data-label': 'Sessions'}, count(one.sessions)),
    h('td', {'data-label': 'Evidence'}, count(one.evidence_sessions)));
}

// A box a day: filled where it reported.
function calendar(one, days) {
  const reported = new Set(one.days);
  return h('span', {class: 'calendar', role: 'img',
    'aria-label': `reported ${one.days.length} of ${days.length} days`},
  days.map((day) => h('span', {class: reported.has(day) ? 'day on' : 'day',
    title: `${day}: ${reported.has(day) ? 'reported' : 'nothing'}`})),
  h('span', {class: 'aside'}, `${one.days.length} of ${days.length}`));
}
