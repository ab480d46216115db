import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
from tests.report.conftest import played

from tunesmith.report.about import About
from tunesmith.report.page import FOLDER, json_block, page, policy
from tunesmith.report.state import state

HOSTILE = "</script><script>alert(1)</script>\u2028<img src=x onerror=alert(2)>'\"&"


@pytest.mark.parametrize("live", [False, True], ids=["report", "live"])
def test_a_hostile_name_never_appears_unescaped(live):
    """Whatever a study is called, the page holds it as text."""
    history = played(3)
    html = page(state(history.study, history, About(name=HOSTILE)), live=live)
    assert "<script>alert" not in html
    assert "<img" not in html
    assert html.count("</script>") == 2


def test_a_json_block_reads_back():
    """What is escaped for HTML is the same to JSON."""
    data = {HOSTILE: [HOSTILE, 0.1, None]}
    text = json_block(data)
    assert json.loads(text) == data
    assert not set("<>&\u2028\u2029") & set(text)


def test_the_policy_names_the_script_and_style_that_are_there():
    """The digests are those of the page's own blocks; only a live page may connect."""
    history = played(3)
    html = page(state(history.study, history))
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy(live=False)
    assert "connect-src" not in policy(live=False)
    assert "connect-src 'self'" in policy(live=True)
    assert policy(live=True).startswith("default-src 'none'; ")
    assert "unsafe" not in policy(live=True)


def test_the_script_is_built_from_its_sources():
    """Whoever changes them runs `make page`: the banner names the sources it was built from."""
    digest = hashlib.sha256()
    sources = Path(__file__).parents[2] / "src" / "tunesmith" / "report" / "web"
    names = [path for path in sources.iterdir() if path.suffix in (".js", ".mjs", ".json")]
    for path in sorted(names, key=lambda path: path.name):
        digest.update(path.read_bytes())
    banner = (FOLDER / "page.js").read_text(encoding="utf-8").split("*/")[0]
    assert banner.endswith(f"Built from sources {digest.hexdigest()} ")


def test_a_page_names_no_other_place():
    """No address is in it but those that name the kinds of XML."""
    history = played(3)
    html = page(state(history.study, history), live=True)
    found = set(re.findall(r"(?:https?:)?//[\w.-]+\.[a-z]+/", html))
    assert found <= {"http://www.w3.org/"}
    assert not re.search(r"@import|url\((?!#)", html)


def test_the_licences_of_others_are_there():
    """Who made what the script holds is said beside it."""
    text = (FOLDER / "page.licences.txt").read_text(encoding="utf-8")
    assert all(name in text for name in ("ECharts", "zrender", "Apache License", "BSD 3-Clause"))
