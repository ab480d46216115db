import math
import pickle
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tunesmith.errors import SpaceError
from tunesmith.space.scales import LINEAR, LOG, LOG1M, Scale, scale_named

SCALES = (LINEAR, LOG, LOG1M)
DRAWS = 5000
UNLIKELY = 1e-4
"""A distribution test that comes out below is a failure; the draws are fixed."""


@st.composite
def ranges(draw: st.DrawFn) -> tuple[Scale, float, float]:
    """Draw a scale and a range that it can spread, from narrow to very wide."""
    scale = draw(st.sampled_from(SCALES))
    low, high = {
        LINEAR: lambda: (x := draw(st.floats(-1e6, 1e6)), x + draw(st.floats(1e-3, 1e9))),
        LOG: lambda: (x := draw(st.floats(1e-300, 1e290)), x * draw(st.floats(1.001, 1e12))),
        LOG1M: lambda: (1 - (x := draw(st.floats(1e-12, 1e3))) * draw(st.floats(1.01, 1e6)), 1 - x),
    }[scale]()
    return scale, low, high


units = st.floats(0.0, 1.0)


def as_array(*numbers: float) -> np.ndarray:
    return np.array(numbers, dtype=np.float64)


@given(ranges(), units)
def test_a_value_never_leaves_its_range(spread: tuple[Scale, float, float], unit: float) -> None:
    """10 ** log10(high) is above high for one float in ten; a value is not."""
    scale, low, high = spread
    value = scale.value(unit, low, high)
    assert type(value) is float
    assert low <= value <= high
    assert 0 <= scale.unit(value, low, high) <= 1


@given(ranges())
def test_the_ends_are_exact(spread: tuple[Scale, float, float]) -> None:
    """0 and 1 are low and high to the bit, both ways, as numbers and as arrays."""
    scale, low, high = spread
    assert (scale.value(0.0, low, high), scale.value(1.0, low, high)) == (low, high)
    assert (scale.unit(low, low, high), scale.unit(high, low, high)) == (0.0, 1.0)
    assert scale.value(as_array(0, 1, 0), low, high).tolist() == [low, high, low]
    assert scale.unit(as_array(high, low, high), low, high).tolist() == [1.0, 0.0, 1.0]


@given(ranges(), st.lists(units, min_size=2, max_size=9))
def test_a_larger_unit_is_no_smaller_value(
    spread: tuple[Scale, float, float], places: list[float]
) -> None:
    """Values rise with units, but for the last bits of the functions of the line."""
    scale, low, high = spread
    values = scale.value(np.sort(as_array(*places)), low, high)
    assert np.all(np.diff(values) >= -4 * np.spacing(np.abs(values[1:])))


@given(ranges(), units)
def test_round_trip(spread: tuple[Scale, float, float], unit: float) -> None:
    """A value comes back to within 1e-12 of what its scale measures by, or the float grid."""
    scale, low, high = spread
    value = scale.value(unit, low, high)
    size = {LINEAR: high - low, LOG: value, LOG1M: 1 - value}[scale]
    back = scale.value(scale.unit(value, low, high), low, high)
    assert abs(back - value) <= 1e-12 * size + 2 * math.ulp(value)


@given(ranges(), st.lists(units, min_size=1, max_size=11))
def test_arrays_are_spread_as_numbers_are(
    spread: tuple[Scale, float, float], places: list[float]
) -> None:
    """One call on an array gives what a call on each number gives."""
    scale, low, high = spread
    values = scale.value(as_array(*places), low, high)
    assert values == pytest.approx([scale.value(u, low, high) for u in places], rel=1e-12)
    assert scale.unit(values, low, high) == pytest.approx(
        [scale.unit(v, low, high) for v in values.tolist()], rel=1e-12, abs=1e-12
    )


@pytest.mark.parametrize(
    ("scale", "low", "high", "unit", "expected"),
    [
        (LINEAR, -3.0, 11.0, 0.25, 0.5),
        (LOG, 1e-4, 1.0, 0.25, 1e-3),  # the notes: r = -4 * rand(), alpha = 10 ** r
        (LOG, 3.0, 48.0, 0.5, 12.0),
        (LOG1M, 0.9, 0.999, 0.5, 0.99),
        (LOG1M, -7.0, 0.5, 0.75, 0.0),  # 1 - x from 8 by halves: 8, 4, 2, 1, 0.5
    ],
)
def test_places(scale: Scale, low: float, high: float, unit: float, expected: float) -> None:
    """Places that can be worked out by hand."""
    assert scale.value(unit, low, high) == pytest.approx(expected, rel=1e-13, abs=1e-13)
    assert scale.unit(expected, low, high) == pytest.approx(unit, rel=1e-13)


def test_half_of_all_betas_average_over_more_than_100_values() -> None:
    """LOG1M over [0.9, 0.999] puts half of the draws above 0.99; a reversed log puts 9.5 %."""
    draws = LOG1M.value(np.random.default_rng(11).random(DRAWS), 0.9, 0.999)
    above = int(np.sum(draws > 0.99))
    assert stats.binomtest(above, DRAWS, 0.5).pvalue > UNLIKELY


def p_value(scale: Scale, low: float, high: float, draws: np.ndarray) -> float:
    """Return how likely `draws` are under the distribution that `scale` should have."""
    match scale.name:
        case "linear":
            return stats.kstest(draws, stats.uniform(low, high - low).cdf).pvalue
        case "log":
            return stats.kstest(draws, stats.loguniform(low, high).cdf).pvalue
        case _:
            return stats.kstest(1 - draws, stats.loguniform(1 - high, 1 - low).cdf).pvalue


@pytest.mark.parametrize(("low", "high"), [(1e-4, 0.97), (0.03, 0.995)])
@pytest.mark.parametrize("meant", SCALES, ids=repr)
@pytest.mark.parametrize("used", SCALES, ids=repr)
def test_draws_have_the_distribution_of_their_scale(
    meant: Scale, used: Scale, low: float, high: float
) -> None:
    """Kolmogorov and Smirnov accept draws on the scale that was meant, and no others."""
    draws = used.value(np.random.default_rng(5).random(DRAWS), low, high)
    assert (p_value(meant, low, high, draws) > UNLIKELY) == (used == meant)


def test_a_reversed_log_is_not_log1m() -> None:
    """The mirror image of a log range, which some tuners offer for betas, fails the same test."""
    low, high = 0.9, 0.999
    units = np.random.default_rng(5).random(DRAWS)
    assert p_value(LOG1M, low, high, LOG1M.value(units, low, high)) > UNLIKELY
    mirrored = low + high - LOG.value(units, low, high)
    assert np.mean(mirrored > 0.99) == pytest.approx(0.095, abs=0.02)
    assert p_value(LOG1M, low, high, mirrored) < UNLIKELY


def test_a_value_outside_is_taken_for_the_nearer_end() -> None:
    """Configs from before a range was narrowed have a place too, without a NumPy warning."""
    assert LOG.unit(as_array(-2, 0, 0.3, 50), 0.3, 7.0).tolist() == [0, 0, 0, 1]
    assert LOG1M.unit(as_array(0.1, 1, 3), 0.3, 0.7).tolist() == [0, 1, 1]


def test_the_largest_floats_do_not_overflow() -> None:
    """Ranges up to the largest float work without a NumPy warning."""
    largest = sys.float_info.max
    near_the_end = float(np.nextafter(1.0, 0.0))
    assert LOG.value(1.0, 1.0, largest) == largest
    assert 1e300 < LOG.value(near_the_end, 3e-7, largest) <= largest
    assert -largest <= LOG1M.value(1 - near_the_end, -largest, 0.3) < -1e300


@pytest.mark.parametrize(
    ("scale", "low", "high", "message"),
    [
        (
            LOG,
            0.0,
            1.0,
            (
                "a log scale needs 0 < low < high, got low=0.0, high=1.0; "
                "start above 0, or use LINEAR for a range that touches 0"
            ),
        ),
        (
            LOG1M,
            0.9,
            1.0,
            (
                "a log1m scale needs low < high < 1, got low=0.9, high=1.0; "
                "end below 1, or use LINEAR for a range that touches 1"
            ),
        ),
        (LOG, 3.0, -1.0, "a range upside down: low=3.0 is above high=-1.0; swap them"),
        (
            LINEAR,
            0.7,
            0.7,
            (
                "a range with one value: low and high are both 0.7; "
                "move them apart, or use Choice((0.7,)) to keep it fixed"
            ),
        ),
        (
            LINEAR,
            math.nan,
            0.7,
            ("a range needs finite ends, got low=nan, high=0.7; give two numbers"),
        ),
        (
            LOG,
            0.3,
            math.inf,
            ("a range needs finite ends, got low=0.3, high=inf; give two numbers"),
        ),
        (
            LINEAR,
            -1.5e308,
            1.5e308,
            (
                "a range too wide for floats: low=-1.5e+308, high=1.5e+308; "
                "give ends that are closer together"
            ),
        ),
        (
            LOG,
            1e300,
            1.0000000000000002e300,
            (
                "a range too narrow for floats: low=1e+300, "
                "high=1.0000000000000002e+300; give ends that are further apart"
            ),
        ),
    ],
)
def test_ranges_that_a_scale_cannot_spread(
    scale: Scale, low: float, high: float, message: str
) -> None:
    """The message has the values and the remedy."""
    with pytest.raises(SpaceError) as caught:
        scale.check(low, high)
    assert str(caught.value) == message


@given(ranges())
def test_ranges_that_a_scale_can_spread(spread: tuple[Scale, float, float]) -> None:
    """The ranges of the laws above are all allowed."""
    scale, low, high = spread
    scale.check(low, high)


def test_scales_have_names() -> None:
    """A name leads back to its scale, and so do its repr and its pickle."""
    for scale in SCALES:
        assert scale_named(scale.name) is scale
        assert eval(repr(scale)) is scale
        assert pickle.loads(pickle.dumps(scale)) == scale
    assert len(set(SCALES)) == 3


@pytest.mark.parametrize("name", ["LOG", "", None, ["log"]])
def test_other_names_are_refused(name: object) -> None:
    """The list of scales is closed."""
    with pytest.raises(SpaceError) as caught:
        scale_named(name)  # type: ignore[arg-type]
    assert str(caught.value) == f"no scale {name!r}; the scales are linear, log, log1m"
