// Where values lie on the axis of a param: 0 at the low end of its range as given, 1 at the high.

const FORWARD = {
  linear: (value) => value,
  log: (value) => Math.log10(value),
  log1m: (value) => -Math.log1p(-value),
};

export function place(param, value) {
  if (value === null || value === undefined) return null;
  if (param.kind === "choice") {
    return (param.options.findIndex((option) => option === value) + 0.5) / param.options.length;
  }
  const forward = FORWARD[param.scale];
  const [start, end] = param.ends.map(forward);
  return (forward(value) - start) / (end - start);
}

// Options are spread over their stretch, so that all trials are seen.
export function spread(param, value, number) {
  const at = place(param, value);
  if (at === null || param.kind !== "choice") return at;
  return at + (((number * 0.618034) % 1) - 0.5) * 0.7 / param.options.length;
}

// The axis of a param for a chart: its places, with the ticks that Python has chosen.
export function axisOf(param, theme, more = {}) {
  const names = new Map(param.ticks);
  const places = [...names.keys()];
  return {
    type: "value",
    min: param.lowest,
    max: param.highest,
    axisLine: { onZero: false, lineStyle: { color: theme.line } },
    axisTick: { customValues: places, lineStyle: { color: theme.line } },
    axisLabel: {
      customValues: places,
      color: theme.soft,
      fontSize: 11,
      hideOverlap: true,
      formatter: (value) => nearest(names, value),
    },
    splitLine: { show: false },
    ...more,
  };
}

function nearest(names, value) {
  for (const [at, text] of names) if (Math.abs(at - value) < 1e-6) return text;
  return "";
}
