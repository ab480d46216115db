"""The peer: Syne Tune, its schedulers at their defaults, asked and told by hand.

They stop trials and never resume them. The last trial may be cut short by the budget. The kernel
density estimators of BOHB know no log scale, and so every param is given by its unit in [0, 1].
"""

import logging
import warnings
from datetime import datetime

import numpy as np
from syne_tune.backend.trial_status import Trial
from syne_tune.config_space import uniform
from syne_tune.optimizer.baselines import ASHA, BOHB
from syne_tune.optimizer.scheduler import SchedulerDecision, TrialScheduler

from benchmarks.ladders.curves import EPOCHS
from benchmarks.ladders.spending import Spending

logging.getLogger("syne_tune").setLevel(logging.ERROR)

WHEN = datetime(2020, 1, 1)


def asha(spending: Spending, seed: int) -> None:
    """Search by asynchronous successive halving of random configs."""
    search(ASHA, spending, seed)


def bohb(spending: Spending, seed: int) -> None:
    """Search by asynchronous successive halving with kernel density estimators."""
    search(BOHB, spending, seed)


def search(kind: type[TrialScheduler], spending: Spending, seed: int) -> None:
    """Ask for trials, one after the other, until the epochs are spent."""
    np.random.seed(seed)  # noqa: NPY002  BOHB draws its random configs from the global generator
    pool = spending.task.pool
    scheduler = kind(
        {name: uniform(0.0, 1.0) for name in pool.space},
        metric="loss",
        time_attr="epoch",
        max_t=EPOCHS,
        random_seed=seed,
    )
    number = 0
    while spending.left:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of statsmodels, about its own future
            proposed = scheduler.suggest().config
        row = spending.take([proposed[name] for name in pool.space])
        trial = Trial(number, pool.named(row), WHEN)
        scheduler.on_trial_add(trial)
        train(scheduler, trial, spending, row)
        number += 1


def train(scheduler: TrialScheduler, trial: Trial, spending: Spending, row: int) -> None:
    """Train a trial until the scheduler stops it."""
    for epoch in range(1, EPOCHS + 1):
        if not spending.left:
            return
        result = {"loss": spending.train(row), "epoch": epoch}
        if epoch == EPOCHS:
            scheduler.on_trial_complete(trial, result)
        elif scheduler.on_trial_result(trial, result) == SchedulerDecision.STOP:
            return
