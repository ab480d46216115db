// Workers over time: a bar for each training.

import { describe } from "./words.js";
import { frame, valueAxis } from "./charts.js";

const BARS = 3000;

export function workers(study, theme) {
  const lanes = study.sections.get("workers")?.figures.lanes || [];
  const seen = study.data.moments.slice(0, lanes.length);
  if (!seen.length) return { panels: [] };
  const from = Math.max(0, seen.length - BARS);
  const drawn = seen.slice(from).map((moment, at) => ({ moment, lane: lanes[from + at] }));
  const count = Math.max(...lanes) + 1;
  const { rungs } = study.data;
  const shade = (trial) => theme.shades[Math.min(4, rungs.filter((epochs) => epochs > trial.trained).length)];
  const option = frame(theme, {
    grid: { left: 70, right: 24, top: 6, bottom: 42 },
    xAxis: valueAxis(theme, "seconds", { scale: from > 0, splitLine: { show: false } }),
    yAxis: {
      type: "category", inverse: true, data: Array.from({ length: count }, (_, lane) => `worker ${lane + 1}`),
      axisTick: { show: false }, axisLine: { lineStyle: { color: theme.line } }, axisLabel: { color: theme.soft, fontSize: 11 },
    },
    series: [{
      type: "custom", id: "trainings", clip: true, cursor: "pointer", encode: { x: [0, 1], y: 2 },
      data: drawn.map(({ moment, lane }) => ({ value: [moment[1], moment[2], lane], trial: moment[0] })),
      renderItem: (params, api) => {
        const { moment, lane } = drawn[params.dataIndex];
        const [x0, y] = api.coord([moment[1], lane]);
        const x1 = api.coord([moment[2], lane])[0];
        const thick = api.size([0, 1])[1] * 0.7;
        return { type: "rect", shape: { x: x0, y: y - thick / 2, width: Math.max(0.8, x1 - x0 - 0.4), height: thick }, style: { fill: shade(study.trials[moment[0]]) } };
      },
    }],
  });
  option.tooltip.formatter = (item) => describe(study, study.trials[item.data.trial]);
  return {
    note: from ? `The last ${BARS.toLocaleString("en")} of ${seen.length.toLocaleString("en")} trainings are drawn.` : "",
    panels: [{ height: 60 + 34 * Math.min(count, 16), option, outstanding: () => [], plain: true }],
  };
}
