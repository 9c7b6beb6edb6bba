// Every domain with its verdict, a page at a time.

import {get} from './api.js';
import {badge} from './badge.js';
import {copyable} from './copyable.js';
import {h} from './dom.js';
import {demoMark, domainName} from './domain_name.js';
import {changed, link} from './route.js';
import {sentence} from './stranger.js';
import {stateFilter} from './state_filter.js';
import {notice} from './states.js';
import {verdictWords} from './words.js';

const PAGE = 50;

export async function domainList(route, signal) {
  const search = route.query.get('search');
  const state = route.query.get('state');
  const cursor = route.query.get('cursor');
  const page = await get(['domains'], {verdicts: 'true', limit: PAGE, search, state, cursor},
    signal);
  const empty = page.items.length === 0;
  const node = h('div', {},
    h('h1', {tabindex: '-1'}, 'Domains'),
    empty && !search && !state && !cursor ? noDomains() : [
      stateFilter(route, signal),
      searchForm(search, state),
      empty ? nothingFound() : table(page.items),
      page.items.some((domain) => domain.demo) && noteOnDemo(),
      pager(route, page.next_cursor, cursor),
    ]);
  return {title: 'Domains', node};
}

function searchForm(search, state) {
  const input = h('input', {id: 'search', type: 'search', value: search ?? '',
    placeholder: 'part of a name', spellcheck: 'false', autocomplete: 'off'});
  const submit = (event) => {
    event.preventDefault();
    location.hash = link([], {search: input.value.trim(), state});
  };
  return h('form', {class: 'row', role: 'search', on: {submit}},
    h('label', {for: 'search'}, 'Find'), input,
    h('button', {type: 'submit'}, 'Search'),
    search && h('a', {href: link([], {state})}, 'Any name'));
}

function table(items) {
  return h('table', {class: 'domains cards'},
    h('thead', {}, h('tr', {},
      ['Domain', 'Verdict', 'In a sentence'].map((text) => h('th', {scope: 'col'}, text)))),
    h('tbody', {}, items.map(row)));
}

function row(domain) {
  const {readiness} = domain;
  if (domain.wildcard) {
    return h('tr', {},
      h('th', {scope: 'row'}, domainName(domain.domain)),
      h('td', {}),
      h('td', {class: 'muted'}, 'Stands for every domain below it; each appears here with ' +
        'its first report.'));
  }
  return h('tr', {},
    h('th', {scope: 'row'},
      h('a', {href: link(['domains', domain.domain])}, domainName(domain.domain)),
      demoMark(domain)),
    h('td', {}, readiness && badge(verdictWords(
      {verdict: readiness.state, health: readiness.health}))),
    h('td', {}, readiness && sentence(readiness.sentence)));
}

function noteOnDemo() {
  return h('p', {class: 'muted'}, 'What is marked demo is made up, and in no number. ',
    h('code', {}, 'tlsrptd demo --remove'), ' takes it out.');
}

function pager(route, next, cursor) {
  return h('nav', {class: 'pager', 'aria-label': 'Pages'},
    cursor && h('a', {href: changed(route, {cursor: null})}, 'First page'),
    next && h('a', {href: changed(route, {cursor: next})}, 'Next page'));
}

function nothingFound() {
  return notice('No domain is like this',
    h('p', {}, h('a', {href: link([])}, 'Show all domains')));
}

function noDomains() {
  return notice('No domain yet',
    h('p', {}, 'Reports are taken for domains that are yours. On the server, make one so:'),
    copyable('tlsrptd domain add firm.example', 'the command'),
    h('p', {}, 'A running server notices within seconds; then reload this page.'));
}
