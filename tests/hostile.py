"""Names that would like to be more than names, and a study that is full of them."""

from pathlib import Path

from tests.large import question

from tunesmith.search.propose.random import RandomSearch
from tunesmith.space import LOG, Choice, Float, Space
from tunesmith.store.event import Draft
from tunesmith.store.store import Store
from tunesmith.study import Study

NAMES = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "<img src=x onerror=alert(3)>",
    "<svg/onload=alert(4)>",
    "<iframe srcdoc='<script>parent.alert(5)</script>'>",
    '"><script>alert(6)</script>',
    "' onmouseover='alert(7)",
    '" autofocus onfocus="alert(8)',
    "javascript:alert(9)",
    "<a href='javascript:alert(10)'>press</a>",
    "</title></style></textarea><script>alert(11)</script>",
    "<!--<script>alert(12)</script>",
    "]]><script>alert(13)</script>",
    "</svg><script>alert(14)</script>",
    "<meta http-equiv=refresh content='0;url=http://evil.example/15'>",
    "<link rel=stylesheet href=http://evil.example/16.css>",
    "<base href=http://evil.example/17/>",
    "<style>@import 'http://evil.example/18.css';body{display:none}</style>",
    "url(http://evil.example/19.png)",
    "{{ 7 * 7 }}{% raw %}",
    "${alert(21)}`${alert(22)}`",
    "{b|x}{a}{c0}",
    "\\u003cscript\\u003ealert(24)\\u003c/script\\u003e",
    "&lt;script&gt;alert(25)&lt;/script&gt;&#0;",
    "__proto__",
    "constructor",
    "toString",
    "=1+1|cmd|' /C calc'!A0",
    '@SUM(1,2)\t"\r\n+3',
    '-2+3,"a";b\n\'c',
    "\x1b[31mred\x1b[2J\x1b]0;title\x07",
    "\x9b31m\x00\x08\x7f",
    "[bold red]markup[/] [link=http://evil.example/33]x[/link] :bomb:",
    "\u202etxt.exe\u202c\u2066\u2069",
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "line\u2028separator\u2029paragraph\u0085next",
    "\ufeff\u200b\u200d\u00ad\ufffe\uffff",
    "Z\u0351\u036b\u0343" + "\u0300" * 60 + "algo",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \u6e2c\u8a66",
    "W" * 3000,
)
FILE_NAMES = (
    "<img src=x onerror=alert(1)>.study",
    "\x1b[31m[bold]\u202e.study",
    "=1+1,'\"\n.study",
)
"""What a file can be called."""


def study_of(name: str) -> Study:
    """Return a question whose metric, source and first param are called `name`, the others alike.

    Each name is a param, an option, and the reason why a trial failed.
    """
    params = {name: Float(1e-4, 1.0, scale=LOG)}
    params |= {other: Float(0.5, 2.0) for other in NAMES[:12] if other != name}
    params |= {f"{other} as options": Choice(NAMES) for other in (name,)}
    return Study(
        space=Space(**params),
        metric=name,
        trials=len(NAMES) + 1,
        epochs=3,
        search=RandomSearch().settings(),
        source={"name": name, "target": name, "sha256": "0" * 64},
    )


def write(path: Path, name: str, *, end: bool = True) -> None:
    """Write a study in which everything is called so: two trials are done, the others failed."""
    study = study_of(name)
    with Store.create(path) as store:
        store.append(question(study))
        for number in range(len(NAMES) + 1):
            store.append(*_trial(study, number))
        if end:
            body = {"reason": name, "recommendation": None, "taken": len(NAMES) + 1}
            store.append(Draft(kind="finish", body=body))


def _trial(study: Study, number: int) -> tuple[Draft, Draft]:
    option = NAMES[number % len(NAMES)]
    config = {
        name: option if isinstance(param, Choice) else 0.5 + 0.01 * number
        for name, param in study.space.items()
    }
    done = number < 2
    measured = [[epoch, {study.metric: 1 / epoch + number}] for epoch in (1, 2, 3)] if done else []
    body = {"config": config, "epochs": 3, "origin": "anywhere", "taken": number}
    outcome = {
        "state": "done" if done else "failed",
        "reason": "" if done else f"ValueError: {option}",
        "seconds": 0.1,
        "measurements": measured,
        "driven": 0.1 * number,
    }
    return Draft(kind="start", trial=number, body=body), Draft(
        kind="outcome", trial=number, body=outcome
    )
