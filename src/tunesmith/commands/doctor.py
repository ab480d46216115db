"""doctor: what is wrong with a study file, and what is whole in it saved."""

from pathlib import Path
from typing import Any

import click

from tunesmith.commands.files import existing
from tunesmith.commands.options import FILE, json_option
from tunesmith.commands.speech import console, say
from tunesmith.errors import SpaceError, StoreError, StoreTooNew, StudyError
from tunesmith.text import plural


@click.command()
@click.argument("study", type=FILE)
@click.option("--repair", is_flag=True, help="Write what is whole to a new file.")
@json_option
def doctor(study: Path, repair: bool, as_json: bool) -> None:
    """Say in one sentence whether a study file is well.

    --repair leaves it alone and writes a new study, up to the last event that can be gone on
    from; what is whole after that goes into a file of lines of JSON.
    """
    import msgspec

    complaint = None
    try:
        finding = _well(existing(study, ".study"))
    except (StoreError, StudyError, SpaceError) as error:
        finding = _ill(study, error, repair)
        complaint = None if repair else StoreError(finding["sentence"])
    if as_json:
        click.echo(msgspec.json.encode(finding))
    elif complaint is None:
        say(console(), finding["sentence"])
    if complaint is not None:
        raise complaint


def _well(study: Path) -> dict[str, Any]:
    """Describe a study that can be read from end to end; StoreError if it cannot."""
    from tunesmith.ledger import read_ledger
    from tunesmith.store.doctor import wal_is_gone
    from tunesmith.store.store import Store

    with Store.read(study) as store:
        events = list(store.replay())
    history = read_ledger(events).history
    trials = len(history.trials)
    state = f"finished ({history.finished})" if history.finished else "not finished"
    sentence = (
        f"{study} is well: {plural(len(events), 'event')}, {plural(trials, 'trial')}, {state}"
    )
    if wal_is_gone(study):
        sentence += f"; what was stored last is missing if there was a {study.name}-wal beside it"
    return {
        "study": str(study),
        "well": True,
        "sentence": sentence,
        "events": len(events),
        "following": len(events),
        "trials": trials,
        "finished": history.finished,
        "written": [],
    }


def _ill(study: Path, error: Exception, repair: bool) -> dict[str, Any]:
    """Describe what is left of a study, and write it if asked; StoreError if it is nothing."""
    from tunesmith.ledger import sensible
    from tunesmith.store.doctor import remains, write_repaired

    left = remains(study, sensible)
    if not left.events:
        if isinstance(error, StoreTooNew):
            raise error
        raise StoreError(
            f"no event in '{study}' is whole: give the name of a study, or restore it from a copy"
        ) from error
    sentence = (
        f"{error}; {len(left.events):,} of its events are whole, and the first "
        f"{left.following:,} can be gone on from"
    )
    written = write_repaired(study, left) if repair else []
    if repair:
        sentence += f": written to {' and '.join(map(str, written))}"
    return {
        "study": str(study),
        "well": False,
        "sentence": sentence,
        "events": len(left.events),
        "following": left.following,
        "written": [str(path) for path in written],
    }
