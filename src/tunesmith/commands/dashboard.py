"""dashboard: a study as a page that follows it."""

import os
import sys
import webbrowser
from pathlib import Path

import click

from tunesmith.commands.files import existing
from tunesmith.commands.options import FILE
from tunesmith.commands.speech import console, say
from tunesmith.usage import whole

PORT = 8421
"""Where the page is, if nothing else is there."""

ENDED = "the dashboard has ended; the study was only read, and whoever runs it goes on"


@click.command()
@click.argument("study", type=FILE)
@click.option(
    "--port",
    type=whole(1024, 65_535),
    metavar="P",
    default=PORT,
    show_default=True,
    help="Serve the page there; at a free port if it is taken.",
)
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
def dashboard(study: Path, port: int, no_open: bool) -> None:
    """Show a study in a browser on this machine, also while it runs.

    Ctrl-C ends it.
    """
    from tunesmith.dashboard.serve import listen, serve

    existing(study, ".study")
    to = console()

    def started(shown: str, opened: str) -> None:
        say(to, f"{study} is at {shown} (Ctrl-C ends this)")
        if not no_open and _has_screen():
            webbrowser.open(opened)

    with listen(port) as at:
        found = at.getsockname()[1]
        if found != port:
            say(to, f"port {port} is taken, so the page is at port {found}")
        try:
            serve(study, at, started)
        except KeyboardInterrupt:
            raise click.Abort(ENDED) from None


def _has_screen() -> bool:
    """Return whether a browser would have a window: without one it would take the terminal."""
    if not sys.stdout.isatty():
        return False
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True
