"""Importance: how much of the differences between configs each param carries."""

from typing import Any

from tunesmith.blas import briefly_one_blas_thread
from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.section import Section
from tunesmith.report.findings.wording import percent, sentence
from tunesmith.search.advise.importance import SURELY, Region, regions

PLACES = {"whole": "over the whole space", "good": "within the good region"}


def importance(history: History, _about: About) -> Section:
    """Return the shares of every param, over the whole space and where the search closed in."""
    with briefly_one_blas_thread():
        found = regions(history.study, history)
    names = _ordered(history, found)
    return Section(
        id="importance",
        title="Importance",
        what="The share of the differences between configs that a param carries, alone and with "
        "others, among trials of equal length: over the whole space, and within the good region, "
        "where the order may be another. The thin lines are 95 % intervals. The shares of all "
        "params may add up to more than 100 %, since what two carry together counts for both.",
        finding=finding(history, found),
        head=("param", *(f"{PLACES[region.name]}, 95 % interval" for region in found)),
        rows=[[name, *(_cell(history, region, name) for region in found)] for name in names],
        figures={"params": names, "regions": [_plain(history, region, names) for region in found]},
    )


def finding(history: History, found: tuple[Region, ...]) -> str:
    """Say what matters most and how sure that is; that it cannot be told is an answer too."""
    if not found:
        return "It cannot be told from noise which params matter: the trials are too few or alike."
    said = []
    for region in found:
        sure = [
            (float(region.shares.share[at]), name, at)
            for at, name in enumerate(history.study.space)
            if region.shares.low[at] >= SURELY
        ]
        if sure:
            _, name, at = max(sure)
            said.append(f"{region.where} {name} matters most: {_interval(region, at)}")
        else:
            said.append(f"{region.where} nothing can be told from noise")
    return sentence("; ".join(said))


def _ordered(history: History, found: tuple[Region, ...]) -> list[str]:
    """Return the params that are searched, the most important first."""
    space = history.study.space
    names = [name for name, param in space.items() if len(getattr(param, "options", "ab")) > 1]
    if not found:
        return []
    at = {name: place for place, name in enumerate(space)}
    return sorted(names, key=lambda name: -max(float(r.shares.share[at[name]]) for r in found))


def _interval(region: Region, at: int) -> str:
    here = region.shares
    return f"{percent(here.share[at])} ({percent(here.low[at])} to {percent(here.high[at])})"


def _cell(history: History, region: Region, name: str) -> str:
    return _interval(region, list(history.study.space).index(name))


def _plain(history: History, region: Region, names: list[str]) -> dict[str, Any]:
    at = [list(history.study.space).index(name) for name in names]
    ends = {"share": region.shares.share, "low": region.shares.low, "high": region.shares.high}
    return {"name": PLACES[region.name]} | {
        end: [round(float(values[place]), 5) for place in at] for end, values in ends.items()
    }
