"""A network whose hyperparameters are searched: what its classifier and regressor share."""

import math
import time
from abc import ABC
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tunesmith import __version__
from tunesmith.blas import one_blas_thread
from tunesmith.driver import drive
from tunesmith.engine.train import warm_up
from tunesmith.estimators.answers import Answers
from tunesmith.estimators.given import Given, check_given, check_validation
from tunesmith.estimators.inputs import table_of
from tunesmith.estimators.network import NetworkEstimator, seed_of
from tunesmith.estimators.question import NO_ROWS, split_of, study_of, target_of
from tunesmith.estimators.settings import flag_of
from tunesmith.fit.data import Data
from tunesmith.fit.ensemble import ADVICE_SECONDS_A_TRIAL, refit_together, reserve
from tunesmith.fit.metrics import METRICS
from tunesmith.fit.objective import TableObjective
from tunesmith.fit.pace import Pace
from tunesmith.fit.retraining import Retrained, retrain
from tunesmith.history import History
from tunesmith.search.protocol import Search
from tunesmith.space import Space
from tunesmith.study import Study, count_of
from tunesmith.table.split import Split
from tunesmith.trial import Config
from tunesmith.tuning import make_executor, opened, work_folder


class TunedEstimator(NetworkEstimator, ABC):
    """What both tuned estimators are; TunedClassifier tells of the parameters."""

    history_: History
    best_config_: Config
    refit_: str
    """"full" if the network was trained again as planned, "shortened" if for fewer epochs, "kept"
    if it is the search's own, since `minutes` left no time; `model_.about` says why."""
    _learn_answers: Any

    def __init__(
        self,
        *,
        space: Space | None = None,
        search: Search | None = None,
        trials: int | None = 50,
        minutes: float | None = None,
        workers: int = 2,
        metric: str | None = None,
        ensemble: bool = False,
        random_state: Any = None,
    ) -> None:
        self.space = space
        self.search = search
        self.trials = trials
        self.minutes = minutes
        self.workers = workers
        self.metric = metric
        self.ensemble = ensemble
        self.random_state = random_state

    def fit(
        self, X: Any, y: Any, sample_weight: Any = None, *, X_val: Any = None, y_val: Any = None
    ) -> Self:
        """Search, then train the best config again on all of X and y; return self.

        X [N, D]: an array or a data frame. sample_weight [N]: what each row counts in training;
        one of weight 0 is left out. Networks are compared on a fifth of the rows, in five
        folds where rows are few (see `folded`), or on X_val, y_val, which are never trained on;
        there each row counts the same.

        Raises ValueError in scikit-learn's words for what is no X or y, DataError for a frame
        that cannot be learned from, SpaceError and StudyError for parameters that cannot be
        meant, NothingFound if no network could be trained.
        """
        began, seed = time.monotonic(), seed_of(self.random_state)
        workers, ensemble = count_of("workers", self.workers), flag_of("ensemble", self.ensemble)
        given = check_given(self, X, y, sample_weight, reset=True, rows=2)
        data = self._data(given, check_validation(self, X_val, y_val), seed)
        study = study_of(
            data,
            space=self.space,
            search=self.search,
            trials=self.trials,
            minutes=self.minutes,
            metric=self.metric,
            seed=seed,
        )
        end = math.inf if study.minutes is None else began + 60 * study.minutes
        warm_up()
        with one_blas_thread():
            objective = TableObjective(
                data,
                metric=METRICS[study.metric],
                seed=study.seed,
                epochs=study.epochs,
                remember=ensemble,
            )
            self.history_ = _searched(
                study,
                objective,
                workers,
                lambda history: end - self._reserve(study, data, history, objective.pace),
            )
            self.best_config_ = self.history_.best.config
            retrained = self._again(study, data, given.rows, objective, end)
        self.refit_ = retrained.kind
        self.model_ = replace(retrained.model, about=_about(self.history_) | retrained.about)
        return self

    def _again(
        self,
        study: Study,
        data: Data,
        rows: NDArray[np.int64],
        objective: TableObjective,
        deadline: float,
    ) -> Retrained:
        """Train the best config, or the best few, on all `rows` given."""
        known = replace(data, split=Split(train=rows, valid=NO_ROWS, test=NO_ROWS))
        train = refit_together if self.ensemble else retrain
        return train(
            study,
            data,
            known,
            self.history_,
            objective,
            deadline=deadline,
            workers=self.workers,
        )

    def _reserve(self, study: Study, data: Data, history: History, pace: Pace) -> float:
        """Return the seconds to keep for the advice and for what is trained again."""
        workers = self.workers if self.ensemble else None
        advice = pace.slowdown * ADVICE_SECONDS_A_TRIAL * len(history.trials)
        return advice + reserve(study, data, history, pace, together_by=workers)

    def _data(self, given: Given, own: Given | None, seed: int) -> Data:
        """Return what trials train on: the rows given, and behind them a user's own to judge by."""
        answers: Answers = self._learn_answers(given.y, given.rows)
        known, weight = answers.known(given.y), given.weight
        if own is None:
            split = split_of(known, given.rows, answers.task, seed=seed)
        else:
            judged = len(known) + np.arange(len(own.y))
            split = Split(train=given.rows, valid=judged, test=NO_ROWS)
        table = table_of(given.x)
        x = self._learn_inputs(table, split.train)
        if own is not None:
            x = np.concatenate([x, self._inputs.encode(own.x)])
            known = np.concatenate([known, answers.known(own.y)])
        return Data(
            table=table,
            target=target_of(answers, len(given.y)),
            split=split,
            encoder=self._inputs.encoder,
            x=x,
            y=known,
            weight=weight,
        )


def _searched(
    study: Study,
    objective: TableObjective,
    workers: int,
    deadline: Callable[[History], float],
) -> History:
    """Run the study in memory to its end, or until the refit needs the time that is left."""
    with (
        opened(None, study) as events,
        work_folder(None) as folder,
        make_executor(objective, "threads", workers) as executor,
    ):
        return drive(
            study,
            executor,
            events,
            folder,
            deadline=deadline,
        )


def _about(history: History) -> dict[str, Any]:
    """Say how a model came about, as plain data."""
    return {
        "tunesmith": __version__,
        "seed": history.study.seed,
        "digest": history.digest,
        "trial": history.best.number,
        "config": dict(history.best.config),
    }
