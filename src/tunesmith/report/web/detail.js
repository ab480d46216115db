// What is chosen: one trial in full, or two side by side.

import { bdi, button, byId, element, picture } from "./dom.js";
import { number, python, stateWord, value } from "./words.js";

export class Detail {
  constructor(study) {
    this.study = study;
    this.box = element("aside", { id: "detail", "aria-label": "Chosen trials", hidden: true });
    document.body.append(this.box);
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
    study.listen((what) => { if (what === "choice" || what === "news") this.show(); });
  }

  close() {
    this.study.marked = [];
    this.study.chosen = null;
    this.study.tell("choice");
  }

  show() {
    const { study } = this;
    const numbers = study.marked.length === 2 ? study.marked : study.chosen !== null ? [study.chosen] : study.marked;
    const trials = numbers.map((n) => study.trials[n]).filter(Boolean);
    this.box.hidden = trials.length === 0;
    if (!trials.length) return;
    const title = trials.length === 2 ? `Trials ${trials[0].number} and ${trials[1].number}` : `Trial ${trials[0].number}`;
    this.box.replaceChildren(
      element("div", { class: "bar" }, element("h2", {}, title), button("Close", () => this.close())),
      this.table(trials),
      ...trials.map((trial) => this.copy(trial)),
    );
  }

  table(trials) {
    const { study } = this;
    const lines = [
      ["state", (trial) => stateWord(trial.state)],
      [study.data.answer.metric, (trial) => number(trial.score)],
      ["epochs", (trial) => String(trial.trained)],
      ["round", (trial) => String(trial.round)],
      ["seconds", (trial) => trial.seconds.toFixed(2)],
      ["reason", (trial) => trial.reason],
      ...study.data.params.map((param, at) => [param.name, (trial) => value(trial.values[at])]),
    ];
    const rows = lines.filter(([, text]) => trials.some((trial) => text(trial) !== "")).map(([name, text]) => {
      const texts = trials.map(text);
      const differ = texts.length === 2 && texts[0] !== texts[1];
      return element("tr", { class: differ ? "differ" : "" }, element("th", { scope: "row" }, bdi(name)),
        ...texts.map((its) => element("td", {}, bdi(its))));
    });
    return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "The chosen trials" }, element("table", {}, element("tbody", {}, ...rows)));
  }

  copy(trial) {
    const code = python(this.study, trial);
    const shown = element("code", { class: "block" }, ...code.split("\n").flatMap((line) => [bdi(line), "\n"]));
    const copy = button(`Copy trial ${trial.number} as Python`, async () => {
      shown.hidden = false;
      try {
        await navigator.clipboard.writeText(code);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(shown);
        copy.textContent = "Selected: copy it with the keyboard";
      }
    });
    shown.hidden = true;
    return element("div", { class: "tools" }, copy, shown);
  }
}

// Filters for all pictures.
export function filters(study, holder) {
  const choice = (name, label, options) => {
    const select = element("select", { onchange: () => study.filter({ [name]: select.value }) },
      ...options.map(([its, text]) => element("option", { value: its }, text)));
    return element("label", {}, `${label} `, select);
  };
  const { rounds, rungs } = study.data;
  const states = [...new Set(study.trials.map((trial) => trial.state))];
  const parts = [
    choice("top", "Show", [["", "all trials"], ["0.5", "the best half"], ["0.2", "the best 20 %"], ["0.05", "the best 5 %"]]),
    choice("trained", "trained", [["", "for any time"], ...rungs.map((rung) => [rung, `${rung} epoch${rung === 1 ? "" : "s"} or more`])]),
    choice("state", "in state", [["", "any"], ...states.map((state) => [state, stateWord(state)])]),
  ];
  if (rounds.length > 1) parts.push(choice("round", "of round", [["", "any"], ...rounds.map((round) => [round.number, String(round.number)])]));
  holder.replaceChildren(...parts);
}

export function words(study) {
  const { answer } = study.data;
  byId("answer-sentence").textContent = answer.sentence;
  byId("answer-why").textContent = answer.why;
  if (answer.picture) byId("answer-picture")?.replaceChildren(picture(answer.picture));
  byId("standing").textContent = answer.standing;
  byId("standing").className = answer.finished ? "over" : "on";
  const pairs = (of) => Object.entries(of).map(([name, its]) => element("div", {}, element("dt", {}, bdi(name)), element("dd", {}, bdi(its))));
  byId("config").replaceChildren(...pairs(answer.config));
  byId("spent").replaceChildren(...pairs(answer.spent));
  byId("commands")?.replaceChildren(...answer.commands.map(([what, command]) => element("div", {},
    element("dt", {}, what), element("dd", {}, element("code", {}, bdi(command))))));
  for (const section of study.sections.values()) sectionWords(section);
}

function sectionWords(section) {
  const place = byId(section.id);
  if (!place) return;
  place.querySelector(".finding").replaceChildren(bdi(section.finding));
  place.querySelector(".points")?.replaceChildren(...section.points.map((point) => element("li", {}, bdi(point))));
  const traces = place.querySelector(".traces");
  // What is open stays open: tracebacks come, and never change.
  const told = traces ? [...traces.querySelectorAll("summary")].map((title) => title.textContent) : [];
  for (const [title, text] of section.folds) if (traces && !told.includes(title)) traces.append(fold(title, text));
  const body = place.querySelector(`table[data-table="${section.id}"] tbody`);
  if (body) {
    body.replaceChildren(...section.rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, bdi(cell))))));
  }
}

function fold(title, text) {
  const lines = text.split("\n").flatMap((line) => [bdi(line), "\n"]);
  return element("details", {}, element("summary", {}, title),
    element("pre", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, ...lines));
}
