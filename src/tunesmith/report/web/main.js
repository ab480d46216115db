// The page comes to life: its pictures answer to the pointer, and to what is new.

import { bumps, curves, lineChoice } from "./curves.js";
import { Detail, filters, words } from "./detail.js";
import { button, byId, element } from "./dom.js";
import { exportTools } from "./export.js";
import { importance, pair } from "./importance.js";
import { ladder } from "./ladder.js";
import { live } from "./live.js";
import { pace } from "./pace.js";
import { parallel } from "./parallel.js";
import { atOnce, Picture } from "./pictures.js";
import { progress } from "./progress.js";
import { slices } from "./slices.js";
import { Study } from "./study.js";
import { Table } from "./table.js";
import { themeSwitch } from "./theme.js";
import { workers } from "./workers.js";

const DRAWN = { ladder, curves, fairness: bumps, progress, slices, importance, pair, parallel, workers, pace };

const study = new Study(JSON.parse(byId("study").textContent));
const pictures = Object.entries(DRAWN).map(([id, build]) => new Picture(id, study, build));
const table = new Table(study, document.querySelector('[data-picture="trials"]'));
new Detail(study);

const bar = element("div", { id: "filters", role: "group", "aria-label": "Which trials are shown" });
byId("ladder").before(bar);
filters(study, bar);

const colors = button("", () => {});
byId("controls").append(colors);
themeSwitch(colors, () => pictures.forEach((picture) => picture.renew(true)));

for (const section of study.sections.values()) {
  const tools = document.querySelector(`[data-tools="${section.id}"]`);
  const rows = () => {
    if (section.id === "trials") return table.cells();
    const now = study.sections.get(section.id);
    return now.head.length ? [now.head, ...now.rows] : table.cells();
  };
  const picture = pictures.find((one) => one.id === section.id) || { id: section.id };
  if (picture.build || section.head.length) tools.append(...exportTools(picture, study, rows));
}
document.querySelector('[data-tools="curves"]')
  .prepend(lineChoice(study, () => pictures.find((one) => one.id === "curves").renew(true)));
fitTools();

// A section that has neither picture nor rows has nothing to save.
function fitTools() {
  for (const { id, rows } of study.sections.values()) {
    document.querySelector(`[data-tools="${id}"]`).hidden = !(id in DRAWN) && rows.length === 0;
  }
}

study.listen((what) => {
  if (what === "news") {
    words(study);
    fitTools();
    filtersKept();
  }
  if (what === "news" || what === "filter") {
    pictures.forEach((picture) => picture.renew(what === "filter"));
    if (what === "filter") table.refill();
    else table.renew();
  } else {
    pictures.forEach((picture) => picture.stand());
    if (what === "choice") table.show();
  }
});

// New rounds, rungs and states can be chosen; what was chosen stays.
function filtersKept() {
  const before = [...bar.querySelectorAll("select")].map((select) => select.value);
  if (bar.contains(document.activeElement)) return;
  filters(study, bar);
  bar.querySelectorAll("select").forEach((select, at) => { if (before[at]) select.value = before[at]; });
}

// On paper all pictures are there, on white, as wide as the sheet.
const root = document.documentElement;
let colour;
addEventListener("beforeprint", () => {
  colour = root.dataset.theme;
  root.dataset.theme = "light";
  root.dataset.paper = "yes";
  atOnce(() => pictures.forEach((picture) => picture.holder && picture.draw()));
});
addEventListener("afterprint", () => {
  delete root.dataset.paper;
  if (colour) root.dataset.theme = colour;
  else delete root.dataset.theme;
  pictures.forEach((picture) => picture.renew(true));
});

document.addEventListener("visibilitychange", () => { if (!document.hidden) pictures.forEach((picture) => picture.near && picture.refresh()); });
document.documentElement.dataset.ready = "yes";
if (document.documentElement.dataset.live === "yes") live(study);
