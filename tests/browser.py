"""A real browser without a window, watched: what it complains of, asks for, and how it feels.

It is Debian's Chromium, driven by Playwright; nothing is downloaded. CHROMIUM may name another.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

COMMAND = (sys.executable, "-c", "from tunesmith.cli import main; main()")
PATIENCE = 60.0
"""Seconds to wait on a very busy machine."""

ARGUMENTS = (
    "--no-sandbox",  # which root has none of
    "--disable-dev-shm-usage",
    "--enable-precise-memory-info",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
TALL = {"viewport": {"width": 1280, "height": 8000}}
"""A window in which all pictures are seen at once: what is not seen is not drawn."""

WATCH = """
(() => {
  const seen = { tasks: [], blocked: [], picture: null, news: 0 };
  Object.defineProperty(window, "watched", { value: seen });
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) seen.tasks.push([task.startTime, task.duration]);
  }).observe({ type: "longtask", buffered: true });
  document.addEventListener("securitypolicyviolation", (event) => {
    seen.blocked.push(event.violatedDirective + " " + event.blockedURI);
  });
  window.EventSource = class extends EventSource {
    constructor(...told) {
      super(...told);
      this.addEventListener("message", () => { seen.news += 1; });
    }
  };
  const look = () => {
    const drawn = [...document.querySelectorAll("svg, canvas")].some((one) => {
      const box = one.getBoundingClientRect();
      return box.width > 100 && box.height > 50;
    });
    if (drawn) seen.picture = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""
"""Put into every page before its own scripts: long tasks, what its policy blocked, and when the
first picture was there to be painted."""


def chromium() -> str | None:
    """Return where the browser is, None if there is none."""
    named = os.environ.get("CHROMIUM", "chromium")
    return shutil.which(named)


@contextlib.contextmanager
def browser() -> Iterator[Any]:
    """Start a browser, for the time of the block."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        try:
            yield started
        finally:
            started.close()


class Visit:
    """One page, and all it did that a page of ours must not do."""

    def __init__(self, started: Any, **looks: Any) -> None:
        """Take Playwright's settings of a context as `looks`, such as its viewport."""
        self.context = started.new_context(**looks)
        self.context.add_init_script(WATCH)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("dialog", self._meet)
        self.context.on("page", lambda page: self.complaints.append(f"window: {page.url}"))
        self.context.on("request", lambda request: self.asked.append(request.url))
        self._tools = self.context.new_cdp_session(self.page)
        self._tools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *error: object) -> None:
        self.context.close()

    def go(self, address: str) -> None:
        """Open an address and wait until the document is there."""
        self.page.goto(address, wait_until="load", timeout=1000 * PATIENCE)

    def until(self, script: str, *, patience: float = PATIENCE) -> Any:
        """Return what a script gives as soon as it is true; TimeoutError if it stays false."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if found := self.page.evaluate(script):
                return found
            self.page.wait_for_timeout(50)
        raise TimeoutError(f"never true: {script}")

    def outside(self) -> list[str]:
        """Return what was asked for elsewhere than at our own address or in the page itself."""
        own = ("http://127.0.0.1:", "file:", "data:", "blob:", "about:")
        return [url for url in self.asked if not url.startswith(own)]

    def faults(self) -> list[str]:
        """Return complaints, what the policy blocked, and requests to others: nothing, that is."""
        blocked = self.page.evaluate("window.watched.blocked")
        return [*self.complaints, *blocked, *self.outside()]

    def tasks(self, since: float = 0.0) -> list[float]:
        """Return how many milliseconds each task took that took more than 50, from `since` on."""
        seen = self.page.evaluate("window.watched.tasks")
        return [took for began, took in seen if began >= since]

    def now(self) -> float:
        """Return the page's clock, in milliseconds since it began to load."""
        return float(self.page.evaluate("performance.now()"))

    def first_picture(self) -> float:
        """Return after how many milliseconds the first picture was there."""
        return float(self.until("window.watched.picture"))

    def worked(self) -> float:
        """Return the milliseconds of the processor that the page's thread took so far."""
        metrics = self._tools.send("Performance.getMetrics")["metrics"]
        return 1000 * next(float(m["value"]) for m in metrics if m["name"] == "TaskDuration")

    def heap(self) -> float:
        """Return how many MB the page's objects take, garbage not counted."""
        self._tools.send("HeapProfiler.collectGarbage")
        return float(self._tools.send("Runtime.getHeapUsage")["usedSize"]) / 1e6

    def study(self) -> dict[str, Any]:
        """Return the state that came with the document."""
        block = self.page.evaluate(
            "document.querySelector('script[type=\"application/json\"]').textContent"
        )
        return dict(json.loads(block))

    def _hear(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")

    def _meet(self, dialog: Any) -> None:
        self.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()


class Served:
    """A dashboard in a process of its own; a context manager."""

    def __init__(self, study: Path, *options: str) -> None:
        self._process = subprocess.Popen(
            [*COMMAND, "dashboard", study.name, "--no-open", *options],
            cwd=study.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        # Another port than was asked for is said before.
        said = iter(self._process.stdout or ())
        self.said = next((line for line in said if "http://" in line), "")
        self.address = "http://" + self.said.partition("http://")[2].partition(" ")[0]
        self.seconds_to_end = 0.0
        if not self.said:
            _, complaint = self._process.communicate()
            raise RuntimeError(f"no dashboard: {complaint}")

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *error: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    @property
    def page(self) -> str:
        """The address without its token."""
        return self.address.partition("?")[0]

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def worked(self) -> float:
        """Return the seconds of the processor that it took so far."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)

    def memory(self) -> float:
        """Return the MB that it holds."""
        return float(psutil.Process(self.pid).memory_info().rss) / 1e6

    def stop(self) -> tuple[int, str]:
        """Type Ctrl-C; return its exit code and what it said on stderr."""
        began = time.monotonic()
        self._process.send_signal(signal.SIGINT)
        _, err = self._process.communicate(timeout=PATIENCE)
        self.seconds_to_end = time.monotonic() - began
        return self._process.returncode, err
