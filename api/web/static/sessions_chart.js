// The chart of sessions by day, drawn by Chart.js. Two scales above one row of days: a
// handful of failures would not be seen on the scale of the successes.

import {count} from './format.js';

const HATCH_PIXELS = 6;
const SHADE_ALPHA = 0.12;

// `series` as seriesOf() makes it; `window` is shaded: {first_day, last_day}.
export async function drawSessions(canvas, series, window) {
  await import('./chart.js');  // a script of the time before modules: leaves a global
  const draw = () => new globalThis.Chart(canvas, configuration(series, window));
  let chart = draw();
  // The colours are the page's, and those follow the system's.
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  const redraw = () => {
    if (!canvas.isConnected) return scheme.removeEventListener('change', redraw);
    chart.destroy();
    chart = draw();
  };
  scheme.addEventListener('change', redraw);
}

function configuration(series, window) {
  const colour = colours();
  return {
    type: 'bar',
    data: {
      labels: series.map(({day}) => day),
      datasets: [
        bars('successful', series, 'vouched', 'success', colour.success),
        bars('successful, nobody vouches', series, 'unvouched', 'success',
          hatched(colour.success)),
        bars('failed', series, 'vouched', 'failure', colour.failure),
        bars('failed, nobody vouches', series, 'unvouched', 'failure',
          hatched(colour.failure)),
      ],
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      interaction: {mode: 'index', intersect: false},
      plugins: {legend: {display: false}, tooltip: {filter: (item) => item.raw !== null}},
      scales: {
        x: {stacked: true, grid: {display: false}, ticks: {color: colour.text, maxRotation: 0,
          callback: (_, i) => series[i].day.slice(5)}},
        failure: valueScale('failed', 2, colour, belowTop),
        success: valueScale('successful', 3, colour, String),
      },
    },
    plugins: [shading(series, window, colour.window)],
  };
}

function bars(label, series, side, what, backgroundColor) {
  return {
    label,
    data: series.map((day) => day[side]?.[what] ?? null),
    backgroundColor,
    yAxisID: what,
    stack: 'day',  // above each other within a scale
    maxBarThickness: 26,
  };
}

// The top of the lower scale is the bottom of the upper one: one of them says it.
function belowTop(text, i, ticks) {
  return i === ticks.length - 1 ? '' : text;
}

function valueScale(text, stackWeight, colour, label) {
  return {
    axis: 'y',
    stack: 'values',
    stackWeight,
    offset: false,
    stacked: true,
    beginAtZero: true,
    suggestedMax: 4,
    title: {display: true, text, color: colour.text},
    grid: {color: colour.grid},
    ticks: {color: colour.text, precision: 0, maxTicksLimit: 5,
      callback: (value, i, ticks) => label(count(value), i, ticks)},
  };
}

function shading(series, window, colour) {
  return {
    id: 'window',
    beforeDraw({ctx, chartArea, scales: {x}}) {
      const inside = series.map(({day}, i) => [day, i])
        .filter(([day]) => day >= window.first_day && day <= window.last_day)
        .map(([, i]) => i);
      if (inside.length === 0) return;
      const half = (x.right - x.left) / series.length / 2;
      const from = x.getPixelForValue(inside[0]) - half;
      const to = x.getPixelForValue(inside.at(-1)) + half;
      ctx.save();
      ctx.globalAlpha = SHADE_ALPHA;
      ctx.fillStyle = colour;
      ctx.fillRect(from, chartArea.top, to - from, chartArea.bottom - chartArea.top);
      ctx.restore();
    },
  };
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(name).trim();
  return {success: of('--success'), failure: of('--failure'), window: of('--accent'),
    text: of('--muted'), grid: of('--border')};
}

// Stripes: what nobody vouches for looks hollow, in any colour.
function hatched(colour) {
  const tile = document.createElement('canvas');
  tile.width = tile.height = HATCH_PIXELS;
  const context = tile.getContext('2d');
  context.strokeStyle = colour;
  context.lineWidth = 1.4;
  for (const shift of [-HATCH_PIXELS, 0, HATCH_PIXELS]) {
    context.moveTo(shift, HATCH_PIXELS);
    context.lineTo(shift + HATCH_PIXELS, 0);
  }
  context.stroke();
  return context.createPattern(tile, 'repeat');
}
