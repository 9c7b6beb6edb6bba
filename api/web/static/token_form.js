// Asks for an API token, where the API wants one.

import {h} from './dom.js';
import {sentence} from './stranger.js';
import * as tokens from './token.js';

// `detail`: what the API said about the request without it, or about the one in use.
export function tokenForm(detail, done) {
  const input = h('input', {id: 'token', type: 'password', autocomplete: 'off',
    spellcheck: 'false'});
  const submit = (event) => {
    event.preventDefault();
    if (input.value.trim() === '') return input.focus();
    tokens.keep(input.value.trim());
    done();
  };
  return h('section', {class: 'notice'},
    h('h1', {tabindex: '-1'}, 'A token is needed'),
    h('p', {}, sentence(detail)),
    h('form', {on: {submit}},
      h('label', {for: 'token'}, 'API token'),
      h('div', {class: 'row'}, input, h('button', {type: 'submit', class: 'main'}, 'Use it'))),
    h('p', {class: 'muted'}, 'On the server, ', h('code', {}, 'tlsrptd token create --scope read'),
      ' makes one. It is kept for this tab until you close it, and sent to this server alone.'));
}
