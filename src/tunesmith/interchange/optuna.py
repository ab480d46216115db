"""A search of ours as a sampler of Optuna's; importing this needs Optuna."""

from collections.abc import Mapping, Sequence
from typing import Any, final

from tunesmith import rng
from tunesmith.errors import StudyError
from tunesmith.history import History
from tunesmith.interchange.distributions import from_value, space_of, to_value
from tunesmith.search.ladder.full import Full
from tunesmith.search.propose.coarse_to_fine import CoarseToFine
from tunesmith.search.propose.optuna import optuna_part
from tunesmith.search.protocol import Search
from tunesmith.study import Goal, Start, Study
from tunesmith.trial import Config, Measurement, State

_BaseSampler: Any = optuna_part("optuna.samplers").BaseSampler
_search_space = optuna_part("optuna.search_space")
_states = optuna_part("optuna.trial").TrialState
_directions = optuna_part("optuna.study").StudyDirection


@final
class TunesmithSampler(_BaseSampler):  # type: ignore[misc]  # Any, so that Optuna may be missing
    """Sample as a search of Tunesmith proposes: create_study(sampler=TunesmithSampler(trials=50)).

    The search decides over the params that all completed trials had, with the same range; the
    others are drawn at random on their scales, and so is the whole first trial. `trials` is how
    many are planned: searches spread what they do over them. The same seed and the same outcomes
    give the same trials. A pruned or failed trial counts as a bad one.

    Raises StudyError for a search that is none, or decides who trains on: with Optuna, the pruner
    does. Sampling raises it for a study with several objectives.
    """

    def __init__(self, search: Search | None = None, seed: int = 0, *, trials: int = 100) -> None:
        self._search = CoarseToFine() if search is None else search
        if not isinstance(self._search, Search):
            raise StudyError(f"search must be a search such as CoarseToFine(), got {search!r}")
        if not isinstance(self._search.ladder, Full):
            raise StudyError(
                f"got the ladder {self._search.ladder!r}, but with Optuna the pruner decides who "
                "trains on: give the search ladder=Full()"
            )
        self._seed, self._planned = seed, trials
        self._proposed: dict[int, Config] = {}
        """What was proposed for trials that may not yet say so themselves, by number."""

    def infer_relative_search_space(self, study: Any, _trial: Any) -> dict[str, Any]:
        """Return the distributions that all completed trials share, if they leave a choice."""
        shared = _search_space.intersection_search_space(study.get_trials(deepcopy=False))
        return {name: d for name, d in shared.items() if not d.single()}

    def sample_relative(
        self, study: Any, trial: Any, search_space: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what the search proposes, or any config once it has tried them all."""
        _check_single(study)
        if not search_space:
            return {}
        history = self._history(study, search_space)
        action = self._search.next(history.study, history)
        if isinstance(action, Start):
            config = action.config
        else:
            chance = rng.stream(self._seed, "trial", trial.number, "config")
            config = Config(history.study.space.draw(chance))
        self._proposed[trial.number] = config
        return {name: from_value(search_space[name], value) for name, value in config.items()}

    def sample_independent(
        self, study: Any, trial: Any, param_name: str, param_distribution: Any
    ) -> Any:
        """Return a value drawn on the param's scale."""
        _check_single(study)
        if param_distribution.single():
            return getattr(param_distribution, "choices", [param_distribution.low])[0]
        param = space_of({param_name: param_distribution})[param_name]
        chance = rng.stream(self._seed, "trial", trial.number, "param", param_name)
        return from_value(param_distribution, param.value(chance.random()))

    def after_trial(
        self,
        study: Any,  # noqa: ARG002  Optuna's arguments
        trial: Any,
        state: Any,  # noqa: ARG002
        values: Sequence[float] | None,  # noqa: ARG002
    ) -> None:
        """Forget what was proposed: from now on the trial says what it was."""
        self._proposed.pop(trial.number, None)

    def reseed_rng(self) -> None:
        """Do nothing: chance has the number of the trial in its address."""

    def _history(self, study: Any, search_space: Mapping[str, Any]) -> History:
        """Return the trials over `search_space` as a history of ours."""
        trials = study.get_trials(deepcopy=False)
        small = study.direction == _directions.MINIMIZE
        history = History(
            Study(
                space=space_of(search_space),
                goal=Goal.MIN if small else Goal.MAX,
                search=self._search.settings(),
                seed=self._seed,
                trials=max(self._planned, len(trials) + 1),
            )
        )
        for trial in trials:
            config = self._config(trial, search_space)
            if config is None:
                continue
            number = history.start(config, 1).number
            if trial.state == _states.COMPLETE:
                history.end(number, State.DONE, [Measurement(1, {"loss": trial.value})])
            elif trial.state.is_finished():
                history.end(number, State.FAILED, [])
        return history

    def _config(self, trial: Any, search_space: Mapping[str, Any]) -> Config | None:
        """Return a trial's config over `search_space`; None if it is not one of its configs."""
        if all(trial.distributions.get(name) == d for name, d in search_space.items()):
            theirs = trial.params
            return Config({name: to_value(d, theirs[name]) for name, d in search_space.items()})
        proposed = self._proposed.get(trial.number)
        return proposed if proposed is not None and proposed.keys() == search_space.keys() else None


def _check_single(study: Any) -> None:
    if len(study.directions) > 1:
        raise StudyError(
            f"a study with {len(study.directions)} objectives has no best trial: "
            "give TunesmithSampler a study with one"
        )
