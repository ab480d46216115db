"""The command line: parse, call, print. Nothing heavy is imported before a command runs."""

import gc
import sys
import warnings
from collections.abc import Sequence
from typing import NoReturn

import click

from tunesmith.commands.check import check
from tunesmith.commands.dashboard import dashboard
from tunesmith.commands.demo import demo
from tunesmith.commands.doctor import doctor
from tunesmith.commands.export import export
from tunesmith.commands.fit import fit
from tunesmith.commands.lessons import lessons
from tunesmith.commands.predict import predict
from tunesmith.commands.report import report
from tunesmith.commands.resume import resume
from tunesmith.commands.show import show
from tunesmith.commands.stopping import INTERRUPTED, STOP, stop_on_signals
from tunesmith.errors import FileError, TunesmithError
from tunesmith.usage import Commands, printable, sentence


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(package_name="tunesmith")
@click.pass_context
def app(context: click.Context) -> None:
    """Tune deep networks, on the right scales.

    Start with `tunesmith demo`, or `tunesmith fit DATA.csv --target COLUMN`.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


COMMANDS = (demo, check, fit, resume, predict, export, show, report, dashboard, doctor, lessons)
for command in COMMANDS:
    app.add_command(command)


def run(arguments: Sequence[str]) -> int:
    """Run a command; return the exit code, after one sentence on stderr if it is not 0."""
    try:
        app(list(arguments), prog_name="tunesmith", standalone_mode=False)
    except click.ClickException as error:
        code, complaint = error.exit_code, sentence(error)
    except TunesmithError as error:
        code, complaint = error.exit_code, str(error)
    except OSError as error:
        code, complaint = FileError.exit_code, f"{error}: check the disk and the permissions"
    except (KeyboardInterrupt, click.Abort) as error:
        code, complaint = INTERRUPTED, str(error) or "interrupted"
    except Exception:
        if not STOP.is_set():
            raise
        code, complaint = INTERRUPTED, "interrupted"
    else:
        return 0
    click.echo(f"tunesmith: {printable(complaint)}", err=True)
    return code


def main() -> NoReturn:
    """Run the command line; the exit codes are in the README."""
    stop_on_signals()
    if not sys.warnoptions:
        # A library's warnings are for who wrote the code, not for who runs it.
        warnings.simplefilter("ignore")
    code = run(sys.argv[1:])
    # At exit Python collects garbage once more, through every object of every library: a second
    # where other processes keep the cores busy, and all of it for memory that the system takes.
    gc.freeze()
    sys.exit(code)
