import math

import pytest

from tunesmith.space.lint import Finding, lint
from tunesmith.space.params import Choice, Float, Int, Param
from tunesmith.space.scales import LINEAR, LOG, LOG1M

HIGH = 1 - 1e-4

SHARES: list[tuple[Param, float]] = [
    # a linear range of decades: the top one has its width's share
    (Float(1e-4, 1), 0.9 / 0.9999),
    (Float(0.007, 0.7), 0.63 / 0.693),  # 0.7 / 0.007 is 99.99999999999999
    (Float(0.02, 5), 4.5 / 4.98),
    (Float(1e-5, 1.0, limits=(1e-9, 3.0)), 0.9 / 0.99999),
    (Float(1e-3, 0.98), 0.882 / 0.979),  # ends below 0.99: no beta
    (Float(1e-3, 1.5), 1.35 / 1.499),  # ends above 1: no beta
    # whole numbers, counted: 100, 101, ..., 1000 of 1000, and so on
    (Int(1, 1000), 901 / 1000),
    (Int(7, 1234), 1111 / 1228),  # from 124
    (Int(16, 4096), 3687 / 4081),  # from 410
    # betas on a linear scale: nine tenths of (1 - top decade's start), by width
    (Float(0.9, 0.999), 0.009 / 0.099),
    (Float(0.0, HIGH), 0.0009 / 0.9999),
    (Float(0.001, 0.999), 0.009 / 0.998),  # decades of x too: only the beta is said
    (Float(0.8, 0.99), 0.09 / 0.19),  # (1 - 0.8) / (1 - 0.99) is 19.999999999999982
    # betas on a log scale
    (Float(0.9, 0.999, scale=LOG), math.log(0.999 / 0.99) / math.log(0.999 / 0.9)),
    (Float(0.5, 0.995, scale=LOG), math.log(0.995 / 0.95) / math.log(0.995 / 0.5)),
]


@pytest.mark.parametrize(("param", "share"), SHARES, ids=repr)
def test_a_starved_range_is_found(param: Param, share: float) -> None:
    """One finding, with the share of draws in the top decade."""
    (finding,) = lint({"it": param})
    assert finding.param == "it"
    assert finding.share == pytest.approx(share, rel=1e-9)
    units = range(10_001)
    top = param.high / 10 if "LOG to" in finding.text else 1 - 10 * (1 - param.high)
    assert sum(param.value(u / 10_000) >= top for u in units) / 10_001 == pytest.approx(
        share, abs=2e-3
    )


FINE: list[Param] = [
    Float(0, 0.9),  # dropout
    Float(0.9, 0.99),  # one decade of 1 - beta
    Float(0.81, 0.99),  # 19 times
    Float(0.9, 0.999, scale=LOG1M),
    Float(1e-4, 1, scale=LOG),
    Float(0.3, 0.999, scale=LOG),  # decades of x are meant
    Float(0.02, 1.9),  # 95 times
    Float(0.0, 100),
    Float(-1.0, 1000),
    Float(-0.5, 0.999),
    Float(0.9, 1.0),
    Int(1, 999),  # units or layers
    Int(11, 1000),  # 91 times
    Int(0, 5000),
    Int(-7, 5000),
    Int(16, 4096, scale=LOG),
    Choice((1e-4, 1.0)),
]


@pytest.mark.parametrize("param", FINE, ids=repr)
def test_a_reasonable_range_is_left_in_peace(param: Param) -> None:
    """No finding where a linear draw is reasonable or the scale is right."""
    assert lint({"it": param}) == ()


def test_the_text_for_decades() -> None:
    """It says what happens, where, and the remedy."""
    (finding,) = lint({"learning_rate": Float(0.0001, 1, scale=LINEAR)})
    assert finding == Finding(
        param="learning_rate",
        text="learning_rate: 90 % of draws from a linear range of 0.0001 to 1 fall in its top "
        "decade, 0.1 to 1; use scale=LOG to give every decade its share",
        share=finding.share,
    )


@pytest.mark.parametrize(("scale", "share"), [(LINEAR, "9.1 %"), (LOG, "8.7 %")], ids=repr)
def test_the_text_for_betas(scale: object, share: str) -> None:
    """It says how many values a beta of the top decade averages over, and what LOG1M would do."""
    (finding,) = lint({"momentum": Float(0.9, 0.999, scale=scale)})
    assert finding.text == (
        f"momentum: {share} of draws from a {scale.name} range of 0.9 to 0.999 fall in its top "
        "decade, 0.99 to 0.999 (averages over 100 to 1000 values), where LOG1M would put 50 %; "
        "use scale=LOG1M to give every decade of 1 - beta its share"
    )


def test_the_remedy_is_accepted() -> None:
    """A range on the scale that its finding asks for has no finding any more."""
    for param, _ in SHARES:
        (finding,) = lint({"it": param})
        scale = LOG1M if "scale=LOG1M" in finding.text else LOG
        assert lint({"it": type(param)(param.low, param.high, scale=scale)}) == ()


def test_findings_come_in_the_order_of_the_params() -> None:
    """One finding at most for each param."""
    params = {
        "decay": Float(1e-6, 1e-2),
        "layers": Int(1, 4),
        "beta": Float(0.001, 0.999),
        "units": Int(3, 3000),
    }
    assert [finding.param for finding in lint(params)] == ["decay", "beta", "units"]
