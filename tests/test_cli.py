"""The command line: what it prints, where, with which exit code; and what a stop leaves behind."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.command_line import COMMAND, KEYS, digest_of, files, write
from tests.waiting import PATIENCE

from tunesmith import __version__
from tunesmith.cli import run
from tunesmith.ledger import read_ledger
from tunesmith.store.store import Store

# --- wrong use -----------------------------------------------------------------------------------

FOR_PEOPLE = "fit people.csv --target income"
ANOTHER = "ask the same question to go on, or give the new one another name"
WRONG = [
    # a table that cannot be used
    (
        "fit poeple.csv --target income",
        74,
        "no file 'poeple.csv' here; did you mean 'people.csv'?",
    ),
    ("fit folder --target a", 74, "'folder' is a folder; name the file in it"),
    (
        "fit empty.csv --target a",
        2,
        "'empty.csv' is empty; it needs a line of column names and rows below it",
    ),
    (
        "fit header.csv --target a",
        2,
        "'header.csv' has a header and no rows; add rows below line 1",
    ),
    ("fit people.csv --target incom", 2, "no column 'incom'; did you mean 'income'?"),
    (
        "fit one.csv --target b",
        2,
        (
            "target 'b' has one class, 'yes', in all 41 rows; choose a target that has two "
            "classes or more"
        ),
    ),
    (
        "fit gone.csv --target b",
        2,
        "target 'b' is missing in every row; choose another column",
    ),
    (
        "fit five.csv --target b",
        2,
        (
            "5 rows are too few: tuning needs at least 30, to train, validate and test on "
            "different ones"
        ),
    ),
    (
        "fit constant.csv --target b",
        2,
        "no column is left to predict 'b' from: give a table with at least one column that varies",
    ),
    # options
    (f"{FOR_PEOPLE} --types age", 2, "--types age: give it as COLUMN=number or COLUMN=text"),
    (
        f"{FOR_PEOPLE} --types colour=number",
        2,
        (
            "column 'colour' is taken for numbers but holds 'red' at line 2; correct or empty the "
            "cell, or type the column as category"
        ),
    ),
    (f"{FOR_PEOPLE} --types aeg=text", 2, "no column 'aeg'; did you mean 'age'?"),
    (f"{FOR_PEOPLE} --drop colours", 2, "no column 'colours'; did you mean 'colour'?"),
    (
        f"{FOR_PEOPLE} --task classify",
        2,
        "no task 'classify'; choose classification or regression",
    ),
    (
        "fit absent.csv --target a --tune unit",  # found before the table is read
        2,
        "no param 'unit'; did you mean 'units'?",
    ),
    (
        f"{FOR_PEOPLE} --fix momentum=0.9",
        2,
        (
            "no param 'momentum'; there are learning_rate, units, batch_size, bins, layers, "
            "schedule, decay, dropout, weight_decay, batch_norm, beta2"
        ),
    ),
    (
        f"{FOR_PEOPLE} --tune units,layers --fix layers=3",
        2,
        "layers is to be tuned, and fixed at 3: drop one of the two",
    ),
    (f"{FOR_PEOPLE} --fix layers", 2, "--fix layers: give it as PARAM=VALUE, such as layers=3"),
    (
        f"{FOR_PEOPLE} --fix layers=many",
        2,
        "layers: a value from 1 to 6 must be a whole number such as 3, got 'many'",
    ),
    (
        f"{FOR_PEOPLE} --fix beta2=1",
        2,
        "beta2: got 1.0, but the range is 0.5 to 0.9999; give a value within it",
    ),
    (
        f"{FOR_PEOPLE} --fix layers=3 --fix layers=2",
        2,
        "--fix names layers twice: drop one of the two",
    ),
    (
        (
            f"{FOR_PEOPLE} --fix learning_rate=.01 --fix units=37 --fix batch_size=17 "
            "--fix bins=5 --fix layers=3 --fix schedule=inverse --fix decay=.2 --fix dropout=0 "
            "--fix weight_decay=.1 --fix batch_norm=True --fix beta2=.97"
        ),
        2,
        (
            "nothing is left to search with learning_rate, units, batch_size, bins, layers, "
            "schedule, decay, dropout, weight_decay, batch_norm, beta2 fixed: free one of them"
        ),
    ),
    (
        f"{FOR_PEOPLE} --metric r2",
        2,
        (
            "r2 judges regression, and this is classification: choose accuracy, balanced_accuracy, "
            "log_loss, auc"
        ),
    ),
    (
        "fit absent.csv --target a --metric mea",  # found before the table is read
        2,
        (
            "no metric 'mea'; did you mean 'mae'? There are accuracy, balanced_accuracy, log_loss, "
            "auc, r2, rmse, mae"
        ),
    ),
    (
        f"{FOR_PEOPLE} --metric acuracy",
        2,
        (
            "no metric 'acuracy'; did you mean 'accuracy'? There are accuracy, balanced_accuracy, "
            "log_loss, auc, r2, rmse, mae"
        ),
    ),
    (
        "fit people.csv --target age --task regression --balanced",
        2,
        "'age' is a number, and only classes are balanced: drop --balanced",
    ),
    (
        f"{FOR_PEOPLE} --group colour",
        2,
        (
            "--group colour: it has 2 different values, and 5 are the least to train, validate and "
            "test on different ones"
        ),
    ),
    (
        f"{FOR_PEOPLE} --time colour",
        2,
        (
            "--time colour: it is text, and rows are ordered by dates or numbers; read it as dates "
            "with --types colour=date"
        ),
    ),
    (
        f"{FOR_PEOPLE} --time age --group colour",
        2,
        "rows are kept together by --group or ordered by --time: choose one",
    ),
    ("demo --workers 0", 2, "--workers must be a whole number from 1 to 256, got '0'"),
    ("demo --trials x", 2, "--trials must be a whole number from 1 to 1,000,000, got 'x'"),
    (f"{FOR_PEOPLE} --minutes 0", 2, "--minutes must be a number above 0, got '0'"),
    ("demo --out folder/", 2, "--out must be the name of a file, not of a folder, got 'folder/'"),
    ("demmo", 2, "no command 'demmo'; did you mean 'demo'?"),
    ("demo --trails 3", 2, "no option '--trails'; did you mean '--trials'?"),
    ("fit people.csv", 2, "--target is missing; see tunesmith fit --help"),
    # places
    (
        f"{FOR_PEOPLE} --out nowhere/a",
        74,
        "there is no folder nowhere: make it, or choose another with --out",
    ),
    (
        "fit people.csv --target incom --out nowhere/a",  # found before the table is read
        74,
        "there is no folder nowhere: make it, or choose another with --out",
    ),
    (
        f"{FOR_PEOPLE} --out people.csv/a",
        74,
        "there is no folder people.csv: make it, or choose another with --out",
    ),
    (
        "predict people.model new.csv -o nowhere/out.csv",
        74,
        (
            "'nowhere/out.csv' cannot be written (No such file or directory): choose another place "
            "with -o"
        ),
    ),
    # studies and models
    (
        "demo --trials 4 --out images",
        2,
        f"images.study is another study (trials 3, not 4): {ANOTHER}",
    ),
    (
        "demo --trials 3 --seed 5 --out images",
        2,
        f"images.study is another study (seed 0, not 5): {ANOTHER}",
    ),
    ("show imagse.study", 74, "no file 'imagse.study' here; did you mean 'images.study'?"),
    ("show images", 74, "no file 'images' here; did you mean 'images.study'?"),
    (
        "show people.csv",
        74,
        "'people.csv' is not a study file: give the name of one that tunesmith wrote",
    ),
    ("show folder", 74, "'folder' is a folder: give the name of a study file"),
    (
        "resume people.model",
        74,
        "'people.model' is not a study file: give the name of one that tunesmith wrote",
    ),
    (
        "resume people.study --data one.csv",
        2,
        (
            "one.csv is not the file that the study was made from (its SHA-256 differs): give the "
            "original one with --data"
        ),
    ),
    ("predict people new.csv", 74, "no file 'people' here; did you mean 'people.model'?"),
    (
        "predict people.model lacks.csv",
        2,
        "the table lacks 'colour', which training had; add it, with empty cells where unknown",
    ),
    (
        "predict people.model words.csv",
        2,
        (
            "column 'age' is taken for numbers but holds 'old' at line 2; correct or empty the "
            "cell (training had values such as 1234.5)"
        ),
    ),
]


@pytest.mark.parametrize(("command", "code", "sentence"), WRONG, ids=[w[0] for w in WRONG])
def test_wrong_use_is_one_sentence_with_the_remedy(here, capsys, command, code, sentence):
    """The sentence alone on stderr, the documented exit code, and no file made (see `here`)."""
    assert run(command.split()) == code
    assert capsys.readouterr().err == f"tunesmith: {sentence}\n"


@pytest.mark.parametrize(
    ("command", "start"),
    [
        ("predict people.csv new.csv", "people.csv is not a model, or is damaged ("),
        ("resume mine.study", "this study was not made from a table ("),
    ],
)
def test_wrong_files_are_refused_in_one_sentence(here, capsys, command, start):
    """What a library says about the file stands in brackets, between what and remedy."""
    assert run(command.split()) in (2, 74)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"tunesmith: {start}")
    assert "): " in line


def test_names_cannot_command_the_terminal(here, capsys):
    """An escape in what was typed comes back as text."""
    assert run([*FOR_PEOPLE.split(), "--types", "\x1b[31m[bold]"]) == 2
    assert capsys.readouterr().err == (
        "tunesmith: --types \\x1b[31m[bold]: give it as COLUMN=number or COLUMN=text\n"
    )


def test_a_full_disk_is_a_sentence(here):
    """Output that cannot be written ends with 74 and no traceback."""
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [*COMMAND, "show", "images.study"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert ended.returncode == 74
    assert ended.stderr == (
        "tunesmith: [Errno 28] No space left on device: check the disk and the permissions\n"
    )


# --- what is printed ------------------------------------------------------------------------------


def test_without_arguments_it_helps(here, capsys):
    """People's first step is answered on stdout, as done, with every command."""
    assert run([]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert all(f"\n  {name} " in out for name in ("demo", "fit", "resume", "predict", "show"))
    assert max(map(len, out.splitlines())) <= 80
    commands = out[out.index("Commands:") :]
    assert "..." not in commands  # no summary is cut


@pytest.mark.parametrize("command", ["demo", "fit", "predict", "resume", "show"])
def test_every_command_has_help_and_json(here, capsys, command):
    """--help and --json are everywhere."""
    assert run([command, "--help"]) == 0
    assert "--json " in capsys.readouterr().out


def test_the_version(here, capsys):
    """--version says the version, once."""
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.split() == ["tunesmith,", "version", __version__]


@pytest.mark.parametrize(("command", "rows", "trials"), [("demo", 359, 3), ("fit", 8, 2)])
def test_json_is_one_object_on_stdout(made, command, rows, trials):
    """On stdout is one JSON object with what is promised; what people read goes to stderr."""
    _, results = made
    ended = results[command]
    assert ended.returncode == 0
    assert ended.stdout.count("\n") == 1
    result = json.loads(ended.stdout)
    assert set(result) >= KEYS
    assert (result["trials"], result["rows"]) == (trials, rows)
    assert result["interval"][0] <= result["score"] <= result["interval"][1]
    assert f"{trials} trials" in ended.stderr
    assert "\x1b" not in ended.stdout + ended.stderr


def test_a_closed_pipe_is_silent(here):
    """Like `tunesmith show x.study | head -0`: no traceback, no complaint."""
    with subprocess.Popen(
        [*COMMAND, "show", "images.study"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


def test_warnings_of_libraries_stay_inside():
    """Who runs a command sees no Python warning, unless Python is asked to show them."""
    noisy = (
        "import warnings, tunesmith.cli as cli\n"
        "cli.run = lambda _: warnings.warn('overflow', RuntimeWarning, stacklevel=1)\n"
        "cli.main()"
    )
    for flags, complaints in ([], 0), (["-W", "default"], 1):
        ended = subprocess.run(
            [sys.executable, *flags, "-c", noisy], capture_output=True, text=True, check=False
        )
        # newer Pythons show the line that warned as well, in which the category's name stands
        shown = [line for line in ended.stderr.splitlines() if not line.startswith("  ")]
        assert "".join(shown).count("Warning") == complaints


# --- stopped -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Return the digest of a run of 30 trials that nothing stopped."""
    folder = tmp_path_factory.mktemp("undisturbed")
    assert run(["demo", "--trials", "30", "--out", str(folder / "x")]) == 0
    return digest_of(folder / "x.study")


def started(trials):
    """Start a demo in this folder; return it once its first trials are done."""
    process = subprocess.Popen(
        [*COMMAND, "demo", "--trials", str(trials), "--out", "x"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for line in process.stdout:
        if ", best " in line:
            return process
    raise AssertionError(process.stderr.read())


def resumed(study):
    """Go on with a stopped study; return its digest."""
    with Store.read(study) as store:
        history = read_ledger(store.replay()).history
    assert not history.finished, "it was stopped too late"
    assert run(["resume", study]) == 0
    assert files() == ["x.html", "x.model", "x.study"]
    return digest_of(study)


def test_ctrl_c_and_resume(tmp_path, monkeypatch, undisturbed):
    """Ctrl-C leaves a sound study and the command to go on, which ends as if never stopped."""
    monkeypatch.chdir(tmp_path)
    process = started(30)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert out.splitlines()[-1] == (
        "stopped; what was measured is kept; to go on: tunesmith resume x.study"
    )
    assert err.strip() == "tunesmith: interrupted"
    assert set(files()) - {"x.work"} == {"x.study"}  # and what paused networks need to go on
    assert resumed("x.study") == undisturbed


def test_kill_9_and_resume(tmp_path, monkeypatch, undisturbed):
    """A killed run loses nothing that was decided; the resumed one ends as if never killed."""
    monkeypatch.chdir(tmp_path)
    process = started(30)
    process.kill()
    process.communicate(timeout=PATIENCE)
    assert resumed("x.study") == undisturbed


def test_a_busy_study_and_sigterm(tmp_path, monkeypatch, capsys):
    """A second run is refused with 75; SIGTERM ends the first as Ctrl-C does, at once."""
    monkeypatch.chdir(tmp_path)
    process = started(5_000)
    assert run(["resume", "x.study"]) == 75
    line = capsys.readouterr().err
    assert line.startswith(f"tunesmith: x.study is already being run by pid {process.pid} since ")
    assert line.endswith("; wait until it ends, or stop it there\n")
    assert run(["show", "x.study"]) == 0  # looking is allowed meanwhile
    process.terminate()
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "to go on: tunesmith resume x.study" in out
    assert set(files()) - {"x.work"} == {"x.study"}


def test_ctrl_c_before_there_is_a_study(tmp_path, monkeypatch, capsys):
    """No command is offered for a file that is not there."""

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tunesmith.fit.data.load", interrupt)
    assert run(["demo", "--trials", "3"]) == 130
    out, err = capsys.readouterr()
    assert "resume" not in out
    assert err.strip() == "tunesmith: interrupted"
    assert files() == []


@pytest.mark.parametrize("swallowed", ["pass", "raise ImportError('half a module') from None"])
def test_a_swallowed_interrupt_still_stops(tmp_path, swallowed):
    """Ctrl-C is obeyed even where a library catches it, or makes another error of it."""
    write(tmp_path / "one.csv", "x,y", [f"{i % 7},{i % 2}" for i in range(41)])
    code = (
        "import os, signal, tunesmith.cli as cli, tunesmith.fit.flow as flow\n"
        "def warm_up():\n"
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "    except KeyboardInterrupt:\n"
        f"        {swallowed}\n"
        "flow.warm_up = warm_up\n"
        "cli.main()"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, "fit", "one.csv", "--target", "y", "--trials", "3"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 130
    assert ended.stderr.strip() == "tunesmith: interrupted"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.csv", "one.study"]
