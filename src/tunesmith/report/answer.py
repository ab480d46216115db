"""The answer: the best that was found, how good it is, and how sure that is."""

import shlex
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from tunesmith.history import History
from tunesmith.report.about import About
from tunesmith.report.findings.wording import duration, sentence
from tunesmith.report.rows import plain
from tunesmith.report.svg.comparison import comparison
from tunesmith.report.svg.elements import tree
from tunesmith.study import Study
from tunesmith.terminal import NAMES, baseline_text, value_text, worse_text
from tunesmith.text import figure, plural


def answer(study: Study, history: History, about: About) -> dict[str, Any]:
    """Return the answer so far as plain JSON data; its cost does not depend on the trials."""
    found: dict[str, Any] = {
        "metric": NAMES.get(study.metric, study.metric),
        "better": "higher is better" if study.goal.value == "max" else "lower is better",
        "finished": history.finished,
        "standing": standing(study, history),
        "share": share(study, history),
        "spent": spent(history, about),
        "epochs": history.epochs,
        "best": None,
        "config": {},
        "score": None,
        "why": why(history, about.result),
        "sentence": sentence_of(study, history, about.result),
        "test": None if about.result is None else _test(about.result),
        "picture": None if about.result is None else tree(comparison(about.result)),
        "commands": commands(study, history, about),
    }
    if history.has_best:
        best = history.best
        found["best"], found["score"] = best.number, plain(best.metric(study.metric))
        found["trained"] = best.epochs_trained
        found["config"] = {key: value_text(value) for key, value in best.config.items()}
    return found


def sentence_of(study: Study, history: History, result: Mapping[str, Any] | None) -> str:
    """Say what was found: on untouched rows beside the baselines, or else on validation."""
    name = NAMES.get(study.metric, study.metric)
    if result is not None:
        who = "networks have" if result.get("members", 1) > 1 else "network has"
        low, high = result["interval"]
        rivals = baseline_text(result["baseline"])
        worse = worse_text(result.get("worse_than", ()), result["baseline"])
        return (
            f"The best {who} {name} {figure(result['score'])}{worse} on {result['rows']:,} rows "
            f"never used before (95 % interval {figure(low)} to {figure(high)}), beside {rivals}."
        )
    if not history.has_best:
        if history.endings:
            return f"None of {plural(len(history.trials), 'trial')} has given a usable {name}."
        return f"There is no {name} yet."
    best = history.best
    epochs = f" after {plural(best.epochs_trained, 'epoch')}" if study.epochs > 1 else ""
    so_far = "" if history.finished else " so far"
    score = figure(best.metric(study.metric))
    return f"The best{so_far} is trial {best.number}: {name} {score}{epochs}."


def why(history: History, result: Mapping[str, Any] | None) -> str:
    """Say why this config is recommended, and how optimistic the score is that it was chosen by."""
    said = [] if history.recommendation is None else [history.recommendation.reason]
    if result is not None and result.get("validation") is not None:
        luck = result.get("optimism")
        lucky = "" if luck is None else f", which is optimistic by about {luck:.2g}"
        said.append(f"chosen by {figure(result['validation'])} on the validation rows{lucky}")
    if result is not None and result.get("members", 1) > 1:
        said.append(f"the answers of {result['members']} networks are averaged")
    if result is not None and result.get("refit_reason"):
        said.append(str(result["refit_reason"]))
    return sentence("; ".join(said)) if said else ""


def standing(study: Study, history: History) -> str:
    """Say how far a study is, such as "61 % done, 2 trials in training"."""
    if history.finished:
        return f"finished: {history.finished}"
    done = share(study, history)
    far = "not finished" if done is None else f"{100 * done:.0f} % done"
    return f"{far}, {plural(len(history.running), 'trial')} in training"


def spent(history: History, about: About) -> dict[str, str]:
    """Return what a study has cost so far, in words, and how large a model came of it."""
    if about.result is not None:
        seconds = float(about.result["seconds"])
    else:
        # several workers end in turn: the latest is among the last
        seconds = max((moment.ended for moment in about.moments[-64:]), default=0.0)
    found = {"trials": f"{len(history.trials):,}", "epochs": f"{history.epochs:,}"}
    made = {} if about.result is None else about.result.get("conditions", {})
    model = {"model": str(made["model"])} if "model" in made else {}
    return found | ({"time": duration(seconds)} if seconds else {}) | model


def share(study: Study, history: History) -> float | None:
    """Return how much of the budget is spent, 1 at the end; None where only time ends a study."""
    if history.finished:
        return 1.0
    spent = []
    if study.trials is not None:
        spent.append((len(history.trials) - len(history.running)) / study.trials)
    if study.total_epochs is not None:
        spent.append(history.epochs / study.total_epochs)
    return min(1.0, max(spent)) if spent else None


def _test(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return how the model did on rows never used before, beside the baselines."""
    low, high = result["interval"]
    return {
        "score": plain(result["score"]),
        "low": plain(low),
        "high": plain(high),
        "rows": result["rows"],
        "baseline": {who: plain(value) for who, value in result["baseline"].items()},
    }


def commands(study: Study, history: History, about: About) -> list[list[str]]:
    """Return what can be done next, each with the command that does it."""
    if not about.name:
        return []
    name, found = shlex.quote(about.name), []
    if about.result is not None:
        model = shlex.quote(PurePath(str(about.result["model"])).name)
        found.append(["Predict new rows", f"tunesmith predict {model} NEW.csv -o OUT.csv"])
        found.append(["Use the model elsewhere", f"tunesmith export {model} --to onnx"])
    elif study.source and not history.finished:
        found.append(["Go on with the study", f"tunesmith resume {name}"])
    return [*found, ["See it in a terminal", f"tunesmith show {name}"]]
