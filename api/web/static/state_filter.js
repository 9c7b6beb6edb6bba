// How many domains stand how, each a link to those alone. All have to be counted for that,
// and 100,000 take a moment: the list below does not wait.

import {get} from './api.js';
import {shape} from './badge.js';
import {h} from './dom.js';
import {count} from './format.js';
import {link} from './route.js';
import {later} from './states.js';
import {verdictWords} from './words.js';

// The worst first.
const STATES = ['not_ready', 'insufficient_evidence', 'unknown', 'ready', 'enforcing',
  'not_applicable'];

export function stateFilter(route, signal) {
  return later('the counts', () => get(['fleet'], {}, signal), (fleet) => counts(fleet, route));
}

function counts(fleet, route) {
  const chosen = route.query.get('state');
  // Only what is counted nowhere is there: the demo, or names that stand for others.
  if (fleet.domains === 0 && chosen === null) return null;
  const search = route.query.get('search');
  return h('nav', {class: 'states', 'aria-label': 'Domains by how they stand'},
    choice('All', fleet.domains, link([], {search}), chosen === null),
    STATES.filter((state) => fleet.states[state] > 0 || state === chosen).map((state) => {
      const {words, tone} = verdictWords({verdict: state});
      return choice([shape(tone), words], fleet.states[state], link([], {search, state}),
        state === chosen);
    }),
    fleet.at_risk > 0 && h('p', {class: 'warning'},
      `At risk, of those that enforce: ${count(fleet.at_risk)}.`),
    fleet.intake_behind && h('p', {class: 'warning'}, 'Reports wait to be stored, or a node ' +
      'is silent: nothing is called ready meanwhile.'));
}

function choice(words, number, href, chosen) {
  return h('a', {href, class: chosen ? 'state chosen' : 'state',
    'aria-current': chosen ? 'true' : null}, words, h('strong', {}, count(number)));
}
