"""Audits: stopped trials that are trained to the end all the same."""

import pytest
from tests.contracts.search_contract import falling, finished, played, study_of

from tunesmith.search.ladder.async_halving import AsyncHalving
from tunesmith.search.ladder.hyperband import Hyperband
from tunesmith.search.ladder.successive_halving import SuccessiveHalving
from tunesmith.search.propose.random import RandomSearch
from tunesmith.study import Promote, Start
from tunesmith.trial import State


def audits_of(search, **budget):
    """Return the history of a study, and its audits as they were decided."""
    study, audits = study_of(search, epochs=9, **budget), []
    for history, action in played(study, search, losses=falling):
        if isinstance(action, Promote) and action.audit:
            trial = history.trials[action.number]
            audits.append((len(history.trials), trial.state, action.epochs))
    return history, audits


@pytest.mark.parametrize("ladder", [AsyncHalving, SuccessiveHalving, Hyperband])
def test_after_all_trials_were_made(ladder):
    """So many paused trials, drawn by chance, are trained in full before the study ends."""
    history, audits = audits_of(RandomSearch(ladder=ladder(eta=3, audit=3)), trials=40)
    assert audits == 3 * [(40, State.PAUSED, 9)]
    audited = [trial for trial in history.trials if trial.audited]
    assert [trial.epochs_trained for trial in audited] == [9, 9, 9]
    assert {trial.state for trial in audited} == {State.DONE}
    without, _ = audits_of(RandomSearch(ladder=ladder(eta=3)), trials=40)
    assert not any(trial.audited for trial in without.trials)


def test_epochs_are_kept_for_them():
    """The last epochs of a budget train the audits; it is never passed."""
    history, audits = audits_of(RandomSearch(ladder=AsyncHalving(audit=3)), total_epochs=120)
    assert len(audits) == 3
    assert history.epochs <= 120
    without, _ = audits_of(RandomSearch(ladder=AsyncHalving()), total_epochs=120)
    assert len(without.trials) > len(history.trials)


def test_where_only_minutes_end_a_study():
    """One of every 32 trials, so that there are some whenever the time is up."""
    search = RandomSearch(ladder=AsyncHalving(audit=2))
    study, audits = study_of(search, epochs=9, minutes=1), []
    for history, action in played(study, search, losses=falling):
        if isinstance(action, Promote) and action.audit:
            audits.append(len(history.trials))
        if isinstance(action, Start) and len(history.trials) == 130:
            break
    assert audits == [32, 64]


def test_more_than_there_are():
    """Where fewer trials are paused, all of them are audited, and the study ends."""
    search = RandomSearch(ladder=AsyncHalving(audit=50))
    history = finished(study_of(search, trials=7, epochs=9), search)
    assert {trial.epochs_trained for trial in history.trials} == {9}
    assert history.finished == "all 7 trials were made"
