"""Threads that share products: every bit as if there were one, and none is left behind."""

import re
import threading
import time

import numpy as np
import pytest
from tests.waiting import PATIENCE

from tunesmith.engine import loop, team, train
from tunesmith.engine.network import Activation, Network, Place
from tunesmith.engine.optimizers import Optimizer, Rule
from tunesmith.engine.product import PANEL, panel_size, strips
from tunesmith.engine.recipe import Recipe
from tunesmith.engine.team import (
    COLUMNS,
    DEPTH,
    DONE,
    MOST,
    PLACES,
    ROW,
    ROWS,
    SHARED,
    STEP,
    STOP,
    TICKET,
    TURNED,
    A,
    B,
    C,
    make_team,
    multiply,
    multiply_transposed,
    share,
    shared,
    strip,
)
from tunesmith.engine.train import Training
from tunesmith.errors import Interrupted, NetworkError
from tunesmith.rng import stream

BATCH = 101
NETWORK = Network(inputs=197, hidden=(211, 103), outputs=3)
"""Of its products those of the first two layers are worth sharing, those of the last are not."""

NETWORKS = {
    "before": NETWORK,
    "after, groups": Network(
        inputs=197,
        hidden=(211, 103),
        outputs=3,
        activation=Activation.GELU,
        bn_place=Place.AFTER,
        bn_group=40,
        dropout=0.2,
    ),
    "categories": Network(inputs=193, hidden=(211,), outputs=3, categories=(7, 30)),
    "biases": Network(inputs=131, hidden=(167,), outputs=151, batch_norm=False),
    "small": Network(inputs=5, hidden=(9,), outputs=3),
}

FORMS = ["plain", "turned a", "turned b"]

SHAPES = {
    "shared": (BATCH, 197, 211),
    "shared, not copied": (BATCH, 211, 103),
    "of 1 row": (1, 9973, 211),
    "of 1 strip": (BATCH, 5003, PANEL - 1),
    "small": (BATCH, 211, 3),
    "of no depth": (BATCH, 0, 211),
    "of no rows": (0, 197, 211),
}
"""Rows, depth and columns of products."""


def begun(network=NETWORK, rule=Rule.ADAM, threads=1):
    """Return a training of two batches an epoch."""
    chance = stream(17, "team")
    numbers = chance.normal(size=(2 * BATCH, network.inputs))
    slots = [chance.integers(count, size=(2 * BATCH, 1)) for count in network.categories]
    x = np.hstack([numbers, *slots]).astype(np.float32)
    labels = chance.integers(network.outputs, size=2 * BATCH)
    optimizer = Optimizer(rule=rule, learning_rate=0.01, clip_norm=3)
    recipe = Recipe(optimizer=optimizer, batch_size=BATCH)
    return Training(network, recipe, x, labels, seed=17, threads=threads)


def operands(shape=SHAPES["shared"]):
    """Return a, b, and c with nothing but NaN in it."""
    rows, depth, columns = shape
    chance = stream(17, "operands")
    a, b = (chance.normal(size=size).astype(np.float32) for size in ((rows, depth), shape[1:]))
    return a, b, np.full((rows, columns), np.nan, np.float32)


def room(depth=SHAPES["shared"][1]):
    """Return a panel with nothing in it that may be used."""
    return np.full(panel_size(depth), np.nan, dtype=np.float32)


def written(form, a, b, c, panel, places):
    """Write c = a b, an operand turned, or a beside columns that do not belong to it."""
    if form == "plain":
        multiply(a, a.shape[1], 1, b, c, panel, places)
    elif form == "turned a":
        multiply(np.ascontiguousarray(a.T), 1, len(a), b, c, panel, places)
    else:
        multiply_transposed(a, np.ascontiguousarray(b.T), c, panel, places)


def posted(places, a, b, c, number=5, claimed=0):
    """Post c = a b as `multiply` does, some of its strips claimed by others; return how many."""
    count = strips(c.shape[1])
    places[TURNED], places[ROW], places[STEP] = 0, a.shape[1], 1
    places[[A, B, C]] = [matrix.ctypes.data for matrix in (a, b, c)]
    places[ROWS], places[DEPTH], places[COLUMNS] = *a.shape, c.shape[1]
    places[TICKET] = number << 32 | count << 16 | claimed
    return count


def assert_product(c, a, b):
    """Compare with float64."""
    np.testing.assert_allclose(c, a.astype(np.float64) @ b, rtol=1e-3, atol=5e-4)


# --- a training with threads ----------------------------------------------------------------------


@pytest.mark.parametrize("name", NETWORKS)
def test_threads_change_nothing(name):
    """One, two or three threads: every bit of losses, state and statistics."""
    results = []
    for threads in (1, 2, 3):
        training = begun(NETWORKS[name], threads=threads)
        losses = [training.train_epoch() for _ in range(3)]
        state = {name: array.tobytes() for name, array in training.state().items()}
        exact = [array.tobytes() for array in training.exact_statistics()]
        results.append((losses, state, exact))
    assert results[1] == results[0]
    assert results[2] == results[0]


def test_only_large_products_are_shared():
    """Each batch posts a ticket for five of its products; a small network posts none."""
    size = BATCH * 211
    assert size * 3 < SHARED < size * 103 < size * 197
    training = begun(threads=2)
    training.train_epoch()
    posted = training._arrays.team[TICKET] >> 32
    assert posted == 2 * (2 + 3)  # the first layer's slope by its input is of no use
    training = begun(NETWORKS["small"], threads=2)
    training.train_epoch()
    assert training._arrays.team[TICKET] == 0


def test_a_state_is_of_any_number_of_threads():
    """Training that began with three goes on with one, and ends where it would have."""
    undisturbed, together, alone = begun(), begun(threads=3), begun()
    for _ in range(2):
        undisturbed.train_epoch()
    together.train_epoch()
    alone.restore(together.state())
    alone.train_epoch()
    assert alone.weights.tobytes() == undisturbed.weights.tobytes()


@pytest.mark.parametrize("threads", [0, -2, 1.5, True])
def test_threads_are_counted(threads):
    """The error names what was given."""
    sentence = f"threads must be a whole number of 1 or more, got {threads}"
    with pytest.raises(NetworkError, match=f"^{re.escape(sentence)}$"):
        begun(threads=threads)


# --- threads end ----------------------------------------------------------------------------------


def failing(*_given):
    """Stand in for compiled code that fails."""
    raise MemoryError("no more room")


def test_threads_end_with_the_epoch():
    """None is left once an epoch is trained."""
    before = threading.active_count()
    training = begun(threads=3)
    training.train_epoch()
    assert threading.active_count() == before


def test_threads_end_when_training_fails(monkeypatch):
    """What was raised is seen, and no thread is left spinning."""
    before = threading.active_count()
    training = begun(threads=3)
    monkeypatch.setattr(loop, "train", failing)
    with pytest.raises(MemoryError, match="no more room"):
        training.train_epoch()
    assert threading.active_count() == before


def test_threads_end_when_training_is_interrupted(monkeypatch):
    """Between two calls there is nobody who waits."""
    before, seen = threading.active_count(), []
    monkeypatch.setattr(train, "FLOPS_PER_CALL", 1)
    training = begun(threads=3)
    with pytest.raises(Interrupted):
        training.train_epoch(lambda: seen.append(threading.active_count()) or True)
    assert [*seen, threading.active_count()] == [before] * 2


def test_a_thread_that_fails_is_seen(monkeypatch):
    """The others finish the product; then what went wrong is raised."""
    monkeypatch.setattr(team, "assist", failing)
    a, b, c = operands()
    panel, places = room(), make_team(3)
    with pytest.raises(MemoryError, match="no more room"), shared(panel, places, 3):
        written("plain", a, b, c, panel, places)
    assert_product(c, a, b)


def test_threads_share_while_they_are_there():
    """As many as asked for, told to stop at the end; a new team starts afresh."""
    (a, b, c), panel, places, before = operands(), room(), make_team(3), threading.active_count()
    for threads in (2, 3):
        with shared(panel, places, threads):
            assert threading.active_count() == before + threads - 1
            assert places.tolist() == [0] * PLACES
            written("plain", a, b, c, panel, places)
        assert places[STOP] == 1
    with shared(panel, make_team(1), 1):
        assert threading.active_count() == before


def test_another_thread_finishes_alone():
    """What is posted is computed by those who assist, in room of their own."""
    (a, b, c), panel, places = operands(), room(), make_team(2)
    with shared(panel, places, 2):
        count, end = posted(places, a, b, c), time.monotonic() + PATIENCE
        while places[DONE] < count and time.monotonic() < end:
            time.sleep(0.001)
    assert_product(c, a, b)
    assert np.isnan(panel).all()


# --- products, strip by strip ---------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SHAPES)
def test_products(name, form):
    """With and without others each is NumPy's, bit for bit the same; a panel holds its depth."""
    a, b, c = operands(SHAPES[name])
    results = []
    for threads in (1, 2, 3):
        panel, places = room(len(b)), make_team(threads)
        c[:] = np.nan
        with shared(panel, places, threads):
            written(form, a, b, c, panel, places)
        assert_product(c, a, b)
        results.append(c.tobytes())
        if threads > 1:
            large = name in {"shared", "shared, not copied", "of 1 row", "of 1 strip"}
            assert places[TICKET] >> 32 == large
    assert results == results[:1] * 3


@pytest.mark.parametrize("threads", [1, 2])
def test_columns_beside_a_are_left_alone(threads):
    """Rows may lie further apart than a is wide, as where slots stand beside numbers."""
    a, b, c = operands()
    wide = np.hstack([a, np.full((BATCH, 2), np.nan, np.float32)])
    turned = np.full((197, 211), np.nan, np.float32)
    panel, places = room(), make_team(threads)
    with shared(panel, places, threads):
        multiply(wide, 199, 1, b, c, panel, places)
        multiply(wide, 1, 199, c, turned, panel, places)
    assert_product(c, a, b)
    np.testing.assert_allclose(turned, a.T.astype(np.float64) @ c, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize("form", FORMS)
def test_a_strip_of_what_is_posted(form):
    """Each is found again by address, and computed as it was."""
    (a, b, c), panel, places = operands(), room(), make_team(2)
    kept = np.ascontiguousarray(a.T), np.ascontiguousarray(b.T)  # while their addresses are used
    if form == "plain":
        multiply(a, 197, 1, b, c, panel, places)
    elif form == "turned a":
        multiply(kept[0], 1, BATCH, b, c, panel, places)
    else:
        multiply_transposed(a, kept[1], c, panel, places)
    whole = c.copy()
    for n in (strips(211) - 1, 2):
        c[:] = np.nan
        strip(panel, places, n)
        there = np.zeros(211, bool)
        there[n * PANEL : (n + 1) * PANEL] = True
        np.testing.assert_array_equal(c[:, there], whole[:, there])
        assert np.isnan(c[:, ~there]).all()


def test_what_was_claimed_is_left_alone():
    """Who joins late takes the strips that are left, once each; then there are none."""
    (a, b, c), panel, places = operands(), room(), make_team(2)
    written("plain", a, b, c, panel, make_team(1))
    whole = c.copy()
    c[:] = np.nan
    count = posted(places, a, b, c, number=5, claimed=2)
    for _ in range(2):  # the second time nothing is left
        share(panel, places)
        assert np.isnan(c[:, : 2 * PANEL]).all()
        np.testing.assert_array_equal(c[:, 2 * PANEL :], whole[:, 2 * PANEL :])
        assert places[DONE] == count - 2
        assert places[TICKET] == 5 << 32 | count << 16 | count + 1  # the last claim found none


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("more", "ticket"), [(0, 1), (1, 0)])
def test_more_strips_than_a_ticket_counts(more, ticket, form):
    """Claims of many threads beyond the last strip must not run over: one thread works alone."""
    count = MOST // 2 + more
    columns = count * PANEL
    depth = SHARED // columns + 1
    a, b = np.full((1, depth), 3, np.float32), np.full((depth, columns), 7, np.float32)
    c, places = np.full((1, columns), np.nan, np.float32), make_team(2)
    written(form, a, b, c, room(depth), places)
    assert (c == depth * 3 * 7).all()
    assert places[TICKET] >> 32 == ticket


def test_tickets_begin_again_after_the_last_number():
    """After two thousand million products the next one is number 0, and is computed."""
    (a, b, c), panel, places = operands(), room(), make_team(2)
    places[TICKET] = 0x7FFFFFFF << 32
    written("plain", a, b, c, panel, places)
    assert_product(c, a, b)
    assert places[TICKET] >> 32 == 0
    assert places[DONE] == strips(211)
