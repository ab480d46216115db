"""What every search obeys."""

from abc import ABC, abstractmethod
from dataclasses import replace

import msgspec
import pytest

from tunesmith.history import History
from tunesmith.search.settings import read_search
from tunesmith.space import LOG, Choice, Float, Int, Space
from tunesmith.study import Finish, Promote, Start, Study, Wait
from tunesmith.trial import Measurement, Origin, State

SPACE = Space(
    rate=Float(3e-4, 0.7, scale=LOG),
    optimizer=Choice(("sgd", "momentum", "adam")),
    momentum=Float(0.3, 0.95, when={"optimizer": "momentum"}),
    units=Int(5, 131, scale=LOG),
)


def study_of(search, **changes):
    """Return a study whose search is `search`."""
    question = {"space": SPACE, "search": search.settings(), "seed": 5, "epochs": 3}
    return Study(**question | (changes or {"trials": 11}))


def rising(trial):
    """Return losses that grow with the trial's number."""
    return [trial.number + 1 / epoch for epoch in range(trial.epochs_trained + 1, trial.epochs + 1)]


def falling(trial):
    """Return losses that fall with the trial's number."""
    return [-loss for loss in rising(trial)]


def stunted(trial):
    """Return a single loss: every trial diverges in its first epoch."""
    return [float("nan")]


def played(study, search, losses=rising, slots=3):
    """Play a study with `slots` workers that end in order; yield the history and each action."""
    history, queue = History(study), []
    while not history.finished:
        action = search.next(study, history) if len(queue) < slots else Wait()
        if len(queue) < slots:
            yield history, action
        match action:
            case Start(config, epochs, origin, opened):
                queue.append(history.start(config, epochs, origin, opened))
            case Promote(number, epochs, audit):
                queue.append(history.promote(number, epochs, audit=audit))
            case Wait():
                trial = queue.pop(0)
                news = enumerate(losses(trial), start=trial.epochs_trained + 1)
                state = State.DIVERGED if losses is stunted else State.DONE
                measured = [Measurement(n, {"loss": loss}) for n, loss in news]
                history.end(trial.number, state, measured)
            case Finish(reason, recommendation):
                history.finish(reason, recommendation)


def finished(study, search, **play):
    """Return the history of a study played to its end."""
    *_, (history, _) = played(study, search, **play)
    return history


def configs(history):
    """Return the configs of a history in order."""
    return [dict(trial.config) for trial in history.trials]


class SearchContract(ABC):
    """A search is a pure function of study and history, and keeps to its study."""

    seeded = True
    """Whether chance plays a part."""

    @abstractmethod
    @pytest.fixture
    def search(self):
        """Return the search that is tested."""

    def test_next_is_pure(self, search):
        """Asked twice it answers the same, another of its kind too, and nothing has changed."""
        study = study_of(search)
        for history, action in played(study, search):
            before = history.version, history.digest
            assert search.next(study, history) == action
            assert read_search(study.search).next(study, history) == action
            assert (history.version, history.digest) == before

    def test_proposals_are_legal(self, search):
        """Every config is one of the space, and no trial is given more than its full training."""
        for _, action in played(study_of(search, trials=67), search):
            if isinstance(action, Start):
                assert SPACE.check(action.config) == action.config
                assert 1 <= action.epochs <= 3

    def test_proposals_differ(self, search):
        """No config comes twice in a space of floats, but to be trained again."""
        trials = finished(study_of(search, trials=67), search).trials
        again = sum(trial.origin is Origin.AGAIN for trial in trials)
        assert len({trial.config for trial in trials}) == 67 - again

    @pytest.mark.parametrize("trials", [1, 7])
    def test_so_many_trials(self, search, trials):
        """`trials` is met exactly, and given as the reason once nothing runs."""
        history = finished(study_of(search, trials=trials), search)
        assert (len(history.trials), history.running) == (trials, ())
        assert history.finished == f"all {trials} trials were made"

    @pytest.mark.parametrize("losses", [rising, stunted])
    def test_so_many_epochs(self, search, losses):
        """`total_epochs` is never passed, and what diverges gives epochs back."""
        history = finished(study_of(search, total_epochs=23), search, losses=losses)
        assert 23 - 3 < history.epochs <= 23
        assert history.epochs == sum(trial.epochs_trained for trial in history.trials)
        left = 23 - history.epochs
        assert history.finished == (
            f"only {left} epochs were left" if left else "all 23 epochs were given out"
        )

    def test_it_never_waits_for_nothing(self, search):
        """It waits only while a trial runs whose outcome may change its mind."""
        for history, action in played(study_of(search), search):
            assert history.running or not isinstance(action, Wait)

    def test_so_many_at_once(self, search):
        """It uses one slot at least, so that it never stands still, and no more than there are."""
        for slots in (1, 2, 7):
            study = study_of(search, slots=slots, trials=13)
            for history, _ in played(study, search, slots=slots):
                assert 1 <= search.at_once(study, history) <= slots

    def test_the_seed_decides(self, search):
        """The same seed gives the same configs, another one others."""
        study = study_of(search)
        made = configs(finished(study, search))
        assert configs(finished(study, search)) == made
        other = configs(finished(replace(study, seed=6), search))
        assert (other[0] != made[0]) is self.seeded

    def test_settings_are_plain_data(self, search):
        """Through JSON and back they give an equal search with equal settings."""
        plain = msgspec.json.decode(msgspec.json.encode(search.settings()))
        assert plain == search.settings()
        assert read_search(plain) == search


class BlindContract(SearchContract):
    """A search that says it is blind proposes the same whatever is measured."""

    def test_outcomes_change_nothing(self, search):
        """Neither losses, nor how many trials run at once, nor that all diverge."""
        study = study_of(search)
        made = configs(finished(study, search))
        assert search.blind
        for losses in (falling, stunted):
            assert configs(finished(study, search, losses=losses, slots=5)) == made
