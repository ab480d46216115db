// The best so far on each rung, against epochs spent and against time.

import { frame, valueAxis } from "./charts.js";
import { describe, number } from "./words.js";

export function progress(study, theme) {
  const { steps, rungs, moments, answer } = study.data;
  if (!steps.length) return { panels: [] };
  const chance = study.sections.get("progress")?.figures.random || [];
  const panels = [panel(study, theme, "epochs trained, all trials together", (step) => step[0], answer.epochs, chance)];
  const clock = clockOf(study);
  if (moments.length) {
    panels.push(panel(study, theme, "seconds on the clock of the study", (step) => clock(step), Math.max(...moments.slice(-64).map((moment) => moment[2]))));
  }
  const key = chance.length ? [{ color: "soft", text: "dotted: random search without stopping, an estimate" }] : [];
  return { key, note: rungs.length > 1 ? "Each rung has a line of its own." : "", panels };
}

// The second at which a step was seen: a trial's trainings end in the order of its rungs.
function clockOf(study) {
  const ends = new Map();
  for (const [trial, , ended] of study.data.moments) {
    if (!ends.has(trial)) ends.set(trial, []);
    ends.get(trial).push(ended);
  }
  return ([, , trial, , nth]) => ends.get(trial)?.[nth] ?? NaN;
}

// What is written at the end of each line; lines that end side by side share what is written.
function labelsOf(steps, rungs, ends) {
  const last = (epochs) => steps.filter((step) => step[1] === epochs).pop()[3];
  const labels = new Map();
  for (const epochs of rungs) {
    const near = [...labels.keys()].find((other) => Math.abs(last(other) - last(epochs)) < 0.06 * (ends[1] - ends[0]));
    if (near === undefined) labels.set(epochs, [epochs]);
    else labels.get(near).push(epochs);
  }
  return new Map([...labels].map(([epochs, all]) => [epochs, `${all.join(", ")} epoch${all.join() === "1" ? "" : "s"}`]));
}

function panel(study, theme, name, x, end, chance = []) {
  const { steps } = study.data;
  const rungs = [...new Set(steps.map((step) => step[1]))].sort((a, b) => b - a);
  const losses = steps.map((step) => study.sign * step[3]).sort((a, b) => a - b);
  const worst = losses[Math.max(1, Math.round(0.9 * losses.length) - 1)] ?? losses[0];
  const room = 0.06 * (worst - losses[0]) || 0.5 * Math.abs(worst) || 1;
  const ends = [study.sign * (losses[0] - room), study.sign * (worst + room)].sort((a, b) => a - b);
  const labels = labelsOf(steps, rungs, ends);
  const series = rungs.map((epochs, depth) => {
    const mine = steps.filter((step) => step[1] === epochs && Number.isFinite(x(step)));
    const color = theme.shades[Math.min(4, depth)];
    const data = mine.map((step) => ({ value: [x(step), step[3]], trial: step[2] }));
    if (data.length) data.push({ value: [Math.max(end, x(mine[mine.length - 1])), mine[mine.length - 1][3]], symbol: "none" });
    return {
      type: "line", id: `rung ${epochs}`, step: "end", data, symbol: "circle", symbolSize: 6, clip: true,
      lineStyle: { color, width: 2 }, itemStyle: { color },
      endLabel: { show: labels.has(epochs), formatter: () => labels.get(epochs), color: theme.ink, fontSize: 11 },
    };
  });
  const option = frame(theme, {
    grid: { left: 58, right: 132, top: 14, bottom: 42 },
    xAxis: valueAxis(theme, name, {
      scale: false, min: 0, max: end || undefined, splitLine: { show: false },
      axisLabel: { color: theme.soft, fontSize: 11, showMaxLabel: false, formatter: (v) => number(v) },
    }),
    yAxis: valueAxis(theme, "", { min: ends[0], max: ends[1], axisLabel: { color: theme.soft, showMinLabel: false, showMaxLabel: false, formatter: (v) => number(v) } }),
    series: [...series, {
      type: "line", id: "random", data: chance, symbol: "none", silent: true, clip: true,
      lineStyle: { color: theme.soft, width: 2, type: "dotted" },
    }],
  });
  option.tooltip.formatter = (item) => (item.data.trial === undefined ? "" : describe(study, study.trials[item.data.trial]));
  return {
    height: 300,
    option,
    outstanding: (trials) => steps.filter((step) => trials.some((trial) => trial.number === step[2])).map((step) => [x(step), step[3]]),
  };
}
