// Pictures: drawn when they come near the window, one panel at a time, so that the page never halts.

import { echarts } from "./charts.js";
import { bdi, element, visible } from "./dom.js";
import { theme } from "./theme.js";

// Drawing takes no more than this share of the time, however often there is news.
const SHARE = 1 / 20;

const queue = [];
let busy = false;
let waits = true;

// Do work whose tasks do not wait for one another: a printer does not.
export function atOnce(work) {
  waits = false;
  work();
  waits = true;
}

// One task after another, with room for the pointer and the keys between them.
function soon(task) {
  if (!waits) {
    task();
    return;
  }
  queue.push(task);
  if (busy) return;
  busy = true;
  const next = () => {
    const first = queue.shift();
    if (!first) { busy = false; return; }
    first();
    setTimeout(next, 0);
  };
  setTimeout(next, 0);
}

// A chart is painted anew whenever it is told its size: only where that has changed.
function fitted({ chart, node }) {
  if (chart.getWidth() !== node.clientWidth || chart.getHeight() !== node.clientHeight) chart.resize();
}

export class Picture {
  constructor(id, study, build) {
    this.id = id;
    this.study = study;
    this.build = build;
    this.holder = document.querySelector(`[data-picture="${id}"]`);
    this.charts = [];
    this.near = false;
    this.stale = true;
    if (!this.holder) return;
    new IntersectionObserver((seen) => {
      this.near = seen[seen.length - 1].isIntersecting;
      if (this.near) {
        this.refresh();
        this.stand();
      }
    }, { rootMargin: "400px" }).observe(this.holder);
    new ResizeObserver(() => { for (const frame of this.charts) soon(() => this.fit(frame)); }).observe(this.holder);
  }

  // The window has another width: so have its charts, and the rings on them another place.
  fit(frame) {
    if (!frame.chart || !this.charts.includes(frame)) return;
    frame.chart.resize();
    this.emphasise(frame);
  }

  // What is drawn is no longer what is known: draw it again when it can be seen. What a person
  // asked for is drawn at once.
  renew(asked = false) {
    this.stale = true;
    if (asked) {
      this.rest = 0;
      clearTimeout(this.waiting);
      this.waiting = null;
    }
    if (this.near) this.refresh();
  }

  refresh() {
    if (!this.stale || document.hidden || this.waiting) return;
    this.waiting = setTimeout(() => {
      this.waiting = null;
      this.stale = false;
      this.spent = 0;
      soon(() => this.draw());
    }, Math.max(0, (this.rest || 0) - performance.now()));
  }

  // Do a part of the drawing, and rest in proportion.
  timed(part) {
    const began = performance.now();
    part();
    this.spent += performance.now() - began;
    this.rest = performance.now() + this.spent / SHARE;
  }

  // Resolves when the picture is as the study is, seen or not: to be saved, it has to be drawn.
  now() {
    if (this.stale) {
      this.stale = false;
      this.spent = 0;
      soon(() => this.draw());
    }
    return new Promise((resolve) => { soon(() => soon(resolve)); });
  }

  draw() {
    const drawn = this.build(this.study, theme());
    const frames = drawn.panels.length === this.charts.length && this.charts.length
      ? this.charts : this.lay(drawn.panels);
    this.note.textContent = drawn.note || "";
    this.key.replaceChildren(...(drawn.key || []).map(({ color, text }) => {
      const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
      swatch.style.background = `var(--${color})`;
      return element("li", {}, swatch, text);
    }));
    drawn.panels.forEach((panel, at) => soon(() => this.timed(() => {
      const frame = frames[at];
      if (!this.charts.includes(frame)) return;
      if (frame.node.style.height !== `${panel.height}px`) frame.node.style.height = `${panel.height}px`;
      if (!frame.chart) frame.chart = this.open(frame);
      frame.panel = panel;
      fitted(frame);
      frame.chart.setOption(panel.option, { notMerge: true });
      this.emphasise(frame);
    })));
    this.holder.dataset.drawn = drawn.panels.length ? "yes" : "no";
  }

  // Lay out a frame for each panel, in place of what was there.
  lay(panels) {
    for (const { chart } of this.charts) if (chart) chart.dispose();
    this.note = element("p", { class: "note" });
    this.key = element("ul", { class: "key" });
    const figures = panels.map((panel) => {
      const node = element("div", { class: "chart", role: "img", "aria-label": this.spoken(panel) });
      node.style.height = `${panel.height}px`;
      if (panel.wide) node.style.minWidth = `${panel.wide}px`;
      const caption = panel.title
        ? [element("figcaption", {}, bdi(panel.title), " ", element("small", {}, panel.small || ""))] : [];
      const inner = panel.wide ? element("div", { class: "scroll wide", tabindex: "0", role: "region", "aria-label": this.spoken(panel) }, node) : node;
      return { node, figure: element("figure", { class: panel.narrow ? "narrow" : "" }, ...caption, inner), chart: null };
    });
    const many = panels.some((panel) => panel.title);
    const body = panels.length
      ? element("div", { class: many ? "panels" : "alone" }, ...figures.map(({ figure }) => figure))
      : element("p", { class: "note" }, "Nothing to draw yet.");
    this.holder.replaceChildren(body, this.key, this.note);
    this.charts = figures;
    return figures;
  }

  spoken(panel) {
    const finding = this.study.sections.get(this.id)?.finding || "";
    return visible(panel.title ? `${panel.title}: ${finding}` : finding);
  }

  open({ node }) {
    const chart = echarts.init(node, null, { renderer: "canvas" });
    const trial = (event) => event.data?.trial;
    chart.on("click", (event) => { if (trial(event) !== undefined) this.study.choose(trial(event)); });
    chart.on("mouseover", (event) => { if (trial(event) !== undefined) this.study.hover(trial(event)); });
    chart.on("mouseout", () => this.study.hover(null));
    return chart;
  }

  // Show the trials that stand out, wherever they are in this picture.
  stand() {
    if (!this.near) return;
    for (const frame of this.charts) soon(() => this.emphasise(frame));
  }

  // Rings lie over the chart, which is not drawn again for them.
  emphasise(frame) {
    const { chart, panel } = frame;
    if (!chart || !panel || panel.plain) return;
    const trials = this.study.outstanding.map((number) => this.study.trials[number]);
    if (panel.lines) {
      if (trials.length || frame.lined) chart.setOption({ series: [{ id: "outstanding", data: panel.outstanding(trials) }] });
      frame.lined = trials.length > 0;
      return;
    }
    const paper = chart.getZr();
    for (const ring of frame.rings || []) paper.remove(ring);
    const points = panel.outstanding(trials).filter((at) => at.every((part) => Number.isFinite(part)));
    frame.rings = points
      .map((at) => chart.convertToPixel({ gridIndex: 0 }, at))
      .filter((pixel) => pixel && chart.containPixel({ gridIndex: 0 }, pixel))
      .map(([cx, cy]) => new echarts.graphic.Circle({
        shape: { cx, cy, r: points.length > 4 ? 3 : 7 }, style: { fill: "none", stroke: theme().ink, lineWidth: 2 }, silent: true, z: 9,
      }));
    for (const ring of frame.rings) paper.add(ring);
  }
}
