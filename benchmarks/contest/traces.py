"""What slow peers returned, kept as JSON in a folder, with the versions that made it."""

import json
from pathlib import Path
from typing import Any

from benchmarks.contest.peers import Peer
from benchmarks.contest.runs import Returned, Run


def read(folder: Path, peer: Peer, table: str) -> dict[int, Run]:
    """Return the stored runs of a peer on a table, by seed."""
    stored = _stored(folder, peer, table)
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


def version(folder: Path, peer: Peer, table: str) -> str:
    """Return which version of a peer made its runs on a table; "" if none are stored."""
    return str(_stored(folder, peer, table)["version"])


def write(folder: Path, peer: Peer, run: Run) -> None:
    """Store a run beside what is stored of its seed; runs of another version go."""
    stored = _stored(folder, peer, run.table)
    kept = stored["runs"] if stored["version"] == peer.version else []
    returned: list[Returned] = list(run.returned.values())
    before = next((r["returned"] for r in kept if r["seed"] == run.seed), {})
    news = {
        "seed": run.seed,
        "milliseconds": None if run.milliseconds is None else round(run.milliseconds, 3),
        "returned": before
        | {str(budget): list(config.values()) for budget, config in run.returned.items()},
    }
    runs = sorted([*(r for r in kept if r["seed"] != run.seed), news], key=lambda r: r["seed"])
    head = {"peer": peer.name, "version": peer.version, "params": list(returned[0])}
    lines = ",\n".join(json.dumps(r) for r in runs)
    path = _path(folder, peer, run.table)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{json.dumps(head)[:-1]}, "runs": [\n{lines}\n]}}\n')


def _stored(folder: Path, peer: Peer, table: str) -> dict[str, Any]:
    path = _path(folder, peer, table)
    if not path.exists():
        return {"version": "", "runs": []}
    stored: dict[str, Any] = json.loads(path.read_text())
    return stored


def _path(folder: Path, peer: Peer, table: str) -> Path:
    return folder / peer.name.lower().replace(" ", "_") / f"{table}.json"
