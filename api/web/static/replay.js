// What enforce would have done to the mail that was reported.

import {h} from './dom.js';
import {count} from './format.js';
import {said, sentence} from './stranger.js';

export function replaySection({replay}) {
  return h('section', {class: 'card'},
    h('h2', {}, 'What enforce would have done'),
    h('p', {}, sentence(replay.sentence)),
    h('p', {class: 'muted'}, sentence(replay.upper_bound_95.sentence)),
    replay.refusals > 0 && h('div', {class: 'shares'},
      shares('By reporter', replay.by_reporter, 'reporter'),
      shares('By MX', replay.by_mx, 'mx'),
      shares('By result type', replay.by_result_type, 'result_type'),
      shares('By day', replay.by_day, 'day')));
}

function shares(title, items, member) {
  return h('div', {}, h('h3', {}, title),
    h('dl', {class: 'numbers'}, items.map((item) => h('div', {},
      h('dt', {}, said(item[member])), h('dd', {}, count(item.refusals))))));
}
