// When the verdict changed, and from what to what: as it was said then.

import {get} from './api.js';
import {badge} from './badge.js';
import {h} from './dom.js';
import {time} from './format.js';
import {sentence} from './stranger.js';
import {later} from './states.js';
import {verdictWords} from './words.js';

const SHOWN = 20;

export function changesSection({name, signal}) {
  const ask = () => get(['domains', name, 'changes'], {limit: SHOWN}, signal);
  return h('section', {class: 'card'},
    h('h2', {}, 'How the verdict changed'),
    later('changes', ask, ({items}) => items.length === 0
      ? h('p', {}, 'It was not evaluated by a worker yet.')
      : h('ol', {class: 'changes'}, items.map(item))));
}

function item(change) {
  return h('li', {},
    h('p', {}, time(change.changed_at), ' ',
      change.from && [badge(verdictWords(change.from)), ' to '],
      badge(verdictWords(change.to))),
    h('p', {class: 'muted'}, sentence(change.sentence)));
}
