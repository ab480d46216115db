"""lessons: what the notes claim, measured and drawn."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tunesmith.commands.options import FILE, force_option, json_option, seed_option
from tunesmith.commands.speech import console, say
from tunesmith.errors import FileError, LessonError

if TYPE_CHECKING:
    from rich.console import Console

    from tunesmith.lessons.lesson import Lesson, Setting
    from tunesmith.lessons.telling import Told

ALL = "all"
"""What runs every lesson."""

REMEDY = "choose another place with --out or --page, or replace it with --force"


@click.command()
@click.argument("id", required=False)
@click.option("--quick", is_flag=True, help="Fewer repeats: a few seconds, wider intervals.")
@seed_option
@click.option("--out", type=FILE, default=Path(), metavar="FOLDER", help="Where figures go.")
@click.option("--data", type=FILE, metavar="FILE", help="Images of your own, as .npz.")
@click.option("--page", type=FILE, metavar="FILE", help="Write all that is found as Markdown.")
@force_option
@json_option
def lessons(
    id: str | None,  # noqa: A002  click calls it as the argument is called
    quick: bool,
    seed: int,
    out: Path,
    data: Path | None,
    page: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """List what the notes claim, or measure one claim, or all.

    ID is that of a lesson, such as W5. It trains real networks, prints the numbers, says whether
    the claim is borne out, and writes a figure. FILE holds x_train, y_train, x_test and y_test.
    """
    import msgspec

    from tunesmith.lessons import telling
    from tunesmith.lessons.lesson import Setting
    from tunesmith.lessons.listed import LESSONS, lesson_called
    from tunesmith.model.ownership import Written, refuse_foreign

    to = console(to_stderr=as_json)
    if id is None:
        say(to, *telling.list_lines(LESSONS))
        return
    chosen = LESSONS if id == ALL else (lesson_called(id),)
    for lesson in chosen:
        refuse_foreign(out / f"{lesson.id}.png", Written.FIGURE, force=force, remedy=REMEDY)
    if page is not None:
        refuse_foreign(page, Written.LESSONS, force=force, remedy=REMEDY)
    all_told: list[Told] = []
    for lesson in chosen:
        told = _run(lesson, Setting(seed=seed, quick=quick, data=data), out, to)
        all_told.append(told)
        if not as_json:
            say(to, *telling.told_lines(told), *([""] if lesson is not chosen[-1] else []))
    if page is not None:
        _write(page, telling.page(all_told, page))
    if as_json:
        click.echo(msgspec.json.encode({"lessons": [telling.plain(told) for told in all_told]}))


def _run(lesson: "Lesson", setting: "Setting", out: Path, to: "Console") -> "Told":
    """Measure a lesson with its progress shown, and draw it if that can be."""
    from dataclasses import replace

    from rich.progress import Progress

    from tunesmith.lessons.figures import save
    from tunesmith.lessons.telling import Told

    began, figure = time.monotonic(), None
    with Progress(console=to, transient=True, disable=not to.is_interactive) as progress:
        task = progress.add_task(f"{lesson.id}  {lesson.title}", total=1.0)
        watched = replace(setting, progress=lambda share: progress.update(task, completed=share))
        findings = lesson.measure(watched)
    try:
        figure = save(lesson, findings, out)
    except LessonError as error:
        say(to, str(error))
    except OSError as error:
        raise FileError(
            f"{str(out)!r} takes no figure ({error.strerror}): choose another folder with --out"
        ) from error
    seconds = time.monotonic() - began
    return Told(lesson=lesson, findings=findings, seconds=seconds, figure=figure)


def _write(path: Path, text: str) -> None:
    """Write the page, whole or not at all."""
    from tunesmith.model.writing import write_whole

    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise FileError(
            f"{str(path)!r} cannot be written ({error.strerror}): choose another place with --page"
        ) from error
