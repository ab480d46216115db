"""Damaged study files: right answers or one sentence, and all that is whole saved."""

import pytest
from tests.chaos.driver import tune
from tests.damage.specimens import WAYS, cell

from tunesmith import rng
from tunesmith.errors import TunesmithError
from tunesmith.ledger import read_ledger, sensible
from tunesmith.store.doctor import remains, write_repaired
from tunesmith.store.event import from_row
from tunesmith.store.store import Store

WHOLE = {"flip", "flip_head", "cut", "erase", "swap", "newer", "picture"}
"""Damage to the file itself: no event may go missing in silence."""


@pytest.fixture(scope="module")
def rows(specimens, tmp_path_factory):
    """Return the rows of each specimen."""
    folder = tmp_path_factory.mktemp("rows")
    found = {}
    for name, specimen in specimens.items():
        with Store.read(specimen.put(folder / name)) as store:
            found[name] = store._rows(0)
    return found


def answer(path):
    """Return the digest that a reader would see, or the sentence that it is told."""
    try:
        with Store.read(path) as store:
            return read_ledger(store.replay()).history.digest, ""
    except TunesmithError as error:
        return "", str(error)


def on_disk(path):
    """Return the bytes of a study and of its -wal."""
    wal = path.with_name(f"{path.name}-wal")
    return path.read_bytes(), wal.read_bytes() if wal.exists() else b""


def test_the_specimens_are_worth_it(specimens, rows):
    """Some were not closed, one has rows of more than a page, one has rows in file and -wal."""
    assert [name for name, s in specimens.items() if s.wal] == ["killed", "checked"]
    assert [cell(row) for row in rows["long"]].count(None) == 9
    checked = [cell(row) in specimens["checked"].content for row in rows["checked"]]
    assert 10 < sum(checked) < len(checked)
    assert all(cell(row) in specimens["closed"].content for row in rows["closed"])


@pytest.mark.survives(
    "a study file is damaged: bits flipped, pages zeroed or swapped, ends cut off; a -wal that is "
    "damaged, gone, or of another study; a JPEG; a file of a later version",
    "never a wrong number, a traceback or a crash; doctor saves every event whose row is whole; "
    "what it repairs goes on to the right digest",
)
def test_never_a_wrong_number(tmp_path, specimens, rows, long, record_property):
    """Every way to damage, every specimen, in turn."""
    cases, path = 1000 if long else 52, tmp_path / "x.study"
    digests = {
        name: [
            read_ledger(map(from_row, own[:end])).history.digest for end in range(1, len(own) + 1)
        ]
        for name, own in rows.items()
    }
    counts = {"refused": 0, "unharmed": 0, "an earlier state": 0, "events saved": 0, "resumed": 0}
    for case in range(cases):
        chance = rng.stream(13, "damage", case)
        way, name = WAYS[case % len(WAYS)], list(specimens)[case // len(WAYS) % len(specimens)]
        damaged = way(specimens[name], chance, list(specimens.values()))
        damaged.put(path)
        digest, sentence = answer(path)
        if digest:
            right = {digests[name][-1]} if way.__name__ in WHOLE else set(digests[name])
            if way.__name__ == "foreign_file":
                right = {d[-1] for d in digests.values()} | set(digests["checked"])
            assert digest in right, (case, way.__name__, name)
            counts["unharmed" if digest == digests[name][-1] else "an earlier state"] += 1
        else:
            assert sentence.startswith((f"'{path}' ", "this study file ", "event ")), sentence
            assert "\n" not in sentence
            counts["refused"] += 1
        if way.__name__ == "foreign_file":
            continue
        left = remains(path, sensible)
        truth = {row[0]: from_row(row) for row in rows[name]}
        assert [truth[event.sequence] for event in left.events] == list(left.events), case
        saved = {event.sequence for event in left.events}
        there = damaged.content, damaged.wal
        whole = {r[0] for r in rows[name] if (c := cell(r)) and any(c in part for part in there)}
        assert whole <= saved, (case, way.__name__, name, sorted(whole - saved))
        assert on_disk(path) == (damaged.content, damaged.wal), case
        counts["events saved"] += len(saved)
        if left.following and not digest and case % 7 == 0:
            repaired = write_repaired(path, left)[0]
            again = tune(store=repaired, **specimens[name].asked).digest
            assert again == tune(**specimens[name].asked).digest
            counts["resumed"] += 1
    assert min(counts.values()) > 0
    record_property("files", cases)
    for name, count in counts.items():
        record_property(name, count)
