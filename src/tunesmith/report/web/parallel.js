// Configs side by side: a line for each, an axis for each param on its own scale.

import { few } from "./study.js";
import { axisOf, place } from "./scales.js";
import { number, short } from "./words.js";
import { frame } from "./charts.js";

const LINES = 300;

export function parallel(study, theme) {
  const { rungs, answer } = study.data;
  const figures = study.sections.get("parallel")?.figures || {};
  const rung = rungs.indexOf(figures.epochs || rungs[rungs.length - 1]);
  if (rung < 0 || !study.searched.length) return { panels: [] };
  const compared = study.shown().filter((trial) => typeof trial.scores[rung] === "number");
  const all = study.filters.top === "" ? compared.slice(0, Math.ceil(compared.length * (figures.top || 0.2))) : compared;
  const best = few(all, LINES);
  if (!best.length) return { panels: [] };
  const order = study.sections.get("importance")?.figures.params || [];
  const rank = (param) => (order.includes(param.name) ? order.indexOf(param.name) : order.length);
  const params = [...study.searched].sort((a, b) => rank(a) - rank(b));
  const line = (trial) => [...params.map((param) => place(param, trial.values[param.at]) ?? "-"), trial.scores[rung]];
  const axes = params.map((param, dim) => ({ ...axisOf(param, theme), dim, name: short(param.name, 14) }));
  const label = { color: theme.soft, fontSize: 11 };
  const series = (id, trials, style) => ({
    type: "parallel", id, smooth: false, progressive: 0, lineStyle: style,
    data: trials.map((trial, at) => ({
      value: line(trial), trial: trial.number,
      ...(id === "lines" ? { lineStyle: { color: theme.shades[Math.min(4, Math.floor((5 * at) / trials.length))] } } : {}),
    })),
  });
  const option = frame(theme, {
    parallel: { left: 40, right: 60, top: 40, bottom: 20, parallelAxisDefault: { nameTextStyle: { color: theme.ink, fontSize: 12 }, nameGap: 14, areaSelectStyle: { color: theme.accent, borderColor: theme.accent, opacity: 0.2 } } },
    parallelAxis: [...axes, {
      dim: params.length, type: "value", scale: true, name: short(answer.metric, 14), axisLabel: { ...label, formatter: (v) => number(v) },
      inverse: study.sign > 0, axisLine: { lineStyle: { color: theme.line } }, splitLine: { show: false },
    }],
    series: [series("lines", best, { width: 1.4, opacity: 0.8 }), series("outstanding", [], { width: 3, color: theme.ink, opacity: 1 })],
  });
  option.tooltip.show = false;
  return {
    note: best.length < all.length ? `${best.length} of ${all.length.toLocaleString("en")} lines are drawn, evenly by rank.` : "",
    panels: [{
      height: 360,
      lines: true,
      option,
      wide: 70 * (params.length + 1) + 100,
      outstanding: (trials) => trials.map((trial) => ({ value: line(trial), trial: trial.number })),
    }],
  };
}
