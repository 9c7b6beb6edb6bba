// A status as a shape with a word beside it: never by colour alone.

import {drawing, h} from './dom.js';

// A path each, in a square of 16: check, cross, question mark, flag, dash.
const SHAPES = {
  good: 'M3 8.5 6.5 12 13 4.5',
  bad: 'M4 4 12 12M12 4 4 12',
  unsure: 'M5.2 6a2.8 2.8 0 1 1 4.2 2.4c-.9.5-1.4 1-1.4 2M8 13v.2',
  waived: 'M4.5 14V2.5h7.5L9.5 6l2.5 3.5H4.5',
  off: 'M4 8h8',
};

export function shape(tone) {
  return h('span', {class: `shape ${tone}`}, drawing(SHAPES[tone], 'stroke'));
}

export function badge({words, tone}) {
  return h('span', {class: `badge ${tone}`}, shape(tone), h('span', {}, words));
}
