// All trials in a table: only the rows that can be seen are there, so fifty thousand are no burden.

import { bdi, button, element } from "./dom.js";
import { number, stateWord, value } from "./words.js";

const ROW = 31;
const SPARE = 12;

export class Table {
  constructor(study, holder) {
    this.study = study;
    this.holder = holder;
    this.sort = { key: "rank", down: false };
    this.words = "";
    this.columns = columnsOf(study);
    this.build();
    this.refill();
  }

  build() {
    this.count = element("span", { class: "note", role: "status" });
    const search = element("input", {
      type: "search", placeholder: "done, 47, units>64 …", "aria-label": "Filter the trials: a state, a number, or a comparison such as units>64",
      oninput: () => { this.words = search.value; this.refill(); },
    });
    this.body = element("tbody");
    this.head = element("tr");
    this.table = element("table", { class: "trials", "aria-rowcount": "0" }, element("thead", {}, this.head), this.body);
    this.scroller = element("div", { class: "scroll trials", tabindex: "0", role: "region", "aria-label": "All trials", onscroll: () => this.later() }, this.table);
    this.holder.replaceChildren(element("div", { class: "tools" }, element("label", {}, "Find ", search), this.count), this.scroller);
    new ResizeObserver(() => this.later()).observe(this.scroller); // it has no height before it is laid out
    new IntersectionObserver((seen) => {
      this.near = seen[seen.length - 1].isIntersecting;
      if (this.near && this.stale) this.refill();
    }, { rootMargin: "400px" }).observe(this.holder);
    this.heads();
  }

  heads() {
    this.head.replaceChildren(element("th", { scope: "col" }, "compare"), ...this.columns.map((column) => {
      const sorted = this.sort.key === column.key;
      return element("th", { scope: "col", "aria-sort": sorted ? (this.sort.down ? "descending" : "ascending") : "none" },
        button("", () => {
          this.sort = { key: column.key, down: sorted ? !this.sort.down : false };
          this.heads();
          this.refill();
        }));
    }));
    this.columns.forEach((column, at) => {
      const arrow = this.sort.key === column.key ? (this.sort.down ? " ↓" : " ↑") : "";
      this.head.children[at + 1].firstChild.append(bdi(column.name), arrow);
    });
  }

  // There is news: it is filled again when it can be seen.
  renew() {
    this.stale = true;
    if (this.near) this.refill();
  }

  refill() {
    this.stale = false;
    const { key, down } = this.sort;
    const column = this.columns.find((one) => one.key === key);
    const passes = matcher(this.words, this.columns);
    const found = this.study.shown().filter(passes);
    if (column && key !== "rank") {
      found.sort((a, b) => order(column.of(a), column.of(b)) * (down ? -1 : 1) || a.rank - b.rank);
    } else if (down) found.reverse();
    this.found = found;
    this.table.setAttribute("aria-rowcount", String(found.length + 1));
    const all = this.study.trials.length;
    this.count.textContent = found.length === all
      ? `${all.toLocaleString("en")} trials` : `${found.length.toLocaleString("en")} of ${all.toLocaleString("en")} trials`;
    this.show();
  }

  later() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => { this.waiting = false; this.show(); });
  }

  show() {
    const high = this.scroller.clientHeight || 480;
    const from = Math.max(0, Math.floor(this.scroller.scrollTop / ROW) - SPARE);
    const to = Math.min(this.found.length, from + Math.ceil(high / ROW) + 2 * SPARE);
    const room = (height) => {
      const cell = element("td", { colspan: String(this.columns.length + 1) });
      const row = element("tr", { class: "room", "aria-hidden": "true" }, cell);
      cell.style.height = `${height}px`;
      return height > 0 ? [row] : [];
    };
    const rows = this.found.slice(from, to).map((trial, at) => this.row(trial, from + at));
    this.body.replaceChildren(...room(from * ROW), ...rows, ...room((this.found.length - to) * ROW));
  }

  row(trial, at) {
    const { study } = this;
    const out = study.outstanding.includes(trial.number);
    const best = study.data.answer.best === trial.number;
    const box = element("input", {
      type: "checkbox", "aria-label": `Compare trial ${trial.number}`, onchange: () => study.mark(trial.number),
    });
    box.checked = study.marked.includes(trial.number);
    const cells = this.columns.map((column) => element("td", {}, bdi(column.text(trial))));
    cells[0].replaceChildren(button(String(trial.number) + (best ? " ★" : ""), () => study.choose(trial.number), {
      class: "link", "aria-pressed": String(study.chosen === trial.number), title: best ? "recommended" : "Show this trial in all pictures",
    }));
    return element("tr", {
      class: [out ? "out" : "", trial.bad ? "bad" : ""].join(" ").trim(), "aria-rowindex": String(at + 2),
      onmouseenter: () => study.hover(trial.number), onmouseleave: () => study.hover(null),
    }, element("td", {}, box), ...cells);
  }

  // Every trial that passes, in the order shown, with all that is known of it.
  cells() {
    if (this.stale) this.refill();
    return [this.columns.map((column) => column.name), ...this.found.map((trial) => this.columns.map((column) => column.of(trial)))];
  }
}

function columnsOf(study) {
  const plain = (key, name, text = (of) => number(of)) => ({
    key, name, of: (trial) => trial[key], text: (trial) => (trial[key] === null ? "" : text(trial[key])),
  });
  return [
    plain("number", "trial", String),
    plain("score", study.data.answer.metric),
    plain("trained", "epochs"),
    plain("state", "state", stateWord),
    plain("round", "round", String),
    ...study.data.params.map((param, at) => ({
      key: `param ${at}`, name: param.name, of: (trial) => trial.values[at], text: (trial) => value(trial.values[at]),
    })),
    plain("seconds", "seconds", (of) => of.toFixed(2)),
    plain("reason", "reason", String),
  ];
}

function order(a, b) {
  const [first, second] = [a, b].map((of) => (of === null || of === undefined || of === ""));
  if (first || second) return first - second;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b));
}

const SIGNS = { "<": (a, b) => a < b, ">": (a, b) => a > b, "<=": (a, b) => a <= b, ">=": (a, b) => a >= b, "=": (a, b) => a === b };

// Words, all of which must be met: a comparison such as units>64, a number, or part of a text.
export function matcher(words, columns) {
  const tests = words.trim().split(/\s+/).filter(Boolean).map((word) => {
    const [, name, sign, right] = word.match(/^(.+?)(<=|>=|<|>|=)(.+)$/) || [];
    const column = name && columns.find((one) => one.name === name);
    if (column) {
      const limit = Number(right);
      return (trial) => {
        const its = column.of(trial);
        if (sign === "=" && String(its) === right) return true;
        return typeof its === "number" && SIGNS[sign](its, limit);
      };
    }
    const text = word.toLowerCase();
    return (trial) => String(trial.number) === text || stateWord(trial.state).includes(text)
      || trial.reason.toLowerCase().includes(text) || trial.values.some((its) => typeof its === "string" && its.toLowerCase() === text);
  });
  return (trial) => tests.every((test) => test(trial));
}
