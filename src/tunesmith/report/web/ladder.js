// The zoom ladder: for each param its ranges, round below round, and the trials in them.

import { few } from "./study.js";
import { axisOf, place, spread } from "./scales.js";
import { describe } from "./words.js";
import { frame, markSeries } from "./charts.js";

const MARKS = 1000;
const BANDS = 12;
const HIGH = 0.7;

export function ladder(study, theme) {
  const bands = bandsOf(study);
  const shown = few(study.shown(), MARKS);
  const title = shown.length < study.shown().length
    ? `${shown.length.toLocaleString("en")} of ${study.shown().length.toLocaleString("en")} trials are drawn, evenly by rank.` : "";
  const panels = study.searched.map((param) => panel(study, theme, param, bands, shown));
  return { note: title, panels };
}

function bandsOf(study) {
  const { rounds } = study.data;
  const count = study.data.params.length;
  const all = rounds.length ? rounds : [{
    number: 0, first: 0, low: Array(count).fill(0), high: Array(count).fill(1),
    whole_low: Array(count).fill(0), whole_high: Array(count).fill(1),
  }];
  const kept = all.length <= BANDS ? all
    : Array.from({ length: BANDS }, (_, at) => all[Math.floor(((all.length - 1) * at) / (BANDS - 1))]);
  return kept.map((round, row) => {
    const at = all.indexOf(round);
    const next = all[at + 1] ? all[at + 1].first : Math.max(study.trials.length, round.first + 1);
    return { round, row, before: all[at - 1] || round, first: at ? round.first : 0, after: next };
  });
}

function panel(study, theme, param, bands, shown) {
  const rowOf = new Map(bands.map((band) => [band.round.number, band]));
  const y = (trial) => {
    const band = rowOf.get(trial.round);
    return band ? band.row + HIGH * (0.1 + 0.8 * (trial.number - band.first + 0.5) / (band.after - band.first)) : NaN;
  };
  const x = (trial) => {
    const at = spread(param, trial.values[param.at], trial.number);
    return at === null ? NaN : at;
  };
  const best = study.best && place(param, study.best.values[param.at]);
  const option = frame(theme, {
    grid: { left: 26, right: 12, top: 4, bottom: 24 },
    xAxis: axisOf(param, theme, { position: "bottom" }),
    yAxis: {
      type: "value", inverse: true, min: 0, max: bands.length - 1 + HIGH,
      axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: false },
      axisLabel: {
        color: theme.soft, fontSize: 11, customValues: bands.map((band) => band.row + HIGH / 2),
        formatter: (at) => String(bands[Math.max(0, Math.round(at - HIGH / 2))]?.round.number ?? ""),
      },
    },
    series: [
      shapes(param, bands, theme),
      ...(best === null || best === undefined ? [] : [upright(best, bands.length, theme)]),
      ...markSeries(study, theme, [...shown].reverse(), { x, y, color: (trial) => theme.shades[trial.shade] }),
    ],
  });
  option.tooltip.formatter = (item) => (item.data.trial === undefined ? "" : describe(study, study.trials[item.data.trial]));
  return {
    title: param.name,
    small: param.scale,
    height: bands.length * Math.min(110, Math.max(43, 240 / bands.length)) + 28,
    option,
    outstanding: (trials) => trials.map((trial) => [x(trial), y(trial)]),
  };
}

// Bands, the funnels between them, and their ends where they met a wall or moved it.
function shapes(param, bands, theme) {
  return {
    type: "custom",
    id: "bands",
    silent: true,
    clip: true,
    z: 1,
    data: bands.map((band) => [0, band.row]),
    renderItem: (params, api) => {
      const band = bands[params.dataIndex];
      const corner = (at, row) => api.coord([at, row]);
      const [low, high] = [band.round.low[param.at], band.round.high[param.at]];
      const [x0, y0] = corner(low, band.row);
      const [x1, y1] = corner(high, band.row + HIGH);
      const children = [{
        type: "rect",
        shape: { x: x0, y: y0, width: Math.max(1, x1 - x0), height: y1 - y0, r: 2 },
        style: { fill: theme.tint, stroke: theme.line },
      }];
      const above = bands[band.row - 1];
      if (above) {
        children.push({
          type: "polygon",
          shape: { points: [
            corner(above.round.low[param.at], band.row - 1 + HIGH), corner(above.round.high[param.at], band.row - 1 + HIGH),
            corner(high, band.row), corner(low, band.row)] },
          style: { fill: theme.tint, opacity: 0.55 },
        });
      }
      return { type: "group", children: children.concat(walls(param, band, corner, theme)) };
    },
  };
}

function walls(param, band, corner, theme) {
  const { round, before } = band;
  const at = param.at;
  const ends = [round.whole_low[at], round.whole_high[at]];
  const mine = [round.low[at], round.high[at]];
  const narrow = mine[1] - mine[0] < ends[1] - ends[0] - 1e-9;
  const moved = [before.whole_low[at] > ends[0], before.whole_high[at] < ends[1]];
  const style = { stroke: theme.red, lineWidth: 2.5, fill: "none" };
  const found = [];
  ends.forEach((end, side) => {
    const [x, top] = corner(end, band.row);
    const bottom = corner(end, band.row + HIGH)[1];
    if (narrow && Math.abs(mine[side] - end) < 1e-9) {
      found.push({ type: "line", shape: { x1: x, y1: top, x2: x, y2: bottom }, style });
    }
    if (moved[side]) {
      const out = side ? 5 : -5;
      const middle = (top + bottom) / 2;
      found.push({ type: "polyline", shape: { points: [[x - out, middle - 5], [x + out / 2, middle], [x - out, middle + 5]] }, style });
    }
  });
  return found;
}

function upright(at, rows, theme) {
  return {
    type: "line", id: "best", silent: true, symbol: "none", z: 4,
    data: [[at, 0], [at, rows]], lineStyle: { color: theme.accent, width: 1.5 },
  };
}
