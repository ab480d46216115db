"""The networks of a trial, one for each fold."""

import numpy as np
import pytest
from tests.fit.test_objective import CONFIG, FULL, judge, metric_name, outcome, spoiled

from tunesmith.errors import Interrupted, NetworkError
from tunesmith.fit.fold_training import FoldTraining
from tunesmith.fit.lesson import targets_of
from tunesmith.fit.metrics import METRICS
from tunesmith.fit.optimism import half_names, halves
from tunesmith.table.split import Split
from tunesmith.trial import Measurement, State, Trial


def begun(data, config=CONFIG, path=("trial", 7)):
    """Return the training of a trial."""
    targets = targets_of(data, data.split.train)
    return FoldTraining(data, config, targets, epochs=FULL, seed=3, path=path)


def alone(data, fold):
    """Return the training of one fold of a trial, as if there were no other."""
    (rows, judging), targets = data.split.folds[fold], targets_of(data, data.split.train)
    split = Split(train=rows, valid=judging, test=data.split.test)
    one = type(data)(
        **{name: getattr(data, name) for name in ("table", "target", "encoder", "x", "y")},
        split=split,
    )
    return FoldTraining(one, CONFIG, targets, epochs=FULL, seed=3, path=("trial", 7, "fold", fold))


@pytest.mark.parametrize("name", ["fruit", "price"])
def test_folds_are_trained_in_step(few, name):
    """Loss and outputs are those of five trainings of one fold each, side by side."""
    data = few[name]
    together, parts = begun(data), [alone(data, fold) for fold in range(5)]
    for epoch in range(3):
        assert together.epoch == epoch
        loss = np.mean([part.train_epoch() for part in parts])
        assert together.train_epoch() == pytest.approx(loss, rel=1e-12)
    expected = np.concatenate([part.outputs() for part in parts])
    np.testing.assert_array_equal(together.outputs(), expected)
    assert together.outputs().shape == (len(data.split.train), data.outputs)


def test_no_row_is_judged_by_a_network_that_learned_from_it(few):
    """Wild numbers in the rows of a fold change the outputs of its own rows through inputs alone.

    The network that judges them is, to the bit, the one it was.
    """
    data = few["price"]
    for rows, judging in data.split.folds:
        assert not set(rows) & set(judging)
        one = Split(train=rows, valid=judging, test=data.split.test)
        wild = spoiled(data, judging)
        states = []
        for each in (data, wild):
            kept = type(data)(
                **{n: getattr(each, n) for n in ("table", "target", "encoder", "x", "y")}, split=one
            )
            training = begun(kept)
            training.train_epoch()
            states.append(training.state())
        assert all(np.array_equal(states[0][key], states[1][key]) for key in states[0])


@pytest.mark.parametrize("name", ["fruit", "price"])
def test_a_trial_is_judged_on_all_rows_together(few, name):
    """One metric over the outputs of all folds, and one over each half of the rows."""
    data, metric = few[name], METRICS[metric_name(few[name])]
    found = outcome(data)
    assert found.state is State.DONE
    training, targets = begun(data), targets_of(data, data.split.train)
    for measurement in found.measurements:
        assert measurement.metrics["train_loss"] == training.train_epoch()
        predictions, right = targets.predictions(training.outputs()), data.y[data.split.judging]
        assert measurement.metrics[metric.name] == metric.of(predictions, right)
    for half, rows in zip(half_names(metric.name), halves(len(right), 3), strict=True):
        assert measurement.metrics[half] == metric.of(predictions[rows], right[rows])


@pytest.mark.parametrize("rows", ["datas", "few"])
def test_outputs_trained_again_are_those_kept(request, rows):
    """After a stop the outputs of the best are made again: the same, to the bit."""
    data = request.getfixturevalue(rows)["price"]
    objective = judge(data)
    found = outcome(data, objective=objective)
    trial = Trial(
        number=7,
        config=CONFIG,
        epochs=FULL,
        state=found.state,
        measurements=tuple(found.measurements),
    )
    kept = objective.outputs(trial, lambda: False)
    assert kept is objective.remembered(trial) is not None
    assert len(kept) == len(data.split.judging)
    made = judge(data).outputs(trial, lambda: False)
    assert made is not kept
    np.testing.assert_array_equal(made, kept)


def test_outputs_are_made_no_longer_than_asked(few):
    """A stop is heard after each epoch, also where epochs are short."""
    trained = []
    trial = Trial(
        number=7, config=CONFIG, epochs=FULL, measurements=(Measurement(FULL, {"r2": 0.5}),)
    )
    with pytest.raises(Interrupted):
        judge(few["price"]).outputs(trial, lambda: trained.append(None) or len(trained) > 2)
    assert len(trained) == 3


@pytest.mark.parametrize("rows", ["datas", "few"])
def test_it_goes_on_from_its_state(request, rows):
    """What was trained goes on to the bit; a state of other networks is refused."""
    data = request.getfixturevalue(rows)["fruit"]
    whole, first, rest = begun(data), begun(data), begun(data)
    first.train_epoch()
    rest.restore(first.state())
    assert rest.epoch == 1
    losses = [whole.train_epoch() for _ in range(2)]
    assert rest.train_epoch() == losses[1]
    np.testing.assert_array_equal(rest.outputs(), whole.outputs())
    with pytest.raises(NetworkError):
        begun(data, {**CONFIG, "units": 11}).restore(first.state())
