"""The configs that a search of a table begins with: what a space holds of them."""

import pytest

from tunesmith.fit.plan import table_plan
from tunesmith.fit.portfolio import PORTFOLIO, portfolio
from tunesmith.fit.space import table_space
from tunesmith.space import Float


def test_the_whole_space_holds_all_of_them():
    """None is drawn outside the ranges, and none comes twice."""
    found = list(portfolio(table_space()))
    assert [dict(config) for config in found] == [dict(values) for values in PORTFOLIO]
    assert len(set(found)) == len(found)


def test_they_differ_where_tables_do():
    """With batch norm and without, wide and narrow, with many bins and few."""
    for name in ("batch_norm", "units", "bins", "dropout", "learning_rate"):
        assert len({config[name] for config in portfolio(table_space())}) > 1


@pytest.mark.parametrize("fixed", ["batch_norm=True", "bins=1", "layers=2", "schedule=cosine"])
def test_what_is_fixed_is_fixed_in_all(fixed):
    """And each config that is left is in the space."""
    space = table_plan(trials=None, fix=[fixed]).space
    name, value = fixed.split("=")
    found = list(portfolio(space))
    assert {str(config[name]) for config in found} == {value}
    for config in found:
        assert space.check(config) == dict(config)


def test_two_that_become_one_are_tried_once():
    """Where all is fixed by which they differ."""
    names = [name for name in PORTFOLIO[0] if name not in ("schedule", "units")]
    fixed = [f"{name}={PORTFOLIO[0][name]}" for name in names]
    found = list(portfolio(table_plan(trials=None, fix=fixed).space))
    assert [config["units"] for config in found] == [64, 256]


def test_a_range_may_leave_some_out():
    """A config is tried whole or not at all."""
    params = dict(table_space())
    params["learning_rate"] = Float(5e-4, 5e-3, scale=params["learning_rate"].scale)
    found = list(portfolio(type(table_space())(**params)))
    assert 0 < len(found) < len(PORTFOLIO)
    assert all(config["learning_rate"] <= 5e-3 for config in found)


def test_another_schedule_needs_a_decay():
    """Nothing is known of one, so nothing is begun with."""
    assert list(portfolio(table_plan(trials=None, fix=["schedule=inverse"]).space)) == []
