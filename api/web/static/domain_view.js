// One domain: the verdict first, then what stands in its way, then what was reported.

import {get} from './api.js';
import {changesSection} from './changes.js';
import {coverageSection} from './coverage.js';
import {criteriaSection, inTheWaySection} from './criteria.js';
import {h} from './dom.js';
import {demoMark, demoNote, domainName} from './domain_name.js';
import {exceptionsSection} from './exceptions.js';
import {failuresSection} from './failures.js';
import {daysBefore} from './format.js';
import {noReports} from './no_reports.js';
import {planSection} from './plan.js';
import {policySection} from './policy_history.js';
import {replaySection} from './replay.js';
import {reportsSection} from './reports.js';
import {link} from './route.js';
import {sessionsSection} from './sessions.js';
import {verdictCard} from './verdict_card.js';

const DEFAULT_DAYS = 30;

export async function domainView(route, signal) {
  const name = route.path[1];
  const range = rangeOf(route);
  const [domain, verdict] = await Promise.all([
    get(['domains', name], {}, signal),
    get(['domains', name, 'readiness'], {live: route.query.get('live')}, signal),
  ]);
  const asked = {name, range, route, signal, verdict};
  const node = h('div', {},
    h('nav', {class: 'crumbs', 'aria-label': 'Where this is'},
      h('a', {href: link([])}, 'Domains'), ' / ', domain.domain),
    h('h1', {tabindex: '-1'}, domainName(domain.domain), demoMark(domain)),
    demoNote(domain),
    verdictCard(verdict, route),
    noReports(asked),
    inTheWaySection(verdict),
    planSection(verdict),
    sessionsSection(asked),
    failuresSection(asked),
    replaySection(verdict),
    coverageSection(verdict),
    exceptionsSection(verdict),
    criteriaSection(verdict),
    policySection(verdict),
    changesSection(asked),
    reportsSection(asked));
  return {title: domain.domain, node};
}

// Whole UTC days up to today.
function rangeOf(route) {
  const days = Number.parseInt(route.query.get('days'), 10) || DEFAULT_DAYS;
  const now = new Date();
  return {days, from: daysBefore(now, days - 1), to: daysBefore(now, 0)};
}
