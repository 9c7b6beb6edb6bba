// What came in and could not be stored, with the step at which it stopped. Nothing of it
// counts, and nothing of it is lost: the bytes are kept.

import {get} from './api.js';
import {h} from './dom.js';
import {counted, daysBefore, spaced, time} from './format.js';
import {changed, link} from './route.js';
import {notice} from './states.js';
import {said} from './stranger.js';

const PAGE = 50;
// As far back as one question reaches (api/rest/parameters.h).
const LONG_DAYS = 800;

export async function quarantineView(route, signal) {
  const now = new Date();
  const cursor = route.query.get('cursor');
  const page = await get(['quarantine'], {from: daysBefore(now, LONG_DAYS - 1),
    to: daysBefore(now, 0), limit: PAGE, cursor}, signal);
  const node = h('div', {},
    h('nav', {class: 'crumbs', 'aria-label': 'Where this is'},
      h('a', {href: link([])}, 'Domains'), ' / quarantine'),
    h('h1', {tabindex: '-1'}, 'Quarantine'),
    page.items.length === 0 && cursor === null ? notice('Nothing is held',
      h('p', {}, 'Everything that came in was stored.'))
      : [h('p', {}, 'What came in and could not be stored. After an upgrade ',
        h('code', {}, 'tlsrptd quarantine retry'), ' reads it again; ',
        h('code', {}, 'tlsrptd quarantine show ID'), ' shows all that is readable in it.'),
      h('section', {class: 'card'}, table(page.items)),
      page.next_cursor !== null &&
        h('p', {}, h('a', {href: changed(route, {cursor: page.next_cursor})}, 'Next page'))]);
  return {title: 'Quarantine', node};
}

function table(items) {
  return h('table', {class: 'cards quarantine'},
    h('thead', {}, h('tr', {}, ['Came', 'From', 'Why it is held', 'Our domains in it']
      .map((text) => h('th', {scope: 'col'}, text)))),
    h('tbody', {}, items.map(row)));
}

function row(receipt) {
  return h('tr', {},
    h('th', {scope: 'row'}, time(receipt.received_at), h('code', {class: 'under'}, receipt.id)),
    h('td', {'data-label': 'From'}, said(receipt.envelope_from || receipt.peer),
      h('span', {class: 'under'}, `by ${receipt.transport}, `,
        counted(receipt.quarantined_count, 'report'), ' held')),
    h('td', {'data-label': 'Why'}, spaced(receipt.reason ?? ''),
      h('span', {class: 'under'}, said(receipt.reason_detail))),
    h('td', {'data-label': 'Domains'}, receipt.quarantined_domains.length === 0 ? said(null)
      : receipt.quarantined_domains.map((domain) => h('div', {},
        domain === '*' ? 'may be any' : said(domain)))));
}
