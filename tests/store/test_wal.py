"""The -wal: SQLite's own count of its frames, and what damage takes from it."""

import pytest

from tunesmith import rng
from tunesmith.store.event import Draft
from tunesmith.store.store import Store
from tunesmith.store.wal import frames, lost_commits

COMMITS = 23


@pytest.fixture(scope="module")
def wal(tmp_path_factory):
    """Return the -wal of a study that is still open: commits of one page, of two, and of more."""
    path = tmp_path_factory.mktemp("wal") / "x.study"
    with Store.create(path) as store:
        for size in rng.stream(3, "sizes").integers(0, 9000, COMMITS).tolist():
            store.append(Draft(kind="noted", body={"text": "z" * size}))
        return path.with_name("x.study-wal").read_bytes()


def test_sqlite_counts_the_same_frames(tmp_path):
    """Whole frames are those that SQLite would take into the file."""
    path = tmp_path / "x.study"
    with Store.create(path) as store:
        for size in range(40):
            store.append(Draft(kind="noted", body={"text": "z" * 173 * size}))
        read = frames(path.with_name("x.study-wal").read_bytes())
        _, there, _ = store._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        assert sum(frame.whole for frame in read) == len(read) == there > 40
        assert sum(frame.commit for frame in read) == 40
        store.append(Draft(kind="noted"))  # begins it anew, over what was there
        read = frames(path.with_name("x.study-wal").read_bytes())
        assert [(frame.whole, frame.commit) for frame in read][-1] == (True, True)
        assert len(read) < 5


def test_a_page_is_where_its_frame_says(wal):
    """The bytes at its place are those of a page of SQLite: a leaf with rows, or an overflow."""
    pages = [wal[frame.place : frame.place + 4096] for frame in frames(wal)]
    assert {len(page) for page in pages} == {4096}
    assert any(b'{"text":"zzz' in page for page in pages)


def test_a_crash_loses_no_commit(wal):
    """Cut off anywhere, what is missing was still being written, as far as anybody can tell."""
    assert [cut for cut in range(0, len(wal) + 1, 997) if lost_commits(wal[:cut])] == []


def test_damage_loses_what_follows_it(wal):
    """A bit flipped in any frame: every commit from there on is counted, but for a last one."""
    whole = frames(wal)
    bits = rng.stream(5, "bit").integers(0, 8 * 4096, len(whole)).tolist()
    for frame, bit in zip(whole, bits, strict=True):
        flipped = bytearray(wal)
        flipped[frame.place + bit // 8] ^= 1 << bit % 8
        after = sum(f.commit for f in whole if f.place >= frame.place)
        assert lost_commits(bytes(flipped)) == (after if after > 1 else 0)


@pytest.mark.parametrize("byte", [0, 9, 17, 23, 31])
def test_damage_to_the_head_loses_everything(wal, byte):
    """SQLite then reads nothing of it, in silence."""
    flipped = bytearray(wal)
    flipped[byte] ^= 4
    assert lost_commits(bytes(flipped)) == COMMITS


@pytest.mark.parametrize("content", [b"", b"left", bytes(32), bytes(9000)])
def test_what_is_no_wal(content):
    """Nothing was ever committed there."""
    assert lost_commits(content) == 0
