// Shows the place that the address names, and again whenever it changes.

import {domainList} from './domain_list.js';
import {domainView} from './domain_view.js';
import {quarantineView} from './quarantine_view.js';
import {reportView} from './report_view.js';
import {parse} from './route.js';
import {failed, loading, mayPass, notice} from './states.js';
import {showState} from './status_line.js';
import {tokenForm} from './token_form.js';
import * as tokens from './token.js';

const RETRY_MS = 5000;

const main = document.getElementById('main');
const forget = document.getElementById('forget');
let asking = new AbortController();
let retry = null;
let shownPath = null;

// A view: (route, signal) -> promise of {title, node}.
function viewOf({path}) {
  // fetch() takes these for steps of the way, however they are written.
  if (path.includes('.') || path.includes('..')) return nowhere;
  if (path.length === 0) return domainList;
  if (path.length === 1 && path[0] === 'quarantine') return quarantineView;
  if (path.length === 2 && path[0] === 'domains') return domainView;
  if (path.length === 2 && path[0] === 'reports') return reportView;
  return nowhere;
}

async function nowhere() {
  return {title: 'Not found', node: notice('There is no such place',
    'The list of domains is where everything begins.')};
}

async function show() {
  asking.abort();
  asking = new AbortController();
  clearTimeout(retry);
  const {signal} = asking;
  const route = parse(location.hash);
  const path = route.path.join('/');
  const moved = path !== shownPath;
  if (moved) main.replaceChildren(loading(route.path[1] ?? 'domains'));
  forget.hidden = tokens.token() === null;
  showState(signal);
  try {
    const {title, node} = await viewOf(route)(route, signal);
    if (signal.aborted) return;
    document.title = `${title} – tlsrptd`;
    place(node, moved);
    shownPath = path;
  } catch (error) {
    if (error.name === 'AbortError' || signal.aborted) return;
    shownPath = null;
    showError(error);
  }
}

// Who moved by link or key goes on from the top of what is new; who turned a control of
// the page stays at that control.
function place(node, moved) {
  const held = document.activeElement?.id;
  main.replaceChildren(node);
  if (!moved) {
    if (held) document.getElementById(held)?.focus({preventScroll: true});
  } else if (shownPath !== null) {
    scrollTo(0, 0);
    (main.querySelector('h1') ?? main).focus({preventScroll: true});
  }
}

function showError(error) {
  if (error.status === 401) {
    tokens.forget();
    forget.hidden = true;
    document.title = 'Token – tlsrptd';
    main.replaceChildren(tokenForm(error.message, show));
    document.getElementById('token').focus();
    return;
  }
  if (error.status === undefined) console.error(error);  // a bug of this page
  document.title = 'Trouble – tlsrptd';
  main.replaceChildren(failed(error, show));
  if (mayPass(error)) retry = setTimeout(show, RETRY_MS);
}

forget.addEventListener('click', () => {
  tokens.forget();
  shownPath = null;
  show();
});
document.getElementById('skip').addEventListener('click', (event) => {
  event.preventDefault();  // the address is a place of this page, and stays
  main.focus();
});
addEventListener('hashchange', show);
show();
