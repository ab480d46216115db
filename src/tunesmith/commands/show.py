"""show: where a study stands, in a terminal."""

import json
from pathlib import Path

import click

from tunesmith.commands.files import read_study
from tunesmith.commands.options import FILE, json_option
from tunesmith.commands.speech import console, say


@click.command()
@click.argument("study", type=FILE)
@click.option("--rounds", is_flag=True, help="Draw each round's ranges.")
@json_option
def show(study: Path, rounds: bool, as_json: bool) -> None:
    """Show a study: its answer, advice, best trials and ranges."""
    from tunesmith.drawing import range_lines, range_table, round_lines
    from tunesmith.search.advise.advise import advise
    from tunesmith.terminal import advice_lines, leaderboard, plain_study, room, summary_lines

    history, result = read_study(study)
    advice = history.advice if history.finished else advise(history.study, history)
    if as_json:
        click.echo(_plain_json(plain_study(history, result, advice)))
        return
    to = console()
    width = room(to.width)
    blocks = (
        summary_lines(history, result, width),
        advice_lines(advice, width=width),
        leaderboard(history, width=width),
        range_table(history, width),
        range_lines(history, width) if rounds else round_lines(history, width),
    )
    for number, lines in enumerate(filter(None, blocks)):
        say(to, *([""] if number else []), *lines)


def _plain_json(data: object) -> str:
    """Return JSON in which letters that could command a terminal are escaped too."""
    import msgspec

    text = msgspec.json.encode(data).decode()
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
