"""The examples that need nothing but what Tunesmith needs; the others are in integrations."""

from tests.examples import ROOT, accuracy_of, loaded, measured


def test_scikit_learn(tmp_path):
    """A good linear classifier is found."""
    assert accuracy_of("sklearn_sgd", tmp_path) > 0.94


def test_a_training_in_parts_is_the_training_in_one(tmp_path):
    """What its checkpoint holds is all that it needs."""
    example = loaded("sklearn_sgd")
    whole = measured(example, tmp_path / "whole", (5,))
    assert measured(example, tmp_path / "parts", (1, 3, 5)) == whole


def test_every_example_is_run():
    """By a test here or among the integrations."""
    tests = (ROOT / "tests/test_examples.py", ROOT / "tests/integrations/test_examples.py")
    text = "".join(path.read_text(encoding="utf-8") for path in tests)
    names = [path.stem for path in (ROOT / "examples").glob("*.py")]
    assert [name for name in names if f'accuracy_of("{name}"' not in text] == []
