"""doctor: one sentence about a study file, and what is whole saved."""

import json

import pytest
from tests.chaos.driver import tune

from tunesmith.cli import run
from tunesmith.ledger import question
from tunesmith.space import Float, Space
from tunesmith.store.store import Store
from tunesmith.study import Study

TRIALS = 40


@pytest.fixture
def study(tmp_path, monkeypatch):
    """Run a study of 40 trials in the working folder."""
    monkeypatch.chdir(tmp_path)
    tune(TRIALS, store="x.study")
    return tmp_path / "x.study"


def damage(path):
    """Put zeros over the second page of events."""
    content = bytearray(path.read_bytes())
    leaves = [place for place in range(4096, len(content), 4096) if content[place] == 13]
    content[leaves[2] : leaves[2] + 4096] = bytes(4096)
    path.write_bytes(content)


def doctor(capsys, *arguments):
    """Run the command; return its exit code, and the lines it printed."""
    code = run(["doctor", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_all_is_well(study, capsys):
    """The sentence counts events and trials and says whether the study is over; --json too."""
    with Store.read(study) as store:
        events = store.last_sequence
    code, out, err = doctor(capsys, "x.study")
    assert (code, err) == (0, "")
    assert out == (
        f"x.study is well: {events} events, 40 trials, finished (all 40 trials were made)\n"
    )
    code, out, err = doctor(capsys, "x.study", "--repair", "--json")
    told = json.loads(out)
    assert (code, told["well"], told["trials"], told["written"]) == (0, True, 40, [])


def test_what_is_not_begun_is_not_finished(tmp_path, monkeypatch, capsys):
    """A study that was asked and not yet run is well."""
    monkeypatch.chdir(tmp_path)
    with Store.create("x.study") as store:
        store.append(question(Study(space=Space(x=Float(0.3, 2.0)), trials=3)))
        (tmp_path / "y.study").write_bytes((tmp_path / "x.study").read_bytes())
    assert doctor(capsys, "x.study")[1] == "x.study is well: 1 event, 0 trials, not finished\n"
    assert doctor(capsys, "y.study") == (
        74,
        "",
        (
            "tunesmith: no event in 'y.study' is whole: give the name of a study, or restore it "
            "from a copy\n"
        ),
    )


def test_a_damaged_study(study, capsys):
    """The sentence says what is wrong and how much is whole; the exit code that of a bad file."""
    damage(study)
    before = study.read_bytes()
    code, out, err = doctor(capsys, "x.study")
    assert (code, out) == (74, "")
    assert err.startswith("tunesmith: 'x.study' is damaged (")
    assert " of its events are whole, and the first " in err
    assert err.count("\n") == 1
    assert doctor(capsys, "x.study", "--json")[0] == 74
    assert study.read_bytes() == before
    assert [file.name for file in study.parent.iterdir()] == ["x.study"]


def test_a_repaired_study_goes_on(study, capsys):
    """What is written is well, and ends as it would have; the old file stays as it was."""
    damage(study)
    before = study.read_bytes()
    code, out, err = doctor(capsys, "x.study", "--repair")
    assert (code, err) == (0, "")
    assert out.endswith(": written to x.repaired.study and x.repaired.salvage.jsonl\n")
    assert study.read_bytes() == before
    code, out, _ = doctor(capsys, "x.repaired.study")
    assert code == 0
    assert out.endswith("not finished\n")
    assert tune(TRIALS, store="x.repaired.study").digest == tune(TRIALS).digest


def test_events_that_make_no_sense(study, capsys):
    """Each row is whole, and one of them cannot have happened: it goes on from before it."""
    with Store.read(study) as store:
        events = list(store.replay())
    with Store.create("y.study") as store:
        store.append(question(Study.from_builtins(events[0].body)))
        store.append(*(event for event in events[3:]))
    code, out, _ = doctor(capsys, "y.study", "--repair", "--json")
    told = json.loads(out)
    assert (code, told["well"], told["following"]) == (0, False, 1)
    assert told["events"] == len(events) - 2
    assert told["written"] == ["y.repaired.study", "y.repaired.salvage.jsonl"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"\xff\xd8\xff\xe0 a picture", "no event in 'z.study' is whole: give the name of a study"),
        (None, "no file 'z.study' here; did you mean 'x.study'?"),
    ],
)
def test_what_is_no_study(study, capsys, content, complaint):
    """There is nothing to save, and the sentence says so."""
    if content is not None:
        study.with_name("z.study").write_bytes(content)
    code, out, err = doctor(capsys, "z.study", "--repair")
    assert (code, out) == (74, "")
    assert err.startswith(f"tunesmith: {complaint}")


def test_a_study_of_a_later_version(study, capsys):
    """It is not damaged and the remedy is an upgrade, unless its rows are such as we write."""
    content = study.read_bytes()
    study.write_bytes(content[:63] + b"\x09" + content[64:])
    newer = "tunesmith: 'x.study' was written by a newer tunesmith (schema 9, this one reads 2)"
    assert doctor(capsys, "x.study")[2].startswith(f"{newer}: upgrade tunesmith; ")
    study.write_bytes(content[:63] + b"\x09" + content[64:4096] + bytes(len(content) - 4096))
    assert doctor(capsys, "x.study", "--repair") == (74, "", f"{newer}: upgrade tunesmith\n")
    assert [file.name for file in study.parent.iterdir()] == ["x.study"]
