// The answer in one sentence.

import {shape} from './badge.js';
import {h} from './dom.js';
import {time} from './format.js';
import {changed} from './route.js';
import {sentence} from './stranger.js';
import {verdictWords} from './words.js';

export function verdictCard(verdict, route) {
  const {words, tone} = verdictWords(verdict);
  return h('section', {class: `verdict ${tone}`, 'aria-label': 'Verdict'},
    h('h2', {}, shape(tone), words,
      verdict.confidence === 'low' && h('span', {class: 'aside'}, 'low confidence')),
    h('p', {class: 'sentence'}, sentence(verdict.sentence)),
    verdict.earliest_ready_sentence && h('p', {}, sentence(verdict.earliest_ready_sentence)),
    unsafe(verdict.unsafe_settings),
    h('p', {class: 'muted'},
      `Window ${verdict.window.first_day} to ${verdict.window.last_day}, asked ` +
      `${time(verdict.as_of)}, rules ${verdict.ruleset}. `, basis(verdict, route)));
}

function basis(verdict, route) {
  if (verdict.basis === 'live') {
    return ['From reports and looks at the live domain. ',
      h('a', {href: changed(route, {live: 'false'})}, 'From reports alone')];
  }
  return ['From reports alone: nobody looked at DNS, the policy file and the MX hosts. ',
    h('a', {href: changed(route, {live: null})}, 'With looks at the live domain')];
}

function unsafe(settings = []) {
  return settings.length > 0 && h('p', {class: 'warning'},
    'Weaker than the default: ', settings.join(', '));
}
