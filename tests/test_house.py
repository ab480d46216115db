"""The house, measured: how large things are, where they stand, and what may not be in them.

A rule is a function from a parsed file to what it finds, one sentence each; every rule is tried
on a line that breaks it before it is held against the source.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "tunesmith"
TESTS = ROOT / "tests"

MODULE_LINES = 400
CLASS_LINES = 200
CLASS_METHODS = 12
FUNCTION_LINES = 40
MOST_FUNCTION_LINES = 30
"""Nine functions in ten are shorter than this."""

ROOM: dict[str, str] = dict.fromkeys(
    ("estimators/dense.py __init__", "estimators/dense_classifier.py __init__"),
    "scikit-learn reads the parameters from the signature, and wants each under its name",
)
"""What may be larger, such as "engine/kernels.py train", and the reason."""

UNTESTED = {
    "__init__.py": "names and nothing else; held by test_public.py and test_imports.py",
    "protocol.py": "what a family must obey; held by tests/contracts",
}
"""Files of these names need no test of their own, and why."""

NOT_MIRRORS = {
    "chaos": "faults that strike a run from outside",
    "contracts": "what every member of a family must obey",
    "damage": "files as they come, broken in every way",
    "golden": "study files of released schema versions",
    "integrations": "agreement with heavy packages, and a browser",
    "terminal": "runs at a real pseudo-terminal",
    "typing": "a user's program, read by mypy",
    "test_house.py": "this",
    "test_public.py": "the public names",
    "test_imports.py": "what an import loads",
    "test_docs.py": "the words, run",
    "test_examples.py": "the programs in examples/",
}
"""What in tests/ stands for no single source file."""

SHAPELESS_NAMES = {
    "base",
    "common",
    "handler",
    "helper",
    "helpers",
    "manager",
    "misc",
    "util",
    "utils",
}
EXECUTES_DATA = {"eval", "exec", "__import__"}
LOADS_CODE = {"cloudpickle", "dill", "joblib", "marshal", "pickle", "shelve"}
CLOSED_BASES = {"ABC", "Protocol", "NamedTuple", "TypedDict", "BaseException"}
CLOSED_ENDINGS = ("Enum", "Error", "Exception", "Warning", "Flag")

Function = ast.FunctionDef | ast.AsyncFunctionDef


class File(NamedTuple):
    """A parsed file and its path under src/tunesmith."""

    path: str
    text: str
    tree: ast.Module

    @classmethod
    def parse(cls, path: str, text: str) -> "File":
        return cls(path, text, ast.parse(text, filename=path))

    def at(self, node: ast.AST, what: str) -> str:
        return f"{self.path}:{node.lineno} {what}"


FILES = [
    File.parse(path.relative_to(SOURCE).as_posix(), path.read_text(encoding="utf-8"))
    for path in sorted(SOURCE.rglob("*.py"))
]


# --- sizes ------------------------------------------------------------------------------------


class Size(NamedTuple):
    """One measured thing."""

    name: str
    kind: str
    measured: int
    allowed: int


def code_lines(file: File, function: Function) -> int:
    """Count the lines of a function without decorators, docstring, comments and empty lines."""
    first = function.body[0]
    has_docstring = ast.get_docstring(function) is not None
    docstring = range(first.lineno, (first.end_lineno or 0) + 1) if has_docstring else range(0)
    lines = enumerate(file.text.splitlines(), start=1)
    return sum(
        function.lineno <= number <= (function.end_lineno or 0)
        and number not in docstring
        and not line.strip().startswith("#")
        and line.strip() != ""
        for number, line in lines
    )


def sizes(file: File) -> Iterator[Size]:
    """Measure the module, its classes and its functions, methods and inner ones included."""
    yield Size(file.path, "lines", len(file.text.splitlines()), MODULE_LINES)
    for node in ast.walk(file.tree):
        if isinstance(node, ast.ClassDef):
            name = f"{file.path} {node.name}"
            public = [
                n for n in node.body if isinstance(n, Function) and not n.name.startswith("_")
            ]
            yield Size(name, "lines", (node.end_lineno or 0) - node.lineno + 1, CLASS_LINES)
            yield Size(name, "public methods", len({n.name for n in public}), CLASS_METHODS)
        elif isinstance(node, Function):
            yield Size(
                f"{file.path} {node.name}", "lines of code", code_lines(file, node), FUNCTION_LINES
            )


def test_measuring():
    """Docstrings, comments and empty lines are no code; a private method is not public."""
    file = File.parse(
        "a.py",
        "class A:\n    @property\n    def b(self):\n        '''One.\n\n        Two.'''\n\n"
        "        # three\n        return (\n            5\n        )\n    def _c(self): ...\n",
    )
    assert list(sizes(file)) == [
        ("a.py", "lines", 12, 400),
        ("a.py A", "lines", 12, 200),
        ("a.py A", "public methods", 1, 12),
        ("a.py b", "lines of code", 4, 40),
        ("a.py _c", "lines of code", 1, 40),
    ]


def test_everything_has_room_and_no_more():
    """Modules, classes and functions keep their size; who may be larger is, and says why."""
    over = [size for file in FILES for size in sizes(file) if size.measured > size.allowed]
    assert [size for size in over if size.name not in ROOM] == []
    assert sorted(ROOM) == sorted({size.name for size in over}), "an exception is not needed"


def test_nine_functions_in_ten_are_short():
    """Functions of 30 lines and more are the exception."""
    lines = [s.measured for file in FILES for s in sizes(file) if s.kind == "lines of code"]
    assert quantiles(lines, n=10)[8] < MOST_FUNCTION_LINES


# --- what may not be in the source --------------------------------------------------------------


def imported(node: ast.AST) -> Iterator[str]:
    """Yield the full names an import statement reaches."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def last_name(node: ast.expr) -> str:
    """Return C for `C`, `a.b.C`, `C[T]` and `C(...)`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=inner) | ast.Call(func=inner):
            return last_name(inner)
        case _:
            return ""


def asserts(file: File) -> Iterator[str]:
    """Find asserts: an error is raised, with its type and message; an assert is gone under -O."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Assert):
            yield file.at(node, "asserts")


def chance_without_address(file: File) -> Iterator[str]:
    """Find generators not from rng.stream; elsewhere only the type Generator is named."""
    allowed = {"Generator", "default_rng"} if file.path == "rng.py" else {"Generator"}
    for node in ast.walk(file.tree):
        for name in imported(node):
            if name.split(".")[0] in {"random", "secrets"} or (
                name.startswith("numpy.random") and name.split(".")[-1] not in allowed
            ):
                yield file.at(node, f"imports {name}")
        if isinstance(node, ast.Attribute) and node.attr not in allowed:
            owner = ast.unparse(node.value)
            if owner in {"np.random", "numpy.random"}:
                yield file.at(node, f"uses {owner}.{node.attr}")


def code_from_data(file: File) -> Iterator[str]:
    """Find pickle and its kin, eval, exec and __import__: data is never run."""
    for node in ast.walk(file.tree):
        for name in imported(node):
            if name.split(".")[0] in LOADS_CODE:
                yield file.at(node, f"imports {name}")
        if isinstance(node, ast.Name) and node.id in EXECUTES_DATA:
            yield file.at(node, f"uses {node.id}")
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            yield file.at(node, "sets allow_pickle")


def open_classes(file: File) -> Iterator[str]:
    """Find classes that are not abstract, final, an enum, a named tuple or an exception."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.ClassDef):
            bases = {last_name(base) for base in node.bases}
            final = "final" in map(last_name, node.decorator_list)
            errors = file.path == "errors.py"
            if not (final or errors or bases & CLOSED_BASES) and not any(
                base.endswith(CLOSED_ENDINGS) for base in bases
            ):
                yield file.at(node, f"{node.name} is neither abstract nor final")


def thawed_records(file: File) -> Iterator[str]:
    """Find dataclasses and msgspec Structs that are not frozen."""
    for node in ast.walk(file.tree):
        if isinstance(node, ast.ClassDef):
            records = [d for d in node.decorator_list if last_name(d) == "dataclass"]
            settings = [k for d in records if isinstance(d, ast.Call) for k in d.keywords]
            struct = "Struct" in map(last_name, node.bases)
            frozen = any(
                k.arg == "frozen" and isinstance(k.value, ast.Constant) and k.value.value is True
                for k in settings + node.keywords
            )
            if (records or struct) and not frozen:
                yield file.at(node, f"{node.name} is not frozen")


def loose_ends(file: File) -> Iterator[str]:
    """Find what is not done, and lines that hide from coverage."""
    for number, line in enumerate(file.text.splitlines(), start=1):
        for found in re.findall(r"\bTODO\b|\bFIXME\b|\bXXX\b|pragma: no cover", line):
            yield f"{file.path}:{number} says {found}"


def shapeless_names(file: File) -> Iterator[str]:
    """Find files, classes and functions named by words that do not say what is inside."""
    named = [n for n in ast.walk(file.tree) if isinstance(n, ast.ClassDef | Function)]
    for name in [*Path(file.path).with_suffix("").parts, *(n.name for n in named)]:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")
        for word in SHAPELESS_NAMES.intersection(words):
            yield f"{file.path} {name} says {word}"


Rule = Callable[[File], Iterator[str]]
BROKEN: list[tuple[Rule, str]] = [
    (asserts, "def f(x):\n    assert x > 0"),
    (chance_without_address, "import random"),
    (chance_without_address, "from random import shuffle"),
    (chance_without_address, "import numpy as np\nx = np.random.rand(3)"),
    (chance_without_address, "import numpy as np\nx = np.random.default_rng(3)"),
    (chance_without_address, "from numpy.random import default_rng"),
    (code_from_data, "import pickle"),
    (code_from_data, "from joblib import load"),
    (code_from_data, "x = eval('3')"),
    (code_from_data, "x = __import__('os')"),
    (code_from_data, "import numpy as np\nx = np.load('a.npy', allow_pickle=True)"),
    (open_classes, "class A: ..."),
    (open_classes, "class A(B): ..."),
    (thawed_records, "@dataclass\nclass A: ..."),
    (thawed_records, "@dataclasses.dataclass(slots=True)\nclass A: ..."),
    (thawed_records, "@dataclass(frozen=False)\nclass A: ..."),
    (thawed_records, "class A(msgspec.Struct, kw_only=True): ..."),
    (loose_ends, "x = 3  # TODO: five"),
    (loose_ends, "if x:  # pragma: no cover\n    y = 3"),
    (shapeless_names, "def load_helper(): ..."),
    (shapeless_names, "class TrialManager: ..."),
]
KEPT: list[tuple[Rule, str]] = [
    (
        asserts,
        "def f(x):\n    if x <= 0:\n        raise ValueError(f'x must be positive, got {x}')",
    ),
    (chance_without_address, "def f(rng: np.random.Generator): return rng.random(3)"),
    (code_from_data, "def f(db): return db.execute('SELECT 3')"),
    (open_classes, "@final\nclass A: ..."),
    (open_classes, "@typing.final\nclass A(B): ..."),
    (open_classes, "class A(Protocol[T]): ..."),
    (open_classes, "class A(enum.Enum): ..."),
    (open_classes, "class A(ValueError): ..."),
    (thawed_records, "@dataclass(frozen=True, slots=True)\nclass A: ..."),
    (thawed_records, "class A(msgspec.Struct, frozen=True): ..."),
    (loose_ends, "todo = 3"),
    (shapeless_names, "def baseline(): ..."),
]
RULES = list(dict.fromkeys(rule for rule, _ in BROKEN))


def rule_name(value: object) -> str | None:
    return getattr(value, "__name__", None)


@pytest.mark.parametrize(("rule", "text"), BROKEN, ids=rule_name)
def test_a_rule_sees_what_breaks_it(rule, text):
    """Each of these breaks one rule, once."""
    assert len(list(rule(File.parse("space/space.py", text)))) == 1


@pytest.mark.parametrize(("rule", "text"), KEPT, ids=rule_name)
def test_a_rule_lets_pass_what_keeps_it(rule, text):
    """Each of these comes close to breaking a rule, and does not."""
    assert list(rule(File.parse("space/space.py", text))) == []


def test_a_shapeless_file_name_is_seen():
    """The words that say nothing are not file or folder names either."""
    assert list(shapeless_names(File.parse("store/utils.py", ""))) == [
        "store/utils.py utils says utils"
    ]


@pytest.mark.parametrize("rule", RULES, ids=rule_name)
def test_the_source_keeps_the_rules(rule):
    """No file of the package breaks a rule of the house."""
    assert [finding for file in FILES for finding in rule(file)] == []


# --- tests mirror the source --------------------------------------------------------------------


def mirror(path: str) -> str:
    """Return the test file of a source file: space/scales.py has space/test_scales.py."""
    source = Path(path)
    return source.with_name(f"test_{source.name}").as_posix()


def test_every_source_file_has_its_test_file():
    """Who opens a source file knows where its tests are."""
    tested = [f.path for f in FILES if Path(f.path).name not in UNTESTED]
    assert [path for path in tested if not (TESTS / mirror(path)).exists()] == []


def test_every_test_file_has_its_source_file():
    """Who opens a test file knows what it tests."""
    files = [path.relative_to(TESTS) for path in sorted(TESTS.rglob("test_*.py"))]
    mirrors = {mirror(file.path) for file in FILES}
    strays = [p.as_posix() for p in files if p.parts[0] not in NOT_MIRRORS]
    assert [path for path in strays if path not in mirrors] == []
