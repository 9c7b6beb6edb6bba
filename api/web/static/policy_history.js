// Which policies reporters found, and since when.

import {h} from './dom.js';
import {count, dayRange} from './format.js';
import {said, sentence} from './stranger.js';

export function policySection({timeline}) {
  if (!timeline || timeline.versions.length === 0) return null;
  return h('section', {class: 'card'},
    h('h2', {}, 'Which policy they found'),
    h('p', {}, sentence(timeline.sentence)),
    h('table', {class: 'cards'},
      h('thead', {}, h('tr', {}, ['Days', 'Mode', 'MX patterns', 'max_age', 'Sessions']
        .map((text) => h('th', {scope: 'col'}, text)))),
      h('tbody', {}, timeline.versions.map(row))),
    timeline.changes.length > 0 && h('ul', {}, timeline.changes.map((change) =>
      h('li', {}, sentence(change.sentence)))));
}

function row(version) {
  return h('tr', {},
    h('th', {scope: 'row'}, dayRange(version.first_day, version.last_day),
      version.current && h('span', {class: 'under'}, 'current')),
    h('td', {'data-label': 'Mode'}, version.mode),
    h('td', {'data-label': 'MX patterns'}, version.mx.length === 0 ? said(null)
      : version.mx.map((pattern) => h('div', {}, said(pattern)))),
    h('td', {'data-label': 'max_age'}, version.max_age === null ? said(null)
      : `${count(version.max_age)} s`),
    h('td', {'data-label': 'Sessions'}, count(version.sessions)));
}
