"""The public face is one flat list."""

import importlib.metadata
import inspect

import pytest

import tunesmith

NAMES = [
    "AskTell",
    "AsyncHalving",
    "Attempt",
    "Choice",
    "CoarseToFine",
    "DenseClassifier",
    "DenseRegressor",
    "Float",
    "Full",
    "GridSearch",
    "History",
    "Hyperband",
    "Int",
    "Interrupted",
    "LINEAR",
    "LOG",
    "LOG1M",
    "OptunaSearch",
    "RandomSearch",
    "Ray",
    "SobolSearch",
    "Space",
    "Study",
    "SuccessiveHalving",
    "TunedClassifier",
    "TunedRegressor",
    "TunesmithError",
    "tune",
]
CALLABLE = [name for name in NAMES if not name.isupper()]


def test_public_names():
    """`import tunesmith` offers exactly these names; a change here is a line in the changelog."""
    assert sorted(tunesmith.__all__) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_is_there(name):
    """Each name leads to something, is shown by dir(), and is the same thing every time."""
    assert getattr(tunesmith, name) is getattr(tunesmith, name)
    assert name in dir(tunesmith)


@pytest.mark.parametrize("name", CALLABLE)
def test_every_public_class_and_function_says_what_it_is(name):
    """Each has a docstring of its own, and each public method of a class too."""
    thing = getattr(tunesmith, name)
    written = {name: vars(thing).get("__doc__") if inspect.isclass(thing) else thing.__doc__}
    if inspect.isclass(thing):
        written |= {
            f"{name}.{method}": value.__doc__
            for method, value in vars(thing).items()
            if not method.startswith("_")
            and (inspect.isroutine(value) or isinstance(value, property))
        }
    generated = f"{name}("  # what a dataclass writes where nobody did
    assert [n for n, doc in written.items() if not doc or doc.startswith(generated)] == []


def test_an_unknown_name_is_refused():
    """A name that is not there is an AttributeError that says which."""
    with pytest.raises(AttributeError, match="Flaot"):
        _ = tunesmith.Flaot


def test_the_version_is_the_one_installed():
    """__version__ and the installed package agree."""
    assert tunesmith.__version__ == importlib.metadata.version("tunesmith")
