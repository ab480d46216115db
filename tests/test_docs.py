"""The words, run: what the README says can be typed can be typed."""

import ast
import re
from pathlib import Path

import click
import numpy as np
import pytest
from tests import lines, survival

from tunesmith import errors
from tunesmith.cli import INTERRUPTED, app, run

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\| `tunesmith (.+?)` \|", README, re.MULTILINE)


def blocks(language, text=README):
    """Return the code blocks of one language, of the README if nothing else is given."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_table_names_every_command():
    """No command is missing from the README, and none is there that does not exist."""
    assert sorted({command.split()[0] for command in COMMANDS}) == sorted(app.commands)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_table_can_be_typed(command):
    """Its arguments and options are those of the command, and what is required is there."""
    name, *words = command.replace("[", "").replace("]", "").split()
    context = click.Context(app.commands[name])
    assert app.commands[name].parse_args(context, words) == []  # nothing is left over


def test_what_the_text_calls_an_option_is_one():
    """Every --option that the README names belongs to some command; benchmarks have their own."""
    text = re.sub(r"`python -m benchmarks [^`]*`", "", README)
    known = {text for c in app.commands.values() for param in c.params for text in param.opts}
    assert set(re.findall(r"--[a-z]+", text)) <= known | {"--help"}


def test_the_make_targets_exist():
    """The commands of the first lines are targets of the Makefile."""
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"^make ([a-z-]+)", "".join(blocks("sh")), re.MULTILINE)
    assert named == ["demo", "test"]
    assert set(named) <= set(targets)


def test_the_exit_codes_are_those_of_the_errors():
    """The table of exit codes is complete, and nothing in it is made up."""
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    raised = {e.exit_code for e in vars(errors).values() if hasattr(e, "exit_code")}
    assert told == {0, INTERRUPTED} | raised


def test_the_python_blocks_run(monkeypatch, tmp_path, capsys):
    """The examples of the README find good networks, from nothing but what they show."""
    monkeypatch.chdir(tmp_path)
    block, estimator = blocks("python")
    names = {"__name__": "readme"}
    exec(compile(block, "README.md", "exec"), names)
    best = names["history"].best
    assert capsys.readouterr().out == f"{best.config}\n"
    assert best.metric("accuracy") > 0.9
    exec(compile(estimator, "README.md", "exec"), {"__name__": "readme"})
    assert float(capsys.readouterr().out) > 0.9


def test_the_programs_for_those_who_come_from_optuna_run(capsys):
    """Ours, each beside Optuna's; those are run among the integrations."""
    page = (ROOT / "docs" / "coming-from-optuna.md").read_text(encoding="utf-8")
    programs = [block for block in blocks("python", page) if "import tunesmith" in block]
    for program in programs:
        exec(compile(program, "coming-from-optuna.md", "exec"), {"__name__": "page"})
    found = capsys.readouterr().out.splitlines()
    assert len(found) == len(programs) == 3
    assert abs(ast.literal_eval(found[0])["x"]) < 1
    assert ast.literal_eval(found[0])["y"] == -1
    assert all(line.startswith("{") for line in found)


PAGES = ("tutorial", "recipes", "coming-from-others", "concepts")
"""Pages that are run from top to bottom."""

FEW, SOME = "6", "20"
"""Trials that show that a block runs, and with which a plan speaks of more than one config."""


def patients(path):
    """Write the table that a page speaks of: who is ill, and what was measured at each visit."""
    chance = np.random.default_rng(3)
    fever, patient = chance.normal(size=300), chance.integers(0, 60, 300)
    rows = zip(fever, patient, chance.integers(1, 29, 300), chance.random(300), strict=True)
    lines = [f"{f:.3f},{p},2024-02-{d:02},{'yes' if f + r > 1.5 else 'no'}" for f, p, d, r in rows]
    path.write_text("\n".join(["fever,patient,visited,ill", *lines]))


def in_short(text, trials):
    """Return a block or a command with fewer trials, if it has ten or more."""
    return re.sub(r"\btrials([= ])\d{2,}", rf"trials\g<1>{trials}", text)


def shape(line):
    """Return a line without what differs from run to run: its numbers, and how wide they are."""
    return " ".join(re.sub(r"\d[\d,.]*", "0", line).split())


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer")  # scikit-learn's, beside ours
@pytest.mark.parametrize("name", PAGES)
def test_a_page_runs_from_top_to_bottom(name, monkeypatch, tmp_path, capfd):
    """Python blocks in one namespace, commands as typed, and what is printed looks as it says."""
    monkeypatch.chdir(tmp_path)
    patients(tmp_path / "patients.csv")
    text = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    names, printed = {"__name__": "page"}, ""
    for kind, block in re.findall(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        if kind == "python":
            exec(compile(in_short(block, FEW), f"{name}.md", "exec"), names)
        elif kind == "sh":
            for line in block.splitlines():
                program, *words = in_short(line, SOME).split()
                fewer = ["--trials", FEW] if words == ["demo"] else []
                assert (program, run([*words, *fewer])) == ("tunesmith", 0), line
            printed = "".join(capfd.readouterr())
        else:
            assert kind == "text"
            seen = [shape(line) for line in printed.splitlines()]
            for line in block.splitlines():  # of which the end may be left out
                assert line == ".." or any(s.startswith(shape(line)) for s in seen), line


def test_every_page_with_code_is_run():
    """By the test above, or by one that names the page: it may need what is not here."""
    elsewhere = {"coming-from-optuna", "many-machines"}
    with_code = {
        path.stem
        for path in (ROOT / "docs").glob("*.md")
        if re.search(r"^```(python|sh)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert with_code <= {*PAGES, *elsewhere}


def test_the_path_of_a_trial_leads_to_its_lines():
    """Each name of the page is defined in the line that its link leads to."""
    assert lines.PAGE.read_text(encoding="utf-8") == lines.page(), "`python -m tests.lines` renews"


@pytest.mark.parametrize(
    "path", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda path: path.name
)
def test_the_links_lead_somewhere(path):
    """Every file that a page points to is there."""
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []
    assert len(links) > 3 or path.name != "README.md"


@pytest.fixture(scope="module")
def survived():
    """Return the page of what we survive, as its tests and their last figures make it."""
    return survival.page()


def test_what_we_survive_is_what_was_measured(survived):
    """The page is the one that its tests and their last figures make: nothing in it is typed."""
    assert survival.PAGE.read_text(encoding="utf-8") == survived, (
        "`make chaos` measures, `python -m tests.survival` writes"
    )


def test_every_fault_has_its_test(survived):
    """Each row links to a test that is there, and says in words what strikes and what must hold."""
    rows = re.findall(r"^\| \[(.+)\]\((.+?)\) \| (.+?) \|", survived, re.MULTILINE)
    assert len(rows) == len(list(survival.faults())) > 0
    assert len({fault for fault, _, _ in rows}) == len(rows)
    tests = [(survival.PAGE.parent / link).resolve() for _, link, _ in rows]
    assert [test for test in tests if not test.is_file()] == []
