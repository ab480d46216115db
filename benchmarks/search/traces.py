"""What slow peers returned, kept as JSON beside the code, with the versions that made it."""

import json
from pathlib import Path
from typing import Any

from benchmarks.search.peers import Peer
from benchmarks.search.runs import Run
from benchmarks.search.tables import Config

FOLDER = Path(__file__).parent / "traces"


def read(peer: Peer, table: str) -> dict[int, Run]:
    """Return the stored runs of a peer on a table, by seed."""
    stored = _stored(peer, table)
    return {
        run["seed"]: Run(
            table=table,
            method=peer.name,
            seed=run["seed"],
            returned={
                int(budget): dict(zip(stored["params"], values, strict=True))
                for budget, values in run["returned"].items()
            },
            milliseconds=run["milliseconds"],
        )
        for run in stored["runs"]
    }


def version(peer: Peer, table: str) -> str:
    """Return which version of a peer made its runs on a table; "" if none are stored."""
    return str(_stored(peer, table)["version"])


def write(peer: Peer, run: Run) -> None:
    """Store a run; it replaces that of the same seed, and all those of another version."""
    stored = _stored(peer, run.table)
    kept = stored["runs"] if stored["version"] == peer.version else []
    returned: list[Config] = list(run.returned.values())
    news = {
        "seed": run.seed,
        "milliseconds": None if run.milliseconds is None else round(run.milliseconds, 3),
        "returned": {str(budget): list(config.values()) for budget, config in run.returned.items()},
    }
    runs = sorted([*(r for r in kept if r["seed"] != run.seed), news], key=lambda r: r["seed"])
    head = {"peer": peer.name, "version": peer.version, "params": list(returned[0])}
    lines = ",\n".join(json.dumps(r) for r in runs)
    path = _path(peer, run.table)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{json.dumps(head)[:-1]}, "runs": [\n{lines}\n]}}\n')


def _stored(peer: Peer, table: str) -> dict[str, Any]:
    path = _path(peer, table)
    if not path.exists():
        return {"version": "", "runs": []}
    stored: dict[str, Any] = json.loads(path.read_text())
    return stored


def _path(peer: Peer, table: str) -> Path:
    return FOLDER / peer.name.lower().replace(" ", "_") / f"{table}.json"
