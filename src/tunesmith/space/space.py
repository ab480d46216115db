"""A space: named params, some of which exist only where others have certain values."""

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from keyword import iskeyword
from typing import Any, Final, Self, final

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from tunesmith.errors import SpaceError, SpaceWarning
from tunesmith.number import shown
from tunesmith.space.lint import lint
from tunesmith.space.params import FIRST_OPTION, Choice, Float, Int, Param, Value
from tunesmith.space.scales import Floats, scale_named
from tunesmith.space.values import text

_KINDS: Final[dict[str, Any]] = {"float": Float, "int": Int, "choice": Choice}
"""What a param is called in JSON."""
_NEEDED: Final = frozenset({"low", "high", "options"})
"""Fields that must be written; the others have defaults."""


@final
@dataclass(frozen=True, slots=True, init=False, repr=False, eq=False)
class Space(Mapping[str, Param]):
    """The params of a search by name, in order: Space(learning_rate=Float(1e-4, 1.0, scale=LOG)).

    A config is a dict with one value for every active param. A param is active where every param
    it depends on (its `when`) is active and has one of the allowed values.

    Raises SpaceError for params that make no space. Issues a SpaceWarning for a param that is
    probably on the wrong scale, see `lint`.
    """

    _params: dict[str, Param]

    def __init__(self, /, **params: Param) -> None:
        self._set(params)
        for finding in lint(params):
            warnings.warn(finding.text, SpaceWarning, stacklevel=2)

    def _set(self, params: dict[str, Param]) -> None:
        """Check and set the params; afterwards the space is frozen."""
        _check_params(params)
        object.__setattr__(self, "_params", dict(params))

    def __getitem__(self, name: str) -> Param:
        return self._params[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._params)

    def __len__(self) -> int:
        return len(self._params)

    def __eq__(self, other: object) -> bool:
        """Compare names, params and their order: the order decides which draw goes where."""
        if not isinstance(other, Space):
            return NotImplemented
        return tuple(self.items()) == tuple(other.items())

    def __hash__(self) -> int:
        return hash(tuple(self.items()))

    def __repr__(self) -> str:
        if all(name.isascii() and name.isidentifier() and not iskeyword(name) for name in self):
            return f"Space({', '.join(f'{name}={param!r}' for name, param in self.items())})"
        return f"Space(**{self._params!r})"

    def draw(self, rng: np.random.Generator) -> dict[str, Value]:
        """Draw a config; it takes one uniform number per param, active or not."""
        return self.decode(rng.random(len(self)))

    def encode(self, config: Mapping[str, Value]) -> Floats:
        """Return the units [D] of a config; an inactive param sits at its default."""
        checked = self.check(config)
        units = [
            p.unit(checked[name]) if name in checked else p.unit(p.default_value)
            for name, p in self.items()
        ]
        return np.array(units, dtype=np.float64)

    def decode(self, units: ArrayLike) -> dict[str, Value]:
        """Return the config at `units` [D], each in [0, 1], without the inactive params.

        decode(encode(config)) gives back whole numbers and options exactly, and a float x to
        within 1e-12, relative to its range on LINEAR, to x on LOG, to 1 - x on LOG1M (where x
        itself is no finer than a float).
        """
        places = np.asarray(units, dtype=np.float64)
        if places.shape != (len(self),):
            raise SpaceError(
                f"units have shape {places.shape}, but the space has {len(self)} params; "
                f"give an array of shape ({len(self)},)"
            )
        unit = dict(zip(self, places.tolist(), strict=True))
        return self._config(lambda name: self[name].value(unit[name]))

    def check(self, config: Mapping[str, Value]) -> dict[str, Value]:
        """Return `config` in the space's order and in Python's own types.

        Raises SpaceError for a value that is missing, out of range, or of a param that is
        unknown or inactive.
        """
        for name in config:
            if name not in self:
                raise SpaceError(f"no param {name!r}; {remedy_for(name, self)}")
        checked = self._config(lambda name: self._checked(name, config))
        for name in config:
            if name not in checked:
                raise SpaceError(
                    f"got {name}={config[name]!r}, which exists only where {_where(self[name])}; "
                    "leave it out"
                )
        return checked

    def defaults(self) -> dict[str, Value]:
        """Return the config with every active param at its default."""
        return self._config(lambda name: self[name].default_value)

    def held(self) -> dict[str, Value]:
        """Return the params that have one option, with that option."""
        choices = {name: p.options for name, p in self.items() if isinstance(p, Choice)}
        return {name: options[0] for name, options in choices.items() if len(options) == 1}

    def active(self, config: Mapping[str, Value]) -> tuple[str, ...]:
        """Return the names of the params that are active in `config`, in order."""
        return tuple(self._config(lambda name: self._checked(name, config)))

    def fixed(self, values: Mapping[str, Value]) -> Self:
        """Return the space with the params in `values` held at one value each: one option left.

        A value may lie beyond the range, as far as the limits. Conditions lose the values that
        can no longer come up; params that can never be active are left out. Raises SpaceError for
        a name that is no param, and for a value beyond the limits.
        """
        for name in values:
            if name not in self:
                raise SpaceError(f"no param {name!r}; {remedy_for(name, self)}")
        params: dict[str, Param] = {}
        for name, param in self.items():
            when = tuple((at, _left(params.get(at), allowed)) for at, allowed in param.when)
            if all(allowed for _, allowed in when):
                kept = replace(param, when=when)
                params[name] = _held(name, kept, values[name]) if name in values else kept
        return self._silently(params)

    def to_builtins(self) -> dict[str, Any]:
        """Return the space as dicts, lists, texts and numbers, to embed in larger JSON."""
        return {"params": [_record(name, param) for name, param in self.items()]}

    @classmethod
    def from_builtins(cls, data: object) -> Self:
        """Return the space that `to_builtins` wrote, without warnings; SpaceError if it is none."""
        if not isinstance(data, dict) or data.keys() != {"params"}:
            raise SpaceError(f'a space is written as {{"params": [...]}}, got {_short(data)}')
        if not isinstance(data["params"], list):
            raise SpaceError(f"the params are written as a list, got {_short(data['params'])}")
        params: dict[str, Param] = {}
        for record in data["params"]:
            name, param = _param(record)
            if name in params:
                raise SpaceError(f"param {name!r} is written twice; remove one")
            params[name] = param
        return cls._silently(params)

    def to_json(self) -> str:
        """Return the space as JSON; every float keeps every bit."""
        return msgspec.json.encode(self.to_builtins()).decode()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the space that `to_json` wrote, without warnings; SpaceError if it is none."""
        try:
            data = msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise SpaceError(f"{_short(text)} is not a space in JSON: {error}") from error
        return cls.from_builtins(data)

    @classmethod
    def _silently(cls, params: dict[str, Param]) -> Self:
        """Return the space of `params` without warnings: the user has had them."""
        space = cls.__new__(cls)
        space._set(params)
        return space

    def _config(self, value: Callable[[str], Value]) -> dict[str, Value]:
        """Return the config with `value(name)` for every active param."""
        config: dict[str, Value] = {}
        for name, param in self.items():
            if all(at in config and config[at] in allowed for at, allowed in param.when):
                config[name] = value(name)
        return config

    def _checked(self, name: str, config: Mapping[str, Value]) -> Value:
        if name not in config:
            raise SpaceError(
                f"no value for {name!r}; give one, such as {self[name].default_value!r}"
            )
        try:
            return self[name].check(config[name])
        except SpaceError as error:
            raise SpaceError(f"{name}: {error}") from None


def _held(name: str, param: Param, value: Value) -> Choice:
    """Return `param` with one value, which may lie beyond its range but not beyond its limits."""
    ends: dict[str, Any] = {}
    if not isinstance(param, Choice) and param.limits is not None:
        ends = dict(zip(("low", "high"), param.limits, strict=True))
    try:
        options = (replace(param, **ends).check(value),)
    except SpaceError as error:
        raise SpaceError(f"{name}: {error}") from None
    return Choice(options, priority=param.priority, when=param.when)


def _left(parent: Param | None, allowed: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return which of the `allowed` values a parent can still have; none if it is gone."""
    if not isinstance(parent, Choice):
        return allowed if parent else ()
    options = [(option, isinstance(option, bool)) for option in parent.options]
    return tuple(value for value in allowed if (value, isinstance(value, bool)) in options)


def _check_params(params: Mapping[str, Param]) -> None:
    if not params:
        raise SpaceError(
            "a space needs at least one param, such as learning_rate=Float(1e-4, 1.0, scale=LOG)"
        )
    earlier: dict[str, Param] = {}
    for name, param in params.items():
        if not isinstance(name, str) or not name:
            raise SpaceError(f"a param needs a name, got {shown(name)}; give it one")
        text("a param's name", name)
        if not isinstance(param, Param):
            raise SpaceError(f"{name} must be a Float, an Int or a Choice, got {param!r}")
        for parent, allowed in param.when:
            _check_condition(name, parent, allowed, earlier, params)
        earlier[name] = param


def _check_condition(
    name: str,
    parent: str,
    allowed: tuple[Value, ...],
    earlier: Mapping[str, Param],
    params: Mapping[str, Param],
) -> None:
    if parent == name:
        raise SpaceError(f"{name} depends on itself; name another param in its when")
    if parent in params and parent not in earlier:
        raise SpaceError(f"{name} depends on {parent!r}, which comes later; put {parent!r} first")
    if parent not in params:
        others = [other for other in params if other != name]
        raise SpaceError(
            f"{name} depends on {parent!r}, which is no param; {remedy_for(parent, others)}"
        )
    for value in allowed:
        try:
            earlier[parent].check(value)
        except SpaceError as error:
            raise SpaceError(
                f"{name} can never exist where {parent} is {value!r}: {error}"
            ) from None


def _where(param: Param) -> str:
    """Return the conditions of `param` in words."""
    return " and ".join(
        f"{parent} is {' or '.join(map(repr, allowed))}" for parent, allowed in param.when
    )


def remedy_for(name: object, names: Iterable[str]) -> str:
    """Return the remedy for a name that is not among `names`."""
    known = list(names)
    near = get_close_matches(str(name), known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known) or 'no others'}"


def _record(name: str, param: Param) -> dict[str, Any]:
    record: dict[str, Any] = {"name": name, "kind": type(param).__name__.lower()}
    for field in fields(param):
        value = getattr(param, field.name)
        if field.name == "scale":
            value = value.name
        elif field.name == "when":
            value = {parent: list(allowed) for parent, allowed in value}
        record[field.name] = list(value) if isinstance(value, tuple) else value
    if isinstance(param, Choice) and None in param.options:
        # null stands for the first option, as it always has; None itself is written otherwise
        if param.default is None and param.options[0] is not None:
            record["default"] = {"value": None}
        elif param.default == param.options[0]:
            record["default"] = None
    return record


def _param(record: object) -> tuple[str, Param]:
    """Return the name and the param that a record holds."""
    if not isinstance(record, dict) or not isinstance(record.get("name"), str):
        raise SpaceError(f"a param is written as an object with a name, got {_short(record)}")
    name, kind = record["name"], record.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise SpaceError(f"{name}: no kind {kind!r}; the kinds are {', '.join(_KINDS)}")
    make = _KINDS[kind]
    known = [field.name for field in fields(make)]
    given = {key: value for key, value in record.items() if key not in ("name", "kind")}
    for key in given:
        if key not in known:
            raise SpaceError(f"{name}: {make.__name__} has no {key!r}; {remedy_for(key, known)}")
    for key in known:
        if key in _NEEDED and key not in given:
            raise SpaceError(f"{name}: {make.__name__} needs {key!r}; write it down")
    try:
        if "scale" in given:
            given["scale"] = scale_named(given["scale"])
        if make is Choice:
            given["default"] = _default_option(given.get("default"))
        return name, make(**given)
    except SpaceError as error:
        raise SpaceError(f"{name}: {error}") from None


def _default_option(written: object) -> Any:
    """Return the default of a Choice as it is written: null, an option, or {"value": option}."""
    if isinstance(written, dict) and written.keys() == {"value"}:
        return written["value"]
    return FIRST_OPTION if written is None else written


def _short(data: object) -> str:
    """Return what `data` looks like, in at most 60 characters."""
    text = repr(data)
    return text if len(text) <= 60 else f"{text[:57]}..."
