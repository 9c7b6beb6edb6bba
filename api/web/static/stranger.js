// Text out of a report: a stranger chose it, and may want it to look like something else.
//
// It stands isolated, so that its writing direction ends with it; characters that cannot
// be seen, or pile up, are named instead of obeyed; and a long one is cut until somebody
// asks.

import {h} from './dom.js';
import {count} from './format.js';

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const MARK = /\p{M}/u;
// No writing puts more on one letter; more would reach over the lines around it.
const MARKS = 4;
// Report-ids, the longest that honest senders write, are shorter.
const SHOWN_CHARACTERS = 160;
// A sentence of the verdict names a few hosts and reporters.
const SENTENCE_CHARACTERS = 2000;

// A sentence of ours, with names in it that a stranger may have chosen.
export function sentence(text) {
  return said(text, SENTENCE_CHARACTERS);
}

// A dash where nothing was said.
export function said(text, shown = SHOWN_CHARACTERS) {
  if (text === null || text === undefined || text === '') return h('span', {class: 'none'}, '–');
  const characters = [...String(text)];
  const element = h('bdi', {class: 'said'}, pieces(characters.slice(0, shown)));
  if (characters.length > shown) {
    element.append('… ', h('button', {
      type: 'button',
      class: 'inline',
      on: {click: () => element.replaceChildren(...pieces(characters))},
    }, `all ${count(characters.length)} characters`));
  }
  return element;
}

function pieces(characters) {
  const found = [];
  let plain = '';
  let marks = 0;
  for (const character of characters) {
    marks = MARK.test(character) ? marks + 1 : 0;
    if (marks <= MARKS && !UNSEEN.test(character)) {
      plain += character;
      continue;
    }
    if (plain) found.push(plain);
    plain = '';
    found.push(h('span', {class: 'unseen'}, nameOf(character)));
  }
  if (plain) found.push(plain);
  return found;
}

function nameOf(character) {
  return 'U+' + character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0');
}
