"""The page as it looks in each state: `python -m tests.integrations.screenshots FOLDER`.

Chromium draws them, at the width of a desk and of a hand, light and dark, and on paper.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from tests.report.conftest import played, study_of

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.moments import Moment
from tunesmith.report.page import page
from tunesmith.report.state import state

WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
SETTLED = 400
"""Milliseconds for pictures that come into view."""
RESULT = {
    "metric": "accuracy",
    "score": 0.941,
    "interval": [0.92, 0.96],
    "rows": 359,
    "baseline": {"linear": 0.89, "constant": 0.62},
    "seconds": 31.0,
    "model": "shown.model",
}


TRACE = """Traceback (most recent call last):
  File "train.py", line 12, in train
    loss = step(model, batch)
ValueError: the loss is nan
"""


def states() -> dict[str, tuple[History, About]]:
    """Return a study of each kind."""
    return {
        "empty": (played(0, finished=False), About(name="empty.study")),
        "running": (played(90, finished=False), _about("running.study", 90)),
        "finished": (played(200), _about("finished.study", 200, result=RESULT)),
        "failed": (_failed(), About(name="failed.study", traces={0: TRACE})),
        "large": (played(10_000, study=study_of(trials=10_000)), _about("large.study", 10_000)),
    }


def _about(name: str, trials: int, **more: object) -> About:
    moments = [Moment(n, 0.11 * (n // 2), 0.11 * (n // 2) + 0.09) for n in range(trials)]
    return About(name=name, moments=moments, **more)


def _failed() -> History:
    """Return a study in which nothing went well."""
    history = played(0, finished=False)
    source = played(22)
    for number in (5, 12, 19):
        trial = source.trials[number]
        at = history.start(trial.config, 1).number
        history.end(at, trial.state, trial.measurements, trial.reason, 0.2)
    return history


def shoot(browser: Browser, html: Path, name: str, folder: Path) -> None:
    """Draw one page at each width, in each scheme, and on paper."""
    for width in WIDTHS:
        for scheme in SCHEMES:
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=scheme
            )
            shown = context.new_page()
            shown.goto(html.as_uri())
            shown.wait_for_selector("html[data-ready]", state="attached")
            for section in shown.query_selector_all("main section"):
                section.scroll_into_view_if_needed()
                shown.wait_for_timeout(SETTLED)
            shown.evaluate("scrollTo(0, 0)")
            shown.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True)
            if width == WIDTHS[-1] and scheme == SCHEMES[0]:
                shown.pdf(path=folder / f"{name}.pdf", format="A4")
            context.close()


def main(folder: Path) -> None:
    """Draw all states."""
    folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, (history, about) in states().items():
            html = folder / f"{name}.html"
            html.write_text(page(state(history.study, history, about)), encoding="utf-8")
            shoot(browser, html.resolve(), name, folder)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
