// What to publish, in which order, and the way back.

import {copyable} from './copyable.js';
import {h} from './dom.js';
import {sentence} from './stranger.js';

export function planSection({plan}) {
  if (plan === null) return null;
  const enforce = plan.kind === 'enforce' && [
    h('h2', {}, 'How to enforce'),
    plan.from_reports && h('p', {class: 'warning'}, 'Nobody looked at the policy file that is ' +
      'served now; compare it with the one below before you publish.'),
    steps(plan.steps),
  ];
  return h('section', {class: 'card'}, enforce,
    h('details', {open: plan.kind !== 'enforce'},
      h('summary', {}, h('h2', {}, 'The way back')),
      steps(plan.rollback.steps),
      h('p', {class: 'muted'}, sentence(plan.rollback.sentence))));
}

function steps(list) {
  return h('ol', {class: 'steps'}, list.map((step) => h('li', {},
    h('h3', {}, sentence(step.title)),
    h('p', {}, sentence(step.do)),
    step.text && copyable(step.text, step.title),
    h('p', {class: 'muted'}, 'Check: ', sentence(step.check)))));
}
