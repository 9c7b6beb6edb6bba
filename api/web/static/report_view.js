// One report with all it says, and how it was read.

import {get} from './api.js';
import {h} from './dom.js';
import {demoMark, demoNote} from './domain_name.js';
import {count, counted, dayRange, time} from './format.js';
import {found} from './reports.js';
import {link} from './route.js';
import {said} from './stranger.js';
import {whyNot} from './why_not.js';
import {policyTypeWords, provenanceWords, resultTypeWords} from './words.js';

export async function reportView(route, signal) {
  const report = await get(['reports', route.path[1]], {}, signal);
  const why = whyNot(report, null);
  const of = route.query.get('of') ?? report.policy_domain;
  const node = h('div', {},
    h('nav', {class: 'crumbs', 'aria-label': 'Where this is'},
      h('a', {href: link([])}, 'Domains'), ' / ',
      h('a', {href: link(['domains', of])}, said(of))),
    h('h1', {tabindex: '-1'}, `Report of ${report.day}`, demoMark(report)),
    demoNote(report),
    why && h('p', {class: 'warning'}, why.sentence, why.found && found(why.found)),
    h('section', {class: 'card'}, h('h2', {}, 'Who says so'), facts(report)),
    report.policy_results.map(policyResult),
    anomalies(report.anomalies));
  return {title: `Report of ${report.day}`, node};
}

function facts(report) {
  return h('dl', {class: 'facts'}, [
    ['About', said(report.policy_domain)],
    ['Organisation', said(report.organisation)],
    ['Contact', said(report.contact)],
    ['Report-id', said(report.report_id)],
    ['Vouched for', [provenanceWords(report.provenance),
      report.reporter !== null && [': ', said(report.reporter)]]],
    ['Period', `${time(report.period_start)} to ${time(report.period_end)}`],
    ['Failures stand against', dayRange(report.first_day, report.last_day)],
    ['Received', time(report.received_at)],
    ['Receipt', h('code', {}, report.receipt_id)],
  ].map(([term, value]) => h('div', {}, h('dt', {}, term), h('dd', {}, value))));
}

function policyResult(result) {
  return h('section', {class: 'card'},
    h('h2', {}, result.policy_type_text === null ? policyTypeWords(result.policy_type)
      : said(result.policy_type_text)),
    h('p', {}, `${counted(result.success_sessions, 'session')} successful, ` +
      `${count(result.failure_sessions)} failed` + (result.unexplained_sessions > 0
      ? `, ${count(result.unexplained_sessions)} of them explained by no detail.` : '.')),
    result.policy && h('details', {}, h('summary', {}, 'The policy it applied'),
      h('ul', {class: 'lines'}, result.policy.lines.map((line) => h('li', {}, said(line))))),
    result.failure_details.length > 0 && details(result.failure_details));
}

function details(list) {
  const columns = [['Sending MTA', 'sending_mta_ip'], ['Receiving MX', 'receiving_mx'],
    ['Receiving address', 'receiving_ip'], ['HELO', 'helo'], ['Reason', 'reason'],
    ['More', 'information']];
  return h('table', {class: 'cards'},
    h('thead', {}, h('tr', {}, ['Result type', 'Sessions', ...columns.map(([label]) => label)]
      .map((text) => h('th', {scope: 'col'}, text)))),
    h('tbody', {}, list.map((one) => h('tr', {},
      h('th', {scope: 'row'}, h('code', {}, one.result_type_text === null ? one.result_type
        : said(one.result_type_text)),
      h('span', {class: 'under'}, resultTypeWords(one.result_type))),
      h('td', {'data-label': 'Sessions'}, count(one.failed_sessions)),
      columns.map(([label, member]) =>
        h('td', {'data-label': label}, said(one[member])))))));
}

function anomalies(list) {
  return list.length > 0 && h('section', {class: 'card'},
    h('h2', {}, 'How it departs from the RFC'),
    h('p', {class: 'muted'}, 'Tolerated field by field; nothing that says failure is dropped.'),
    h('ul', {}, list.map((one) => h('li', {}, h('code', {}, one.code), ' ', said(one.field)))));
}
