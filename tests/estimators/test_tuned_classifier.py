"""A network for classes, its hyperparameters searched."""

import tunesmith as ts


def test_a_frame_as_it_is(frame, fruit):
    """Categories, dates and missing values are learned from without a pipeline."""
    model = ts.TunedClassifier(trials=4, random_state=3).fit(frame[::2], fruit[::2])
    assert model.score(frame[1::2], fruit[1::2]) > 0.75
    assert model.classes_.tolist() == ["apple", "kiwi", "pear"]
    assert model.predict_proba(frame[:2]).shape == (2, 3)
    assert model.history_.study.metric == "accuracy"


def test_very_few_rows():
    """Four rows of two classes are enough to go on with."""
    model = ts.TunedClassifier(trials=3, random_state=3)
    x = [[1.0], [2.0], [30.0], [40.0]]
    assert model.fit(x, [5, 5, -5, -5]).predict(x).tolist() == [5, 5, -5, -5]
