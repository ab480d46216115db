"""predict: the same rows wherever they go."""

import json

from tunesmith.cli import run


def test_predict(here, capsys, tmp_path):
    """CSV on stdout, JSON, and a file hold the same; the remark on new values is not among them."""
    assert run(["predict", "people.model", "new.csv"]) == 0
    printed, remark = capsys.readouterr()
    assert remark == "1 rows hold a 'colour' not seen in training\n"
    head, *rows = printed.splitlines()
    assert head == "income,probability of no,probability of yes"
    assert len(rows) == 3
    out = tmp_path / "out.csv"
    assert run(["predict", "people.model", "new.csv", "-o", str(out)]) == 0
    assert out.read_text() == printed
    assert capsys.readouterr().out.endswith(f"3 predictions written to {out}\n")
    assert run(["predict", "people.model", "new.csv", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert (plain["target"], plain["rows"], plain["unseen"]) == ("income", 3, {"colour": 1})
    assert [row["income"] for row in plain["predictions"]] == [r.split(",")[0] for r in rows]
