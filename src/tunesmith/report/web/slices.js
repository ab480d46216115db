// The score against each param, among trials of equal length.

import { few } from "./study.js";
import { axisOf, spread } from "./scales.js";
import { describe, number } from "./words.js";
import { frame, valueAxis } from "./charts.js";

const SOLID = 2000;
const FAINT = 800;

export function slices(study, theme) {
  const { rungs } = study.data;
  const epochs = study.sections.get("slices")?.figures.epochs || rungs[rungs.length - 1];
  const rung = rungs.indexOf(epochs);
  if (rung < 0) return { panels: [] };
  const shown = study.shown();
  const solid = few(shown.filter((trial) => typeof trial.scores[rung] === "number"), SOLID);
  const faint = few(shown.filter((trial) => typeof trial.scores[rung] !== "number" && typeof trial.score === "number"), FAINT);
  const losses = solid.map((trial) => study.sign * trial.scores[rung]).sort((a, b) => a - b);
  if (!losses.length) return { panels: [] };
  const worst = losses[Math.floor(0.95 * (losses.length - 1))];
  const room = 0.08 * (worst - losses[0]) || 0.5 * Math.abs(worst) || 1;
  const ends = [study.sign * (losses[0] - room), study.sign * (worst + room)].sort((a, b) => a - b);
  return {
    note: `Solid dots: ${solid.length.toLocaleString("en")} trials after ${epochs} epoch${epochs === 1 ? "" : "s"}.`
      + (faint.length ? ` Faint dots were trained for fewer, and do not compare: ${faint.length.toLocaleString("en")} of them.` : ""),
    panels: study.searched.map((param) => panel(study, theme, param, { solid, faint, rung, ends })),
  };
}

function panel(study, theme, param, { solid, faint, rung, ends }) {
  const x = (trial) => spread(param, trial.values[param.at], trial.number);
  const points = solid.filter((trial) => trial.values[param.at] !== null).map((trial) => ({ value: [x(trial), trial.scores[rung]], trial: trial.number }));
  const pale = faint.filter((trial) => trial.values[param.at] !== null).map((trial) => ({ value: [x(trial), trial.score], trial: trial.number }));
  const middle = param.kind === "choice" ? [] : runningMedian(points.map((point) => point.value));
  const light = { large: true, largeThreshold: 400 };
  const option = frame(theme, {
    grid: { left: 52, right: 12, top: 8, bottom: 24 },
    xAxis: axisOf(param, theme),
    yAxis: valueAxis(theme, "", { min: ends[0], max: ends[1], axisLabel: { color: theme.soft, fontSize: 11, showMinLabel: false, showMaxLabel: false, formatter: (v) => number(v, 3) } }),
    series: [
      { type: "scatter", id: "faint", data: pale, symbolSize: 4, itemStyle: { color: theme.shade4, opacity: 0.55 }, clip: true, ...light },
      { type: "scatter", id: "solid", data: points, symbolSize: 6, itemStyle: { color: theme.shade1, opacity: 0.85 }, clip: true, cursor: "pointer", ...light },
      band(middle, theme),
      { type: "line", id: "median", silent: true, symbol: "none", data: middle.map((m) => [m.x, m.middle]), lineStyle: { color: theme.ink, width: 1.5 }, z: 5 },
    ],
  });
  option.tooltip.formatter = (item) => (item.data.trial === undefined ? "" : describe(study, study.trials[item.data.trial]));
  return {
    title: param.name,
    small: param.scale,
    height: 190,
    option,
    outstanding: (trials) => trials.map((trial) => [x(trial), typeof trial.scores[rung] === "number" ? trial.scores[rung] : trial.score]),
  };
}

// The median and the middle half of a fifth of the points, where there are enough of them.
function runningMedian(points) {
  const values = new Set(points.map((point) => point[0]));
  if (points.length < 30 || values.size < 10) return [];
  const sorted = [...points].sort((a, b) => a[0] - b[0]);
  const wide = Math.max(11, Math.floor(sorted.length / 5));
  const found = [];
  const stride = Math.max(1, Math.floor(sorted.length / 40));
  for (let from = 0; from + wide <= sorted.length; from += stride) {
    const part = sorted.slice(from, from + wide);
    const scores = part.map((point) => point[1]).sort((a, b) => a - b);
    const of = (share) => scores[Math.round(share * (scores.length - 1))];
    found.push({ x: part[Math.floor(wide / 2)][0], low: of(0.25), middle: of(0.5), high: of(0.75) });
  }
  return found;
}

function band(middle, theme) {
  return {
    type: "custom", id: "half", silent: true, clip: true, z: 2,
    data: middle.length ? [[middle[0].x, middle[0].middle]] : [],
    renderItem: (_, api) => ({
      type: "polygon",
      shape: { points: [...middle.map((m) => api.coord([m.x, m.low])), ...[...middle].reverse().map((m) => api.coord([m.x, m.high]))] },
      style: { fill: theme.accent, opacity: 0.12 },
    }),
  };
}
