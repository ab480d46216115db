"""The peer: Optuna, its default sampler with its pruners at their defaults.

Every param is given by its unit in [0, 1], on its own scale; what is whole is rounded by the pool.
A trial reports after every epoch, from step 0 on as its documentation has it, and is pruned when
the pruner says so; pruned trials cannot be resumed. The last trial may be cut short by the budget.
"""

from collections.abc import Mapping, Sequence
from typing import Any, final

import optuna
from optuna.distributions import BaseDistribution, FloatDistribution
from optuna.pruners import BasePruner, HyperbandPruner, SuccessiveHalvingPruner
from optuna.samplers import BaseSampler, TPESampler
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState

from benchmarks.ladders.curves import EPOCHS
from benchmarks.ladders.spending import Spending

optuna.logging.set_verbosity(optuna.logging.ERROR)


def hyperband(spending: Spending, seed: int) -> None:
    """Search by tree-structured Parzen estimators, pruned by Hyperband."""
    search(spending, seed, HyperbandPruner())


def halving(spending: Spending, seed: int) -> None:
    """Search by tree-structured Parzen estimators, pruned by successive halving."""
    search(spending, seed, SuccessiveHalvingPruner())


def search(spending: Spending, seed: int, pruner: BasePruner) -> None:
    """Run a study until its epochs are spent."""
    sampler = PoolSampler(TPESampler(seed=seed), spending)

    def objective(trial: Trial) -> float:
        for name in sampler.axes:
            trial.suggest_float(name, 0.0, 1.0)  # all of them were chosen when the trial began
        loss = 0.0
        for step in range(EPOCHS):
            if not spending.left:
                trial.study.stop()
                raise optuna.TrialPruned
            loss = spending.train(sampler.row)
            trial.report(loss, step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return loss

    # The brackets of Hyperband are drawn from the study's name.
    optuna.create_study(study_name=f"ladders {seed}", sampler=sampler, pruner=pruner).optimize(
        objective
    )


@final
class PoolSampler(BaseSampler):
    """A sampler whose proposals are taken to a pool, and which learns of what was taken."""

    def __init__(self, within: BaseSampler, spending: Spending) -> None:
        self.axes = dict.fromkeys(spending.task.pool.space, FloatDistribution(0.0, 1.0))
        self.row = -1
        """That of the trial that began last."""
        self._within, self._spending = within, spending

    def infer_relative_search_space(
        self,
        study: Study,  # noqa: ARG002  the protocol's arguments
        trial: FrozenTrial,  # noqa: ARG002
    ) -> dict[str, BaseDistribution]:
        """Return all params: they are chosen together."""
        return self.axes

    def sample_relative(
        self,
        study: Study,
        trial: FrozenTrial,
        search_space: Mapping[str, BaseDistribution],
    ) -> dict[str, Any]:
        """Return the config of the pool that stands for the proposal of the sampler within."""
        within = self._within
        known = within.infer_relative_search_space(study, trial)
        proposed = within.sample_relative(study, trial, known)
        for name, axis in search_space.items():
            if name not in proposed:
                proposed[name] = within.sample_independent(study, trial, name, axis)
        pool = self._spending.task.pool
        self.row = self._spending.take([proposed[name] for name in pool.space])
        return pool.named(self.row)

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Return what the sampler within returns."""
        return self._within.sample_independent(study, trial, param_name, param_distribution)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Let the sampler within prepare."""
        self._within.before_trial(study, trial)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        """Let the sampler within conclude."""
        self._within.after_trial(study, trial, state, values)
