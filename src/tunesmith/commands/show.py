"""show: where a study stands, in a terminal."""

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
    """Show a study: its best trials, its rounds, and what they advise."""
    import msgspec

    from tunesmith.drawing import range_lines, round_lines
    from tunesmith.search.advise.advise import advise
    from tunesmith.terminal import advice_lines, leaderboard, plain_study, summary_lines

    history, result = read_study(study)
    advice = history.advice if history.finished else advise(history.study, history)
    if as_json:
        click.echo(msgspec.json.encode(plain_study(history, result, advice)))
        return
    lines = (*summary_lines(history, result), "", *leaderboard(history))
    drawn = range_lines(history) if rounds else round_lines(history)
    for more in (drawn, advice_lines(advice)):
        lines += ("", *more) if more else ()
    say(console(), *lines)
