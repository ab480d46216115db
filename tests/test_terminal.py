"""What a run says: lines that fit, and that hold what they should."""

from dataclasses import replace
from io import StringIO
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from tunesmith import terminal
from tunesmith.drawing import BEST, INSIDE, MOST_BAR, WIDTH
from tunesmith.fit.flow import Result
from tunesmith.history import History
from tunesmith.space import LOG, Float, Int, Space
from tunesmith.study import Advice, Goal, Study, Topic
from tunesmith.terminal import (
    SECONDS_BETWEEN_LINES,
    Panel,
    advice_lines,
    config_lines,
    leaderboard,
    plain_study,
    result_lines,
    room,
    summary_lines,
)
from tunesmith.trial import Config, Measurement, State

WIDTHS = st.integers(40, 120)
SPACE = Space(rate=Float(1e-4, 0.3, scale=LOG), units=Int(3, 70))


def history_of(*accuracies, space=SPACE, trials=7):
    """Return a history of ended trials, one epoch each, with these accuracies."""
    history = History(Study(space=space, metric="accuracy", goal=Goal.MAX, trials=trials))
    for n, accuracy in enumerate(accuracies):
        history.start(Config(dict.fromkeys(space, 0.0123456 + n)), 1)
        history.end(n, State.DONE, [Measurement(1, {"accuracy": accuracy})])
    return history


@pytest.fixture
def clock(monkeypatch):
    """Give a clock that stands still until it is told to go on."""
    now = [1_000.0]
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now[0])
    return now


def panel(*, history, tty=False, width=WIDTH):
    console = Console(file=StringIO(), force_terminal=tty, width=width, color_system=None)
    return console.file, Panel(console, history.study, began=937.0)


def test_a_pipe_gets_plain_lines_now_and_then(clock):
    """Phases at once, progress from the first trial on but no faster than every 5 seconds."""
    history = history_of()
    file, watch = panel(history=history)
    with watch:
        watch.phase("fitting a linear model")
        watch.progress(history)  # nothing has ended yet
        for n, accuracy in enumerate((0.5, 0.7, 0.6, 0.8)):
            history.start(Config({"rate": 0.1, "units": 5 + n}), 1)
            history.end(n, State.DONE, [Measurement(1, {"accuracy": accuracy})])
            watch.progress(history)
            clock[0] += 0.4 * SECONDS_BETWEEN_LINES
        history.finished = "all were made"
        watch.progress(history)
        watch.progress(history)
    assert file.getvalue().splitlines() == [
        "fitting a linear model",
        "1:03  1 trial, best accuracy 0.5000",
        "1:09  4 trials, best accuracy 0.8000",
        "1:11  4 trials, best accuracy 0.8000",
    ]


def test_a_terminal_gets_a_panel_that_goes_away(clock):
    """The budget spent, the states and the best are drawn within the width; nothing is left."""
    history = history_of(0.5, 0.7, 0.6)
    file, watch = panel(history=history, tty=True, width=132)
    with watch:
        watch.progress(history)
        drawn = Console(file=StringIO(), width=132, color_system=None)
        drawn.print(watch._live.get_renderable())
    lines = drawn.file.getvalue().splitlines()
    assert lines[0].endswith("  43%  1:03")
    assert [line.rstrip() for line in lines[1:]] == [
        "3 done",
        "best so far  accuracy 0.7000 (trial 1)",
        f"       best  {' ' * MOST_BAR}  range now",
        f"rate   1.01  {INSIDE * (MOST_BAR - 1)}{BEST}  0.0001 to 0.3",
        f"units  1.01  {BEST}{INSIDE * (MOST_BAR - 1)}  3 to 70",
    ]
    assert file.getvalue().endswith("\x1b[2K")  # the last line of the panel, erased


@pytest.mark.parametrize("columns", [40, 61, 80, 200])
def test_a_panel_fits_its_terminal(clock, columns):
    """Whatever the names: no line is too long, none is obeyed, and there are not too many."""
    space = Space(**{f"\x1b[31m[bold]{n}" + "p" * n: Float(0.3, 5.0) for n in range(40)})
    history = history_of(0.5, 0.7, space=space)
    size = {"width": columns, "height": 24, "color_system": None}
    console = Console(file=StringIO(), force_terminal=True, **size)
    watch = Panel(console, history.study, began=937.0)
    watch.progress(history)
    drawn = Console(file=StringIO(), **size)
    drawn.print(watch._live.get_renderable())
    lines = drawn.file.getvalue().splitlines()
    assert len(lines) < 24
    assert max(map(cell_len, lines)) <= columns
    assert "\x1b" not in drawn.file.getvalue()
    assert r"\x1b[31" in drawn.file.getvalue()


@pytest.mark.parametrize(("columns", "expected"), [(20, 40), (40, 40), (99, 99), (200, 120)])
def test_there_is_room_for_a_line(columns, expected):
    """As wide as the terminal, from 40 characters to as many as can be read."""
    assert room(columns) == expected


def test_the_panel_says_how_much_of_the_minutes_is_gone(clock):
    """Under two budgets the bar shows the one that is further spent."""
    study = Study(space=SPACE, metric="accuracy", goal=Goal.MAX, trials=1_000, minutes=3.0)
    _, watch = panel(history=History(study), tty=True)
    watch.progress(History(study))
    drawn = Console(file=StringIO(), width=WIDTH, color_system=None)
    drawn.print(watch._live.get_renderable())
    assert "35%  1:03" in drawn.file.getvalue()  # 63 of 180 seconds


def test_the_result_is_said_whole():
    """Score, interval, comparison, cost, config and the next two commands, names quoted."""
    result = Result(
        metric="r2",
        score=0.81249,
        interval=[0.79051, 0.8333],
        rows=4_127,
        baseline={"linear": 0.61, "constant": -0.0001},
        trials=1_234,
        epochs=33_318,
        seconds=59.7,
        digest="d" * 64,
        study="my runs/a.study",
        model="my runs/a.model",
        config={"learning_rate": 0.0123456, "units": 213, "batch_size": 26, "beta2": 0.99},
        finished="the time was up",
    )
    assert result_lines(result) == (
        "score    R2 0.8125 on 4,127 rows never used before (95 %: 0.7905 to 0.8333)",
        "compare  linear 0.6100, constant -0.0001000",
        "spent    1,234 trials, 33,318 epochs, 60 s; the time was up",
        "config   learning_rate 0.0123  units 213  batch_size 26  beta2 0.99",
        "model    tunesmith predict 'my runs/a.model' NEW.csv -o OUT.csv",
        "study    tunesmith show 'my runs/a.study'",
    )


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"validation": 0.8476}, "by 0.8476 on the validation rows"),
        (
            {"validation": 0.8476, "optimism": 0.0119},
            "by 0.8476 on the validation rows, optimistic by about 0.012",
        ),
        (
            {"validation": 0.8476, "optimism": 0.0, "members": 5},
            "by 0.8476 on the validation rows, optimistic by about 0; 5 networks together",
        ),
    ],
)
def test_a_result_says_what_was_chosen_by(more, line):
    """The gap to the score, how much of it is luck, and how many were joined."""
    result = Result(
        metric="auc",
        score=0.8124,
        interval=[0.7908, 0.8331],
        rows=97,
        baseline={"constant": 0.5},
        trials=3,
        epochs=9,
        seconds=1.0,
        digest="",
        study="a.study",
        model="a.model",
        config={},
        finished="3 trials were tried",
        **more,
    )
    first, _, chosen, *_ = result_lines(result)
    assert first.startswith("score    AUC 0.8124 on 97 rows")
    assert chosen == f"chosen   {line}"


def test_a_result_worse_than_the_linear_model_says_so_first():
    """In its first line; and why the model is not what was planned in a line of its own."""
    result = Result(
        metric="r2",
        score=0.2649,
        interval=[0.2, 0.31],
        rows=97,
        baseline={"linear": 0.519, "constant": -0.01},
        trials=3,
        epochs=9,
        seconds=1.0,
        digest="",
        study="a.study",
        model="a.model",
        config={},
        finished="the time was up",
        refit="kept",
        refit_reason="the model is the network that the search trained: no time was left to train "
        "it again",
        worse_than=["linear"],
    )
    first, _, refit, more, *_ = result_lines(result)
    assert first.startswith("score    R2 0.2649, worse than linear 0.5190, on 97 rows never used")
    assert refit.startswith("refit    the model is the network that the search trained: no time")
    assert more.startswith(" " * 9)


def test_the_best_trials_come_first():
    """One line a trial, best first, numbers under their names; no more than asked for."""
    assert leaderboard(history_of(0.5, 0.75, 0.625), most=2) == (
        "trial  accuracy  epochs  rate  units",
        "    1    0.7500       1  1.01   1.01",
        "    2    0.6250       1  2.01   2.01",
    )


@given(st.integers(1, 40), st.integers(1, 30))
def test_a_leaderboard_fits(params, letters):
    """However many params and however long their names, no line is too long and none is lost."""
    names = [f"{'p' * letters}{n}" for n in range(params)]
    history = history_of(0.5, 0.7, space=Space(**{name: Float(0.3, 5.0) for name in names}))
    lines = leaderboard(history)
    assert max(map(len, lines)) <= WIDTH
    words = " ".join(lines).split()
    assert all(words.count(name) in (1, 2) for name in names)


def test_a_mean_of_scores_whose_sum_overflows():
    """A config that was trained twice has the mean of the largest scores."""
    history = history_of()
    for number in range(2):
        history.start(Config({"rate": 0.5, "units": 7}), 1)
        history.end(number, State.DONE, [Measurement(1, {"accuracy": 1.5e308})])
    row = leaderboard(history)[1].split()
    assert float(row[1]) == 1.5e308
    assert row[2] == "2"


def test_an_empty_study_has_an_empty_leaderboard():
    """Nothing but the names of the columns."""
    assert leaderboard(history_of()) == ("trial  accuracy  epochs  rate  units",)


def test_where_a_study_stands():
    """First what was found, then how it stands: a study that ended says why."""
    history = history_of(0.5, float("nan"))
    history.start(Config({"rate": 0.1, "units": 5}), 1)
    assert summary_lines(history, None) == (
        "best: accuracy 0.5000 (trial 0)",
        "accuracy, maximized; not finished; it can be resumed",
        f"trials: 1 running, 2 done; digest {history.digest[:16]}",
    )
    history.finished = "the time was up"
    result = {"score": 0.51, "rows": 1_359, "interval": [0.48, 0.5355]}
    assert summary_lines(
        history, result | {"baseline": {"linear": 0.47, "most frequent": 0.1}}
    ) == (
        "score: accuracy 0.5100 on 1,359 rows never used before (95 %: 0.4800 to 0.5355);",
        "linear 0.4700, most frequent 0.1000",
        "accuracy, maximized; finished: the time was up",
        f"trials: 1 running, 2 done; digest {history.digest[:16]}",
    )


def test_a_study_without_answers():
    """Nothing is made up."""
    assert summary_lines(history_of(), None)[0].startswith("accuracy, maximized; not finished")


@given(names=st.lists(st.text(min_size=1, max_size=30), min_size=1, unique=True), width=WIDTHS)
def test_a_study_fits_any_terminal(names, width):
    """Whatever its names hold, every line fits, and no letter commands a terminal."""
    metric = names[0]
    space = Space(**{name: Float(0.3, 5.0) for name in names})
    history = History(Study(space=space, metric=metric, trials=7))
    for number in range(3):
        history.start(Config(dict.fromkeys(space, 0.5 + number)), 1)
        history.end(number, State.FAILED if number == 1 else State.DONE, [], names[-1])
    history.start(Config(dict.fromkeys(space, 0.7)), 1)
    history.end(3, State.DONE, [Measurement(1, {metric: 0.25})])
    lines = (*summary_lines(history, None, width), *leaderboard(history, width=width))
    lines += advice_lines([advice_on(f"lower {metric}")], width=width)
    assert max(map(len, lines)) <= width
    assert all(line.isprintable() for line in lines)


def advice_on(text, kind=Topic.GAIN):
    return Advice(kind=kind, text=text, figures=MappingProxyType({"gain": 0.3}))


def test_advice_in_words():
    """The first five pieces, each from a line of its own on; nothing where there is none."""
    pieces = [advice_on(f"{number}: " + "more than a line " * 7) for number in range(7)]
    lines = advice_lines(pieces)
    assert lines[0] == "advice"
    assert [line[:4] for line in lines if line.startswith("- ")] == [f"- {n}:" for n in range(5)]
    assert all(line.startswith("  ") for line in lines[1:] if not line.startswith("- "))
    assert max(map(len, lines)) <= WIDTH
    assert advice_lines([]) == ()


def test_what_cannot_be_answered_yet_is_one_line():
    """At the end, and alone where there is nothing else."""
    open_ = [replace(advice_on(f"cannot tell {n}"), certain=False) for n in range(3)]
    assert advice_lines([open_[0], advice_on("widen x"), *open_[1:]]) == (
        "advice",
        "- widen x",
        "- 3 more questions cannot be answered yet: --json has them",
    )
    assert advice_lines(open_[:1]) == (
        "advice",
        "- 1 question cannot be answered yet: --json has them",
    )


def test_a_study_as_data_has_all_advice():
    """More than five pieces too."""
    pieces = [advice_on(str(number)) for number in range(7)]
    plain = plain_study(history_of(0.5), None, pieces)
    assert plain["advice"] == [piece.to_builtins() for piece in pieces]


NAME = st.text("abcdefghij_", min_size=1, max_size=30)


@given(
    st.dictionaries(NAME, st.floats(allow_nan=False) | st.integers(0, 10**6) | NAME, min_size=1),
    st.integers(60, 120),
)
def test_a_config_is_broken_between_its_params_only(config, width):
    """No line is too long, and each name is followed by its value in the same line."""
    lines = config_lines(config, width)
    assert max(map(len, lines)) <= width
    pairs = [pair for line in lines for pair in line.split("  ")]
    assert pairs == [
        f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in config.items()
    ]


def test_a_stop_that_was_asked_for_is_not_forgotten():
    """The panel asks before it shows anything, and lets the run end there."""
    console = Console(file=StringIO(), width=WIDTH)
    history = history_of(0.5)
    watch = Panel(console, history.study, began=0.0, stopped=lambda: True)
    for show in (lambda: watch.phase("training"), lambda: watch.progress(history)):
        with pytest.raises(KeyboardInterrupt):
            show()
    assert console.file.getvalue() == ""
