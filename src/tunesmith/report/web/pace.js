// Seconds of an epoch, against the param that decides them most.

import { few } from "./study.js";
import { axisOf, spread } from "./scales.js";
import { describe, number } from "./words.js";
import { frame, markSeries, valueAxis } from "./charts.js";

const DOTS = 2000;

export function pace(study, theme) {
  const name = study.sections.get("pace")?.figures.param;
  const param = study.searched.find((one) => one.name === name);
  if (!param) return { panels: [] };
  const timed = few(study.shown().filter((trial) => trial.trained && trial.seconds > 0), DOTS);
  const x = (trial) => spread(param, trial.values[param.at], trial.number);
  const y = (trial) => Math.log10(trial.seconds / trial.trained);
  const option = frame(theme, {
    grid: { left: 58, right: 24, top: 10, bottom: 42 },
    xAxis: { ...axisOf(param, theme), name: param.name, nameLocation: "middle", nameGap: 28, nameTextStyle: { color: theme.soft, fontSize: 12 } },
    yAxis: valueAxis(theme, "", {
      splitLine: { show: false },
      axisLabel: { color: theme.soft, fontSize: 11, customValues: round(timed.map(y)), formatter: (v) => `${number(10 ** v, 1)} s` },
    }),
    series: markSeries(study, theme, timed, { x, y, color: () => theme.shade1, size: 6 }),
  });
  option.tooltip.formatter = (item) => {
    const trial = study.trials[item.data.trial];
    return `${number(trial.seconds / trial.trained, 3)} s an epoch\n${describe(study, trial)}`;
  };
  return { panels: [{ height: 260, option, outstanding: (trials) => trials.map((trial) => [x(trial), y(trial)]) }] };
}

// The round numbers of a logarithmic axis: 1, 2 and 5 in each power of ten.
function round(logs) {
  const powers = Array.from({ length: 24 }, (_, at) => at - 12);
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  return powers.flatMap((power) => [1, 2, 5].map((digit) => power + Math.log10(digit))).filter((log) => log >= low - 0.4 && log <= high + 0.4);
}
