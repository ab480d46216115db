"""Data and reproduction: what it takes to come to the same study."""

import shlex
from typing import Any, Final
from weakref import WeakKeyDictionary

import msgspec

from tunesmith import __version__
from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.section import Section
from tunesmith.study import Study
from tunesmith.text import plural

_KEPT: Final[WeakKeyDictionary[History, tuple[int, str]]] = WeakKeyDictionary()


def reproduction(history: History, about: About) -> Section:
    """Return where the data came from, the settings, and the digest."""
    study = history.study
    rows = [["command", command(study)]] if study.source else []
    rows += [[key, value] for key, value in _source(study)]
    if about.result is not None:
        rows += [[key, str(value)] for key, value in about.result.get("conditions", {}).items()]
    rows += [
        ["search", msgspec.json.encode(dict(study.search)).decode()],
        ["seed", str(study.seed)],
        ["virtual workers", str(study.slots)],
        ["budget", budget(study)],
        ["digest", digest(history, about)],
        ["page made by", f"tunesmith {__version__}"],
    ]
    end = f" It ended because {history.finished}." if history.finished else ""
    return Section(
        id="reproduction",
        title="Data and reproduction",
        what="What it takes to come to this study again. The digest is a hash over every trial's "
        "config, measurements, state and reason; two studies with the same digest are the same.",
        finding="The same data, settings and seed give the same study on one kind of machine."
        + end,
        head=("what", "value"),
        rows=[row for row in rows if row[1]],
    )


def digest(history: History, about: About) -> str:
    """Return the digest of a study that is over: as it was stored, or else counted once."""
    if not history.finished:
        return "at the end"
    if about.result is not None and "digest" in about.result:
        return str(about.result["digest"])
    kept = _KEPT.get(history)
    if kept is None or kept[0] != history.version:
        kept = _KEPT[history] = history.version, history.digest
    return kept[1]


def budget(study: Study) -> str:
    """Write what a study may spend, such as "200 trials; 27 epochs each at most"."""
    parts = []
    if study.trials is not None:
        parts.append(plural(study.trials, "trial"))
    if study.total_epochs is not None:
        parts.append(f"{plural(study.total_epochs, 'epoch')} in all")
    if study.minutes is not None:
        parts.append(f"{study.minutes:g} minutes")
    return f"{', '.join(parts)}; {plural(study.epochs, 'epoch')} each at most"


def command(study: Study) -> str:
    """Return the command that asks the same of a table."""
    source = study.source
    if not source.get("sha256"):
        words = ["tunesmith", "demo"]
    else:
        words = ["tunesmith", "fit", str(source["name"]), "--target", str(source["target"])]
        words += ["--task", str(source["task"])] if source.get("task") else []
        for column, kind in dict(source.get("types") or {}).items():
            words += ["--types", f"{column}={kind}"]
        words += ["--metric", study.metric]
        for option in ("group", "time"):
            words += [f"--{option}", str(source[option])] if source.get(option) else []
        for flag in ("balanced", "ensemble"):
            words += [f"--{flag}"] if source.get(flag) else []
        for option in ("drop", "tune", "fix"):
            for value in source.get(option) or ():
                words += [f"--{option}", str(value)]
    if study.trials is not None:
        words += ["--trials", str(study.trials)]
    if study.minutes is not None:
        words += ["--minutes", f"{study.minutes:g}"]
    return shlex.join([*words, "--seed", str(study.seed)])


def _source(study: Study) -> list[tuple[str, str]]:
    source: dict[str, Any] = dict(study.source)
    return [
        ("data", str(source.get("name", ""))),
        ("target", str(source.get("target", ""))),
        ("SHA-256 of the data", str(source.get("sha256", ""))),
    ]
