// Successes and failures by day: the headline, the chart, and its numbers as a table.

import {get} from './api.js';
import {h} from './dom.js';
import {count, counted, share} from './format.js';
import {changed} from './route.js';
import {DISTINCT, choicesOf, seriesOf, totalOf} from './series.js';
import {drawSessions} from './sessions_chart.js';
import {later} from './states.js';

const RANGES = [14, 30, 90];

export function sessionsSection({name, range, route, signal, verdict}) {
  const ask = () => get(['domains', name, 'summary'], {from: range.from, to: range.to}, signal);
  return h('section', {class: 'card'},
    h('h2', {}, 'Sessions by day'),
    later('sessions', ask, (summary) => content(summary, range, route, verdict)));
}

function content(summary, range, route, verdict) {
  const choices = choicesOf(summary);
  const wanted = route.query.get('series') ?? DISTINCT;
  const choice = choices.some(({id}) => id === wanted) ? wanted : DISTINCT;
  const series = seriesOf(summary, choice);
  return [
    controls(choices, choice, range, route),
    headline(series),
    choice.startsWith('mx:') && h('p', {class: 'muted'}, 'This host may serve other domains ' +
      'too, and what is said of it is said of all of them: shown, and added to nothing.'),
    chart(series, verdict.window),
    numbers(series),
  ];
}

function controls(choices, choice, range, route) {
  return h('div', {class: 'row'},
    select('series', 'Count', choices.map(({id, words}) => [id, words]), choice,
      (value) => changed(route, {series: value === DISTINCT ? null : value})),
    select('days', 'Days', RANGES.map((days) => [String(days), `last ${days} days`]),
      String(range.days), (value) => changed(route, {days: value})));
}

function select(id, words, options, chosen, place) {
  const element = h('select', {id, on: {change: () => { location.hash = place(element.value); }}},
    options.map(([value, text]) => h('option', {value, selected: value === chosen}, text)));
  return h('span', {class: 'control'}, h('label', {for: id}, words), element);
}

// What nobody vouches for never stands in the headline.
function headline(series) {
  const vouched = totalOf(series, 'vouched');
  const unvouched = totalOf(series, 'unvouched');
  const all = vouched.success + vouched.failure;
  return h('div', {class: 'headline'},
    figure(count(vouched.success), 'successful'),
    figure(count(vouched.failure), 'failed', vouched.failure > 0 && 'bad'),
    figure(share(vouched.success, all), 'of all succeeded'),
    figure(count(vouched.reports), 'vouched reports'),
    unvouched.reports > 0 && h('p', {class: 'muted'},
      `Apart from these, ${counted(unvouched.reports, 'report')} that nobody vouches for: ` +
      `${count(unvouched.success)} successful, ${count(unvouched.failure)} failed. ` +
      'They count nowhere.'));
}

function figure(number, words, tone) {
  return h('div', {class: `figure ${tone || ''}`}, h('strong', {}, number),
    h('span', {}, words));
}

function chart(series, window) {
  const hasUnvouched = series.some((day) => day.unvouched !== null);
  const canvas = h('canvas', {role: 'img', 'aria-label': 'Successful and failed sessions by ' +
    'day; the table below has the numbers.'});
  drawSessions(canvas, series, window);
  return h('figure', {},
    h('figcaption', {class: 'legend'},
      key('success', 'successful'), key('failure', 'failed'),
      hasUnvouched && [key('success hatched', 'successful, nobody vouches'),
        key('failure hatched', 'failed, nobody vouches')],
      key('window', 'the window of the verdict')),
    h('div', {class: 'chart'}, canvas));
}

function key(kind, words) {
  return h('span', {class: 'key'}, h('span', {class: `swatch ${kind}`}), words);
}

function numbers(series) {
  const reported = series.filter((day) => day.vouched || day.unvouched).reverse();
  return h('details', {}, h('summary', {}, 'The numbers as a table'),
    h('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Sessions by day'},
      h('table', {class: 'figures'},
        h('thead', {},
          h('tr', {}, h('th', {rowspan: 2, scope: 'col'}, 'Day'),
            h('th', {colspan: 4, scope: 'colgroup'}, 'Vouched for'),
            h('th', {colspan: 4, scope: 'colgroup'}, 'Nobody vouches')),
          h('tr', {}, [1, 2].map(() => ['Reports', 'Successful', 'Failed', 'Unexplained']
            .map((text) => h('th', {scope: 'col'}, text))))),
        h('tbody', {}, reported.map((day) => h('tr', {},
          h('th', {scope: 'row'}, day.day), cells(day.vouched), cells(day.unvouched)))))),
    h('p', {class: 'muted'}, 'A day that is missing is one that no report is about. ' +
      'Unexplained: part of the failed ones, told by no detail of the report.'));
}

function cells(sums) {
  return ['reports', 'success', 'failure', 'unexplained'].map((of) =>
    h('td', {}, sums === null ? '–' : count(sums[of])));
}
