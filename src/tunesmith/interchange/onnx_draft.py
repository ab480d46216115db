"""A graph of ONNX operators while it is being written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray


@final
@dataclass(frozen=True, slots=True)
class Node:
    """One operator."""

    op: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Any]
    domain: str = ""


@final
class Draft:
    """A graph that is being written; values have the names of columns, or "/Op_7"."""

    def __init__(self, columns: Iterable[str]) -> None:
        self._taken = set(columns)
        self.constants: dict[str, NDArray[Any]] = {}
        self.nodes: list[Node] = []

    def fresh(self, wanted: str) -> str:
        """Return a name that nothing has, and keep it."""
        name = wanted
        while name in self._taken:
            name = f"{name}_"
        self._taken.add(name)
        return name

    def constant(self, value: Any, dtype: Any = np.float64) -> str:
        """Add an array; return its name."""
        name = self.fresh(f"/constant_{len(self.constants)}")
        self.constants[name] = np.asarray(value, dtype)
        return name

    def add(self, op: str, *inputs: str, output: str = "", domain: str = "", **more: Any) -> str:
        """Add an operator; return the name of what it gives."""
        name = output or self.fresh(f"/{op}_{len(self.nodes)}")
        self.nodes.append(Node(op, inputs, name, more, domain))
        return name

    def joined(self, names: Iterable[str]) -> str:
        """Return the columns of several values side by side."""
        names = tuple(names)
        return names[0] if len(names) == 1 else self.add("Concat", *names, axis=1)
