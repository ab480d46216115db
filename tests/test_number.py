"""What counts as a number, value by value, and at every entry point."""

import enum
import json
import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import tunesmith as ts
from tunesmith.errors import ObjectiveError, TunesmithError
from tunesmith.executors.limits import Limits
from tunesmith.number import as_count, as_real, as_whole, one_line, shown, stored_text

HUGE = 10**5000


class Level(enum.IntEnum):
    LOW = 3


class Metric(str, enum.Enum):  # noqa: UP042  as those wrote it who could not have StrEnum
    LOSS = "loss"


class Tensor:
    """One element with the ways of a tensor of another library."""

    def __init__(self, value, dtype):
        self.value, self.dtype = value, dtype

    def __repr__(self):
        return f"Tensor({self.value}, {self.dtype})"

    def __float__(self):
        return float(abs(self.value))  # as some do of complex numbers and truth values

    def item(self):
        return self.value


class Unwritable:
    def __repr__(self):
        raise RuntimeError("no")


WHOLE = [3, np.int64(3), np.uint8(3), np.array(3), np.array([3]), Tensor(3, "int64"), Level.LOW]
REAL = [
    *WHOLE,
    3.0,
    np.float32(3),
    np.float64(3),
    np.longdouble(3),
    np.array(3.0),
    np.array([[3.0]]),
    np.array(3, dtype=object),
    Decimal("3.0"),
    Fraction(6, 2),
    Tensor(3.0, "bfloat16"),
]
NONE = [
    True,
    np.True_,
    np.array(True),
    np.array(True, dtype=object),
    Tensor(True, "bool"),
    "3",
    b"3",
    bytearray(b"3"),
    np.str_("3"),
    np.array("3"),
    3j,
    np.complex128(3),
    np.array(3j),
    Tensor(3 + 0j, "complex64"),
    np.timedelta64(3, "ns"),
    np.datetime64(3, "ns"),
    np.array(3, dtype="timedelta64[ns]"),
    None,
    [3],
    np.array([]),
    np.array([3, 4]),
    object(),
    HUGE,
    -HUGE,
    Fraction(HUGE),
    Decimal("1e400"),
    Decimal("sNaN"),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", REAL, ids=repr)
def test_real_numbers(value):
    """Of every library, as a plain float."""
    number = as_real(value)
    assert type(number) is float
    assert number == 3.0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", NONE, ids=lambda value: type(value).__name__)
def test_what_is_no_number(value):
    """Truth values, text, dates, complex numbers, several numbers, what no float can hold."""
    assert as_real(value) is None
    assert as_count(value) is None


def test_what_is_not_finite():
    """It is a number all the same, of which each entry point says what it means."""
    for value in (math.inf, np.float32("inf"), Decimal("Infinity"), np.array(np.inf)):
        assert as_real(value) == math.inf
    for value in (math.nan, Decimal("NaN"), np.float64("nan")):
        assert math.isnan(as_real(value))
    assert as_whole(math.inf) is None


@pytest.mark.parametrize("value", WHOLE, ids=repr)
def test_whole_numbers(value):
    """Of every integer type, as a plain int."""
    assert type(as_whole(value)) is int
    assert as_whole(value) == as_count(value) == as_count(value, 3) == 3
    assert as_count(value, 4) is None


@pytest.mark.parametrize("value", [v for v in REAL if not any(v is w for w in WHOLE)], ids=repr)
def test_a_float_is_no_whole_number(value):
    """Not 3.0 either, nor a Decimal or Fraction; but what an object array holds may be one."""
    whole = isinstance(value, np.ndarray) and value.dtype == object
    assert as_whole(value) == (3 if whole else None)


def test_values_in_messages():
    """Short, and never an error of their own."""
    assert shown("a'b") == '"a\'b"'
    assert shown(-HUGE) == "an int of about 5,000 digits"
    assert shown(Fraction(HUGE)) == "a value of type Fraction"
    assert shown(Unwritable()) == "a value of type Unwritable"
    assert len(shown("x" * 100_000)) < 210


def test_text_that_can_be_stored():
    """As Python's own type, which an Enum or a text of NumPy is not."""
    for text in ("loss", np.str_("loss"), Metric.LOSS):
        assert type(stored_text(text)) is str
        assert stored_text(text) == "loss"
    assert stored_text("größer\x00") == "größer\x00"
    assert stored_text("\ud800") is None
    assert stored_text(b"loss") is None
    assert one_line("one\n two \ud800") == "one two \\ud800"


SPACE = ts.Space(x=ts.Float(0.25, 1.5), n=ts.Int(2, 90), c=ts.Choice((0.5, "a", True)))
X, Y = np.arange(24.0).reshape(12, 2), np.arange(12.0)


def counts(value):
    """Return calls that each take a count, and what of their result holds it."""
    study = {"space": SPACE, "trials": 9}
    return {
        "trials": lambda: ts.Study(**study | {"trials": value}).trials,
        "epochs": lambda: ts.Study(**study, epochs=value).epochs,
        "total_epochs": lambda: ts.Study(**study, total_epochs=value).total_epochs,
        "slots": lambda: ts.Study(**study, slots=value).slots,
        "seed": lambda: ts.Study(**study, seed=value).seed,
        "ask and tell": lambda: ts.AskTell(SPACE, trials=value, epochs=value).history.study.trials,
        "workers": lambda: (
            ts.tune(lambda _: 0.5, SPACE, trials=1, workers=value, executor="threads") and 3
        ),
        "eta": lambda: ts.AsyncHalving(eta=value).settings()["eta"],
        "least": lambda: ts.Hyperband(least=value).least,
        "audit": lambda: ts.SuccessiveHalving(audit=value).audit,
        "points": lambda: ts.GridSearch(points=value).settings()["points"],
        "points by name": lambda: ts.GridSearch(points={"x": value}).settings()["points"]["x"],
        "a low end": lambda: ts.Int(value, 9).low,
        "a limit": lambda: ts.Int(4, 9, limits=(value, 10)).limits[0],
        "a default": lambda: ts.Int(1, 9, default=value).default,
        "a priority": lambda: ts.Float(0, 1, priority=value).priority,
        "a value": lambda: SPACE.check({"x": 1, "n": value, "c": "a"})["n"],
        "units": lambda: ts.DenseRegressor(units=value, epochs=1).fit(X, Y) and 3,
        "layers": lambda: ts.DenseRegressor(layers=value, epochs=1).fit(X, Y) and 3,
        "epochs of a network": lambda: ts.DenseRegressor(epochs=value).fit(X, Y).n_iter_,
        "batch_size": lambda: ts.DenseRegressor(batch_size=value, epochs=1).fit(X, Y) and 3,
    }


@pytest.mark.parametrize("value", [np.int64(3), np.array(3)], ids=repr)
@pytest.mark.parametrize("where", counts(0))
def test_counts_at_every_entry_point(where, value):
    """NumPy's whole numbers and arrays of one are what 3 is, and can be stored."""
    found = counts(value)[where]()
    assert type(found) is int
    assert found == 3


@pytest.mark.parametrize(
    "value", [3.0, True, np.True_, "3", HUGE, None, 3j], ids=lambda v: type(v).__name__
)
@pytest.mark.parametrize("where", counts(0))
def test_what_is_no_count_at_every_entry_point(where, value):
    """One sentence with the value, in an error of ours."""
    absent = ("trials", "total_epochs", "ask and tell", "a limit", "a default")
    if value is None and where in absent:
        return  # there it says that there is none
    with pytest.raises(TunesmithError, match="got") as caught:
        counts(value)[where]()
    assert "\n" not in str(caught.value)


def reals(value):
    """Return calls that each take a real number, and what of their result holds it."""
    return {
        "minutes": lambda: ts.Study(space=SPACE, minutes=value).minutes,
        "trial_minutes": lambda: Limits(minutes=value).minutes,
        "trial_gigabytes": lambda: Limits(gigabytes=value).gigabytes,
        "cpus": lambda: ts.Ray(cpus=value).cpus,
        "a resource": lambda: ts.Ray(resources={"tpu": value}).wanted["tpu"],
        "a high end": lambda: ts.Float(0, value).high,
        "a default": lambda: ts.Float(0, 1, default=value).default,
        "a value": lambda: SPACE.check({"x": value, "n": 4, "c": "a"})["x"],
        "an option": lambda: ts.Choice((value, "a")).options[0],
        "one of the options": lambda: SPACE.check({"x": 1, "n": 4, "c": value})["c"],
        "told": lambda: asked().tell(0, value).metric("loss"),
        "added": lambda: asked().add(SPACE.defaults(), value).metric("loss"),
        "returned": lambda: tuned(lambda _: value).metric("loss"),
        "recorded": lambda: tuned(lambda a: a.record(loss=value)).metric("loss"),
        "a learning rate": lambda: (
            ts.DenseRegressor(learning_rate=value, epochs=1).fit(X, Y) and 0.5
        ),
        "dropout": lambda: ts.DenseRegressor(dropout=value, epochs=1).fit(X, Y) and 0.5,
        "validation_fraction": lambda: (
            ts.DenseRegressor(early_stopping=True, validation_fraction=value, epochs=1).fit(X, Y)
            and 0.5
        ),
    }


def asked():
    """Return a study of which trial 0 is asked."""
    asking = ts.AskTell(SPACE, trials=3)
    asking.ask()
    return asking


def tuned(objective):
    """Return the one trial of a study; ObjectiveError with the reason where it failed."""
    (trial,) = ts.tune(objective, SPACE, trials=1).trials
    if trial.reason:
        raise ObjectiveError(trial.reason)
    return trial


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "value",
    [np.float32(0.5), np.array(0.5), np.array([0.5]), Decimal("0.5"), Fraction(1, 2)],
    ids=repr,
)
@pytest.mark.parametrize("where", reals(0.5))
def test_real_numbers_at_every_entry_point(where, value):
    """What a float can be made of is what 0.5 is, and can be stored."""
    found = reals(value)[where]()
    assert type(found) is float
    assert found == 0.5


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "value", [True, np.True_, np.complex128(0.5), b"0.5", HUGE], ids=lambda v: type(v).__name__
)
@pytest.mark.parametrize("where", reals(0.5))
def test_what_is_no_number_at_every_entry_point(where, value):
    """One sentence, in an error of ours; a truth value may be an option, NumPy's too."""
    if isinstance(value, bool | np.bool_) and "option" in where:
        assert reals(value)[where]() is True
        return
    with pytest.raises(TunesmithError, match="got") as caught:
        reals(value)[where]()
    assert "\n" not in str(caught.value)
    assert "Exceeds the limit" not in str(caught.value)


@pytest.mark.parametrize("name", ["\ud800", 7, b"loss", None])
def test_a_metric_whose_name_cannot_be_stored(tmp_path, name):
    """Its trial fails with a plain reason; the study goes on, in a file too."""

    def objective(attempt):
        return {"loss": attempt["x"]} | ({name: 0.5} if attempt.number == 1 else {})

    history = ts.tune(objective, SPACE, trials=5, store=tmp_path / "names.study")
    assert [trial.state.value for trial in history.trials].count("failed") == 1
    assert history.trials[1].reason.startswith("a metric is called by a text that can be written")
    asking = asked()
    with pytest.raises(ObjectiveError, match="a metric is called by a text"):
        asking.tell(0, {"loss": 0.5, name: 0.5})
    assert asking.out


def test_names_and_texts_of_other_types(tmp_path):
    """Texts of NumPy and of an Enum are what they compare as, in a file too."""

    def objective(attempt):
        return {Metric.LOSS: attempt["x"], np.str_("odd\x00name"): 0.5}

    space = ts.Space(x=ts.Float(0.25, 1.5), kind=ts.Choice((Metric.LOSS, np.str_("b"))))
    history = ts.tune(
        objective, space, trials=3, metric=np.str_("loss"), store=tmp_path / "a.study"
    )
    assert all(set(t.measurements[0].metrics) == {"loss", "odd\x00name"} for t in history.trials)
    assert space["kind"].options == ("loss", "b")
    assert json.loads(space.to_json())["params"][1]["options"] == ["loss", "b"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda: ts.Study(space=SPACE, trials=3, metric="\ud800"),
        lambda: ts.Space(**{"\ud800": ts.Float(0, 1)}),
        lambda: ts.Choice(("a", "\ud800")),
        lambda: ts.Float(0, 1, when={"\ud800": 3}),
        lambda: ts.Study(space=SPACE, trials=3, search=ts.RandomSearch()),
    ],
)
def test_what_cannot_be_stored_is_refused_at_once(ask):
    """Before a study is begun, in one sentence."""
    with pytest.raises(TunesmithError, match="got"):
        ask()


def test_reasons_that_cannot_be_stored(tmp_path):
    """An error's text with a lone surrogate, and a reason that is told, are written otherwise."""

    def objective(attempt):
        raise (ObjectiveError if attempt.number else ValueError)(f"odd \ud800 {attempt.number}")

    history = ts.tune(objective, SPACE, trials=2, store=tmp_path / "a.study")
    first, second = (trial.reason for trial in history.trials)
    assert first.startswith("ValueError: odd \\ud800 0 (test_number.py:")
    assert second == "odd \\ud800 1"
    asking = asked()
    assert asking.fail(0, "odd \ud800").reason == "odd \\ud800"
