"""The plain form of a model: a few lines of arithmetic on it are the model."""

import numpy as np

from tunesmith.engine.reference import ACTIVATIONS
from tunesmith.interchange.plain import plain_of
from tunesmith.table.dates import CATEGORY_PARTS, NUMBER_PARTS


def cells(table, column, part):
    """Return the cells of a column, or of the part of a date."""
    found = table.frame[column]
    return {**NUMBER_PARTS, **CATEGORY_PARTS}[part](found) if part else found


def outputs(plain, table):
    """Return the outputs [N, K] of each network, as the plain form's own words say."""
    values, marks = [], []
    for number in plain.numbers:
        x = cells(table, number.column, number.part).to_numpy()
        if number.marked:
            marks.append(np.isnan(x))
        x = np.where(np.isnan(x), number.fill, x)
        z = np.clip((x - number.center) / number.spread, -number.limit, number.limit)
        values.append(z / np.sqrt(1 + (number.bend * z) ** 2))
    inputs = np.array(values + marks).T.reshape(table.rows, -1)
    slots = []
    for category in plain.categories:
        places = {**category.rows, None: category.missing}
        found = cells(table, category.column, category.part).to_list()
        slots.append([places.get(value, category.other) for value in found])
    return [layered(network, inputs, slots) for network in plain.networks]


def layered(network, inputs, slots):
    """Return one network's outputs [N, K]."""
    source, lower, share = network.bins
    bins = np.clip((inputs[:, source] - lower) * share.astype(float), 0, 1)
    activate, _ = ACTIVATIONS[network.activation]
    (first, bias), *further = network.layers
    a = np.hstack([inputs, bins]) @ first + bias + sum(network.rows[rows] for rows in slots)
    for weights, bias in further:
        a = activate(a) @ weights + bias
    return a


def test_the_plain_form_is_the_model(model, table):
    """Gaps, values never met, far numbers and dates of every century: equal to rounding."""
    x = model.encoder.transform(table)
    expected = [member.outputs(x) for member in model.members]
    found = outputs(plain_of(model), table)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def test_its_shape(made):
    """Values come before marks, and every category has the rows of its values and others."""
    plain = plain_of(made())
    assert [number.column for number in plain.numbers if number.marked] == ["it's\nwide", "when"]
    (network,) = plain.networks
    assert len(network.layers[0][0]) == len(plain.numbers) + 2
    assert [(c.column, c.part) for c in plain.categories] == [
        ("colour", None),
        ("label", None),
        ("when", "month"),
        ("when", "weekday"),
    ]
    first, label, *_ = plain.categories
    assert (sorted(first.rows.values()), first.missing, first.other) == ([0, 1, 2], 3, 4)
    assert sorted(label.rows.values()) == [5, 6, 7, 8, 9]
    assert label.missing == label.other == 10  # training had all labels
    assert len(network.rows) == plain.categories[-1].other + 1
