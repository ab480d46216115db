// What can be taken away: a picture as PNG or SVG, the numbers as CSV.

import { echarts } from "./charts.js";
import { button, visible } from "./dom.js";
import { theme } from "./theme.js";

const GAP = 24;
const TITLE = 22;

export function exportTools(picture, study, rows) {
  const name = `${study.data.name.replace(/\.study$/, "") || "study"}-${picture.id}`;
  const found = [];
  if (picture.holder && picture.build) {
    found.push(
      button("PNG", () => png(picture, name), { title: "Save this picture as PNG" }),
      button("SVG", () => svg(picture, name), { title: "Save this picture as SVG" }),
    );
  }
  found.push(button("CSV", () => save(new Blob([csv(rows())], { type: "text/csv" }), `${name}.csv`), { title: "Save its numbers as CSV" }));
  return found;
}

export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// Rows of cells as CSV; a cell that a spreadsheet would take for a formula is made a text.
export function csv(rows) {
  return rows.map((row) => row.map((cell) => {
    const text = cell === null || cell === undefined ? "" : String(cell);
    const safe = typeof cell === "number" || Number.isFinite(Number(text)) || !/^[=+\-@\t\r]/.test(text) ? text : `'${text}`;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }).join(",")).join("\r\n") + "\r\n";
}

// Where the panels of a picture go when they are put on one sheet.
function sheet(picture) {
  const columns = picture.charts.length > 1 ? 3 : 1;
  const places = [];
  let top = 0;
  let width = 0;
  for (let from = 0; from < picture.charts.length; from += columns) {
    let left = 0;
    let tall = 0;
    for (const frame of picture.charts.slice(from, from + columns)) {
      const size = { width: frame.node.clientWidth, height: frame.node.clientHeight };
      places.push({ frame, left, top, ...size });
      left += size.width + GAP;
      tall = Math.max(tall, size.height + (frame.panel?.title ? TITLE : 0));
    }
    width = Math.max(width, left - GAP);
    top += tall + GAP;
  }
  return { places, width, height: top - GAP };
}

async function png(picture, name) {
  await picture.now();
  if (!picture.charts.length) return;
  const scale = 2;
  const { places, width, height } = sheet(picture);
  const colors = theme();
  const canvas = document.createElement("canvas");
  canvas.width = width * scale;
  canvas.height = height * scale;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  pen.fillStyle = colors.paper;
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = colors.ink;
  pen.font = `600 13px ${colors.font}`;
  for (const { frame, left, top, width: w, height: h } of places) {
    if (!frame.chart) continue;
    const title = frame.panel.title ? TITLE : 0;
    if (title) pen.fillText(frame.panel.title, left, top + 14);
    pen.drawImage(frame.chart.renderToCanvas({ pixelRatio: scale }), left, top + title, w, h);
  }
  canvas.toBlob((blob) => save(blob, `${name}.png`));
}

async function svg(picture, name) {
  await picture.now();
  if (!picture.charts.length) return;
  const { places, width, height } = sheet(picture);
  const colors = theme();
  const parts = places.filter(({ frame }) => frame.panel).map(({ frame, left, top, width: w, height: h }) => {
    const drawn = echarts.init(null, null, { renderer: "svg", ssr: true, width: w, height: h });
    drawn.setOption(frame.panel.option);
    const inner = drawn.renderToSVGString();
    drawn.dispose();
    const title = frame.panel.title
      ? `<text x="0" y="14" fill="${colors.ink}" font-size="13" font-weight="600">${escaped(frame.panel.title)}</text>` : "";
    return `<g transform="translate(${left} ${top})">${title}<g transform="translate(0 ${title ? TITLE : 0})">${inner}</g></g>`;
  });
  const text = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" `
    + `font-family="${escaped(colors.font)}"><rect width="${width}" height="${height}" fill="${colors.paper}"/>${parts.join("")}</svg>`;
  save(new Blob([text], { type: "image/svg+xml" }), `${name}.svg`);
}

function escaped(text) {
  return visible(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
