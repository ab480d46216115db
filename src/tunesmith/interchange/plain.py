"""A model as plain arrays, in the form that it takes in other frameworks.

Every number column becomes z = clip((x - center) / spread, -limit, limit) and then
z / sqrt(1 + (bend z)^2), whatever normalises it; a missing x is `fill`. Each network spreads these
over its own bins and gives every category a row of weights; batch norm is folded away.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from tunesmith.engine.network import Activation, Floats
from tunesmith.engine.whole import parts
from tunesmith.model.member import Member
from tunesmith.model.model import Model
from tunesmith.table.bins import Ramps
from tunesmith.table.encode import CategoryColumn, DateColumn, InputColumn, NumberColumn
from tunesmith.table.guess import Reading
from tunesmith.table.normalize import FARTHEST, LARGEST, Normalize


@final
@dataclass(frozen=True, slots=True)
class Number:
    """How one column, or the part of a date, becomes a number."""

    column: str
    part: str | None
    """Of a date: "days", "year", "day" or "hour"."""
    fill: float
    """Stands for a missing value."""
    center: float
    spread: float
    limit: float
    """0 for what was constant in training."""
    bend: float
    marked: bool
    """Whether a further input is 1 where the value is missing, else 0."""


@final
@dataclass(frozen=True, slots=True)
class Category:
    """How one column, or the part of a date, becomes a row of weights."""

    column: str
    part: str | None
    """Of a date: "month" or "weekday"."""
    rows: Mapping[str, int]
    """The row of each text; any other takes row `other`."""
    missing: int
    """The row of a missing value."""
    other: int


@final
@dataclass(frozen=True, slots=True, eq=False)
class PlainNetwork:
    """One network in plain arrays, for D values, M marks, S slots; it adds P bins."""

    bins: Ramps
    """Of the D + M numbers; P may be 0."""
    rows: Floats
    """[S, H], added to the product of the first layer."""
    layers: tuple[tuple[Floats, Floats], ...]
    """Weights [inputs, units] and bias [units]; the first takes D values, M marks, P bins."""
    activation: Activation


@final
@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """A model in plain arrays, D numbers with M marks, C categories with S slots in all."""

    columns: Mapping[str, Reading]
    """Columns of the table, in its order, and how their cells are read."""
    marks: tuple[str, ...]
    """Texts that stand for a missing value, once blanks around them are gone."""
    numbers: tuple[Number, ...]
    categories: tuple[Category, ...]
    networks: tuple[PlainNetwork, ...]
    """Of classes their probabilities are averaged, of a number their outputs."""

    @property
    def marked(self) -> tuple[int, ...]:
        """The places of the M numbers that have a mark."""
        return tuple(place for place, number in enumerate(self.numbers) if number.marked)


def plain_of(model: Model) -> Plain:
    """Return a model's plain form."""
    numbers = tuple(_number(source, part) for source, part in model.encoder.number_columns())
    order = _values_first(numbers)
    return Plain(
        columns={column.name: column.reading for column in model.encoder.columns},
        marks=model.encoder.marks,
        numbers=numbers,
        categories=_categories(model),
        networks=tuple(_network(member, order) for member in model.members),
    )


def _network(member: Member, order: NDArray[np.int64]) -> PlainNetwork:
    """Return a network whose numbers come in this order [D + M], which names their old places."""
    network, weights = member.folded
    layers = []
    for layer in network.layers:
        own = parts(layer, weights)
        layers.append((np.asarray(own.w), np.asarray(own.bias)))
    first, bias = layers[0]
    layers[0] = (np.concatenate([first[order], first[len(order) :]]), bias)
    bins = member.bins.ramps()
    return PlainNetwork(
        bins=bins._replace(source=np.argsort(order)[bins.source]),
        rows=weights[network.dense_count :].reshape(network.category_rows, network.widths[1]),
        layers=tuple(layers),
        activation=network.activation,
    )


def _number(source: InputColumn, part: NumberColumn) -> Number:
    center, spread, limit = part.center, part.spread, FARTHEST
    if part.normalize is Normalize.NONE:
        center, spread, limit = 0.0, 1.0, LARGEST
    elif spread == 0:
        spread, limit = 1.0, 0.0
    return Number(
        column=source.name,
        part=part.name if isinstance(source, DateColumn) else None,
        fill=part.center,
        center=center,
        spread=spread,
        limit=limit,
        bend=1 / 3 if part.normalize is Normalize.ROBUST else 0.0,
        marked=part.missing,
    )


def _values_first(numbers: tuple[Number, ...]) -> NDArray[np.int64]:
    """Return the order of the inputs [D + M] in which all values come before all marks.

    The encoder puts each mark beside its value.
    """
    ends = np.cumsum([1 + number.marked for number in numbers], dtype=np.int64)
    values = ends - 1 - np.array([number.marked for number in numbers], dtype=np.int64)
    marks = [end - 1 for end, number in zip(ends, numbers, strict=True) if number.marked]
    return np.concatenate([values, np.array(marks, dtype=np.int64)])


def _categories(model: Model) -> tuple[Category, ...]:
    categories, first = [], 0
    for source, part in model.encoder.category_columns():
        categories.append(_category(source, part, first))
        first += part.slot_count
    return tuple(categories)


def _category(source: InputColumn, part: CategoryColumn, first: int) -> Category:
    other = first + part.slot_count - 1
    return Category(
        column=source.name,
        part=part.name if isinstance(source, DateColumn) else None,
        rows={text: first + index for text, index in part.places.items()},
        missing=first + len(part.values) if part.missing else other,
        other=other,
    )
