import subprocess
import sys

from tests.report.conftest import played, study_of
from tests.waiting import PATIENCE

from tunesmith.report.notebook import html
from tunesmith.space import Float, Space

NOTEBOOK = """
import sys, types

shown = {}

class Html:
    def for_type_by_name(self, module, name, show):
        shown[module, name] = show

formatter = types.SimpleNamespace(formatters={"text/html": Html()})
shell = types.SimpleNamespace(display_formatter=formatter)
sys.modules["IPython"] = types.SimpleNamespace(get_ipython=lambda: shell)
import tunesmith as ts

assert not {"jinja2", "numpy"} & sys.modules.keys()
history = ts.tune(lambda a: a["x"], ts.Space(x=ts.Float(0.3, 2.0)), trials=2)
print(shown["tunesmith.history", "History"](history))
"""


def test_a_history_shows_itself():
    """The answer, the config and a panel for every param, without a script."""
    shown = html(played())
    assert shown.count("<svg") == 4
    assert "The best is trial " in shown
    assert "<script" not in shown


def test_a_hostile_name_is_text():
    """Whatever a param is called."""
    space = Space(**{"<img src=x onerror=alert(1)>": Float(0.3, 2.0)})
    assert "<img" not in html(played(0, finished=False, study=study_of(space=space)))


def test_a_notebook_is_told_how_to_show_it():
    """At the import, which loads nothing for it."""
    done = subprocess.run(
        [sys.executable, "-c", NOTEBOOK],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert '<div class="tunesmith">' in done.stdout
    assert "<svg" in done.stdout
