"""Rows out of raw bytes: every row that SQLite wrote, and nothing that it did not."""

import pytest

from tunesmith import rng
from tunesmith.store.event import Draft
from tunesmith.store.salvage import pages, whole_rows
from tunesmith.store.store import Store

LENGTHS = (0, 1, 100, 127, 128, 3900, 4000, 4020, 4061, 4062, 4100, 8150, 8200, 20_000, 70_000)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Return bytes of file and -wal, and the rows: of every length, with and without a trial."""
    path = tmp_path_factory.mktemp("salvage") / "x.study"
    with Store.create(path) as store:
        for number, length in enumerate(LENGTHS * 12):
            trial = (None, 0, 1, 2, 127, 128, 40_000, 2**63 - 1)[number % 8]
            word = "noted" if number % 3 else "a" * 70
            store.append(Draft(kind=word, trial=trial, body={"text": "z" * length}))
            if number == 100:
                store._db.execute("PRAGMA wal_checkpoint(PASSIVE)")
        wal = path.with_name("x.study-wal").read_bytes()
        return path.read_bytes(), wal, store._rows(0)


def test_every_row_is_found(study):
    """Those in the file, those in the -wal, those that go on over other pages, each as it is."""
    content, wal, rows = study
    assert set(whole_rows(pages(content, wal))) == set(rows)
    found = {row[0] for row in whole_rows(pages(content, b""))}
    assert set(range(1, 100)) <= found < set(range(1, len(rows) + 1))


def test_no_page_is_needed_for_another(study):
    """Without its head, and with every page of the tree between the leaves gone, all are there."""
    content, wal, rows = study
    damaged = bytearray(content)
    for place in range(0, len(content), 4096):
        if place == 0 or content[place] in (2, 5):  # an inner page
            damaged[place : place + 4096] = bytes(4096)
    assert damaged != content
    assert set(whole_rows(pages(bytes(damaged), wal))) == set(rows)


def test_one_whole_copy_of_a_page_is_enough(tmp_path):
    """What goes on over other pages is put together from whichever copies of them are whole."""
    path = tmp_path / "x.study"
    with Store.create(path) as store:
        for number in range(9):
            store.append(Draft(kind="noted", trial=number, body={"text": f"{number}" * 9000}))
        wal = path.with_name("x.study-wal").read_bytes()
        store._db.execute("PRAGMA wal_checkpoint(PASSIVE)")
        content, rows = path.read_bytes(), set(store._rows(0))
    for place, step in ((0, 4096), (32 + 24, 4096 + 24)):  # of the file, of the -wal
        parts = [bytearray(content), bytearray(wal)]
        damaged = parts[place > 0]
        long = [
            at for at in range(place, len(damaged), step) if damaged[at + 8 : at + 20].isdigit()
        ]
        for at in long:
            damaged[at + 100 : at + 200] = bytes(100)
        assert len(long) > 9
        assert set(whole_rows(pages(*map(bytes, parts)))) == rows


def test_what_is_read_is_what_was_written(study):
    """From files damaged anywhere come rows of the study, fewer of them, and never another."""
    content, _, rows = study
    for number in range(20):
        chance, damaged = rng.stream(29, "salvage", number), bytearray(content)
        for place in chance.integers(0, len(content) - 60, 40).tolist():
            damaged[place : place + 50] = chance.bytes(50)
        found = set(whole_rows(pages(bytes(damaged), b"")))
        assert found < set(rows)
        assert len(found) > 20


@pytest.mark.parametrize("content", [b"", b"a", bytes(9000), rng.stream(5, "n").bytes(50_000)])
def test_nothing_is_made_up(content):
    """There is no row where none was written."""
    assert list(whole_rows(pages(content, content))) == []


def test_a_row_at_the_very_beginning():
    """What looks like a row and has nothing before it is none."""
    start = b"\x06\x00\x17\x00\x17\x04" + b"noted{}" + bytes(60)
    assert list(whole_rows(pages(start, b""))) == []
