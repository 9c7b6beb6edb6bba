// What somebody accepted, and whom somebody does not listen to: named, with who and why,
// in every verdict that they touch.

import {h} from './dom.js';
import {time} from './format.js';
import {said, sentence} from './stranger.js';

export function exceptionsSection({waivers, mutes}) {
  if (waivers.length + mutes.length === 0) return null;
  return h('section', {class: 'card'},
    h('h2', {}, 'Accepted, and not listened to'),
    h('ul', {}, waivers.map(item), mutes.map(item)));
}

function item(one) {
  return h('li', {}, sentence(one.sentence),
    h('span', {class: 'under'}, 'By ', said(one.who), `, ${time(one.made_at)}: `, said(one.why)));
}
