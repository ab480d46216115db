// Learning curves by rung, and how ranks change from one rung to the next.

import { few } from "./study.js";
import { describe, number } from "./words.js";
import { epochAxis, frame, lineSeries, valueAxis } from "./charts.js";
import { element, visible } from "./dom.js";

const LINES = 200;

export function curves(study, theme) {
  const shown = new Set(study.shown().map((trial) => String(trial.number)));
  const all = Object.entries(study.data.curves).filter(([trial]) => shown.has(trial));
  const { at, axis } = epochAxis(theme, study);
  const depth = (trial) => Math.min(4, study.data.rungs.filter((epochs) => epochs > trial.trained).length);
  const pointsOf = ([epochs, ...lines]) => epochs.map((epoch, k) => [at(epoch), lines[study.line]?.[k]])
    .filter((point) => typeof point[1] === "number");
  const items = all
    .map(([trial, curve]) => ({
      trial: Number(trial),
      line: pointsOf(curve),
      style: { stroke: theme.shades[depth(study.trials[trial])], lineWidth: 1.3 },
    }))
    .filter((item) => item.line.length > 1)
    .sort((a, b) => study.trials[a.trial].trained - study.trials[b.trial].trained);
  const drawn = items.slice(-LINES);
  const again = seeds(study).map((trial) => pointsOf(study.data.curves[trial]));
  const option = frame(theme, {
    grid: { left: 58, right: 24, top: 26, bottom: 42 },
    xAxis: axis,
    yAxis: valueAxis(theme, "", { ...inside(study, theme, drawn.flatMap((item) => item.line.map((point) => point[1]))) }),
    series: [rungLines(study, theme, at), seedBand(theme, again), lineSeries("curves", drawn, { cursor: "pointer" })],
  });
  option.tooltip.formatter = (item) => (item.data.trial === undefined ? "" : describe(study, study.trials[item.data.trial]));
  const measured = study.trials.filter((trial) => trial.trained > 1).length;
  return {
    note: [
      drawn.length < measured ? `${drawn.length} of ${measured.toLocaleString("en")} curves are drawn: the best, and others evenly.` : "",
      again.length > 1 ? `The band spans ${again.length} trainings of the recommended config, each with a seed of its own.` : "",
    ].join(" ").trim(),
    panels: drawn.length ? [{
      height: 340,
      option,
      outstanding: (trials) => trials.flatMap((trial) => (study.data.curves[trial.number] ? pointsOf(study.data.curves[trial.number]) : [])),
    }] : [],
  };
}

// Which metric the curves are of: the study's, or another of each epoch, such as that of training.
export function lineChoice(study, redraw) {
  const select = element("select", { onchange: () => { study.line = select.selectedIndex; redraw(); } });
  const label = element("label", {}, "Curves of ", select);
  const renew = () => {
    const { lines } = study.data;
    label.hidden = lines.length < 2;
    if (select.length === lines.length) return;
    select.replaceChildren(...lines.map((name) => element("option", {}, visible(name))));
    select.selectedIndex = study.line;
  };
  renew();
  study.listen((what) => { if (what === "news") renew(); });
  return label;
}

// The numbers of the trials that trained the recommended config, each with a seed of its own.
function seeds(study) {
  if (!study.best) return [];
  const its = JSON.stringify(study.best.values);
  return Object.keys(study.data.curves).filter((trial) => JSON.stringify(study.trials[trial].values) === its);
}

// Between the lowest and the highest of some curves, wherever two or more were measured.
function seedBand(theme, lines) {
  const at = new Map();
  for (const [x, y] of lines.flat()) at.set(x, [...(at.get(x) || []), y]);
  const band = [...at].filter(([, ys]) => ys.length > 1).sort((a, b) => a[0] - b[0]);
  return {
    type: "custom", id: "seeds", silent: true, clip: true, z: 1,
    data: band.length > 1 ? [[band[0][0], band[0][1][0]]] : [],
    renderItem: (_, api) => ({
      type: "polygon",
      shape: { points: [
        ...band.map(([x, ys]) => api.coord([x, Math.min(...ys)])),
        ...[...band].reverse().map(([x, ys]) => api.coord([x, Math.max(...ys)])),
      ] },
      style: { fill: theme.accent, opacity: 0.25 },
    }),
  };
}

// From where to where the scores go, but for the worst tenth, which may lie far off. Of another
// metric it is not known which end is the worse: a little is left out at both.
function inside(study, theme, scores) {
  const sign = study.line ? 1 : study.sign;
  const sorted = scores.map((score) => sign * score).sort((a, b) => a - b);
  if (!sorted.length) return {};
  const of = (share) => sorted[Math.floor(share * (sorted.length - 1))];
  const [best, worst] = study.line ? [of(0.02), of(0.95)] : [of(0), of(0.9)];
  const room = 0.05 * (worst - best) || 0.5 * Math.abs(best) || 1;
  const ends = [sign * (best - room), sign * (worst + room)].sort((a, b) => a - b);
  return { min: ends[0], max: ends[1], axisLabel: { showMinLabel: false, showMaxLabel: false, color: theme.soft, fontSize: 11, formatter: (v) => number(v) } };
}

const count = (of) => of.toLocaleString("en");

function rungLines(study, theme, at) {
  const { rungs, epochs: full } = study.data;
  const data = rungs.map((epochs) => {
    const here = study.trials.filter((trial) => trial.trained >= epochs || (trial.bad && trial.epochs >= epochs));
    const on = here.filter((trial) => trial.epochs > epochs).length;
    const last = epochs >= full || !on;
    return { epochs, text: last ? count(here.length) : `${count(here.length)} → ${count(on)}`, align: epochs >= full ? "right" : epochs === 1 ? "left" : "center" };
  });
  return {
    type: "custom", id: "rungs", silent: true, z: 1,
    data: data.map((rung) => [at(rung.epochs), 0]),
    renderItem: (params, api) => {
      const rung = data[params.dataIndex];
      const box = params.coordSys;
      const x = api.coord([at(rung.epochs), 0])[0];
      return { type: "group", children: [
        { type: "line", shape: { x1: x, y1: box.y, x2: x, y2: box.y + box.height }, style: { stroke: theme.soft, lineDash: [2, 3] } },
        { type: "text", style: { text: rung.text, x, y: box.y - 16, align: rung.align, fill: theme.ink, fontSize: 12, fontFamily: theme.font } },
      ] };
    },
  };
}

// Ranks on two neighbouring rungs, among those that reached both.
export function bumps(study, theme) {
  const { rungs } = study.data;
  const items = [];
  for (let at = 0; at + 1 < rungs.length; at += 1) {
    const both = study.trials.filter((trial) => [at, at + 1].every((rung) => typeof trial.scores[rung] === "number"));
    const ranks = [at, at + 1].map((rung) => {
      const order = [...both].sort((a, b) => study.sign * (a.scores[rung] - b.scores[rung]) || a.number - b.number);
      return new Map(order.map((trial, rank) => [trial.number, both.length > 1 ? rank / (both.length - 1) : 0]));
    });
    for (const trial of few([...both].sort((a, b) => a.rank - b.rank), LINES)) {
      items.push({
        trial: trial.number,
        line: [[at + 0.06, ranks[0].get(trial.number)], [at + 0.94, ranks[1].get(trial.number)]],
        style: { stroke: theme.shades[Math.min(4, Math.floor(5 * ranks[1].get(trial.number)))], lineWidth: 1.5 },
      });
    }
  }
  if (!items.length) return { panels: [] };
  const option = frame(theme, {
    grid: { left: 58, right: 24, top: 10, bottom: 42 },
    xAxis: valueAxis(theme, "epochs", {
      min: 0, max: rungs.length - 1, splitLine: { lineStyle: { color: theme.line } },
      axisLabel: { color: theme.soft, customValues: rungs.map((_, at) => at), formatter: (at) => String(rungs[Math.round(at)] ?? "") },
    }),
    yAxis: valueAxis(theme, "", {
      inverse: true, min: -0.03, max: 1.03, splitLine: { show: false },
      axisLabel: { color: theme.soft, customValues: [0, 1], formatter: (at) => (at < 0.5 ? "best" : "last") },
    }),
    series: [lineSeries("ranks", [...items].reverse(), { cursor: "pointer" })],
  });
  option.tooltip.formatter = (item) => describe(study, study.trials[item.data.trial]);
  return {
    panels: [{
      height: 300,
      option,
      outstanding: (trials) => items.filter((item) => trials.some((trial) => trial.number === item.trial)).flatMap((item) => item.line),
    }],
  };
}
