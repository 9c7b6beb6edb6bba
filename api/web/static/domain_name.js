// A domain as it stands in DNS, with how it reads beside it where that differs.

import {h} from './dom.js';
import {uLabels} from './punycode.js';
import {said} from './stranger.js';

export function domainName(domain) {
  const readable = uLabels(domain);
  return h('span', {class: 'domain'}, domain,
    readable !== domain && h('span', {class: 'u-label'}, said(readable)));
}

// Data that `tlsrptd demo` made up must never be taken for anybody's mail.
// `of`: a domain or a report.
export function demoMark(of) {
  return of.demo === true && h('span', {class: 'demo'}, 'demo');
}

export function demoNote(of) {
  return of.demo === true && h('p', {class: 'muted'}, 'Made up by ',
    h('code', {}, 'tlsrptd demo'), ': nothing about it is real, and nobody looks at it.');
}
