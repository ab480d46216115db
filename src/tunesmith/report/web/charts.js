// The part of ECharts that the page uses, and what all of its charts share.

import * as echarts from "echarts/core";
import { BarChart, CustomChart, LineChart, ParallelChart, ScatterChart } from "echarts/charts";
import { GridComponent, ParallelComponent, TooltipComponent } from "echarts/components";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";

echarts.use([BarChart, CustomChart, LineChart, ParallelChart, ScatterChart,
  GridComponent, ParallelComponent, TooltipComponent, CanvasRenderer, SVGRenderer]);

export { echarts };

// Marks of one look from which on they are drawn as one path.
const MANY = 60;

export const CROSS = "path://M0,1L1,0L5,4L9,0L10,1L6,5L10,9L9,10L5,6L1,10L0,9L4,5Z";

export function frame(theme, more = {}) {
  return {
    animation: false,
    textStyle: { fontFamily: theme.font, color: theme.ink },
    tooltip: {
      renderMode: "richText",
      confine: true,
      transitionDuration: 0,
      backgroundColor: theme.panel,
      borderColor: theme.line,
      textStyle: { color: theme.ink, fontSize: 12, fontFamily: theme.font },
    },
    ...more,
  };
}

export function valueAxis(theme, name, more = {}) {
  return {
    type: "value",
    scale: true,
    name,
    nameLocation: "middle",
    nameGap: 28,
    nameTextStyle: { color: theme.soft, fontSize: 12 },
    axisLabel: { color: theme.soft, fontSize: 11, hideOverlap: true },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: theme.line } },
    ...more,
  };
}

// Rungs, evenly apart: a full training of many epochs is best seen on a log scale.
export function epochAxis(theme, study) {
  const { epochs, rungs } = study.data;
  const log = epochs >= 10;
  const at = (epoch) => (log ? Math.log10(epoch) : epoch);
  const places = rungs.map(at);
  const axis = valueAxis(theme, "epochs", {
    min: at(1),
    max: Math.max(at(epochs), at(1) + 0.1),
    splitLine: { show: false },
    axisLabel: {
      color: theme.soft,
      fontSize: 11,
      customValues: places,
      hideOverlap: true,
      formatter: (place) => String(Math.round(log ? 10 ** place : place)),
    },
  });
  return { at, axis };
}

// Marks of trials: shape by state, colour by `color(trial)`; one series for each of both. Where
// there are many of a kind they are drawn as one path, which takes a tenth of the time.
export function markSeries(study, theme, trials, { x, y, color, size = 6, more = {} }) {
  const kinds = new Map();
  for (const trial of trials) {
    const at = [x(trial), y(trial)];
    if (!Number.isFinite(at[0]) || !Number.isFinite(at[1])) continue;
    const kind = trial.bad ? "cross" : trial.state === "done" ? "full" : "hollow";
    const its = kind === "cross" ? theme.red : color(trial);
    const id = `${kind} ${its}`;
    if (!kinds.has(id)) kinds.set(id, { kind, its, data: [] });
    kinds.get(id).data.push({ value: at, trial: trial.number });
  }
  return [...kinds].map(([id, { kind, its, data }]) => ({
    type: "scatter",
    id,
    data,
    symbol: kind === "cross" ? CROSS : "circle",
    symbolSize: size,
    itemStyle: kind === "hollow" ? { color: "transparent", borderColor: its, borderWidth: 1.2 } : { color: its },
    large: kind !== "cross",
    largeThreshold: MANY,
    cursor: "pointer",
    z: 3,
    ...more,
  }));
}

// A custom series whose items are polylines; each item is {line: [[x, y], ..], trial, style}.
export function lineSeries(id, items, more = {}) {
  return {
    type: "custom",
    id,
    clip: true,
    data: items.map((item) => ({ value: item.line[item.line.length - 1], trial: item.trial })),
    renderItem: (params, api) => {
      const item = items[params.dataIndex];
      return {
        type: "polyline",
        shape: { points: item.line.map((point) => api.coord(point)) },
        style: { fill: "none", ...item.style },
        emphasis: { style: { lineWidth: 3 } },
      };
    },
    ...more,
  };
}
