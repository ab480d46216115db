"use strict";
(() => {
  const page = document.documentElement;
  const study = JSON.parse(document.getElementById("study").textContent);
  let at = study.at;
  if (page.dataset.live !== "yes") return;
  const status = document.getElementById("connection");
  const source = new EventSource("events?since=" + encodeURIComponent(at));
  source.onopen = () => { status.textContent = "connected"; };
  source.onerror = () => { status.textContent = "disconnected since " + new Date().toLocaleTimeString() + ", trying again"; };
  source.onmessage = (event) => {
    const news = JSON.parse(event.data);
    at = news.at;
    document.getElementById("standing").textContent = news.answer.standing;
  };
})();
