"""The README's picture: `python -m tests.integrations.picture NAME.html FILE.png`.

It is the zoom ladder of a page that `tunesmith demo` or `tunesmith fit` wrote, in Chromium.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

WIDTH = 1100
HEIGHT = 575
"""The first row of panels."""
MARGIN = 14


def main(page: Path, picture: Path) -> None:
    """Draw the ladder of one page."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        shown.goto(page.resolve().as_uri())
        shown.wait_for_selector("html[data-ready]", state="attached")
        ladder = shown.locator("#ladder")
        ladder.scroll_into_view_if_needed()
        shown.wait_for_timeout(500)
        box = ladder.bounding_box()
        above = shown.evaluate("scrollY")
        clip = {
            "x": box["x"] - MARGIN,
            "y": box["y"] + above,
            "width": box["width"] + 2 * MARGIN,
            "height": min(box["height"], HEIGHT),
        }
        shown.screenshot(path=picture, clip=clip, full_page=True)
        browser.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
