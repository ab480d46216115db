import base64
import hashlib
import json
import re

import pytest
from tests.report.conftest import played

from tunesmith.report.about import About
from tunesmith.report.page import json_block, page, policy
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
