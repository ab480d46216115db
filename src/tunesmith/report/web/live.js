// Life: what is new comes from the server, and the page says so when it does not.

import { byId, visible } from "./dom.js";

const DRAW_AFTER = 100;
const DRAW_AFTER_HIDDEN = 4000;
const SILENCE = 6000;
const AGAIN = 3000;

// Listen for what is new. The cursor of what is known goes along, so that nothing is sent twice.
export function live(study) {
  const status = byId("connection");
  const known = { lost: null, trouble: "", heard: Date.now(), over: false };
  let source = null;
  let waiting = [];
  let timer = null;

  const say = () => {
    const text = known.lost ? `disconnected since ${known.lost}, trying again`
      : known.trouble || (known.over ? "connected; nothing more will come" : "live");
    status.textContent = visible(text);
    status.className = known.lost || known.trouble ? "lost" : "";
  };
  const alive = () => {
    known.heard = Date.now();
    known.lost = null;
    say();
  };
  const lose = () => {
    known.lost = known.lost || new Date().toTimeString().slice(0, 8);
    say();
  };
  const apply = () => {
    timer = null;
    const all = waiting;
    waiting = [];
    all.forEach((news) => study.apply(news));
    title(study);
  };
  const hear = (event) => {
    alive();
    const news = JSON.parse(event.data);
    if (news.whole) waiting = [];
    waiting.push(news);
    if (!timer) timer = setTimeout(apply, document.hidden ? DRAW_AFTER_HIDDEN : DRAW_AFTER);
  };
  const open = () => {
    source = new EventSource(`events?since=${encodeURIComponent(study.data.at)}`);
    source.onopen = alive;
    source.onmessage = hear;
    source.addEventListener("alive", alive);
    source.addEventListener("trouble", (event) => { known.trouble = JSON.parse(event.data); alive(); });
    source.addEventListener("finished", () => { known.over = true; alive(); });
    source.onerror = () => {
      lose();
      if (source.readyState === EventSource.CLOSED) setTimeout(open, AGAIN);
    };
  };
  // A server that says nothing for long is as good as gone, whatever the connection says.
  setInterval(() => { if (Date.now() - known.heard > SILENCE) lose(); }, SILENCE / 3);
  status.textContent = "connecting";
  title(study);
  open();
}

function title(study) {
  const { answer } = study.data;
  const share = answer.share === null ? "" : `${Math.round(100 * answer.share)} % · `;
  const score = typeof answer.score === "number" ? `${answer.score.toPrecision(4)} · ` : "";
  document.title = `${share}${score}${visible(study.data.name || "a study")}`;
}
