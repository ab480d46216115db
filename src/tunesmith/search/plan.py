"""What a budget is spent on: the params that matter most first, tier by tier.

Each param has a priority, and params of one priority make a tier. A small budget opens the first
tiers only. What is not searched stays in the space at one value, so that every config is whole.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Final, final

from tunesmith.errors import SpaceError
from tunesmith.space import Choice, Space
from tunesmith.space.params import Value
from tunesmith.space.space import remedy_for

ROOM: Final = 5
"""A tier opens where the budget has so many trainings, or more, for each param searched.

With fewer, a wider space mostly ends below the first tier alone: most of its configs have a poor
learning rate, or are poor for what matters less.
"""

WIDTH: Final = 80
"""Characters a line may have."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which params are searched, and at which values the others stay; all by priority."""

    space: Space
    """The params that are searched, and the others with one option each."""
    searched: tuple[str, ...]
    fixed: Mapping[str, Value]
    """What stays at a value that was given."""
    defaults: Mapping[str, Value]
    """What stays at its default: the budget is small, others were named, or it has one option."""
    opening: Mapping[str, int]
    """From how many trainings on the budget would open what is not searched; by name."""
    absent: tuple[str, ...]
    """What the values of others keep out of every config."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The plan in words, in lines of at most 80 characters."""
        told: dict[str, list[str]] = {"searched": list(self.searched)}
        for name, value in self.fixed.items():
            told.setdefault("fixed", []).append(_pair(name, value))
        for name in sorted(self.defaults, key=lambda name: self.opening.get(name, 0)):
            below = f" below {self.opening[name]:,} trials" if name in self.opening else ""
            told.setdefault(f"defaults{below}", []).append(_pair(name, self.defaults[name]))
        if self.absent:
            told["not used"] = list(self.absent)
        return tuple(line for label, words in told.items() for line in _wrapped(label, words))


def plan(
    space: Space,
    trainings: int | None,
    *,
    tune: Collection[str] = (),
    fix: Mapping[str, Value] | None = None,
) -> Plan:
    """Return what a budget of `trainings` full trainings is spent on; None: of minutes.

    `fix` holds params at values within their limits. Of the others, those named in `tune` are
    searched, whatever the budget. Where none is named, the tiers open in turn while there are
    ROOM trainings for each param searched: the first always, all in a budget of minutes. This is
    for a space that the user need not know; one that a user wrote is searched whole by ts.tune.

    Raises SpaceError for names that are no params, a param both tuned and fixed, a value out of
    reach, a param that has no effect, and where nothing is left to search.
    """
    fix = dict(fix or {})
    fixed = space.held() | fix
    _check_names(space, tune, fixed)
    stages = [_searched(space, fixed, names) for names in ([tune] if tune else _tiers(space))]
    searched, opening = _opened(stages, trainings)
    kept = space.fixed(_held(space, fixed, searched))
    _check_active(space, kept, (*tune, *fix))
    if not searched:
        raise SpaceError(
            f"nothing is left to search with {', '.join(fix or fixed)} fixed: free one of them"
        )
    in_order = sorted(kept.items(), key=lambda item: item[1].priority)
    values = {n: p.options[0] for n, p in in_order if isinstance(p, Choice) and n not in searched}
    return Plan(
        space=kept,
        searched=tuple(name for name, _ in in_order if name in searched),
        fixed={name: value for name, value in values.items() if name in fix},
        defaults={name: value for name, value in values.items() if name not in fix},
        opening=opening,
        absent=tuple(name for name in space if name not in kept),
    )


def _tiers(space: Space) -> list[list[str]]:
    """Return the names of the first tier, of the first two, and so on."""
    last = sorted({param.priority for param in space.values()})
    return [[name for name, param in space.items() if param.priority <= p] for p in last]


def _searched(space: Space, fixed: Mapping[str, Value], names: Collection[str]) -> tuple[str, ...]:
    """Return those of `names` that can vary while all others are held, in the space's order."""
    held = _held(space, fixed, names)
    return tuple(name for name in space.fixed(held) if name not in held)


def _opened(
    stages: list[tuple[str, ...]], trainings: int | None
) -> tuple[tuple[str, ...], dict[str, int]]:
    """Return what is searched, and from how many trainings on the others would be.

    Each of the `stages` holds the one before. The first that is not empty is always open.
    """
    searched: tuple[str, ...] = ()
    opening: dict[str, int] = {}
    for stage in stages:
        needed = ROOM * len(stage)
        if not searched or trainings is None or needed <= trainings:
            searched = stage
        else:
            opening = dict.fromkeys(stage, needed) | opening
    return searched, {name: opening[name] for name in opening if name not in searched}


def _held(space: Space, fixed: Mapping[str, Value], searched: Collection[str]) -> dict[str, Value]:
    """Return the values of all params that are not searched."""
    return {
        name: fixed.get(name, param.default_value)
        for name, param in space.items()
        if name in fixed or name not in searched
    }


def _check_names(space: Space, tune: Collection[str], fixed: Mapping[str, Value]) -> None:
    """Raise SpaceError unless all names are params, each to be tuned or fixed, not both."""
    for name in (*tune, *fixed):
        if name not in space:
            raise SpaceError(f"no param {name!r}; {remedy_for(name, space)}")
    for name in tune:
        if name in fixed:
            raise SpaceError(
                f"{name} is to be tuned, and fixed at {fixed[name]!r}: drop one of the two"
            )


def _check_active(space: Space, kept: Space, asked: Iterable[str]) -> None:
    """Raise SpaceError for a param that was asked for and is in no config."""
    for name in asked:
        if name not in kept:
            parents = [parent for parent, _ in space[name].when]
            held = [_pair(at, kept[at].default_value) for at in parents if at in kept]
            raise SpaceError(
                f"{name} is not used with {' and '.join(held or parents)}: tune or fix "
                f"{' and '.join(parents)} as well, or leave {name} out"
            )


def _pair(name: str, value: Value) -> str:
    """Write a value as it is typed, without spaces: no line ends inside."""
    return f"{name}={value:.6g}" if isinstance(value, float) else f"{name}={value}"


def _wrapped(label: str, words: Collection[str]) -> list[str]:
    """Return the line that lists `words` after `label`, or several."""
    text = f"{label}: {', '.join(words)}"
    return wrap(text, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
