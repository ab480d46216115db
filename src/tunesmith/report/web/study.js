// A study as the page knows it: rows of trials, what is derived from them, and what is chosen.

export const STATES_GONE_WRONG = new Set(["diverged", "failed", "crashed", "timed_out", "out_of_memory"]);
const SHADES = 5;

export class Study {
  constructor(data) {
    this.listeners = [];
    this.filters = { round: "", trained: "", state: "", top: "" };
    this.chosen = null;
    this.hovered = null;
    this.marked = [];
    this.line = 0; // which of data.lines the curves are of
    this.take(data);
  }

  take(data) {
    this.data = data;
    this.sign = data.goal === "max" ? -1 : 1;
    this.at = Object.fromEntries(data.fields.map((field, at) => [field, at]));
    this.sections = new Map(data.sections.map((section) => [section.id, section]));
    this.trials = data.trials.map((row) => this.read(row));
    this.renew();
  }

  // A row as an object; all of one shape, since there may be fifty thousand.
  read(row) {
    const { at } = this;
    const score = row[at.score];
    return {
      number: row[at.number],
      state: row[at.state],
      round: row[at.round],
      epochs: row[at.epochs],
      trained: row[at.trained],
      score,
      seconds: row[at.seconds],
      reason: row[at.reason],
      values: row[at.values],
      scores: row[at.scores],
      bad: STATES_GONE_WRONG.has(row[at.state]),
      loss: typeof score === "number" ? this.sign * score : Infinity,
      rank: 0,
      shade: 0,
    };
  }

  // Take what is new; see tunesmith.report.state.changes.
  apply(news) {
    if (news.whole) {
      this.take(news);
    } else {
      const { data } = this;
      data.at = news.at;
      data.answer = news.answer;
      data.lines = news.lines;
      data.rungs = news.rungs;
      if (news.params) data.params = news.params;
      data.rounds.push(...news.rounds);
      data.steps.push(...news.steps);
      data.moments.push(...news.moments);
      Object.assign(data.curves, news.curves);
      for (const row of news.trials) this.trials[row[0]] = this.read(row);
      for (const section of news.sections || []) this.sections.set(section.id, section);
      this.forgetCurves();
      this.renew();
    }
    this.tell("news");
  }

  // No more curves than are drawn are kept: the worst go first.
  forgetCurves() {
    const numbers = Object.keys(this.data.curves);
    if (numbers.length <= 240) return;
    numbers.sort((a, b) => compare(this.trials[a], this.trials[b]));
    for (const number of numbers.slice(200)) delete this.data.curves[number];
  }

  // Rank all trials: who was trained further first, then who has the better score.
  renew() {
    const { data } = this;
    this.searched = data.params.map((param, at) => ({ ...param, at })).filter((param) => param.searched);
    this.order = [...this.trials].sort(compare);
    this.order.forEach((trial, rank) => { trial.rank = rank; });
    this.byRound = [];
    for (const trial of this.order) (this.byRound[trial.round] ||= []).push(trial);
    for (const group of this.byRound) {
      (group || []).forEach((trial, at) => { trial.shade = Math.floor((SHADES * at) / group.length); });
    }
  }

  // The trials that pass the filters, the best first.
  shown() {
    const { round, trained, state, top } = this.filters;
    let found = this.order;
    if (round !== "") found = found.filter((trial) => trial.round === Number(round));
    if (trained !== "") found = found.filter((trial) => trial.trained >= Number(trained));
    if (state !== "") found = found.filter((trial) => trial.state === state);
    if (top !== "") found = found.slice(0, Math.ceil(found.length * Number(top)));
    return found;
  }

  get best() {
    const number = this.data.answer.best;
    return number === null ? null : this.trials[number];
  }

  choose(number) {
    this.chosen = this.chosen === number ? null : number;
    this.tell("choice");
  }

  hover(number) {
    if (this.hovered === number) return;
    this.hovered = number;
    this.tell("hover");
  }

  mark(number) {
    if (this.marked.includes(number)) this.marked = this.marked.filter((other) => other !== number);
    else this.marked = [...this.marked, number].slice(-2);
    this.tell("choice");
  }

  filter(changes) {
    Object.assign(this.filters, changes);
    this.tell("filter");
  }

  // The trials that stand out in every picture.
  get outstanding() {
    return [...new Set([this.hovered, this.chosen, ...this.marked])]
      .filter((number) => number !== null && this.trials[number]);
  }

  listen(heard) {
    this.listeners.push(heard);
  }

  tell(what) {
    for (const heard of this.listeners) heard(what);
  }
}

// Infinite losses are equal, and their difference is no number: then the trial's number decides.
function compare(a, b) {
  return a.bad - b.bad || b.trained - a.trained || a.loss - b.loss || a.number - b.number;
}

// At most `most` of a list, evenly, the first among them.
export function few(list, most) {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, at) => list[Math.floor((list.length * at) / most)]);
}
