"""What is left of a damaged study, and where it is written."""

import json
import shutil

import pytest

from tunesmith.errors import StoreError
from tunesmith.store.doctor import Remains, remains, wal_is_gone, write_repaired
from tunesmith.store.event import Draft, Event
from tunesmith.store.store import Store

EVENTS = [
    Event(sequence=n, kind="measured", trial=n, body={"text": f"{n:03}" * 40}) for n in range(1, 90)
]


@pytest.fixture
def study(tmp_path):
    """Close a study of 89 events."""
    path = tmp_path / "x.study"
    with Store.create(path) as store:
        store.append(*(Draft(kind=e.kind, trial=e.trial, body=e.body) for e in EVENTS))
    return path


def lose(path, *sequences):
    """Let the rows of these events not be whole."""
    content = path.read_bytes()
    for sequence in sequences:
        text = f"{sequence:03}".encode() * 40
        assert content.count(text) == 1
        content = content.replace(text, b"?" * len(text))
    path.write_bytes(content)


def numbers(events):
    return [event.sequence for event in events]


def test_nothing_is_lost_of_a_whole_study(study):
    """Each event as it was, all of them in a row."""
    assert remains(study, len) == Remains(events=tuple(EVENTS), following=89)
    assert remains(study, len).rest == ()


def test_up_to_the_first_gap(study):
    """What can be gone on from ends before the first event that is lost, or makes no sense."""
    lose(study, 31, 57)
    left = remains(study, len)
    assert left.following == 30
    assert numbers(left.rest) == [n for n in range(32, 90) if n != 57]
    assert remains(study, lambda events: len(events) - 7).following == 23


def test_the_repaired_study(study):
    """A new file holds the beginning, another the rest as lines of JSON; the old one stays."""
    lose(study, 31, 57)
    before = study.read_bytes()
    whole, rest = write_repaired(study, remains(study, len))
    assert (whole.name, rest.name) == ("x.repaired.study", "x.repaired.salvage.jsonl")
    with Store.read(whole) as store:
        assert list(store.replay()) == EVENTS[:30]
    lines = [json.loads(line) for line in rest.read_text().splitlines()]
    assert [line["sequence"] for line in lines] == [n for n in range(32, 90) if n != 57]
    assert lines[0] == {
        "sequence": 32,
        "kind": "measured",
        "trial": 32,
        "body": {"text": "032" * 40},
    }
    assert study.read_bytes() == before


def test_nothing_is_written_over(study):
    """A second repair takes another name, for both files."""
    lose(study, 31)
    names = [[path.name for path in write_repaired(study, remains(study, len))] for _ in range(2)]
    assert names[1] == ["x.repaired-2.study", "x.repaired-2.salvage.jsonl"]
    study.with_name("x.repaired-3.salvage.jsonl").touch()
    assert write_repaired(study, remains(study, len))[0].name == "x.repaired-4.study"


def test_without_its_beginning(study):
    """There is nothing to go on from: what is left is saved as lines alone."""
    lose(study, 1)
    (rest,) = write_repaired(study, remains(study, len))
    assert len(rest.read_text().splitlines()) == 88


def test_no_room_for_what_is_saved(study, monkeypatch):
    """A disk that is full is said, and nothing half-written stays."""
    lose(study, 1)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match=r"salvage.jsonl' cannot be written \(No space left"):
        write_repaired(study, remains(study, len))
    assert [file.name for file in study.parent.iterdir()] == ["x.study"]


def test_the_rows_of_another_study_are_not_its_own(study, tmp_path):
    """A foreign -wal adds nothing, even where the study has no rows itself."""
    with Store.create(tmp_path / "empty.study"), Store.create(tmp_path / "y.study") as other:
        other.append(Draft(kind="noted"))
        shutil.copy(tmp_path / "y.study-wal", tmp_path / "copy-wal")
        shutil.copy(tmp_path / "empty.study", tmp_path / "copy")
    assert remains(tmp_path / "copy", len).events == ()
    shutil.copy(tmp_path / "copy-wal", f"{study}-wal")
    assert numbers(remains(study, len).events) == list(range(1, 90))


def test_a_study_that_does_not_say_which_it_is(study):
    """Without its first page it is known by its rows."""
    study.write_bytes(bytes(4096) + study.read_bytes()[4096:])
    assert numbers(remains(study, len).events) == list(range(1, 90))


def test_a_version_that_cannot_be_right(study):
    """A bit flipped in the number of the schema hides no row."""
    content = study.read_bytes()
    study.write_bytes(content[:63] + b"\x09" + content[64:])
    assert remains(study, len).following == 89


def test_what_is_not_there(tmp_path):
    """It cannot be helped."""
    with pytest.raises(StoreError, match="no study"):
        remains(tmp_path / "none.study", len)


def test_a_wal_that_was_taken_away(tmp_path):
    """A study that was not closed has a -wal, or had one."""
    path = tmp_path / "x.study"
    with Store.create(path) as store:
        store.append(Draft(kind="noted"))
        shutil.copy(path, tmp_path / "y.study")
        assert not wal_is_gone(path)
        assert wal_is_gone(tmp_path / "y.study")
    assert not wal_is_gone(path)
