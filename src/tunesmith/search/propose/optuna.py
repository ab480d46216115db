"""Any sampler of Optuna as a search, asked and told as its own study would do it.

A sampler remembers: its generator moves on, and some keep a population. So it is led through the
whole story of a history, ask by ask and tell by tell, and what it answers depends on nothing else.
While a history goes on as the story so far, the sampler goes on too; otherwise it begins anew.
"""

import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import Any, ClassVar, Final, NamedTuple, final
from weakref import WeakKeyDictionary

from tunesmith import rng
from tunesmith.errors import StudyError
from tunesmith.history import History
from tunesmith.search.ladder.full import Full
from tunesmith.search.protocol import Ladder, Search
from tunesmith.space import LINEAR, LOG, LOG1M, Choice, Float, Int, Param, Space
from tunesmith.space.params import Value
from tunesmith.study import Start, Study
from tunesmith.trial import Config, Trial

SAMPLERS: Final = (
    "CmaEsSampler",
    "GPSampler",
    "NSGAIIISampler",
    "NSGAIISampler",
    "QMCSampler",
    "RandomSampler",
    "TPESampler",
)
"""Those of optuna.samplers that take a seed and leave the end of a study to others."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OptunaSearch(Search):
    """Ask a sampler of Optuna: OptunaSearch(sampler="TPESampler", options={"multivariate": True}).

    `sampler` is the name of its class in optuna.samplers; `options` are its keyword arguments, as
    plain data, without the seed, which is the study's. A trial that went wrong is told as failed,
    one that was not trained in full as pruned. Told in the order they were asked, or by a constant
    number of workers, a sampler just goes on; otherwise, and after a promotion or a resume, it is
    asked for all trials again, which may take a while.

    Raises StudyError for a sampler or options that cannot be, and where Optuna is not installed.
    """

    name: ClassVar[str] = "optuna"
    looks_back: ClassVar[bool] = True
    follows: ClassVar[bool] = False
    ladder: Ladder = Full()
    sampler: str = "TPESampler"
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.sampler not in SAMPLERS:
            raise StudyError(f"no sampler {self.sampler!r}: there are {', '.join(SAMPLERS)}")
        try:
            plain = json.loads(json.dumps(dict(self.options), allow_nan=False))
        except (TypeError, ValueError) as error:
            raise StudyError(
                f"options must be plain data such as {{'n_startup_trials': 5}}, "
                f"got {self.options!r} ({error})"
            ) from None
        if "seed" in plain:
            raise StudyError(
                f"the option seed={plain['seed']!r} is the study's affair: give it to the study"
            )
        object.__setattr__(self, "options", MappingProxyType(plain))

    def settings(self) -> dict[str, Any]:
        """Return it as plain data; `read_search` reads it back."""
        return {
            "name": self.name,
            "sampler": self.sampler,
            "options": dict(self.options),
            "ladder": self.ladder.settings(),
        }

    def propose(self, study: Study, history: History, epochs: int) -> Start:
        """Return what the sampler suggests, once it was led through the history."""
        question, story = (self, study), story_of(study, history)
        replay = _MEMO.pop(history, None)
        if replay is None or replay.question != question or not replay.leads_to(story):
            replay = Replay(self, study)
        try:
            config = replay.next(story)
        except ImportError as error:
            raise StudyError(
                f"{self.sampler} needs a package that cannot be loaded ({error}): install it"
            ) from error
        _MEMO[history] = replay
        return Start(config, epochs)


class Told(NamedTuple):
    """What a sampler is told of a trial."""

    number: int
    loss: float | None
    """None if it went wrong."""
    epochs: int
    """After which the loss was measured."""
    full: bool
    """Whether these are all."""


Story = list[Config | Told]
"""What was asked, and what came of it, in order."""


def story_of(study: Study, history: History) -> Story:
    """Return the story of a history: configs in the order asked, outcomes in the order told.

    What was told before which config, a history does not say: as many were out then as are now.
    """
    ended = [
        n for n in dict.fromkeys(e.number for e in history.endings) if history.trials[n].state.ended
    ]
    story: Story = []
    told = 0
    for number, trial in enumerate(history.trials):
        while told < min(number - len(history.running), len(ended)) and ended[told] < number:
            story.append(_told(study, history.trials[ended[told]]))
            told += 1
        story.append(trial.config)
    return story + [_told(study, history.trials[number]) for number in ended[told:]]


def _told(study: Study, trial: Trial) -> Told:
    epochs, loss = trial.epochs_trained, study.loss(trial)
    wrong = trial.state.bad or loss == float("inf")
    return Told(trial.number, None if wrong else loss, epochs, epochs >= study.epochs)


@final
class Replay:
    """A sampler on its way through a story, and a study of Optuna's that holds what it saw."""

    def __init__(self, search: OptunaSearch, study: Study) -> None:
        self.question = search, study
        self._states = optuna_part("optuna.trial").TrialState
        self._study = _begun(search, int(rng.stream(study.seed, "optuna").integers(2**31)))
        self._trials: list[Any] = []
        """Optuna's trials, by our numbers."""
        self._past: Story = []
        """What it went through; the last step is the config asked for last."""
        self._answer = Config({})

    def leads_to(self, story: Story) -> bool:
        """Whether `story` goes on from here, or was just asked about."""
        past = self._past
        return past[: len(story)] == story[: len(past)] and len(past) <= len(story) + 1

    def next(self, story: Story) -> Config:
        """Go through what is new in `story`; return the config that follows it."""
        for step in story[len(self._past) :]:
            if isinstance(step, Told):
                self._tell(step)
            else:
                self._ask(step)
        if len(self._past) <= len(story):
            self._answer = self._ask()
            self._past = [*story, self._answer]
        return self._answer

    def _ask(self, taken: Config | None = None) -> Config:
        """Ask for a config; where another one was `taken` instead, say so."""
        space = self.question[1].space
        trial = self._study.ask()
        config = suggested(space, trial)
        if taken is not None and taken != config:
            self._study.tell(trial, state=self._states.FAIL)
            self._study.enqueue_trial(
                {name: _theirs(space[name], value) for name, value in taken.items()}
            )
            trial = self._study.ask()
            suggested(space, trial)
        self._trials.append(trial)
        return config

    def _tell(self, told: Told) -> None:
        trial = self._trials[told.number]
        if told.loss is None:
            self._study.tell(trial, state=self._states.FAIL)
        elif told.full:
            self._study.tell(trial, told.loss)
        else:
            trial.report(told.loss, told.epochs)
            self._study.tell(trial, state=self._states.PRUNED)


_MEMO: WeakKeyDictionary[History, Replay] = WeakKeyDictionary()
"""How far the sampler of a history has come."""


def _begun(search: OptunaSearch, seed: int) -> Any:
    """Return a new study of Optuna's; it is to say nothing about that."""
    optuna = optuna_part("optuna")
    said = optuna.logging.get_verbosity()
    try:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            sampler = getattr(optuna.samplers, search.sampler)(**search.options, seed=seed)
        return optuna.create_study(sampler=sampler)
    except (TypeError, ValueError) as error:
        raise StudyError(
            f"{search.sampler} cannot have the options {dict(search.options)}: {error}"
        ) from error
    finally:
        optuna.logging.set_verbosity(said)


def suggested(space: Space, trial: Any) -> Config:
    """Return the config that a trial of Optuna's suggests; what is not active is not asked for."""
    config: dict[str, Value] = {}
    for name, param in space.items():
        if all(at in config and config[at] in allowed for at, allowed in param.when):
            config[name] = _suggested(trial, name, param)
    return Config(config)


def _suggested(trial: Any, name: str, param: Param) -> Value:
    if isinstance(param, Choice):
        return param.check(trial.suggest_categorical(name, param.options))
    if isinstance(param, Int):
        return int(trial.suggest_int(name, param.low, param.high, log=param.scale == LOG))
    low, high, log1m = param.low, param.high, param.scale == LOG1M
    if log1m:
        low, high = 1 - high, 1 - low
    value = float(trial.suggest_float(name, low, high, log=param.scale != LINEAR))
    return min(max(1 - value if log1m else value, param.low), param.high)


def _theirs(param: Param, value: Value) -> Value:
    """Return what stands for a value with Optuna, which knows no LOG1M: 1 - value, on LOG."""
    log1m = isinstance(param, Float) and param.scale == LOG1M
    return 1 - value if log1m and isinstance(value, float) else value


def optuna_part(name: str) -> Any:
    """Return a module of Optuna; StudyError if it is not installed."""
    try:
        return import_module(name)
    except ImportError as error:
        raise StudyError(f"Optuna cannot be loaded ({error}): pip install optuna") from error
