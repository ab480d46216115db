// Numbers and trials in words; everything here is text, and is shown as text.

export function number(value, digits = 4) {
  if (value === null || value === undefined) return "";
  if (typeof value !== "number") return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return value.toLocaleString("en");
  return Number(value.toPrecision(digits)).toString();
}

export function value(of) {
  return typeof of === "number" ? number(of, 3) : of === null || of === undefined ? "" : String(of);
}

export function stateWord(state) {
  return state.replaceAll("_", " ");
}

// A trial in a few lines, for the box beside the pointer.
export function describe(study, trial) {
  const lines = [`trial ${trial.number} · ${stateWord(trial.state)}`];
  if (trial.score !== null) {
    lines.push(`${study.data.answer.metric} ${number(trial.score)} after ${trial.trained} epoch${trial.trained === 1 ? "" : "s"}`);
  }
  for (const param of study.searched.slice(0, 12)) {
    const its = trial.values[param.at];
    if (its !== null) lines.push(`${short(param.name, 24)} ${short(value(its), 24)}`);
  }
  return lines.join("\n");
}

export function short(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

export function python(study, trial) {
  const pairs = study.data.params
    .map((param) => [param.name, trial.values[param.at ?? study.data.params.indexOf(param)]])
    .filter(([, its]) => its !== null)
    .map(([name, its]) => `    ${JSON.stringify(name)}: ${literal(its)},`);
  return `config = {\n${pairs.join("\n")}\n}`;
}

function literal(its) {
  if (its === true) return "True";
  if (its === false) return "False";
  return JSON.stringify(its);
}
