"""Who leads, however often trials are judged."""

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tunesmith.leaders import Leaders
from tunesmith.space import Float, Space
from tunesmith.study import Study
from tunesmith.trial import Config, Measurement, State, Trial

STUDY = Study(space=Space(x=Float(0.3, 2.7)), trials=7, epochs=5)

JUDGED = st.tuples(
    st.integers(0, 4),
    st.sampled_from([0.5, 0.7, 1.1]),
    st.integers(1, 5),
    st.sampled_from([0.25, 0.5, 0.75, math.nan]),
    st.sampled_from([State.DONE, State.PAUSED, State.DIVERGED]),
)


def first_of(trials):
    """Return the number of the leader, by looking at all trials."""
    groups = {}
    for trial in trials.values():
        if STUDY.usable(trial):
            reached = trial.epochs if trial.state is State.DONE else trial.epochs_trained
            groups.setdefault((trial.config, reached), []).append(trial)

    def key(item):
        (_, reached), alike = item
        losses = [STUDY.loss(trial) for trial in alike]
        return -reached, math.fsum(losses) / len(losses), min(t.number for t in alike)

    return min(groups.items(), key=key)[1] if groups else None


@given(st.lists(JUDGED, min_size=1, max_size=17))
def test_the_first_is_the_best_of_all(events):
    """After every judgement; a trial that is judged anew counts as it is now."""
    leaders, trials = Leaders(STUDY), {}
    for number, x, epochs, loss, state in events:
        measured = (Measurement(epochs, {"loss": loss}),)
        trial = Trial(number=number, config=Config({"x": x}), epochs=epochs)
        trials[number] = replace(trial, state=state, measurements=measured)
        leaders.judge(trials[number])
        best = first_of(trials)
        assert leaders.first == (None if best is None else min(t.number for t in best))
        assert sorted(leaders.ranked()) == sorted(
            n for n, trial in trials.items() if STUDY.usable(trial)
        )
        assert leaders.ranked()[:1] == ([] if leaders.first is None else [leaders.first])


def test_means_of_losses_whose_sum_overflows():
    """Two trainings at 1e308 are worse than one at 9e307, which is worse than two below it."""
    leaders = Leaders(STUDY)
    for number, (x, loss) in enumerate(
        [(1, 1e308), (1, 1e308), (2, 9e307), (1.5, 8e307), (1.5, 9e307)]
    ):
        measured = (Measurement(5, {"loss": loss}),)
        trial = Trial(number=number, config=Config({"x": x}), epochs=5, measurements=measured)
        leaders.judge(replace(trial, state=State.DONE))
    assert leaders.ranked() == [3, 4, 2, 0, 1]
