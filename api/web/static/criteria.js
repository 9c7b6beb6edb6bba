// The criteria: those that stand in the way with their remedy, and all of them.

import {badge} from './badge.js';
import {h} from './dom.js';
import {count, spaced} from './format.js';
import {link} from './route.js';
import {sentence} from './stranger.js';
import {criterionTitle, statusWords} from './words.js';

const LOUDEST_FIRST = ['fail', 'unknown'];

// A failure before what is merely unknown.
export function inTheWaySection(verdict) {
  const found = LOUDEST_FIRST.flatMap((status) => verdict.criteria.filter(
    (one) => one.severity === 'blocking' && one.status === status));
  if (found.length === 0) return null;
  return h('section', {class: 'card'},
    h('h2', {}, 'What stands in the way'),
    h('ol', {class: 'obstacles'}, byRemedy(found).map(obstacle)));
}

// Many criteria may wait for the same thing to be done: they stand together.
function byRemedy(criteria) {
  const groups = new Map();
  for (const one of criteria) {
    const key = `${one.status} ${one.remedy ?? one.id}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

function obstacle(group) {
  return h('li', {class: statusWords(group[0].status).tone},
    group.map((one) => h('div', {class: 'obstacle'},
      h('h3', {}, badge(statusWords(one.status)), criterionTitle(one.id)),
      h('p', {}, sentence(one.sentence)))),
    group[0].remedy && h('p', {class: 'remedy'}, h('strong', {}, 'What to do: '),
      sentence(group[0].remedy)));
}

export function criteriaSection(verdict) {
  return h('section', {class: 'card'},
    h('h2', {}, 'All criteria'),
    h('ul', {class: 'criteria'}, verdict.criteria.map(criterion)));
}

function criterion(one) {
  return h('li', {},
    h('details', {},
      h('summary', {},
        badge(statusWords(one.status)),
        h('span', {class: 'criterion-title'}, criterionTitle(one.id),
          one.severity === 'advisory' && h('span', {class: 'aside'}, 'advisory')),
        h('span', {class: 'criterion-sentence'}, sentence(one.sentence))),
      h('div', {class: 'inside'},
        one.remedy && h('p', {class: 'remedy'}, h('strong', {}, 'What to do: '),
          sentence(one.remedy)),
        numbers(one.numbers),
        evidence(one.evidence),
        h('p', {class: 'muted'}, 'Its name in the API: ', h('code', {}, one.id)))));
}

function numbers(numbers) {
  const entries = Object.entries(numbers);
  return entries.length > 0 && h('dl', {class: 'numbers'}, entries.map(([name, number]) =>
    h('div', {}, h('dt', {}, spaced(name)), h('dd', {}, count(number)))));
}

// References to reports lead to them; others, to looks at the live domain, stand as they
// are.
function evidence(references) {
  return references.length > 0 && h('p', {}, 'Rests on: ', references.map((reference, i) =>
    [i > 0 && ', ', reference.includes('~')
      ? h('a', {href: link(['reports', reference])}, `report ${i + 1}`)
      : h('code', {}, reference)]));
}
