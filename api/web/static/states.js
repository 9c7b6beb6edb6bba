// What stands where data will stand, or would: loading, nothing there, gone wrong. Each
// says what to do next.

import {append, h} from './dom.js';
import {sentence} from './stranger.js';

export function loading(what) {
  return h('p', {class: 'loading', role: 'status'}, `Loading ${what} …`);
}

export function notice(title, ...children) {
  return h('section', {class: 'notice'}, h('h2', {}, title), children);
}

// `again` asks once more.
export function failed(error, again) {
  return h('section', {class: 'notice bad', role: 'alert'},
    h('h2', {}, titleOf(error)),
    h('p', {}, sentence(error.message)),
    h('p', {}, remedyOf(error)),
    h('p', {}, h('button', {type: 'button', on: {click: again}}, 'Try again')));
}

function titleOf({status}) {
  if (status === 0) return 'No answer';
  if (status === 503) return 'The database is away';
  if (status === 403) return 'Not for this token';
  if (status === 404) return 'Not found';
  return 'This did not work';
}

function remedyOf({status}) {
  if (status === 0) {
    return 'Is tlsrptd running, and reached from here? This page tries again by itself.';
  }
  if (status === 503) {
    return 'Reports are taken in meanwhile and wait in the spool; nothing is lost. This ' +
      'page tries again by itself. The log of tlsrptd says what is wrong.';
  }
  if (status === 403) {
    return 'The token in use may not see this: `tlsrptd token list` says what it may.';
  }
  if (status === 404) return 'Go back to the list of domains, or check the address.';
  return 'The log of tlsrptd says more.';
}

// Whether waiting may help.
export function mayPass(error) {
  return error.status === 0 || error.status === 503;
}

// An element that says "loading" until `ask()` is answered, and then what `show` makes
// of the answer.
export function later(what, ask, show) {
  const element = h('div', {class: 'later'});
  const run = async () => {
    element.replaceChildren(loading(what));
    try {
      const made = show(await ask());
      element.replaceChildren();
      append(element, made);
    } catch (error) {
      if (error.name === 'AbortError') return;
      element.replaceChildren(failed(error, run));
    }
  };
  run();
  return element;
}
