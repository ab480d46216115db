"""Events, and the rows they are kept in."""

import math
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.store.event import Draft, Event, from_row, to_row

KINDS = st.from_regex(r"[a-z]{1,7}(_[a-z]{1,5}){0,2}", fullmatch=True)
TRIALS = st.none() | st.integers(0, 2**63 - 1)
STAMPS = st.integers(0, 2**32 - 1)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=7,
)


def test_a_row_is_compact_json_in_the_order_given_and_its_checksum():
    """The bytes of a row are drawn out once, so that no other version may write others."""
    draft = Draft(kind="measured", trial=3, body={"epoch": 7, "accuracy": 0.1, "é": [None, True]})
    body = '{"epoch":7,"accuracy":0.1,"é":[null,true]}'.encode()
    crc = zlib.crc32(b"11\nmeasured\n3\n" + body)
    assert to_row(11, draft) == (11, b"measured", 3, body, crc, 0)
    crc = zlib.crc32(b"11\nmeasured\n3\n" + body, 0xC0FFEE17)
    assert to_row(11, draft, 0xC0FFEE17) == (11, b"measured", 3, body, crc, 0xC0FFEE17)


@given(sequence=st.integers(1, 2**63 - 1), kind=KINDS, trial=TRIALS, content=JSON)
def test_an_event_comes_back_bit_for_bit(sequence, kind, trial, content):
    """The repr tells -0.0 from 0.0, 1 from 1.0 and True, and every float from the next."""
    event = from_row(to_row(sequence, Draft(kind=kind, trial=trial, body={"content": content})))
    assert repr(event) == repr(
        Event(sequence=sequence, kind=kind, trial=trial, body={"content": content})
    )


@given(row=st.tuples(st.integers(1, 300), KINDS, TRIALS, JSON, STAMPS), data=st.data())
def test_a_flipped_bit_is_seen(row, data):
    """One bit flipped anywhere in a row makes it no row."""
    sequence, kind, trial, content, stamp = row
    draft = Draft(kind=kind, trial=trial, body={"content": content})
    values = list(to_row(sequence, draft, stamp))
    column = data.draw(st.sampled_from([n for n, value in enumerate(values) if value is not None]))
    if isinstance(values[column], bytes):
        flipped = bytearray(values[column])
        flipped[data.draw(st.integers(0, len(flipped) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        values[column] = bytes(flipped)
    else:
        values[column] ^= 1 << data.draw(st.integers(0, 31))
    with pytest.raises(ValueError, match="checksum"):
        from_row(tuple(values))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((1, "a", 23, "{}"), (12, "a", 3, "{}")),
        ((1, "a", None, "{}"), (1, "a", 0, "{}")),
        ((1, "ab", 3, "{}"), (1, "a", 3, "{}")),
    ],
)
def test_columns_do_not_run_into_each_other(one, other):
    """Rows whose columns are the same letters, cut elsewhere, have other checksums."""
    crcs = {to_row(n, Draft(kind=k, trial=t))[4] for n, k, t, _ in (one, other)}
    assert len(crcs) == 2


@pytest.mark.parametrize(
    ("kind", "trial", "body"),
    [
        (b"Measured", None, b"{}"),
        (b"", None, b"{}"),
        (b"\xff", None, b"{}"),
        (b"measured", -3, b"{}"),
        (b"measured", 3.0, b"{}"),
        (b"measured", None, b""),
        (b"measured", None, b"[]"),
        (b"measured", None, b"{"),
        (b"measured", None, b'{"a":1e999}'),
        (b"measured", None, b'{"a":"\xff"}'),
        (b"measured", None, b'{"a":' + b"[" * 100_000),
        (b"measured", None, None),
        (None, None, b"{}"),
        ("measured", None, b"{}"),
    ],
)
def test_a_right_checksum_makes_no_event(kind, trial, body):
    """A row made up by a stranger, checksum and all, is refused as a damaged one is."""
    try:
        crc = zlib.crc32(b"5\n%b\n%b\n%b" % (kind, str(trial).encode(), body))
    except TypeError:
        crc = 3
    with pytest.raises(ValueError, match=r"(?s).+"):
        from_row((5, kind, trial, body, crc, 0))


@pytest.mark.parametrize(
    ("fields", "error", "message"),
    [
        ({"kind": "Measured"}, ValueError, "lower-case word such as 'measured', got 'Measured'"),
        ({"kind": "a\nb"}, ValueError, r"got 'a\\nb'"),
        ({"kind": ""}, ValueError, "got ''"),
        ({"kind": "a", "trial": -1}, ValueError, "from 0 to 2.*, got -1"),
        ({"kind": "a", "trial": 2**63}, ValueError, "got 9223372036854775808"),
        ({"kind": "a", "trial": True}, TypeError, "an int or None, got True"),
        ({"kind": "a", "trial": 3.0}, TypeError, "got 3.0"),
    ],
)
def test_what_no_event_can_have(fields, error, message):
    """Kind and trial are checked where the record is made."""
    with pytest.raises(error, match=message):
        Draft(**fields)
    with pytest.raises(error, match=message):
        Event(**{"sequence": 3, "trial": None, "body": {}} | fields)


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        ({"a": math.nan}, ValueError, r"a 'measured' event holds nan at \['a'\]: store it as text"),
        ({"a": [3, {"b": -math.inf}]}, ValueError, r"holds -inf at \['a'\]\[1\]\['b'\]"),
        ({"a": (3, 5)}, TypeError, r"holds a tuple at \['a'\]: give str, int, float"),
        ({"a": {3: 5}}, TypeError, r"has the key 3 at \['a'\]: keys must be texts"),
        ({3: 5}, TypeError, "has the key 3: keys must be texts"),
        ({"a": b"b"}, TypeError, "holds a bytes"),
        ({"a": "\ud800"}, ValueError, "no UTF-8 form"),
        ({"\udfff": 3}, ValueError, "no UTF-8 form"),
    ],
)
def test_what_json_would_change(body, error, message):
    """Nothing is stored as something else: the message says where it is."""
    with pytest.raises(error, match=message):
        to_row(3, Draft(kind="measured", body=body))
