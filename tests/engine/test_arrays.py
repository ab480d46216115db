"""The arrays of a training: every buffer has room of its own, and one plan says where."""

from dataclasses import astuple, fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.engine import arrays, whole
from tunesmith.engine.network import Activation, Layer, Network, Place
from tunesmith.engine.product import panel_size
from tunesmith.engine.team import PLACES as PLACES_OF_A_TEAM

networks = st.builds(
    Network,
    inputs=st.integers(1, 40),
    hidden=st.lists(st.integers(1, 40), max_size=4).map(tuple),
    outputs=st.integers(1, 40),
    categories=st.lists(st.integers(1, 40), max_size=3).map(tuple),
    activation=st.sampled_from([Activation.RELU, Activation.TANH, Activation.GELU]),
    batch_norm=st.booleans(),
    bn_place=st.sampled_from(Place),
    dropout=st.sampled_from([0.0, 0.2]),
)

PLACES = {
    name: getattr(arrays, name)
    for name in ("INPUT", "Z", "Y", "ACTIVE", "X_HAT", "BODY", "KEPT", "OUT")
}
"""The columns that are places in `work`."""


def test_a_plan_begins_with_the_layers():
    """Its first columns are the fields of `Layer`, in their order, and all have distinct names."""
    names = [field.name.upper() for field in fields(Layer)]
    assert [getattr(arrays, name) for name in names] == list(range(len(names)))
    assert [*range(len(names)), *PLACES.values()] == list(range(arrays.COLUMNS))
    network = Network(inputs=3, hidden=(5, 4), outputs=2, bn_place=Place.AFTER)
    table, _ = arrays.plan(network, 7)
    assert table[:, : len(names)].tolist() == [list(astuple(layer)) for layer in network.layers]


@given(network=networks, rows=st.integers(1, 70))
def test_buffers_do_not_overlap(network, rows):
    """Two places in `work` are the same or lie apart; each is aligned and inside."""
    table, length = arrays.plan(network, rows)
    rooms = {(0, rows * network.columns)}
    for layer in table:
        size = rows * layer[arrays.UNITS]
        for name in PLACES.keys() - {"INPUT"}:
            rooms.add((int(layer[PLACES[name]]), int(layer[PLACES[name]] + size)))
    assert all(start % arrays.ALIGNMENT == 0 for start, _ in rooms)
    assert all(end <= after for (_, end), (after, _) in pairwise(sorted(rooms)))
    assert max(end for _, end in rooms) <= length


@given(network=networks, rows=st.integers(1, 70))
def test_layers_hand_on(network, rows):
    """A layer reads what the one before gave, the first what stands at the head of `work`."""
    table, _ = arrays.plan(network, rows)
    assert table[0, arrays.INPUT] == 0
    assert table[1:, arrays.INPUT].tolist() == table[:-1, arrays.OUT].tolist()


@given(network=networks, rows=st.integers(1, 70))
def test_what_backward_needs_is_kept(network, rows):
    """A step works in place only where backward needs neither what it read nor what was there."""
    table, _ = arrays.plan(network, rows)
    for layer in table[:-1]:
        at = {name: int(layer[column]) for name, column in PLACES.items()}
        before = network.batch_norm and network.bn_place is Place.BEFORE
        after = network.batch_norm and network.bn_place is Place.AFTER
        same = {
            "x_hat beside y": at["Y"] == at["Z"],
            "an input that backward needs": at["ACTIVE"] == at["Y"],
            "an output that backward needs": at["BODY"] == at["ACTIVE"],
            "a mask": at["OUT"] == at["BODY"],
        }
        assert same == {
            "x_hat beside y": not before,
            "an input that backward needs": not network.activation.from_input,
            "an output that backward needs": not after,
            "a mask": network.dropout == 0,
        }
        assert at["X_HAT"] == at["Z"] or after
        distinct = {at["X_HAT"], at["ACTIVE"], at["BODY"]}
        assert len(distinct) == 3 if after else at["BODY"] == at["ACTIVE"]
        assert network.dropout == 0 or at["KEPT"] not in {at["OUT"], at["BODY"]}
        assert at["INPUT"] not in {place for name, place in at.items() if name != "INPUT"}


@given(rows=st.integers(1, 3000), bn_group=st.none() | st.integers(2, 400))
def test_groups(rows, bn_group):
    """As many as the reference cuts a batch into."""
    assert arrays.groups(rows, bn_group) == len(whole.groups(rows, bn_group))


@pytest.mark.parametrize("bn_group", [None, 4])
@pytest.mark.parametrize("place", Place, ids=lambda place: place.value)
def test_make_arrays(place, bn_group):
    """Flat arrays as long as the network says, room for the batch and for each group, all at 0."""
    network = Network(
        inputs=3, hidden=(7, 5), outputs=2, categories=(4, 9), bn_place=place, bn_group=bn_group
    )
    made = arrays.make_arrays(network, 11)
    groups = {name: array for name, array in made._asdict().items() if name != "categories"}
    groups |= {f"categories.{name}": a for name, a in made.categories._asdict().items()}
    lengths = {name: array.shape for name, array in groups.items()}
    flat, units = (network.weight_count,), network.statistics_count
    assert units == 7 + 5
    assert lengths == {
        "plan": (3, arrays.COLUMNS),
        "weights": flat,
        "gradient": flat,
        "first": flat,
        "second": flat,
        "means": (units,),
        "variances": (units,),
        "batch": (arrays.RSTD + (1 if bn_group is None else 3), units),
        "slopes": (2, 11 * 7),
        "work": (arrays.plan(network, 11)[1],),
        "panel": (panel_size(11),),
        "labels": (11,),
        "targets": (11, 2),
        "weight": (11,),
        "categories.first": (2,),
        "categories.steps": (4 + 9,),
        "categories.met": (1 + 11 * 2,),
        "categories.listed": (4 + 9,),
        "team": (0,),
    }
    kinds = {name: array.dtype for name, array in groups.items()}
    whole_numbers = {name for name, kind in kinds.items() if kind == np.int64}
    assert whole_numbers == {
        "plan",
        "labels",
        "team",
        *(name for name in groups if name.startswith("categories.")),
    }
    assert {kind for name, kind in kinds.items() if name not in whole_numbers} == {
        np.dtype(np.float32)
    }
    assert made.categories.first.tolist() == [0, 4]
    begun = {"plan", "categories.first"}
    assert not any(array.any() for name, array in groups.items() if name not in begun)


@pytest.mark.parametrize(
    ("threads", "places"), [(1, 0), (2, PLACES_OF_A_TEAM), (5, PLACES_OF_A_TEAM)]
)
def test_a_team_has_its_places(threads, places):
    """Only where there are several threads is there room for what they tell each other."""
    network = Network(inputs=3, hidden=(7,), outputs=2)
    assert arrays.make_arrays(network, 11, threads=threads).team.tolist() == [0] * places


def test_every_array_is_lent_in_its_place(monkeypatch):
    """None is left with its owner, and none stands under the name of another."""
    made = arrays.make_arrays(Network(inputs=3, hidden=(7,), outputs=2, categories=(5,)), 11)
    data = arrays.Rows(*(np.zeros(3) for _ in arrays.Rows._fields))
    monkeypatch.setattr(arrays, "lent", lambda array: ("lent", id(array)))
    there, rows = arrays.lend.py_func(made), arrays.lend_rows.py_func(data)
    for lent, owned in [(there, made), (there.categories, made.categories), (rows, data)]:
        single = [name for name in owned._fields if name != "categories"]
        assert [getattr(lent, n) for n in single] == [
            ("lent", id(getattr(owned, n))) for n in single
        ]


@pytest.mark.parametrize("shape", [(1,), (13,), (3, 7), (2, 1003)])
def test_zeros(shape):
    """They begin at a cache line, of 64 bytes, and are laid out row by row."""
    for _ in range(20):
        room = arrays.zeros(*shape)
        assert (room.shape, room.dtype, room.any()) == (shape, np.float32, False)
        assert room.ctypes.data % 64 == 0
        assert room.flags.c_contiguous
