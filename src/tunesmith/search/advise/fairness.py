"""Fairness: what came of trials that had been stopped and were trained to the end all the same."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, final

from tunesmith.arithmetic import mean
from tunesmith.history import History
from tunesmith.search.advise.judged import epochs_text
from tunesmith.search.advise.proportion import Proportion, percents
from tunesmith.study import Advice, Goal, Recommendation, Study, Topic

CLEARLY: Final = 2.0
"""One loss is clearly smaller by more than so many deviations between two trainings."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Finisher:
    """A trial that was trained in full."""

    number: int
    stopped: int
    """The epochs it had been stopped at; 0 if it was not."""
    loss: float
    """At the full training; infinite where it went wrong."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Stopped trials that were trained to the end, and the best of the others."""

    audited: tuple[Finisher, ...]
    """One at least."""
    rival: Finisher
    noise: float | None
    """The deviation between trainings of one config; None if none was trained twice."""

    @property
    def best(self) -> Finisher:
        """The best of the audited."""
        return min(self.audited, key=lambda trial: (trial.loss, trial.number))

    @property
    def better(self) -> Proportion:
        """How many of the audited beat the rival."""
        count = sum(trial.loss < self.rival.loss for trial in self.audited)
        return Proportion(count=count, of=len(self.audited))

    @property
    def clear(self) -> bool:
        """Whether the best of them is better, or none is, beyond the noise."""
        if self.better.count == 0:
            return True
        gap = self.rival.loss - self.best.loss
        return self.noise is not None and gap > CLEARLY * math.sqrt(2.0) * self.noise


def fairness(
    study: Study, history: History, chosen: Recommendation | None = None
) -> tuple[Advice, ...]:
    """Return whether stopping early was fair, if any stopped trials were trained to the end.

    They are compared with the `chosen` config, or with the best that the ladder itself brought to
    the end where none is recommended, or one of them.
    """
    found = audited(study, history)
    rival = _rival(study, history, chosen, {trial.number for trial in found})
    if not found or rival is None:
        return ()
    seen = Comparison(audited=found, rival=rival, noise=noise_between(study, history))
    figures = {
        "audited": float(len(found)),
        "better": float(seen.better.count),
        "better_high": seen.better.high,
        "rival": rival.loss,
        "best": seen.best.loss,
        "noise": math.nan if seen.noise is None else seen.noise,
    }
    return (
        Advice(
            kind=Topic.FAIRNESS,
            text=_text(study, seen),
            figures=MappingProxyType({k: v for k, v in figures.items() if math.isfinite(v)}),
            certain=seen.clear,
        ),
    )


def _text(study: Study, seen: Comparison) -> str:
    sign = 1.0 if study.goal is Goal.MIN else -1.0
    best, rival = seen.best, seen.rival
    score = f"{study.metric} {sign * best.loss:.4g}" if math.isfinite(best.loss) else "nothing"
    came = f"trial {best.number}, stopped at {epochs_text(best.stopped)}, came to {score}"
    against = f"trial {rival.number} has {sign * rival.loss:.4g}"
    if seen.better.count == 0:
        share = percents(seen.better.low, seen.better.high)
        return (
            f"stopping early was fair as far as {len(seen.audited)} stopped trials tell that were "
            f"trained to the end: the best, {came}, and {against}; of all that were stopped "
            f"{share} would have beaten it (95 % interval)"
        )
    differ = (
        "how much trainings of one config differ is unknown"
        if seen.noise is None
        else f"trainings of one config differ by {seen.noise:.2g}"
    )
    if seen.clear:
        return (
            f"stopping early was not fair: {came}, {against}, and {differ}; "
            "train longer before trials are stopped"
        )
    return f"cannot tell whether stopping early was fair: {came}, {against}, but {differ}"


def audited(study: Study, history: History) -> tuple[Finisher, ...]:
    """Return the audited trials that have ended, with the epochs they had been stopped at."""
    stopped = {n: epochs for n, epochs in history.endings if epochs < study.epochs}
    return tuple(
        Finisher(
            number=trial.number,
            stopped=stopped[trial.number],
            loss=study.loss_at(trial, study.epochs),
        )
        for trial in history.trials
        if trial.audited and trial.state.ended and trial.number not in history.outside
    )


def _rival(
    study: Study, history: History, chosen: Recommendation | None, out: Collection[int]
) -> Finisher | None:
    """Return the recommended config, or the best that was trained in full and is not `out`."""
    full = {
        trial.number: loss
        for trial in history.trials
        if trial.number not in {*out, *history.outside}
        and math.isfinite(loss := study.loss_at(trial, study.epochs))
    }
    if chosen is not None and chosen.number in full:
        losses = [full[number] for number in chosen.trainings if number in full]
        return Finisher(number=chosen.number, stopped=0, loss=mean(losses))
    best = min(full, key=lambda number: (full[number], number), default=None)
    return None if best is None else Finisher(number=best, stopped=0, loss=full[best])


def noise_between(study: Study, history: History) -> float | None:
    """Return the deviation between full trainings of one config.

    None if none was repeated, and if they differ by more than a float can hold.
    """
    losses: dict[object, list[float]] = {}
    for trial in history.trials:
        loss = study.loss_at(trial, study.epochs)
        if math.isfinite(loss):
            losses.setdefault(trial.config, []).append(loss)
    again = [several for several in losses.values() if len(several) > 1]
    freedom = sum(len(several) - 1 for several in again)
    if not freedom:
        return None
    gaps = [loss - middle for several in again for middle in [mean(several)] for loss in several]
    noise = math.hypot(*gaps) / math.sqrt(freedom)
    return noise if math.isfinite(noise) else None
