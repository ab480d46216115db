// How much each param carries, with intervals; and a map of two of them.

import { axisOf, place } from "./scales.js";
import { describe, short } from "./words.js";
import { few } from "./study.js";
import { frame, valueAxis } from "./charts.js";

export function importance(study, theme) {
  const figures = study.sections.get("importance")?.figures;
  if (!figures?.params?.length) return { panels: [] };
  const { params, regions } = figures;
  const colors = [theme.shade2, theme.shade4];
  const height = 0.7 / regions.length;
  const offset = (region) => (region + 0.5) * height - 0.35;
  const items = regions.flatMap((region, r) => params.map((_, at) => ({ region, r, at })));
  const option = frame(theme, {
    grid: { left: 8, right: 24, top: 6, bottom: 40, containLabel: true },
    xAxis: valueAxis(theme, "share of the differences", { scale: false, min: 0, max: 1, axisLabel: { color: theme.soft, formatter: (v) => `${Math.round(100 * v)} %` } }),
    yAxis: {
      type: "category", inverse: true, data: params.map((name) => short(name, 22)), axisTick: { show: false },
      axisLine: { lineStyle: { color: theme.line } }, axisLabel: { color: theme.ink, fontSize: 12 },
    },
    series: [{
      type: "custom",
      id: "shares",
      data: items.map(({ region, at }) => [region.share[at], at]),
      renderItem: (props, api) => {
        const { region, r, at } = items[props.dataIndex];
        const y = (of) => api.coord([0, at])[1] + of * api.size([0, 1])[1];
        const x = (share) => api.coord([share, at])[0];
        const middle = y(offset(r));
        const thick = height * api.size([0, 1])[1] * 0.8;
        return { type: "group", children: [
          { type: "rect", shape: { x: x(0), y: middle - thick / 2, width: Math.max(1, x(region.share[at]) - x(0)), height: thick }, style: { fill: colors[r] } },
          { type: "line", shape: { x1: x(region.low[at]), y1: middle, x2: x(region.high[at]), y2: middle }, style: { stroke: theme.ink, lineWidth: 1.5 } },
          ...[region.low[at], region.high[at]].map((end) => ({ type: "line", shape: { x1: x(end), y1: middle - 4, x2: x(end), y2: middle + 4 }, style: { stroke: theme.ink, lineWidth: 1.5 } })),
        ] };
      },
    }],
  });
  option.tooltip.formatter = (item) => {
    const { region, at } = items[item.dataIndex];
    const percent = (share) => `${Math.round(100 * share)} %`;
    return `${short(params[at], 40)}\n${region.name}: ${percent(region.share[at])}\n95 % interval ${percent(region.low[at])} to ${percent(region.high[at])}`;
  };
  return {
    key: regions.map((region, r) => ({ color: `shade${r ? 4 : 2}`, text: region.name })),
    panels: [{ height: 46 + 44 * params.length, option, outstanding: () => [], plain: true }],
  };
}

export function pair(study, theme) {
  const figures = study.sections.get("pair")?.figures;
  if (!figures?.params) return { panels: [] };
  const [x, y] = figures.params.map((name) => study.searched.find((param) => param.name === name));
  if (!x || !y) return { panels: [] };
  const { cells, expected } = figures;
  const low = Math.min(...expected);
  const high = Math.max(...expected);
  const shade = (value) => Math.min(4, Math.floor((5 * (high - value)) / (high - low || 1)));
  const at = (param, step) => param.lowest + (param.highest - param.lowest) * (step / cells);
  const option = frame(theme, {
    grid: { left: 64, right: 12, top: 10, bottom: 46 },
    xAxis: axisOf(x, theme, { name: short(x.name, 40), nameLocation: "middle", nameGap: 28, nameTextStyle: { color: theme.soft } }),
    yAxis: axisOf(y, theme, { name: short(y.name, 40), nameLocation: "middle", nameGap: 46, nameTextStyle: { color: theme.soft } }),
    series: [
      {
        type: "custom", id: "map", silent: true, clip: true,
        data: expected.map((value, k) => [at(x, (k % cells) + 0.5), at(y, Math.floor(k / cells) + 0.5), value]),
        renderItem: (props, api) => {
          const k = props.dataIndex;
          const [x0, y0] = api.coord([at(x, k % cells), at(y, Math.floor(k / cells) + 1)]);
          const [x1, y1] = api.coord([at(x, (k % cells) + 1), at(y, Math.floor(k / cells))]);
          return { type: "rect", shape: { x: x0, y: y0, width: x1 - x0 + 0.5, height: y1 - y0 + 0.5 }, style: { fill: theme.shades[shade(expected[k])] } };
        },
      },
      {
        type: "scatter", id: "trials", symbolSize: 5, cursor: "pointer",
        itemStyle: { color: theme.panel, borderColor: theme.ink, borderWidth: 1 },
        data: few(study.shown(), 400).map((trial) => ({ value: [place(x, trial.values[x.at]), place(y, trial.values[y.at])], trial: trial.number })),
      },
    ],
  });
  option.tooltip.formatter = (item) => (item.data.trial === undefined ? "" : describe(study, study.trials[item.data.trial]));
  return {
    panels: [{
      height: 380,
      narrow: true,
      option,
      outstanding: (trials) => trials.map((trial) => [place(x, trial.values[x.at]), place(y, trial.values[y.at])]),
    }],
  };
}
