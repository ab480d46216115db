import json

from tunesmith.report.findings.section import Section


def test_a_section_is_plain_json():
    """Sequences become lists; what is not given is there, and empty."""
    plain = Section(
        id="a", title="A", what="It is.", finding="It was.", head=("x",), rows=(("1",),)
    ).to_builtins()
    assert json.loads(json.dumps(plain)) == plain
    assert (plain["rows"], plain["points"], plain["figures"]) == ([["1"]], [], {})
