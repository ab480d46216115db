"""W2."""

from tunesmith.lessons.lesson import Number, Verdict
from tunesmith.lessons.w2_covariate_shift import _verdict
from tunesmith.lessons.w2_moving_layers import ARMS


def test_its_conclusion(quick):
    """Inputs move less with batch norm; with noise they move again, and it trains as well."""
    found = quick("W2")
    assert found.verdict is Verdict.DISPUTED
    plain, normed, noisy = (found[f"sigmoid inputs moved, {arm}"] for arm in ARMS)
    assert normed < plain / 5
    assert noisy > 10 * normed
    assert found["accuracy, tinted, normalised"] > found["accuracy, tinted, as it comes"] + 20
    assert found["accuracy, inverted, normalised"] < 20
    assert found["accuracy, inverted, retrained"] > 90


def seen(noisy, kept):
    """Return findings where batch norm steadies everything, and noise does so much."""
    numbers = {
        f"{what}, {arm}": Number(name=what, value=value, low=value, high=value)
        for what in ("sigmoid inputs moved", "gradient turned", "front and back change together")
        for arm, value in zip(ARMS, (9.0, 1.0, noisy), strict=True)
    }
    return numbers | {"kept": Number(name="kept", value=kept)}


def test_the_verdict_comes_out_either_way():
    """Where noise that moves inputs stops the training, the claim is borne out."""
    kinds = [Number(name="", value=v) for v in (95.0, 40.0, 95.0, 1.0, 1.0, 95.0)]
    assert _verdict(kinds, seen(30.0, 0.9)) is Verdict.DISPUTED
    assert _verdict(kinds, seen(30.0, 0.1)) is Verdict.BORNE_OUT
    assert _verdict(kinds, seen(2.0, 0.9)) is Verdict.BORNE_OUT
